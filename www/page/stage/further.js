// How a picture goes further: on, where it was found good enough, or larger, once it is done.

import { SIZES } from "../settings/sane.js";
import { text } from "../text/index.js";

/** Each of a run's scales is so much longer than the one before. */
const STEP = Math.SQRT2;

/** The long side, in pixels, of the scale after one of `size`; null after the last. */
export function nextSize(size) {
  const next = Math.round(size * STEP);
  return next <= SIZES.max ? next : null;
}

/**
 * Two buttons beside a finished picture. Fires `goOn`, and `larger` with `{ result, size }`.
 */
export class Further extends EventTarget {
  #parts;
  #estimate;
  /** Counts what was shown: an estimate may come late. */
  #shown = 0;
  /** What is offered to be made larger, and how large. */
  #offer = null;

  /**
   * @param {Record<"goOn"|"larger"|"note", HTMLElement>} parts `note` says what the larger picture takes
   * @param {(picture: { width: number, height: number, paintings: number, masked: number, config: object }) =>
   *   Promise<{ seconds: number | null, fits: boolean } | null>} estimate null where nothing can be painted
   */
  constructor(parts, estimate) {
    super();
    this.#parts = parts;
    this.#estimate = estimate;
    parts.goOn.onclick = () => this.dispatchEvent(new Event("goOn"));
    parts.larger.onclick = () => this.dispatchEvent(new CustomEvent("larger", { detail: this.#offer }));
  }

  /**
   * Offers what can be done with a picture.
   * @param {import("../session/ports.js").Result} result
   * @param {{ stopped: boolean, width: number, height: number }} how whether it was ended before its time; its size
   */
  async show(result, { stopped, width, height }) {
    const { paintings, recipe } = result;
    this.hide();
    this.#parts.goOn.hidden = !stopped;
    if (stopped) return;
    const mine = this.#shown;
    const size = nextSize(Math.max(width, height));
    // A picture smaller than it was to become has met this device's limits.
    if (size === null || Math.max(width, height) < recipe.config.size) return;
    const config = { ...recipe.config, size, minSize: size };
    const masked = paintings.filter(({ mask }) => mask).length;
    const needs = await this.#estimate({ width, height, paintings: paintings.length, masked, config }).catch(() => null);
    if (mine !== this.#shown || !needs?.fits) return;
    const { larger, note } = this.#parts;
    this.#offer = { result, size };
    note.textContent = text.takes({ seconds: needs.seconds, size });
    larger.hidden = false;
  }

  hide() {
    this.#shown += 1;
    this.#parts.goOn.hidden = this.#parts.larger.hidden = true;
  }
}
