// Easel's JavaScript API: neural style transfer in a worker, on WebGPU or the CPU.
//
// An ES module without dependencies; it finds its worker, WebAssembly and weights relative to its own
// URL, so any page of the same origin can import it. Everything is computed on the visitor's device.

/** Where a request's answer goes, by request number. */
class Link {
  #worker;
  #pending = new Map();
  #next = 1;
  #onEvent;
  #onDeath;

  constructor(onEvent, onDeath) {
    this.#onEvent = onEvent;
    this.#onDeath = onDeath;
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "easel" });
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#die(new Error(`The painter stopped unexpectedly (${event.message || "its program could not be loaded"}). Try again.`));
    };
    this.#worker.onmessageerror = () => this.#die(new Error("The painter sent a message that could not be read. Try again."));
  }

  ask(type, payload = {}) {
    return new Promise((resolve, reject) => {
      if (!this.#worker) {
        reject(new Error("This stylizer is no longer running. Create a new one."));
        return;
      }
      const request = this.#next++;
      this.#pending.set(request, { resolve, reject });
      this.#worker.postMessage({ type, request, ...payload });
    });
  }

  tell(type, payload) {
    this.#worker?.postMessage({ type, ...payload });
  }

  close(error) {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #receive(data) {
    if (!data.request) {
      this.#onEvent(data);
      return;
    }
    const pending = this.#pending.get(data.request);
    this.#pending.delete(data.request);
    if (data.error) pending?.reject(new Error(data.error));
    else pending?.resolve(data.value);
  }

  #die(error) {
    this.close(error);
    this.#onDeath(error);
  }
}

const BACKENDS = ["auto", "webgpu", "cpu"];

/**
 * A device that paints. Jobs run one after another, in the order they were started.
 *
 * Fires `status` events: `{ stage: "weights", loadedBytes, totalBytes }` while the network is fetched,
 * `{ stage: "kernels" }` while the GPU's programs are still being compiled then, and `{ stage: "ready" }`.
 */
export class Stylizer extends EventTarget {
  #link;
  #jobs = new Map();
  #nextJob = 1;
  #disposed = false;
  /** `{ backend: "webgpu" | "cpu", adapter: string, limits: object }` */
  device;

  /**
   * Opens a device.
   * @param {{ backend?: "auto" | "webgpu" | "cpu" }} [options] `auto` takes WebGPU when an adapter
   *   answers, else the CPU.
   * @returns {Promise<Stylizer>}
   */
  static async create({ backend = "auto" } = {}) {
    if (!BACKENDS.includes(backend)) {
      throw new Error(`The backend cannot be ${JSON.stringify(backend)}: use one of ${BACKENDS.join(", ")}.`);
    }
    const stylizer = new Stylizer();
    try {
      stylizer.device = await stylizer.#link.ask("open", { backend });
    } catch (error) {
      stylizer.dispose();
      throw error;
    }
    return stylizer;
  }

  constructor() {
    super();
    this.#link = new Link(
      (event) => this.#dispatch(event),
      (error) => this.#failAll(error),
    );
  }

  /** Fetches and verifies the network's weights and compiles the GPU's programs now instead of with the first job. */
  prepare() {
    return this.#link.ask("prepare");
  }

  /**
   * Every setting with its range, unit and help, the presets, and the defaults.
   * @returns {Promise<{ knobs: object[], presets: object[], defaults: object }>}
   */
  settings() {
    return this.#link.ask("settings");
  }

  /**
   * Checks a picture file and decodes it upright, for showing it.
   * @param {Blob} blob
   * @param {{ name?: string, maxSide?: number }} [options] how errors name it; the longest side wanted
   * @returns {Promise<ImageBitmap>}
   */
  decode(blob, { name = "The file", maxSide = 1024 } = {}) {
    return this.#link.ask("decode", { blob, name, maxSide });
  }

  /**
   * Starts a job.
   * @param {{ content: Blob | ImageBitmap | ImageData,
   *           styles: { image: Blob | ImageBitmap | ImageData, weight?: number }[],
   *           config?: object }} options `config` is a partial StyleConfig; its `init` may be a picture.
   * @returns {Job}
   */
  start({ content, styles, config = {} } = {}) {
    const id = this.#nextJob++;
    const job = new Job((type) => this.#link.tell(type, { job: id }));
    this.#jobs.set(id, job);
    job.finished.catch(() => {}).finally(() => this.#jobs.delete(id));
    try {
      if (this.#disposed) throw new Error("This stylizer was disposed of. Create a new one.");
      this.#link.tell("start", { job: id, ...describe(content, styles, config) });
    } catch (error) {
      job._fail(error);
    }
    return job;
  }

  /** Stops everything and frees the device. Jobs under way reject with an AbortError. */
  dispose() {
    this.#disposed = true;
    const error = new DOMException("The stylizer was disposed of.", "AbortError");
    this.#link.close(error);
    this.#failAll(error);
  }

  #dispatch({ type, job, detail }) {
    if (type === "status") {
      this.dispatchEvent(new CustomEvent("status", { detail }));
      return;
    }
    this.#jobs.get(job)?._receive(type, detail);
  }

  #failAll(error) {
    this.#disposed = true;
    for (const job of this.#jobs.values()) job._fail(error);
    this.dispatchEvent(new CustomEvent("stopped", { detail: error }));
  }
}

/** One picture being painted. Fires `progress` events whose `detail` is the progress record. */
export class Job extends EventTarget {
  #tell;
  #settle;
  #settled = false;
  /** Resolves to `{ blob, width, height, report }`; rejects with an Error, an AbortError after `cancel()`. */
  finished;

  constructor(tell) {
    super();
    this.#tell = tell;
    this.finished = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever does not wait for the end should not see an "unhandled rejection" after cancelling.
    this.finished.catch(() => {});
  }

  /** Stops after the current step until `resume()`. */
  pause() {
    if (!this.#settled) this.#tell("pause");
  }

  resume() {
    if (!this.#settled) this.#tell("resume");
  }

  /** Gives the job up: `finished` rejects with an AbortError at once. */
  cancel() {
    if (this.#settled) return;
    this.#tell("cancel");
    this._fail(new DOMException("The job was cancelled.", "AbortError"));
  }

  /** @private */
  _receive(type, detail) {
    if (this.#settled) {
      detail.preview?.close();
      return;
    }
    if (type === "progress") {
      this.dispatchEvent(new CustomEvent("progress", { detail }));
    } else if (type === "finished") {
      this.#settled = true;
      this.#settle.resolve(detail);
    } else if (type === "failed") {
      this._fail(new Error(detail));
    }
  }

  /** @private */
  _fail(error) {
    if (this.#settled) return;
    this.#settled = true;
    this.#settle.reject(error);
  }
}

/** Checks what can be checked here and makes it fit for a message. */
function describe(content, styles, config) {
  const picture = (image, what) => {
    if (image instanceof Blob || image instanceof ImageBitmap || image instanceof ImageData) return image;
    throw new Error(`${what} must be a Blob, an ImageBitmap or an ImageData.`);
  };
  if (!Array.isArray(styles) || styles.length === 0) {
    throw new Error("There is no painting to take the style from. Add at least one with a weight above 0.");
  }
  if (config === null || typeof config !== "object" || Array.isArray(config)) {
    throw new Error('The settings must be an object such as { "size": 256 }.');
  }
  const { init, ...rest } = config;
  const initImage = init !== null && typeof init === "object" ? picture(init, "The picture to start from") : null;
  return {
    content: picture(content, "The photo"),
    styles: styles.map((style) => ({
      image: picture(style?.image, "The painting"),
      weight: checkedWeight(style.weight ?? 1),
    })),
    init: initImage,
    config: JSON.stringify(init === undefined ? rest : { ...rest, init: initImage ? "image" : init }, (_, value) =>
      // JSON has no NaN or Infinity and would turn them into null without a word.
      typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
    ),
  };
}

function checkedWeight(weight) {
  if (typeof weight === "number" && weight >= 0 && weight <= 1000) return weight;
  throw new Error(`A painting's weight cannot be ${String(weight)}: use a number from 0 to 1000.`);
}
