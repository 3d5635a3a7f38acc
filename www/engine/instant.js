// Pictures in one pass: which worker paints them, in which order, and what is known of their paintings.
//
// They are to be there at once, also while a job keeps the device's worker busy; so there may be a second one. Nothing that goes
// wrong with such a picture may cost a job anything.

import { Aside } from "./aside.js";
import { MAIN, Lanes } from "./lanes.js";
import { Death } from "./link.js";
import { gatherInstant, release, toJson } from "./sources.js";
import { say, text } from "./text.js";
import { CROP, KEEP, Vectors } from "./vectors.js";

/** @typedef {import("./sources.js").InstantInputs} InstantInputs */
/** @typedef {import("./link.js").Link} Link */
/** @typedef {{ json: string, size?: number, strength?: number, frames?: string, signal?: AbortSignal }} Options */

/** A worker that died is replaced so often, for each picture. */
const ATTEMPTS = 2;

/** Whether a painting is given by its numbers. @param {any} painting */
const isStyle = (painting) => painting !== null && typeof painting === "object" && "vector" in painting;

/** Paints in one pass. */
export class Instants {
  #idle;
  #aside;
  #lanes = new Lanes();
  #vectors;
  /**
   * Why nothing is painted any more.
   * @type {Error | null}
   */
  #closed = null;

  /**
   * @param {{ idle: () => Link | null, program: () => WebAssembly.Module | null, places: Promise<import("./places.js").Places> }} device its
   *   worker, while it has nothing to do; the program that was compiled for it; where the engine's parts lie
   */
  constructor({ idle, program, places }) {
    this.#idle = idle;
    this.#aside = new Aside(places, program);
    this.#vectors = new Vectors(places.then(({ vectors }) => vectors));
  }

  /**
   * @param {any} options what `Stylizer.instant` was given: anything
   * @returns {Promise<ImageBitmap>}
   */
  async paint({ content, styles, lane = MAIN, signal, ...options } = {}) {
    if (lane !== null && typeof lane !== "string") throw new Error(text.badLane);
    const json = toJson(options); // with those there are not: the program says so
    const { size, strength, frames } = options;
    const gathering = gatherInstant({ content, styles }, signal);
    const answer = async (/** @type {InstantInputs} */ inputs) => {
      const bitmap = await this.#answer(inputs, { json, size, strength, frames, signal });
      if (signal?.aborted) bitmap.close(); // nobody takes it any more
      return bitmap;
    };
    try {
      return await this.#lanes.wait(lane, gathering, answer, signal);
    } finally {
      gathering.then(release, () => {});
    }
  }

  /**
   * @param {any} options what `Stylizer.suggest` was given: anything
   * @returns {Promise<import("./types.js").Suggestion[]>}
   */
  async suggest({ content, paintings, count = 3, frames, signal } = {}) {
    if (!Number.isInteger(count) || count < 1) throw new Error(say("badCount", { value: String(count) }));
    const styles = Array.from(paintings ?? [], (painting) => (isStyle(painting) ? painting : { image: painting }));
    const gathering = gatherInstant({ content, styles }, signal);
    const rank = async (/** @type {InstantInputs} */ inputs) => {
      const read = await this.#read(inputs.styles, { frames, signal });
      const ranked = await this.#ask("suggest", { content: inputs.content, styles: read, count }, signal);
      if (signal?.aborted) for (const { bitmap } of ranked) bitmap.close();
      return ranked;
    };
    try {
      return await this.#lanes.wait(null, gathering, rank, signal);
    } finally {
      gathering.then(release, () => {});
    }
  }

  /**
   * Nothing is painted any more.
   * @param {Error} error
   */
  close(error) {
    this.#closed = error;
    this.#lanes.close(error);
    this.#aside.close(error);
  }

  /**
   * @param {InstantInputs} inputs
   * @param {Options} options
   * @returns {Promise<ImageBitmap>}
   */
  async #answer(inputs, options) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#paint(inputs, options);
      } catch (error) {
        if (!(error instanceof Death) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Asks the device's worker, on a GPU perhaps, unless it is busy; then the one beside it. That is decided for each question: a job may
   * have begun since the one before. Nothing is asked that nobody waits for any more.
   * @param {string} type
   * @param {object} detail
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async #ask(type, detail, signal) {
    signal?.throwIfAborted();
    if (this.#closed) throw this.#closed;
    const ask = (/** @type {Link} */ link) => link.ask(type, detail);
    const idle = this.#idle();
    return idle ? ask(idle) : this.#aside.use(ask);
  }

  /**
   * @param {import("./types.js").Picture} source
   * @param {import("./sources.js").Sent} picture
   * @param {string} what
   * @param {string} frames what is made of its margins: a photo's are its own
   */
  #vectorOf(source, picture, what, frames) {
    return this.#vectors.of(source, picture, (picture) => this.#ask("styleVector", { picture, what, frames }), frames);
  }

  /**
   * The styles with their vectors.
   * @param {InstantInputs["styles"]} styles
   * @param {{ frames?: string, signal?: AbortSignal }} how what is made of the paintings' margins
   */
  async #read(styles, { frames = CROP, signal }) {
    const read = [];
    for (const { source, image, vector, weight, mask } of styles) {
      signal?.throwIfAborted();
      const known = vector ?? (await this.#vectorOf(source, /** @type {import("./sources.js").Sent} */ (image), text.painting, frames));
      read.push({ vector: known, weight, mask });
    }
    return read;
  }

  /**
   * @param {InstantInputs} inputs
   * @param {Options} options
   * @returns {Promise<ImageBitmap>}
   */
  async #paint({ content, styles, source }, { json, size, strength, frames, signal }) {
    const request = { content, styles: await this.#read(styles, { frames, signal }), json, size, strength };
    const painted = await this.#ask("instant", request, signal);
    if (painted) return painted;
    // The photo's own manner comes in, too: the program says when it does.
    return this.#ask("instant", { ...request, own: await this.#vectorOf(source, content, text.photo, KEEP) }, signal);
  }
}
