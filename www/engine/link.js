// The worker and what is said to it: requests with answers, messages without, and its death.

import { Blocked, failureOf, isForeign, refusedWorker, startWorker } from "./foreign.js";
import { say, text } from "./text.js";
import { VERSION } from "./version.js";
import { Watchdog } from "./watchdog.js";

/** How long a worker may take to load its program before it counts as dead: until then it holds no lock, see `#watch`. */
const FIRST_SIGN_MILLIS = 20_000;

/** How long a worker that is let go may take to leave. */
const LEAVE_MILLIS = 1000;

/** The worker ended by itself: another may do better. */
export class Death extends Error {
  /**
   * @param {string} reason
   * @param {{ memory?: boolean }} [cause] whether it was for want of memory, where the browser said so
   */
  constructor(reason, { memory = false } = {}) {
    super(reason);
    this.memory = memory;
  }
}

/** The worker is of another version than this page: only loading the page again helps. */
export class Outdated extends Error {
  code = "version";

  constructor() {
    super(text.outdated);
  }
}

/**
 * Whether no other worker would do better.
 * @type {(error: unknown) => boolean}
 */
export const isFinal = (error) => error instanceof Outdated || error instanceof Blocked;

/** One worker. Once it has died it stays dead; a new link makes a new one. */
export class Link {
  /** @type {Worker | null} */
  #worker = null;
  #pending = /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */ (new Map());
  #next = 1;
  #painting = false;
  #tuning = false;
  /**
   * What it was closed with.
   * @type {Error | null}
   */
  #closed = null;
  /** Whether its program has said that it runs. */
  #met = false;
  #places;
  #onEvent;
  #onDeath;
  #firstSign;
  #pace;
  #watchdog = new Watchdog(() => {
    this.#pace.hung();
    this.#die(text.hung);
  });

  /**
   * @param {(event: object) => void} onEvent takes what the worker says unasked
   * @param {(error: Death | Outdated | Blocked) => void} onDeath told once, unless `close` came first
   * @param {import("./watchdog.js").Pace} pace what is known of the device's speed
   * @param {import("./places.js").Places} places where worker, program and weights are; the program compiled perhaps
   */
  constructor(onEvent, onDeath, pace, places) {
    this.#places = places;
    this.#onEvent = onEvent;
    this.#onDeath = onDeath;
    this.#pace = pace;
    const { worker: address, program, weights } = places;
    let worker;
    try {
      // Word for word the form that bundlers know.
      worker =
        address === null
          ? new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "easel" })
          : startWorker(address);
    } catch (error) {
      this.#closed = address === null ? new Error(say("stopped", { reason: error.message })) : refusedWorker();
      return;
    }
    this.#worker = worker;
    this.tell("begin", { text, program, weights });
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      // A Blob has no fault of its own before what it imports runs.
      if (!this.#met && address !== null && isForeign(address)) this.#fail(refusedWorker());
      else this.#die(say("stopped", { reason: event.message || text.notLoaded }));
    };
    worker.onmessageerror = () => this.#die(text.garbled);
    this.#firstSign = setTimeout(() => this.#die(text.notStarted), FIRST_SIGN_MILLIS);
  }

  /** Whether it is at a job; at one that was cancelled, too, until the step under way has ended. */
  get painting() {
    return this.#painting;
  }

  /**
   * Sends a request; resolves to its answer.
   * @param {string} type
   * @param {object} [payload]
   * @returns {Promise<any>}
   */
  ask(type, payload = {}) {
    return new Promise((resolve, reject) => {
      if (!this.#worker) {
        reject(this.#closed);
        return;
      }
      const request = this.#next++;
      this.tell(type, { ...payload, request });
      this.#pending.set(request, { resolve, reject });
    });
  }

  /**
   * Sends a message without an answer.
   * @param {string} type
   * @param {object} payload
   */
  tell(type, payload) {
    if (!this.#worker) return;
    this.#worker.postMessage({ ...payload, type });
    this.#watchdog.told();
  }

  /**
   * Ends the worker; what it was asked, or is asked from now on, is rejected with `error`.
   * @param {Error} error
   */
  close(error) {
    const worker = this.#worker;
    if (worker && this.#tuning) {
      // Ended while it tries kernels it would count as a device that may not survive that: it takes back its note of having begun.
      this.tell("leave", {});
      worker.onmessage = () => {};
      this.#worker = null;
      setTimeout(() => worker.terminate(), LEAVE_MILLIS);
    }
    this.#end(error);
  }

  /** @param {Error} error */
  #end(error) {
    this.#closed ??= error;
    clearTimeout(this.#firstSign);
    this.#watchdog.stop();
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  /** @param {any} message */
  #receive({ request, ...data }) {
    this.#watchdog.word();
    if (data.type === "word") return; // that it lives, and nothing else
    if (data.type === "alive") this.#meet(data);
    else if (data.type === "heard") this.#watchdog.heard();
    else if (data.type === "doing") this.#doing(data);
    else if (data.type === "died") this.#die(data.detail, data);
    else if (data.type === "notLoaded") this.#notLoaded();
    else if (!request) this.#onEvent(data);
    else {
      const pending = this.#pending.get(request);
      this.#pending.delete(request);
      if (data.error) pending?.reject(new Error(data.error));
      else pending?.resolve(data.value);
    }
  }

  /**
   * The worker begins a task, or has ended one (`what` is null); `took` is how long a step did, and how large it was.
   * @param {any} message
   */
  #doing({ task, what, took, ...size }) {
    if (task === "job") this.#painting = what !== null;
    if (task === "tuning") this.#tuning = what !== null;
    if (took) this.#pace.took(took.millis, took.pixels);
    this.#watchdog.doing(task, what && this.#pace.allows({ what, ...size }));
  }

  /**
   * The worker's program runs.
   * @param {any} message
   */
  #meet({ lock, version }) {
    clearTimeout(this.#firstSign);
    this.#met = true;
    if (version !== VERSION) {
      this.#fail(new Outdated());
      return;
    }
    this.#watchdog.start();
    this.#watch(lock);
  }

  /**
   * A worker can end without a word: ended by the browser for want of memory, say. It holds a lock
   * for as long as it lives, so that to be given the lock is to learn of its death, at once and even
   * while it computes for minutes. One that lives and does nothing is the watchdog's business.
   * @param {string | null} lock
   */
  #watch(lock) {
    if (!lock) return;
    const worker = this.#worker;
    const die = () => {
      if (worker && worker === this.#worker) this.#die(text.silent);
    };
    navigator.locks.request(lock, die).catch(() => {});
  }

  /**
   * @param {string} reason
   * @param {{ memory?: boolean }} [cause]
   */
  #die(reason, cause) {
    this.#fail(new Death(reason, cause));
  }

  /** The worker of another origin could not be loaded: why, is found out. */
  async #notLoaded() {
    const failure = await failureOf(/** @type {string} */ (this.#places.worker));
    if (failure instanceof Blocked) this.#fail(failure);
    else this.#die(failure?.message ?? say("stopped", { reason: text.notLoaded }));
  }

  /** @param {Death | Outdated | Blocked} error */
  #fail(error) {
    if (!this.#worker) return;
    this.#end(error);
    this.#onDeath(error);
  }
}
