// The picture's side of the page: what the session shows, and what it says, put into sentences and pictures.

import { together } from "../pictures/bitmaps.js";
import { bitmapOf } from "../pictures/decode.js";
import { fitted } from "../pictures/enlarge.js";
import { RESTING, WORKING } from "../session/machine.js";
import { text } from "../text/index.js";
import { Detail } from "./detail.js";
import { standing } from "./standing.js";
import { Timelapse } from "./timelapse.js";

/** Whether a recipe's picture goes on over its edges: photo and sketch do not, and none of their detail may go into it. */
const isSeamless = ({ config }) => (config.tile ?? "none") !== "none";

/** The session's view. It decides nothing: what it is told to show it shows. */
export class Stage {
  #viewer;
  #status;
  #notice;
  #finished;
  #further;
  #storage;
  #wantsTimelapse;
  #colourOf;
  /** @type {Detail | null} The sketch's, while a run has less of it. */
  #detail = null;
  /** The long side at which a run's picture is painted by now. */
  #painted = 0;
  /** @type {Timelapse | null} */
  #timelapse = null;
  /** The photo of the run that the timelapse is of. */
  #filmed = null;
  #missing = "";
  /** What was said of a run that goes on. */
  #continuing = "";

  /**
   * @param {object} parts
   * @param {import("./viewer.js").Viewer} parts.viewer
   * @param {import("./status.js").Status} parts.status
   * @param {import("./notice.js").Notice} parts.notice
   * @param {import("./finished.js").Finished} parts.finished
   * @param {import("./further.js").Further} parts.further
   * @param {HTMLElement} parts.storage the line that says what is not kept
   * @param {() => boolean} parts.wantsTimelapse
   * @param {(recipe: any) => string} parts.colourOf whose colours a recipe's picture has
   */
  constructor({ viewer, status, notice, finished, further, storage, wantsTimelapse, colourOf }) {
    this.#viewer = viewer;
    this.#status = status;
    this.#notice = notice;
    this.#finished = finished;
    this.#further = further;
    this.#storage = storage;
    this.#wantsTimelapse = wantsTimelapse;
    this.#colourOf = colourOf;
  }

  /** Says that nothing outlasts the page here, for good. */
  keepsNothing() {
    this.#missing = text.storageMissing;
    this.#storage.textContent = this.#missing;
  }

  /** Says what could not be kept of this run; null takes back that it was its state. */
  unkept(what) {
    const { notKept: picture, storageFull: full, checkpointFull: state, otherTab } = text;
    if (!what && this.#storage.textContent !== state) return;
    this.#storage.textContent = { picture, full, state, "other tab": otherTab }[what] ?? this.#missing;
  }

  // ---- the session's view

  /** A run begins. */
  async begin(run, { fresh }) {
    this.#putAway();
    if (fresh) this.#notice.begin();
    // One that goes on where it stood goes on in its film, too.
    const film = run.checkpoint && run.photo === this.#filmed ? this.#timelapse : null;
    this.#timelapse = this.#wantsTimelapse() ? (film ?? new Timelapse()) : null;
    this.#filmed = run.photo;
    this.#status.begin();
    // A run goes on from its photo's sketch, which stays until there is more.
    const { sketched, photo } = this.#viewer;
    this.#detail = fresh && sketched && photo === run.photo.blob && !isSeamless(run.recipe) ? this.#detailFor(run) : null;
    this.#painted = 0;
    if (!this.#detail) await this.showPhoto(run.photo, () => !run.cancelled);
    this.#viewer.look();
  }

  /** The sketch's detail, at the size of the run's picture where it has that much: by the photo's own sides, as the painter has it. */
  #detailFor({ photo: { width, height }, recipe }) {
    const { canvas } = this.#viewer;
    const long = Math.min(recipe.config.size, Math.max(canvas.width, canvas.height));
    return new Detail(canvas, fitted(width && height ? { width, height } : canvas, long));
  }

  /** What is seen of a run's painting, as a file of the size it was to have, or seamless as painted; rejects with a sentence when it cannot be had. */
  picture({ photo, recipe }) {
    const size = isSeamless(recipe) ? this.#painted : recipe.config.size;
    return standing(this.#viewer.canvas, photo.blob, { size, painted: this.#painted });
  }

  /** A picture is painted, to the end or until it was stopped. */
  async painted(result, { stopped }) {
    const { recipe } = result;
    const bitmap = await createImageBitmap(result.picture);
    const { width, height } = bitmap;
    this.#viewer.showPainting(bitmap);
    // What else is asked can still be answered.
    if (stopped) this.#notice.hide(this.#continuing);
    else this.#notice.hideOfRun();
    await this.#timelapse?.add(this.#viewer.canvas, { last: true });
    const whereStopped = () => (recipe.enlarged ? text.stoppedSmall({ from: recipe.enlarged, to: Math.max(width, height) }) : text.stopped);
    this.#status.say(stopped ? whereStopped() : text.done(result.seconds));
    this.#finished.show({ ...result, timelapse: this.#timelapse, colour: this.#colourOf(recipe) });
    this.#further.show(result, { stopped, width, height });
  }

  /** Shows a kept picture as if it had just been painted. */
  async show(result, wanted) {
    const { blob } = result.photo;
    const [picture, photo] = await together([createImageBitmap(result.picture), blob ? bitmapOf(blob) : null]);
    if (!wanted()) {
      for (const bitmap of [picture, photo]) bitmap?.close();
      return;
    }
    this.#storage.textContent = this.#missing;
    this.#status.clear();
    this.#status.say("");
    this.#viewer.look();
    const { width, height } = picture;
    if (photo) this.#viewer.showPhoto(photo, blob);
    this.#viewer.showPainting(picture);
    this.#finished.show({ ...result, colour: photo ? this.#colourOf(result.recipe) : "luminance" });
    const whole = photo && result.iteration === result.iterations && result.paintings.every(({ blob }) => blob);
    if (whole) this.#further.show(result, { stopped: false, width, height });
    else this.#further.hide();
  }

  // ---- what the session says

  /** @param {{ state: import("../session/machine.js").State, before: string }} change */
  state({ state, before }) {
    if (state === "preparing") this.#status.say(text.preparing);
    if (state === "paused") this.#status.say(text.paused);
    if (state === "painting" && before === "paused") this.#status.repeat();
    if (RESTING.includes(state)) this.#status.end();
  }

  progress(detail, { paused }) {
    if (detail.preview) {
      this.#painted = Math.max(detail.scale.width, detail.scale.height);
      this.#viewer.showPainting(this.#detail ? this.#detail.over(detail.preview, detail.iteration) : detail.preview);
      this.#timelapse?.add(this.#viewer.canvas);
    }
    this.#status.progress(detail, { quiet: paused });
  }

  /**
   * A run a page before left behind goes on.
   * @param {Record<string, () => void>} actions what can be done about it
   * @param {{ linkLater?: boolean }} [how] whether a link that was opened with the page has to wait for it
   */
  continuing(actions, { linkLater = false } = {}) {
    this.#continuing = linkLater ? `${text.continuing} ${text.linkLater}` : text.continuing;
    this.#notice.show(this.#continuing, actions, { ofRun: true });
  }

  /** The worker was lost and replaced. */
  recovered(detail, state) {
    const sentence = text.recovered(detail);
    if (this.#notice.asks) {
      this.#status.say(state === "paused" ? `${sentence} ${text.paused}` : sentence); // what is asked can still be answered
      return;
    }
    this.#notice.show(sentence, {}, { ofRun: true });
    if (state === "painting") this.#status.repeat();
    if (state === "paused") this.#status.say(text.paused);
  }

  /** What the device does before the first step, or to have a worker again. */
  device({ stage, loadedBytes, totalBytes }, state) {
    if (stage === "recovering" && [...WORKING, "paused"].includes(state)) this.#status.say(text.recovering);
    if (state !== "preparing") return;
    if (stage === "weights") this.#status.prepare(text.weights(loadedBytes, totalBytes), loadedBytes / totalBytes);
    if (stage === "kernels") this.#status.prepare(text.kernels);
    if (stage === "ready") this.#status.prepare(text.firstStep);
  }

  /** A run ended with nothing to show. */
  stopped({ discarded, begun }) {
    if (begun) {
      this.#viewer.clear();
      this.#notice.hideOfRun();
    }
    this.#status.say(discarded ? text.discarded : text.stoppedEarly);
  }

  /** A run ended with an error; `actions` say what can be done with what there is of it. */
  failed({ error, left }, actions) {
    this.#status.fail(error.message);
    if (left) this.#notice.offer(text.failedHalfway, actions);
  }

  /** What was painted is no longer what it is about. */
  leave() {
    this.#putAway();
    this.#status.clear();
  }

  /**
   * What was seen is there no more: the photo at hand takes its place, unless it is seen already, as it is or under its sketch.
   * @param {import("../session/ports.js").Photo | null} photo
   * @param {() => boolean} wanted whether it still is, once it is read
   */
  async replace(photo, wanted) {
    this.leave();
    const isOther = () => photo.blob !== this.#viewer.photo;
    if (photo && isOther()) await this.showPhoto(photo, () => wanted() && isOther());
    else if (!this.#viewer.sketched) this.#viewer.clear();
  }

  #putAway() {
    this.#storage.textContent = this.#missing; // what is said there was of the picture before
    this.#finished.hide();
    this.#further.hide();
  }

  /** A photo, as yet unpainted, in place of whatever is shown; if that is still wanted once it is read. */
  async showPhoto(photo, wanted) {
    const bitmap = await bitmapOf(photo.blob);
    if (wanted()) this.#viewer.showPhoto(bitmap, photo.blob);
    else bitmap.close();
  }
}
