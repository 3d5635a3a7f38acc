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
      const bitmap = await this.#answer(inputs, { json, size, strength, frames });
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
      const ranked = await this.#onWorker((link) => this.#rankOn(link, inputs, { count, frames }));
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
   * @param {{ json: string, size?: number, strength?: number, frames?: string }} options
   * @returns {Promise<ImageBitmap>}
   */
  async #answer(inputs, options) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#onWorker((link) => this.#paintOn(link, inputs, options));
      } catch (error) {
        if (!(error instanceof Death) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Has the device's worker paint, on a GPU perhaps, unless it is busy; then the one beside it. Only here that is decided.
   * @template T
   * @param {(link: Link) => Promise<T>} action
   */
  #onWorker(action) {
    if (this.#closed) throw this.#closed;
    const idle = this.#idle();
    return idle ? action(idle) : this.#aside.use(action);
  }

  /**
   * @param {Link} link
   * @param {import("./types.js").Picture} source
   * @param {import("./sources.js").Sent} picture
   * @param {string} what
   * @param {string} frames what is made of its margins: a photo's are its own
   */
  #vectorOf(link, source, picture, what, frames) {
    return this.#vectors.of(source, picture, (picture) => link.ask("styleVector", { picture, what, frames }), frames);
  }

  /**
   * The styles with their vectors.
   * @param {Link} link
   * @param {InstantInputs["styles"]} styles
   * @param {string} [frames] what is made of the paintings' margins
   */
  async #read(link, styles, frames = CROP) {
    const read = [];
    for (const { source, image, vector, weight, mask } of styles) {
      const known = vector ?? (await this.#vectorOf(link, source, /** @type {import("./sources.js").Sent} */ (image), text.painting, frames));
      read.push({ vector: known, weight, mask });
    }
    return read;
  }

  /**
   * @param {Link} link
   * @param {InstantInputs} inputs
   * @param {{ count: number, frames?: string }} options
   * @returns {Promise<import("./types.js").Suggestion[]>}
   */
  async #rankOn(link, { content, styles }, { count, frames }) {
    return link.ask("suggest", { content, styles: await this.#read(link, styles, frames), count });
  }

  /**
   * @param {Link} link
   * @param {InstantInputs} inputs
   * @param {{ json: string, size?: number, strength?: number, frames?: string }} options
   */
  async #paintOn(link, { content, styles, source }, { json, size, strength, frames }) {
    const request = { content, styles: await this.#read(link, styles, frames), json, size, strength };
    // Null where the photo's own manner comes in, too: the program says when it does.
    return (await link.ask("instant", request)) ?? link.ask("instant", { ...request, own: await this.#vectorOf(link, source, content, text.photo, KEEP) });
  }
}
