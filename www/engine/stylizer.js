// Easel's JavaScript API: neural style transfer in a worker, on WebGPU or the CPU.
//
// An ES module without dependencies; it finds its worker, WebAssembly and weights relative to its own
// URL, so any page of the same origin can import it. Everything is computed on the visitor's device.

import { Job, toJson } from "./job.js";
import { Death, Link, Outdated } from "./link.js";
import { fits } from "./memory.js";
import { Recovery } from "./recovery.js";
import { say, text, translate } from "./text.js";
import { Tools } from "./tools.js";
import { Pace } from "./watchdog.js";

export { Job, Tools, translate };

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
  /** The worker in use; null while there is none. */
  #link = null;
  /** The worker being made, while one is. */
  #opening = null;
  /** Settled when there is a worker again, or never will be. */
  #recovering = null;
  /** Why nothing can be asked any more. */
  #ended = null;
  #jobs = new Map();
  #nextJob = 1;
  #recovery = new Recovery();
  #pace = new Pace();
  /** `{ backend: "webgpu" | "cpu", adapter: string, limits: object }` */
  device;
  /** Milliseconds a step takes per megapixel here, once that is known; see `probe()`. */
  millisPerMegapixel;

  /**
   * Opens a device.
   * @param {{ backend?: "auto" | "webgpu" | "cpu", millisPerMegapixel?: number }} [options] `auto` takes
   *   WebGPU when an adapter answers, else the CPU; `millisPerMegapixel` is what was measured before.
   * @returns {Promise<Stylizer>}
   */
  static async create({ backend = "auto", millisPerMegapixel = null } = {}) {
    if (!BACKENDS.includes(backend)) {
      throw new Error(say("badBackend", { value: JSON.stringify(backend), choices: BACKENDS.join(", ") }));
    }
    const stylizer = new Stylizer(backend);
    stylizer.millisPerMegapixel = millisPerMegapixel;
    stylizer.#link = await stylizer.#connect().catch((error) => {
      if (error instanceof Death) return stylizer.#reconnect(error);
      throw error;
    });
    return stylizer;
  }

  /** @private Use `Stylizer.create`. */
  constructor(backend) {
    super();
    this.#backend = backend;
  }

  /** Fetches and verifies the network's weights and compiles the GPU's programs now instead of with the first job. */
  prepare() {
    return this.#ask("prepare");
  }

  /**
   * What a run would take. `seconds` is null until a step was timed here, by `probe()` or a job.
   * @param {{ width: number, height: number, config?: object }} options the photo's size, partial settings
   * @returns {Promise<{ bytes: number, seconds: number | null, fits: boolean, iterations: number }>}
   */
  async estimate({ width, height, config = {} }) {
    const { bytes, largest, megapixels, iterations } = await this.#ask("estimate", { width, height, config: JSON.stringify(config) });
    const seconds = this.millisPerMegapixel === null ? null : (this.millisPerMegapixel * megapixels) / 1000;
    return { bytes, seconds, fits: fits({ bytes, largest }, this.device), iterations };
  }

  /**
   * Times a few steps on a small image, and keeps the result in `millisPerMegapixel`. It takes seconds
   * without a real GPU.
   * @returns {Promise<{ millisPerMegapixel: number }>}
   */
  async probe() {
    this.millisPerMegapixel = await this.#ask("probe");
    return { millisPerMegapixel: this.millisPerMegapixel };
  }

  /**
   * Starts a job.
   * @param {{ content: Blob | ImageBitmap | ImageData,
   *           styles: { image: Blob | ImageBitmap | ImageData, weight?: number, mask?: Blob | ImageBitmap | ImageData }[],
   *           config?: object, resume?: Blob }} options `config` is a partial StyleConfig; its `init` may be a
   *   picture. `resume` is a checkpoint of a job with the same pictures and settings.
   * @returns {Job}
   */
  start({ content, styles, config = {}, resume = null } = {}) {
    const id = this.#nextJob++;
    const job = new Job({
      tell: (type) => this.#link?.tell(type, { job: id }),
      ask: (type, payload) => this.#ask(type, { job: id, ...payload }),
    });
    try {
      if (this.#ended) throw this.#ended;
      this.#jobs.set(id, { job, inputs: describe(content, styles, config, resume) });
      job.finished.catch(() => {}).finally(() => this.#jobs.delete(id));
      if (this.#link) this.#begin(id);
    } catch (error) {
      job._fail(error);
    }
    return job;
  }

  /** Stops everything and frees the device. Jobs under way reject with an AbortError. */
  dispose() {
    super.dispose();
    if (!this.#ended) this.#end(new Error(text.disposed), new DOMException(text.disposed, "AbortError"));
  }

  #end(error, jobError = error) {
    this.#ended = error;
    this.#link?.close(jobError);
    this.#opening?.close(jobError);
    this.#link = null;
    for (const { job } of this.#jobs.values()) job._fail(jobError);
  }

  async #ask(type, payload) {
    if (!this.#link && !this.#ended) await this.#recovering;
    if (this.#ended) throw this.#ended;
    return this.#link.ask(type, payload);
  }

  /** @protected The tools use the device's worker while there is one. */
  async _ask(type, payload) {
    if (!this.#link && !this.#ended) await this.#recovering;
    return this.#link ? this.#link.ask(type, payload) : super._ask(type, payload);
  }

  /** Makes a worker with an open device. */
  async #connect() {
    const link = new Link(
      (event) => this.#dispatch(event),
      (error) => link === this.#link && this.#lost(error),
      this.#pace,
    );
    this.#opening = link;
    try {
      this.device = await link.ask("open", { backend: this.#backend });
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

  /** Makes another in place of one that was lost, or throws when that keeps failing. */
  async #reconnect(error) {
    for (;;) {
      if (error instanceof Outdated) throw error;
      const [first] = this.#jobs.values();
      const plan = this.#recovery.plan(error, this.#backend, { idle: !first });
      if (!plan) throw error;
      if (plan.shorten) first?.job._shorten();
      this.#backend = plan.backend;
      this.dispatchEvent(new CustomEvent("status", { detail: { stage: "recovering", reason: error.message } }));
      await new Promise((resolve) => setTimeout(resolve, plan.waitMillis));
      if (this.#ended) throw this.#ended;
      try {
        return await this.#connect();
      } catch (again) {
        if (this.#ended) throw this.#ended;
        error = again;
      }
    }
  }

  /** Lets the jobs go on in another worker. */
  #lost(error) {
    this.#link = null;
    this.#recovering = this.#reconnect(error).then(
      (link) => {
        this.#link = link;
        const [first] = this.#jobs.keys();
        for (const id of this.#jobs.keys()) this.#begin(id, id === first ? { reason: error.message } : null);
      },
      (last) => {
        if (this.#ended) return;
        this.#end(last instanceof Outdated ? last : new Error(say("givenUp", { reason: last.message })));
        this.dispatchEvent(new CustomEvent("stopped", { detail: this.#ended }));
      },
    );
  }

  #begin(id, recovery = null) {
    const { job, inputs } = this.#jobs.get(id);
    const standing = job._standing;
    try {
      this.#link.tell("start", { job: id, ...inputs, ...standing, resume: standing.resume ?? inputs.resume, recovery });
    } catch (error) {
      job._fail(error); // a picture that cannot be sent
    }
  }

  #dispatch({ type, job, detail }) {
    if (type === "status") {
      this.dispatchEvent(new CustomEvent("status", { detail }));
      return;
    }
    if (type === "checkpoint") this.#recovery.saved(job, detail.iteration);
    if (type === "finished") this.#recovery.finished();
    if (type === "progress") {
      this.#recovery.progressed(job, detail.iteration);
      this.millisPerMegapixel = (detail.millisPerIteration * 1e6) / (detail.scale.width * detail.scale.height);
    }
    const entry = this.#jobs.get(job);
    if (entry) entry.job._receive(type, detail);
    else detail.preview?.close();
  }
}

/** Checks what can be checked here and makes it fit for messages, now and after a failure. */
function describe(content, styles, config, resume) {
  const picture = (image, what) => {
    if (image instanceof Blob) return image;
    // Copies: the caller may draw on, or close, theirs.
    if (image instanceof ImageBitmap || image instanceof ImageData) return structuredClone(image);
    throw new Error(say("badPicture", { what }));
  };
  if (!Array.isArray(styles) || styles.length === 0) {
    throw new Error(text.noPainting);
  }
  if (config === null || typeof config !== "object" || Array.isArray(config)) {
    throw new Error(text.badSettings);
  }
  if (resume !== null && !(resume instanceof Blob)) throw new Error(text.badCheckpoint);
  const { init, ...rest } = config;
  const initImage = init !== null && typeof init === "object" ? picture(init, text.start) : null;
  return {
    content: picture(content, text.photo),
    styles: styles.map((style) => ({
      image: picture(style?.image, text.painting),
      weight: checkedWeight(style.weight ?? 1),
      mask: style.mask ? picture(style.mask, text.mask) : null,
    })),
    resume,
    init: initImage,
    config: toJson(init === undefined ? rest : { ...rest, init: initImage ? "image" : init }),
  };
}

function checkedWeight(weight) {
  if (typeof weight === "number" && weight >= 0 && weight <= 1000) return weight;
  throw new Error(say("badWeight", { value: weight }));
}
