// <easel-canvas photo="cat.jpg" painting="cafe.jpg" size="256" iterations="200" preset="bold">: a picture that
// paints itself, for any page. One import defines it; nothing else is needed.

import { SETTINGS, configOf, defineSettings, takeUp } from "./attributes.js";
import { dispose, until } from "./ending.js";
import { isA } from "./kinds.js";
import { EaselPainting, Element } from "./painting.js";
import { join, leave } from "./painters.js";
import { decoded } from "./sources.js";
import { say, text } from "./text.js";

export { EaselPainting };

const LOOK = `
  :host { display: inline-block; max-inline-size: 100%; }
  :host([hidden]) { display: none; }
  img, canvas { display: block; inline-size: 100%; block-size: auto; }
  [hidden] { display: none; }
`;
/**
 * One for all elements.
 * @type {CSSStyleSheet | undefined}
 */
let sheet;

function look() {
  if (sheet) return sheet;
  sheet = new CSSStyleSheet();
  sheet.replaceSync(LOOK);
  return sheet;
}

/** @typedef {import("./stylizer.js").Job} Job */
/** @typedef {import("./types.js").Picture} Picture */
/** @typedef {import("./types.js").Style} Style */

/**
 * Whether a painting comes with what belongs to it.
 * @param {Picture | Style} value
 * @returns {value is Style}
 */
const isStyle = (value) => typeof value === "object" && value !== null && "image" in value;

/**
 * What an image is shown by: its address, but not one of a file in memory, which its maker may have let go of by now.
 * @param {HTMLImageElement} image
 */
function shownBy(image) {
  const address = image.currentSrc || image.src;
  return address.startsWith("blob:") ? image : address;
}

/**
 * Attributes: `photo` and `painting` (addresses; several paintings separated by spaces), `backend` ("auto", "webgpu" or "cpu"), `alt` (what the
 * picture shows), `name` (in a form, which is sent the finished picture), `assets` (where the engine's parts are), and every setting, as
 * `size` or `style-weight`. Paintings may be children, too: `<easel-painting src weight mask>`. Each attribute is a property, and each
 * setting, as `styleWeight`.
 *
 * Parts: `photo`, the picture before, and `canvas`, the painting.
 *
 * Fires `progress` (`detail` as a job's), `finished` and `finish` (`detail`: `{ blob, width, height, report }`) and `error` (`detail`: an Error).
 */
export class EaselCanvas extends Element {
  static observedAttributes = ["photo", "painting", "alt"];
  static formAssociated = true;
  /**
   * Where the engine's parts are, for all elements of the page; to be set before the first is painted.
   * @type {import("./places.js").PlaceOptions}
   */
  static places = {};
  #photo = new Image();
  /** The address of a file that was made here, to be let go of once it is loaded; others' are theirs. */
  #made = "";
  #canvas = document.createElement("canvas");
  #internals = this.attachInternals();
  /** @type {{ photo: Picture | null, painting: Picture | (Picture | Style)[] | null }} */
  #given = { photo: null, painting: null };
  #state = text.unpainted;
  /**
   * Ends the run under way.
   * @type {AbortController | null}
   */
  #run = null;
  /**
   * The job under way, or the last one: `pause()`, `resume()`, `update()`, `finished`; null before the first.
   * @type {Job | null}
   */
  job = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [look()];
    this.#canvas.hidden = true;
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("part", "canvas");
    this.#photo.setAttribute("part", "photo");
    this.#photo.onload = this.#photo.onerror = () => this.#letGo();
    root.append(this.#photo, this.#canvas);
  }

  connectedCallback() {
    takeUp(this, ["photo", "painting", "alt", "backend", "assets", "name", ...SETTINGS]);
    // An element that is only moved keeps its painting, and a photo that was drawn: its maker may have closed it by now.
    if (this.#canvas.hidden) this.#showPhoto();
  }

  /** To be moved is to be taken out and put in again at once, so whether the run is to end is known only afterwards. */
  disconnectedCallback() {
    const run = this.#run;
    queueMicrotask(() => {
      if (!this.isConnected && this.#run === run) this.cancel();
    });
  }

  /** What `moveBefore` calls instead of the two above: there is nothing to do. */
  connectedMoveCallback() {}

  /**
   * @param {"photo" | "painting" | "alt"} name
   * @param {string | null} before
   */
  attributeChangedCallback(name, before) {
    const { photo } = this.#given;
    if (name !== "alt") this.#given[name] = null;
    if (name === "photo") this.#changePhoto(photo ?? before);
    this.#name();
  }

  formResetCallback() {
    this.cancel();
    this.#showPhoto();
  }

  /**
   * A picture instead of the attribute's address: one the visitor chose, say. Another photo cancels the run under way.
   * @type {Picture | null}
   */
  get photo() {
    return this.#given.photo ?? this.getAttribute("photo");
  }
  set photo(value) {
    if (typeof value === "string") this.setAttribute("photo", value);
    else {
      const before = this.photo;
      this.#given.photo = value;
      this.#changePhoto(before);
    }
  }

  /**
   * A picture, or several with weights and masks perhaps, instead of the attribute's addresses and the children.
   * @type {Picture | (Picture | Style)[] | null}
   */
  get painting() {
    return this.#given.painting ?? this.getAttribute("painting");
  }
  set painting(value) {
    if (typeof value === "string") this.setAttribute("painting", value);
    else this.#given.painting = value ?? null;
  }

  get alt() {
    return this.getAttribute("alt") ?? "";
  }
  set alt(value) {
    this.setAttribute("alt", value);
  }

  get backend() {
    return this.getAttribute("backend") ?? "auto";
  }
  set backend(value) {
    this.setAttribute("backend", value);
  }

  /**
   * Where the engine's parts are, if not where `EaselCanvas.places` says; null: there.
   * @type {string | null}
   */
  get assets() {
    return this.getAttribute("assets");
  }
  set assets(value) {
    if (value === null || value === undefined) this.removeAttribute("assets");
    else this.setAttribute("assets", value);
  }

  /** What a form calls the finished picture, a PNG file; without a name it is not sent. */
  get name() {
    return this.getAttribute("name") ?? "";
  }
  set name(value) {
    this.setAttribute("name", value);
  }

  /** The form it belongs to. */
  get form() {
    return this.#internals.form;
  }

  /**
   * Paints from the beginning; a run under way is cancelled first.
   * @returns {Promise<{ blob: Blob, width: number, height: number, report: object } | null>} null when cancelled or failed:
   *   events tell more.
   */
  async start() {
    this.cancel();
    const run = new AbortController();
    const { signal } = run;
    this.#run = run;
    try {
      const { photo } = this;
      const styles = this.#styles();
      const config = configOf(this); // what is set while the painter opens is for the next run
      if (!photo) throw new Error(say("noPicture", { what: "photo" }));
      if (styles.length === 0) throw new Error(say("noPicture", { what: "painting" }));
      const { assets } = this;
      const places = assets === null ? EaselCanvas.places : { ...EaselCanvas.places, assets };
      const stylizer = await until(signal, () => join(this, this.backend, places));
      if (this.#run !== run) return null; // cancelled meanwhile
      const job = stylizer.start({ content: photo, styles, config, signal });
      this.job = job;
      job.addEventListener("progress", ({ detail }) => {
        if (this.#run === run) {
          this.#show(detail.preview, text.beingPainted);
          this.#tell("progress", detail);
        }
        detail.preview?.close();
      });
      const result = await job.finished;
      const bitmap = await createImageBitmap(result.blob);
      if (this.#run === run) this.#show(bitmap, text.painted);
      bitmap.close();
      if (this.#run !== run) return null;
      this.#run = null;
      this.#internals.setFormValue(
        new File([result.blob], `${this.name || "painting"}.png`, { type: result.blob.type }),
      );
      this.#tell("finish", result);
      this.#tell("finished", result);
      return result;
    } catch (error) {
      if (this.#run !== run) return null;
      this.#rest();
      if (error.name !== "AbortError") this.#tell("error", error);
      return null;
    }
  }

  /** Stops the run under way; what the canvas shows stays. */
  cancel() {
    const run = this.#run;
    this.#rest();
    run?.abort();
  }

  /** Stops, and frees the painter unless other elements use it, too; the next `start()` makes one anew. */
  dispose() {
    this.cancel();
    leave(this);
  }

  [dispose]() {
    this.dispose();
  }

  /** The canvas with the painted picture, to draw or to save from. */
  get canvas() {
    return this.#canvas;
  }

  /** The paintings: what was given, else the attribute's addresses and the children. */
  #styles() {
    const { painting } = this.#given;
    if (painting !== null) return [painting].flat().map((one) => (isStyle(one) ? { ...one } : { image: one }));
    const named = (this.getAttribute("painting") ?? "").split(/\s+/).filter(Boolean);
    const within = [...this.children].filter((child) => child instanceof EaselPainting);
    const children = within.flatMap(({ image, weight, mask }) =>
      image ? { image, weight, mask: mask ?? undefined } : [],
    );
    return [...named.map((image) => ({ image })), ...children];
  }

  /**
   * Shows the photo, and gives up what is being painted of another: that would be shown, and sent with the form, in its place.
   * @param {Picture | null} before the photo until now
   */
  #changePhoto(before) {
    if (this.#run && this.photo === before) return; // it is the one being painted
    this.cancel();
    this.#showPhoto();
  }

  /** No run is under way any more; what the canvas shows of it stays. */
  #rest() {
    this.#run = null;
    if (this.#state === text.beingPainted) this.#state = text.painted;
    this.#name();
  }

  /** The photo stands where the painting will be. */
  #showPhoto() {
    const { photo } = this;
    this.#canvas.hidden = true;
    this.#internals.setFormValue(null);
    const address = isA(photo, "HTMLImageElement") ? shownBy(photo) : photo;
    this.#letGo(); // one that was not loaded yet
    this.#photo.hidden = false;
    if (isA(address, "Blob")) this.#photo.src = this.#made = URL.createObjectURL(address);
    else if (address && (typeof address === "string" || isA(address, "URL")))
      this.#photo.src = new URL(address, document.baseURI).href;
    else {
      this.#photo.hidden = true;
      if (address && typeof address !== "string") this.#drawPhoto(address);
    }
    this.#state = text.unpainted;
    this.#name();
  }

  #letGo() {
    if (this.#made) URL.revokeObjectURL(this.#made);
    this.#made = "";
  }

  /**
   * A photo that has no address is drawn.
   * @param {Exclude<Picture, string | URL | Blob>} photo
   */
  async #drawPhoto(photo) {
    const draw = () => createImageBitmap(photo);
    const drawn = isA(photo, "HTMLImageElement") ? decoded(photo).then(draw) : draw();
    const bitmap = await drawn.catch(() => null); // what cannot be drawn is said when it is painted
    if (this.#given.photo === photo && this.#state === text.unpainted) this.#show(bitmap, text.unpainted);
    bitmap?.close();
  }

  /**
   * Shows a picture; a form sends none but the one that is seen, once it is finished.
   * @param {ImageBitmap | null} bitmap
   * @param {string} state
   */
  #show(bitmap, state) {
    if (!bitmap) return;
    this.#internals.setFormValue(null);
    this.#photo.hidden = true;
    this.#canvas.hidden = false;
    this.#canvas.width = bitmap.width;
    this.#canvas.height = bitmap.height;
    this.#canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    this.#state = state;
    this.#name();
  }

  /** What screen readers call the picture: the author's words, and how far it is. */
  #name() {
    const { alt } = this;
    const name = alt ? `${alt} (${this.#state})` : this.#state;
    this.#photo.alt = name;
    this.#canvas.setAttribute("aria-label", name);
  }

  /**
   * @param {string} type
   * @param {object} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
defineSettings(EaselCanvas.prototype);

const { customElements } = globalThis;
if (customElements && !customElements.get("easel-canvas")) customElements.define("easel-canvas", EaselCanvas);
