// Pictures in one pass: which worker paints them, in which order, and what is known of their paintings.
//
// They are to be there at once, also while a job keeps the device's worker busy; so there may be a second one. Nothing that goes
// wrong with such a picture may cost a job anything.

import { Aside } from "./aside.js";
import { MAIN, Lanes } from "./lanes.js";
import { Death } from "./link.js";
import { gatherInstant, release, toJson } from "./sources.js";
import { text } from "./text.js";
import { Vectors } from "./vectors.js";

/** @typedef {import("./sources.js").InstantInputs} InstantInputs */
/** @typedef {import("./link.js").Link} Link */

/** A worker that died is replaced so often, for each picture. */
const ATTEMPTS = 2;

/** Paints in one pass. */
export class Instants {
  #idle;
  #aside;
  #lanes = new Lanes();
  #vectors = new Vectors();
  /**
   * Why nothing is painted any more.
   * @type {Error | null}
   */
  #closed = null;

  /**
   * @param {{ idle: () => Link | null, program: () => WebAssembly.Module | null }} device its worker, while it has nothing to do;
   *   the program that was compiled for it
   */
  constructor({ idle, program }) {
    this.#idle = idle;
    this.#aside = new Aside(program);
  }

  /**
   * @param {any} options what `Stylizer.instant` was given: anything
   * @returns {Promise<ImageBitmap>}
   */
  async paint({ content, styles, lane = MAIN, signal, ...options } = {}) {
    if (lane !== null && typeof lane !== "string") throw new Error(text.badLane);
    const json = toJson(options);
    const gathering = gatherInstant({ content, styles });
    const answer = async (/** @type {InstantInputs} */ inputs) => {
      const bitmap = await this.#answer(inputs, { ...options, json });
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
   * @param {{ json: string, size?: number, strength?: number }} options
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
   * @param {InstantInputs} inputs
   * @param {{ json: string, size?: number, strength?: number }} options
   */
  async #paintOn(link, { content, styles, source }, options) {
    const vectorOf = (/** @type {import("./types.js").Picture} */ source, /** @type {import("./sources.js").Sent} */ picture, what = text.painting) =>
      this.#vectors.of(source, picture, (picture) => link.ask("styleVector", { picture, what }));
    const mixed = [];
    for (const { source, image, vector, weight, mask } of styles) {
      mixed.push({ vector: vector ?? (await vectorOf(source, /** @type {import("./sources.js").Sent} */ (image))), weight, mask });
    }
    const request = { content, styles: mixed, ...options };
    // Null where the photo's own manner comes in, too: the program says when it does.
    return (await link.ask("instant", request)) ?? link.ask("instant", { ...request, own: await vectorOf(source, content, text.photo) });
  }
}
