// The 100 numbers that stand for a painting's manner, remembered.
//
// They depend on the painting alone, with its margins or without, and to read them off it takes a network of 2.4 MB. A painting is
// known again by its bytes, so that a file counts once however often it is fetched; those of the paintings that come with Easel are in
// vectors.json, with which that network is not needed at all. Canvases, images and ImageData may have changed since, so nothing is
// remembered of them.

import { hashOf } from "./hash.js";
import { isA } from "./kinds.js";
import { remembered } from "./memo.js";
import { text } from "./text.js";

/** @typedef {import("./sources.js").Sent} Sent */
/** @typedef {import("./types.js").Picture} Picture */
/** @typedef {Float32Array | number[]} Vector */

/** What is made of a painting's margins, and what of a photo's. */
export const CROP = "crop";
export const KEEP = "keep";
/** How many numbers a vector has. */
const LENGTH = 100;
/** Longer files are not read to be known again: whoever decodes them will refuse them. */
const LONGEST_BYTES = 64e6;
/** A list that does not come by then is done without. */
const LIST_MILLIS = 10_000;

/** @param {any} value */
const isVector = (value) =>
  (Array.isArray(value) || isA(value, "Float32Array")) && value.length === LENGTH && Array.from(value).every(Number.isFinite);

/**
 * A copy of a vector that a caller gives.
 * @param {unknown} value
 */
export function checkedVector(value) {
  if (!isVector(value)) throw new Error(text.badVector);
  return Float32Array.from(/** @type {Vector} */ (value));
}

/** What is known of paintings; it outlives the workers. */
export class Vectors {
  /** By what is made of their margins and the SHA-256 of their files. */
  #files = /** @type {Map<string, Promise<Vector>>} */ (new Map());
  /**
   * By what is made of their margins, and the bitmaps that show them, or their files where these are not hashed: on insecure pages, by
   * most browsers.
   */
  #objects = /** @type {Map<string, WeakMap<object, Promise<Vector>>>} */ (new Map());
  #hashes = /** @type {WeakMap<Blob, Promise<string>>} */ (new WeakMap());
  #lists = /** @type {Map<string, Promise<Record<string, unknown>>>} */ (new Map());
  #address;

  /** @param {Promise<string | null>} [address] where the list is; null: beside this module */
  constructor(address = Promise.resolve(null)) {
    this.#address = address;
    address.catch(() => {}); // without a list the network does
  }

  /**
   * A painting's vector.
   * @param {Picture} source what the caller has
   * @param {Sent} picture what it holds
   * @param {(picture: Sent) => Promise<Vector>} read reads a vector off a picture
   * @param {string} [frames] what it makes of the painting's margins
   */
  async of(source, picture, read, frames = CROP) {
    const objects = this.#objects.get(frames) ?? new WeakMap();
    this.#objects.set(frames, objects);
    if (isA(source, "ImageBitmap")) return remembered(objects, source, () => read(picture));
    if (!isA(picture, "Blob")) return read(picture);
    if (!globalThis.crypto?.subtle || picture.size > LONGEST_BYTES) return remembered(objects, picture, () => read(picture));
    const hash = await remembered(this.#hashes, picture, () => hashOf(picture));
    return remembered(this.#files, `${frames} ${hash}`, async () => {
      // Those on the list were read without margins.
      const listed = frames === CROP ? (await this.#list())[hash] : null;
      return isVector(listed) ? /** @type {Vector} */ (listed) : read(picture);
    });
  }

  /**
   * Without the list the network does, so that nobody need know why it is not there.
   * @returns {Promise<Record<string, unknown>>}
   */
  async #list() {
    return remembered(this.#lists, "vectors.json", async () => fetchList(await this.#address)).catch(() => ({}));
  }
}

/**
 * The vectors that come with Easel, by SHA-256. Where a network asks to log in first it answers with a page, and that it is well: that is
 * refused, as no JSON.
 * @param {string | null} [address] where the list is; null: beside this module
 * @returns {Promise<Record<string, unknown>>}
 */
export async function fetchList(address = null) {
  const list = address ?? new URL("./vectors.json", import.meta.url);
  const response = await fetch(list, { signal: AbortSignal.timeout(LIST_MILLIS) });
  if (!response.ok) throw new Error(`${list}: HTTP ${response.status}`);
  return response.json();
}
