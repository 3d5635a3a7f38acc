// Who listens for an event: an EventTarget knows, and does not tell.

/** @typedef {EventListenerOrEventListenerObject | null} Listener */
/** @typedef {{ listener: Listener, capture: boolean, once: boolean }} Entry */

/** One event's listeners by EventTarget's rules: one that is there is not added again, and of its options `capture` alone makes it another. */
export class Listeners {
  /** @type {Entry[]} */
  #all = [];

  /**
   * @param {Listener} listener
   * @param {boolean | AddEventListenerOptions} [options]
   */
  add(listener, options) {
    const { capture = false, once = false, signal } = asObject(options);
    if (!listener || signal?.aborted || this.#find(listener, capture)) return;
    const entry = { listener, capture, once };
    this.#all.push(entry);
    signal?.addEventListener("abort", () => this.#drop(entry));
  }

  /**
   * @param {Listener} listener
   * @param {boolean | EventListenerOptions} [options]
   */
  remove(listener, options) {
    const { capture = false } = asObject(options);
    this.#drop(this.#find(listener, capture));
  }

  /** To be told of each event, before the listeners are; whether there are any. */
  hear() {
    const heard = this.#all.length > 0;
    this.#all = this.#all.filter(({ once }) => !once);
    return heard;
  }

  /**
   * @param {Listener} listener
   * @param {boolean} capture
   */
  #find(listener, capture) {
    return this.#all.find((entry) => entry.listener === listener && entry.capture === capture);
  }

  /** @param {Entry | undefined} gone */
  #drop(gone) {
    this.#all = this.#all.filter((entry) => entry !== gone);
  }
}

/**
 * @param {boolean | AddEventListenerOptions} [options] or only whether to capture
 * @returns {AddEventListenerOptions}
 */
const asObject = (options) => (typeof options === "object" ? (options ?? {}) : { capture: options });
