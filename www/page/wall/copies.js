// The photo at hand, in the sizes in which it is shown to the one-pass network: a large one is decoded once, not for every picture.

import { remembered } from "../../engine/memo.js";
import { bitmapOf } from "../pictures/decode.js";

/** Smaller copies of one photo at a time. They are never closed while somebody may still read them: the collector does that. */
export class Copies {
  #blob = null;
  /** @type {Map<string, Promise<ImageBitmap>>} */
  #made = new Map();

  /**
   * The whole photo.
   * @param {Blob} blob
   * @param {number} side how long it is at most, in pixels
   */
  whole(blob, side) {
    return this.#of(blob, `whole ${side}`, () => bitmapOf(blob, side));
  }

  /**
   * The photo's middle, square.
   * @param {Blob} blob
   * @param {number} side in pixels
   */
  square(blob, side) {
    return this.#of(blob, `square ${side}`, async () => {
      const whole = await createImageBitmap(blob);
      try {
        const { width, height } = whole;
        const edge = Math.min(width, height);
        const size = { resizeWidth: side, resizeHeight: side, resizeQuality: /** @type {const} */ ("high") };
        return await createImageBitmap(whole, (width - edge) >> 1, (height - edge) >> 1, edge, edge, size);
      } finally {
        whole.close();
      }
    });
  }

  #of(blob, key, make) {
    if (blob !== this.#blob) {
      this.#blob = blob;
      this.#made = new Map(); // what fails of the one before late takes nothing away from this one
    }
    return remembered(this.#made, key, make);
  }
}
