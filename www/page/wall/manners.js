// The manner of a painting, as `Stylizer.instant` takes it: 100 numbers where they are known, else the painting itself.
//
// The numbers of the sample paintings come with the engine, so that the photo can be shown in all of them before any of their files
// is fetched.

import { remembered } from "../../engine/memo.js";
import { fetchList } from "../../engine/vectors.js";
import { hashes } from "../pictures/hashes.js";
import { sample } from "../pictures/samples.js";

/** @typedef {{ vector: number[] } | { image: Blob }} Manner */

/** Knows the sample paintings' manners. */
export class Manners {
  /** @type {Map<string, Promise<Record<string, any>>>} The list, by its address. */
  #lists = new Map();

  /**
   * @param {string} file a sample painting's
   * @returns {Promise<Manner>}
   */
  async ofSample(file) {
    const vector = (await this.#vectors())[hashes[file]];
    return vector ? { vector } : { image: await sample(file) };
  }

  /** By SHA-256; none while the list cannot be had, which only means that paintings are looked at instead. */
  #vectors() {
    return remembered(this.#lists, "vectors.json", () => fetchList()).catch(() => ({}));
  }
}
