// One picture being painted, as the page sees it.

import { asyncDispose, dispose, until } from "./ending.js";
import { Listeners } from "./listeners.js";
import { toJson } from "./sources.js";
import { text } from "./text.js";

/** @typedef {import("./types.js").Progress} Progress */

/**
 * Fires `progress` with the progress record; `checkpoint` with `{ blob, iteration, iterations }` every ten seconds or so,
 * after each scale, when paused and when asked by `checkpoint()`; `recovered` with `{ reason, iteration, backend, shortened }` when its worker or
 * device was lost and it goes on in a new one, from that iteration; `shortened` says that it ends at a smaller size for want of memory.
 */
export class Job extends EventTarget {
  /** @type {{ tell: (type: string) => void, ask: (type: string, payload: object) => Promise<any> }} */
  #remote;
  /** @type {{ resolve: (result: any) => void, reject: (error: Error) => void }} */
  #settle = { resolve: () => {}, reject: () => {} };
  #settled = false;
  #paused = false;
  /** @type {import("./types.js").Checkpoint | null} */
  #checkpoint = null;
  #changes = {};
  /** Who takes the previews. */
  #takers = new Listeners();
  /** The share of the work that was told of: a new worker goes on from an older state, and begins to count anew. */
  #fraction = 0;
  /** The largest scale got to, and the last there shall be. */
  #scale = 0;
  /** @type {number | null} */
  #lastScale = null;
  /** Resolves to `{ blob, width, height, report }`; rejects with an Error, an AbortError after `cancel()`. */
  finished;

  /**
   * @internal Made by `Stylizer.start`.
   * @param {{ tell: (type: string) => void, ask: (type: string, payload: object) => Promise<any> }} remote
   */
  constructor(remote) {
    super();
    this.#remote = remote;
    this.finished = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever does not wait for the end should not see an "unhandled rejection" after cancelling.
    this.finished.catch(() => {});
  }

  /** Stops after the current step until `resume()`. */
  pause() {
    this.#paused = true;
    if (!this.#settled) this.#remote.tell("pause");
  }

  resume() {
    this.#paused = false;
    if (!this.#settled) this.#remote.tell("resume");
  }

  /** Gives the job up: `finished` rejects with an AbortError at once. */
  cancel() {
    if (this.#settled) return;
    this.#remote.tell("cancel");
    this._fail(new DOMException(text.cancelled, "AbortError"));
  }

  /**
   * Changes the run under way from its next step on.
   * @param {{ contentWeight?: number, styleWeight?: number, tvWeight?: number, photorealWeight?: number,
   *           colour?: string, weights?: number[] }} changes `weights` has one number per painting
   * @param {{ signal?: AbortSignal }} [options] the signal ends the waiting: the change may come all the same
   * @returns {Promise<void>} rejects, with nothing changed, when a value cannot be
   */
  async update(changes, { signal } = {}) {
    if (this.#settled) throw new Error(text.ended);
    if (changes === null || typeof changes !== "object" || Array.isArray(changes)) {
      throw new Error(text.badChanges);
    }
    const json = toJson(changes);
    await until(signal, async () => {
      await this.#remote.ask("update", { changes: json });
      Object.assign(this.#changes, JSON.parse(json));
    });
  }

  /**
   * Makes a checkpoint after the step under way, when the page is about to be left, say.
   * @param {{ signal?: AbortSignal }} [options] the signal ends the waiting
   * @returns {Promise<{ blob: Blob, iteration: number, iterations: number } | null>} null when there is nothing to go on from
   */
  async checkpoint({ signal } = {}) {
    if (this.#settled) return null;
    const made = await until(signal, () => this.#remote.ask("checkpoint", {}));
    // A worker that goes on for another has none before it begins.
    return made ?? (this.#settled ? null : this.#checkpoint);
  }

  /** At the end of a `using` block: a job that is not finished then is given up. */
  [dispose]() {
    this.cancel();
  }

  async [asyncDispose]() {
    this.cancel();
  }

  /**
   * @param {string} type
   * @param {EventListenerOrEventListenerObject | null} listener
   * @param {boolean | AddEventListenerOptions} [options]
   */
  addEventListener(type, listener, options) {
    if (type === "progress") this.#takers.add(listener, options);
    super.addEventListener(type, listener, options);
  }

  /**
   * @param {string} type
   * @param {EventListenerOrEventListenerObject | null} listener
   * @param {boolean | EventListenerOptions} [options]
   */
  removeEventListener(type, listener, options) {
    if (type === "progress") this.#takers.remove(listener, options);
    super.removeEventListener(type, listener, options);
  }

  /**
   * The progress records until the job has ended; throws what `finished` rejects with. Whoever is slower than the painter
   * misses previews, and nothing else.
   */
  async *[Symbol.asyncIterator]() {
    /** @type {Progress[]} */
    const records = [];
    let over = false;
    let wake = () => {};
    const take = (/** @type {Event} */ event) => {
      closePreviews(records);
      records.push(/** @type {CustomEvent<Progress>} */ (event).detail);
      wake();
    };
    const end = () => {
      over = true;
      wake();
    };
    this.addEventListener("progress", take);
    this.finished.then(end, end);
    try {
      for (;;) {
        for (let record = records.shift(); record; record = records.shift()) yield record;
        if (over) break;
        await /** @type {Promise<void>} */ (new Promise((resolve) => (wake = resolve)));
      }
      await this.finished;
    } finally {
      this.removeEventListener("progress", take);
      closePreviews(records);
    }
  }

  /** @internal Whether there is nothing to wait for any more. */
  get _over() {
    return this.#settled;
  }

  /** @internal What a new worker has to know to go on from here. */
  get _standing() {
    return { resume: this.#checkpoint?.blob ?? null, changes: JSON.stringify(this.#changes), paused: this.#paused, lastScale: this.#lastScale };
  }

  /** @internal Leaves out the scales that were not got to. */
  _shorten() {
    this.#lastScale = this.#scale;
  }

  /**
   * @internal
   * @param {string} type
   * @param {any} detail
   */
  _receive(type, detail) {
    if (this.#settled) {
      detail.preview?.close();
    } else if (type === "finished") {
      this.#end();
      this.#settle.resolve(detail);
    } else if (type === "failed") {
      const { message, code } = detail;
      this._fail(Object.assign(new Error(message), code && { code }));
    } else {
      if (type === "checkpoint") this.#checkpoint = detail;
      if (type === "progress") {
        this.#scale = Math.max(this.#scale, detail.scale.index);
        detail.fraction = this.#fraction = Math.max(this.#fraction, detail.fraction);
      }
      const taken = type === "progress" && this.#takers.hear();
      this.dispatchEvent(new CustomEvent(type, { detail }));
      if (!taken) detail.preview?.close();
    }
  }

  /**
   * @internal
   * @param {Error} error
   */
  _fail(error) {
    if (this.#settled) return;
    this.#end();
    this.#settle.reject(error);
  }

  /** Nobody goes on from its last state any more, which is large: whoever keeps the job need not keep that. */
  #end() {
    this.#settled = true;
    this.#checkpoint = null;
  }
}

/**
 * Closes the pictures of records that nobody has taken yet.
 * @param {Progress[]} records
 */
function closePreviews(records) {
  for (const record of records) {
    record.preview?.close();
    record.preview = null;
  }
}
