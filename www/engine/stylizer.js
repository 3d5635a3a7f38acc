// Easel's JavaScript API: neural style transfer in a worker, on WebGPU or the CPU.
//
// An ES module without dependencies; it finds its worker, WebAssembly and weights relative to its own
// URL, or where it is told, so any page can import it, from another origin if that one allows it. Everything is computed on the visitor's device.

import { until } from "./ending.js";
import { Job } from "./job.js";
import { Instants } from "./instant.js";
import { Death, Link, isFinal } from "./link.js";
import { fits } from "./memory.js";
import { Recovery } from "./recovery.js";
import { gather, release, settingsOf } from "./sources.js";
import { say, text, translate } from "./text.js";
import { Tools, preload } from "./tools.js";
import { Pace } from "./watchdog.js";

export { Job, Tools, preload, translate };

/** @typedef {import("./types.js").Picture} Picture */
/** @typedef {import("./types.js").Device} Device */
/** @typedef {import("./tools.js").Giving} Giving */
/** @typedef {{ job: Job, inputs: import("./sources.js").Inputs | null }} Entry */

const BACKENDS = ["auto", "webgpu", "cpu"];

/**
 * A device that paints. Jobs run one after another, in the order they were started, also while the tab
 * is hidden: browsers do not slow workers down, and do not freeze pages whose worker holds a lock, as ours does.
 *
 * A worker that dies, hangs or loses its device is replaced, and the jobs go on from their last checkpoints; what it was
 * asked meanwhile rejects. When that fails several times in a row without getting further, the jobs reject and
 * the stylizer ends; its tools go on.
 *
 * Fires `status` events: `{ stage: "weights", loadedBytes, totalBytes }` while the network is fetched,
 * `{ stage: "kernels" }` while the GPU's programs are still being compiled then, `{ stage: "ready" }`, and
 * `{ stage: "recovering", reason }` when the worker or its device was lost and a new one is being made;
 * `stopped`, with the Error as `detail`, when that is given up. Errors whose `code` is "version" say that Easel was updated while
 * the page was open: only loading it again helps.
 */
export class Stylizer extends Tools {
  #backend;
  #kernels;
  /** The worker in use; null while there is none. @type {Link | null} */
  #link = null;
  /** The worker being made, while one is. @type {Link | null} */
  #opening = null;
  /** Settled when there is a worker again, or never will be. @type {Promise<void> | null} */
  #recovering = null;
  /**
   * Why nothing can be asked any more.
   * @type {Error | null}
   */
  #ended = null;
  /** By number, in their order; a job without inputs yet waits for its pictures. */
  #jobs = /** @type {Map<number, Entry>} */ (new Map());
  /** Settled when the last job that was started has its pictures. */
  #turn = Promise.resolve();
  #nextJob = 1;
  #recovery = new Recovery();
  #pace = new Pace();
  /** Requests under way that keep the worker for long. */
  #engaged = /** @type {{ type: string }[]} */ ([]);
  /** What the first worker compiled. @type {WebAssembly.Module | null} */
  #program = null;
  #instants = new Instants({ idle: () => this.#idle(), program: () => this.#program, places: this._places });
  /** @type {Device} */
  device = { backend: "cpu", adapter: "", software: false, limits: {} };
  /**
   * Milliseconds a step takes per megapixel here, at the largest scale that was timed, once that is known; see `probe()`.
   * @type {number | null}
   */
  millisPerMegapixel = null;

  /**
   * Opens a device.
   * @param {{ backend?: "auto" | "webgpu" | "cpu", kernels?: string, millisPerMegapixel?: number | null, signal?: AbortSignal }
   *   & import("./places.js").PlaceOptions} [options] `auto` takes WebGPU when a GPU answers, else the CPU; `kernels`, "direct" say, are
   *   those a GPU is to use, whatever is fastest there; `millisPerMegapixel` is what was measured before; `signal` ends the opening; the
   *   others say where the engine's parts are, if not beside this module.
   * @returns {Promise<Stylizer>}
   */
  static async create({ backend = "auto", kernels, millisPerMegapixel = null, signal, ...places } = {}) {
    if (!BACKENDS.includes(backend)) {
      throw new Error(say("badBackend", { value: JSON.stringify(backend), choices: BACKENDS.join(", ") }));
    }
    const stylizer = new Stylizer(backend, kernels, places);
    stylizer.millisPerMegapixel = millisPerMegapixel;
    signal?.throwIfAborted();
    const abort = () => stylizer.dispose();
    signal?.addEventListener("abort", abort);
    try {
      await until(signal, () => stylizer.#open());
      return stylizer;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * @private Use `Stylizer.create`.
   * @param {string} backend
   * @param {string} [kernels]
   * @param {import("./places.js").PlaceOptions} [places]
   */
  constructor(backend, kernels, places) {
    super(places);
    this.#backend = backend;
    this.#kernels = kernels;
  }

  /**
   * Fetches and verifies the network's weights and compiles the GPU's programs now instead of with the first job.
   * @param {Giving} [options]
   */
  prepare({ signal } = {}) {
    return until(signal, () => this.#engage("prepare"));
  }

  /**
   * What a run would take. `seconds` is null until a step was timed here, by `probe()` or a job.
   * @param {{ width: number, height: number, config?: object, paintings?: number, masked?: number } & Giving} options the photo's size, partial
   *   settings, how many paintings there are and how many of them have a mask
   * @returns {Promise<{ bytes: number, seconds: number | null, fits: boolean, iterations: number }>}
   */
  async estimate({ width, height, config = {}, paintings = 1, masked = 0, signal }) {
    const question = { width, height, config: settingsOf(config), paintings, masked };
    const { bytes, largest, megapixels, iterations } = await until(signal, () => this.#ask("estimate", question));
    const seconds = this.millisPerMegapixel === null ? null : (this.millisPerMegapixel * megapixels) / 1000;
    return { bytes, seconds, fits: fits({ bytes, largest }, this.device), iterations };
  }

  /**
   * Times a few steps on a small image, and keeps the result in `millisPerMegapixel`. It takes seconds
   * without a real GPU.
   * @param {Giving} [options]
   * @returns {Promise<{ millisPerMegapixel: number }>}
   */
  async probe({ signal } = {}) {
    const millisPerMegapixel = await until(signal, () => this.#engage("probe"));
    this.millisPerMegapixel = millisPerMegapixel;
    this.#pace.probed();
    return { millisPerMegapixel };
  }

  /**
   * Starts a job.
   * @param {{ content: Picture, styles: { image: Picture, weight?: number, mask?: Picture }[], config?: object, resume?: Blob,
   *           signal?: AbortSignal }} options `config` is a partial StyleConfig; its `init` may be a picture, if by its address
   *   then as a URL. `resume` is a checkpoint of a job with the same pictures and settings. `signal` cancels the job.
   * @returns {Job}
   */
  start({ signal, ...inputs } = /** @type {any} */ ({})) {
    const id = this.#nextJob++;
    const loading = new AbortController();
    const gathering = this.#ended ? Promise.reject(this.#ended) : gather(inputs, loading.signal);
    const job = new Job({
      tell: (type) => this.#link?.tell(type, { job: id }),
      ask: async (type, payload) => {
        if (type === "checkpoint" && (!entry.inputs || !this.#link)) return null; // its pictures are not there yet, or what would be newer is lost
        await turn;
        return this.#ask(type, { job: id, ...payload });
      },
    });
    /** @type {Entry} */
    const entry = { job, inputs: null };
    this.#jobs.set(id, entry);
    gathering.catch((error) => job._fail(error));
    const cancel = () => job.cancel();
    const end = () => {
      this.#jobs.delete(id);
      signal?.removeEventListener("abort", cancel);
      loading.abort();
      gathering.then(release, () => {});
    };
    job.finished.then(end, end);
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel);
    // In the order they were started, also when one has to wait for its pictures.
    const gathered = () => Promise.race([gathering, job.finished]);
    const turn = (this.#turn = this.#turn.then(gathered).then(
      (inputs) => {
        entry.inputs = inputs;
        this.#begin(entry, id);
      },
      () => {}, // the job has failed, or was cancelled meanwhile
    ));
    return job;
  }

  /**
   * Paints in one pass of a small network, in a second or less, also while jobs are under way: below a job's picture in strokes and
   * texture, and the same every time. `vector` in place of a painting are the 100 numbers that stand for one.
   * @param {{ content: Picture, styles: ({ image: Picture, weight?: number, mask?: Picture } | { vector: number[] | Float32Array, weight?: number,
   *           mask?: Picture })[], size?: number, strength?: number, colour?: "style" | "luminance" | "match", frames?: "crop" | "keep",
   *           lane?: string | null, signal?: AbortSignal }} options `size` is the long side, 16 to 4096 and 384 unless said; `strength` leads from the photo's own
   *   manner, 0, to the paintings', 1, and beyond, to 1.5; `frames` says whether margins of the paintings are left out. Within a `lane`, "picture" unless said, only the newest that has not begun
   *   is painted; null keeps it out of all lanes. `signal` gives it up.
   * @returns {Promise<ImageBitmap>} yours to close; rejects with an AbortError when given up or superseded
   */
  async instant(options) {
    if (this.#ended) throw this.#ended;
    return this.#instants.paint(options);
  }

  /**
   * Ranks paintings, and mixtures of two, for a photo: each is painted in one pass and judged by how far it has come to the
   * paintings' manner, how much of the photo's form it keeps, and whether it is neither flat nor grey.
   * @param {{ content: Picture, paintings: (Picture | { vector: number[] | Float32Array })[], count?: number, frames?: "crop" | "keep",
   *   signal?: AbortSignal }} options `count` is how many to return, 3 unless said; `frames` as in `instant`
   * @returns {Promise<import("./types.js").Suggestion[]>} the best first; `weights` are by painting and add up to 1, of two scores the lower
   *   is the better; the bitmaps are yours to close
   */
  async suggest(options) {
    if (this.#ended) throw this.#ended;
    return this.#instants.suggest(options);
  }

  /** Stops everything and frees the device. Jobs under way reject with an AbortError. */
  dispose() {
    super.dispose();
    if (!this.#ended) this.#end(new Error(text.disposed), new DOMException(text.disposed, "AbortError"));
  }

  /**
   * @param {Error} error why nothing can be asked any more
   * @param {Error} [jobError] what the jobs reject with
   */
  #end(error, jobError = error) {
    this.#ended = error;
    this.#link?.close(jobError);
    this.#opening?.close(jobError);
    this.#link = null;
    this.#instants.close(jobError);
    for (const { job } of this.#jobs.values()) job._fail(jobError);
  }

  /** The worker, while it has nothing long to do. */
  #idle() {
    return this.#jobs.size === 0 && this.#engaged.length === 0 && !this.#link?.painting ? this.#link : null;
  }

  /**
   * Asks for what takes long.
   * @param {string} type
   */
  async #engage(type) {
    const request = { type };
    this.#engaged.push(request);
    try {
      return await this.#ask(type);
    } finally {
      this.#engaged = this.#engaged.filter((other) => other !== request);
    }
  }

  /**
   * @param {string} type
   * @param {object} [payload]
   * @param {() => Promise<any>} [otherwise] what is done where there is no worker, and will be none
   * @returns {Promise<any>}
   */
  async #ask(type, payload, otherwise = () => Promise.reject(this.#ended)) {
    if (!this.#link && !this.#ended) await until(this._disposed, async () => this.#recovering);
    return this.#link ? this.#link.ask(type, payload) : otherwise();
  }

  /**
   * @protected The tools use the device's worker while there is one.
   * @param {string} type
   * @param {object} [payload]
   * @returns {Promise<any>}
   */
  _ask(type, payload) {
    return this.#ask(type, payload, () => super._ask(type, payload));
  }

  /** Makes the first worker. */
  async #open() {
    const link = await this.#connect().catch((error) => {
      if (error instanceof Death) return this.#reconnect(error);
      throw error;
    });
    this.#take(link);
  }

  /**
   * Has a worker from here on; false where everything was stopped just as it was there.
   * @param {Link} link
   */
  #take(link) {
    if (this.#ended) link.close(this.#ended);
    else this.#link = link;
    return !this.#ended;
  }

  /** Makes a worker with an open device. */
  async #connect() {
    const places = await until(this._disposed, () => this._places);
    const link = new Link(
      (event) => this.#dispatch(event),
      (error) => link === this.#link && this.#lost(error),
      this.#pace,
      places,
    );
    this.#opening = link;
    try {
      this.device = await link.ask("open", { backend: this.#backend, kernels: this.#kernels });
      this.#recovery.opened();
      this.#pace.on(this.device.backend);
      return link;
    } catch (error) {
      link.close(error);
      throw error;
    } finally {
      this.#opening = null;
    }
  }

  /**
   * Makes another in place of one that was lost, or throws when that keeps failing.
   * @param {Error} error
   */
  async #reconnect(error) {
    for (;;) {
      if (isFinal(error)) throw error;
      const [first] = this.#jobs.values();
      const plan = this.#recovery.plan(error, this.#backend, { idle: !first });
      if (!plan) throw error;
      if (plan.shorten) first?.job._shorten();
      this.#backend = plan.backend;
      this.dispatchEvent(new CustomEvent("status", { detail: { stage: "recovering", reason: error.message } }));
      await until(this._disposed, () => new Promise((resolve) => setTimeout(resolve, plan.waitMillis)));
      try {
        return await this.#connect();
      } catch (again) {
        if (this.#ended) throw this.#ended;
        error = again;
      }
    }
  }

  /**
   * Lets the jobs go on in another worker.
   * @param {Error} error
   */
  #lost(error) {
    this.#link = null;
    this.#recovering = this.#reconnect(error).then(
      (link) => {
        if (!this.#take(link)) return;
        const [first] = this.#jobs.keys();
        for (const [id, entry] of this.#jobs) this.#begin(entry, id, id === first ? { reason: error.message } : null);
      },
      (last) => {
        if (this.#ended) return;
        this.#end(isFinal(last) ? last : new Error(say("givenUp", { reason: last.message })));
        this.dispatchEvent(new CustomEvent("stopped", { detail: this.#ended }));
      },
    );
  }

  /**
   * @param {Entry} entry
   * @param {number} id
   * @param {{ reason: string } | null} [recovery]
   */
  #begin({ job, inputs }, id, recovery = null) {
    if (!inputs || !this.#link || job._over) return;
    const standing = job._standing;
    try {
      this.#link.tell("start", { job: id, ...inputs, ...standing, resume: standing.resume ?? inputs.resume, recovery });
    } catch (error) {
      job._fail(error); // a picture that cannot be sent
    }
  }

  /** @param {any} event */
  #dispatch({ type, job, detail }) {
    if (!job) {
      if (type === "status") {
        // That comes before the answer to `prepare`, and whoever hears of it may ask for a picture at once.
        if (detail.stage === "ready") this.#engaged = this.#engaged.filter(({ type }) => type !== "prepare");
        this.dispatchEvent(new CustomEvent("status", { detail }));
      } else if (type === "program") this.#program = detail;
      else if (type === "device") this.device = detail;
      return;
    }
    if (type === "checkpoint") this.#recovery.saved(job, detail.iteration);
    if (type === "finished") this.#recovery.finished();
    if (type === "progress") {
      this.#recovery.progressed(job, detail.iteration);
      this.millisPerMegapixel = this.#pace.figure(detail, this.millisPerMegapixel);
    }
    const entry = this.#jobs.get(job);
    if (entry) entry.job._receive(type, detail);
    else detail.preview?.close();
  }
}
