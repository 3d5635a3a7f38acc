// A second worker, for what should not wait while the first one is busy for minutes.
//
// It starts from the program the first one has compiled, and always computes on the CPU: a GPU has enough to do with the job. It
// is made when it is first needed, and ends when it was not needed for a while: it holds memory.

import { Link } from "./link.js";
import { Pace } from "./watchdog.js";

/** How long it is kept without anything to do. */
const IDLE_MILLIS = 60_000;

/** Another worker where there is need for one; for one thing at a time. */
export class Aside {
  #places;
  #program;
  /** @type {Link | null} */
  #link = null;
  /** Settled when its device is open. */
  #opened = Promise.resolve();
  /**
   * Why it is made no more.
   * @type {Error | null}
   */
  #ended = null;
  #pace = new Pace();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Promise<import("./places.js").Places>} places where the engine's parts lie
   * @param {() => WebAssembly.Module | null} program what was compiled so far
   */
  constructor(places, program) {
    this.#places = places;
    this.#program = program;
  }

  /**
   * Has the worker do something; made anew where there is none, or none any more.
   * @template T
   * @param {(link: Link) => Promise<T>} action
   */
  async use(action) {
    clearTimeout(this.#timer);
    try {
      const places = await this.#places;
      if (this.#ended) throw this.#ended;
      if (!this.#link) this.#make(places);
      const link = /** @type {Link} */ (this.#link);
      await this.#opened;
      return await action(link);
    } finally {
      if (this.#link) this.#timer = setTimeout(() => this.#end(new Error("idle")), IDLE_MILLIS);
    }
  }

  /**
   * Ends it for good.
   * @param {Error} error what those who still wait for it are told
   */
  close(error) {
    this.#ended = error;
    this.#end(error);
  }

  /** @param {Error} error */
  #end(error) {
    clearTimeout(this.#timer);
    this.#link?.close(error);
    this.#link = null;
  }

  /** @param {import("./places.js").Places} places */
  #make(places) {
    const gone = () => {
      if (this.#link === link) this.#link = null;
    };
    const link = new Link(() => {}, gone, this.#pace, { ...places, program: this.#program() ?? places.program });
    this.#link = link;
    this.#opened = link.ask("open", { backend: "cpu" });
    this.#opened.catch((error) => {
      link.close(error);
      gone();
    });
  }
}
