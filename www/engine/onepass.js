// What the worker paints in one pass, and what it reads off paintings for that.
//
// The networks come with the first request that needs them. The pictures of a request are its sender's: whoever calls closes them.

import { imageData, pixels, takeInstantStyles } from "./pictures.js";
import { text } from "./text.js";
import { fetchInstant } from "./weights.js";

/** @typedef {import("../easel.js").Engine} Engine */

/** The predictor looks at 256 by 256 pixels; of more than four times as much both ways nothing is seen. */
const PREDICTOR_PIXELS = 1024 ** 2;

/**
 * The numbers that stand for a painting.
 * @param {Engine} engine
 * @param {{ picture: import("./sources.js").Sent, what: string, frames: string }} task `what` is how errors name it
 */
export async function readVector(engine, { picture, what, frames }) {
  await fetchInstant(engine, "predictor");
  const { width, height, data } = await pixels(picture, what, { maxPixels: PREDICTOR_PIXELS });
  return engine.styleVector(width, height, data, frames);
}

/**
 * A picture in one pass, or null where the photo's own vector is needed and not there.
 * @param {Engine} engine
 * @param {{ content: import("./sources.js").Sent, styles: { vector: Float32Array, weight: number, mask: import("./sources.js").Sent | null }[],
 *           own?: Float32Array, json: string, size?: number, strength?: number }} task
 */
export async function paintInstant(engine, { content, styles, own, json, size = 384, strength = 1 }) {
  await fetchInstant(engine, "transformer");
  // Twice the length wanted is enough to be brought down well. What is no size at all is said by the program.
  const maxPixels = size >= 16 ? 4 * size * size : undefined;
  const taken = await takeInstantStyles(styles, maxPixels);
  let photo;
  try {
    if (!own && taken.needsOwn(strength)) {
      taken.free();
      return null;
    }
    photo = await pixels(content, text.photo, { maxPixels });
  } catch (error) {
    taken.free();
    throw error;
  }
  const picture = await engine.instant(photo.width, photo.height, photo.data, taken, own, json);
  return createImageBitmap(imageData(picture));
}

/** A suggestion's picture is this long. */
const SUGGESTED_PIXELS = 4 * 192 * 192;

/**
 * Paintings and mixtures of two, ranked for a photo.
 * @param {Engine} engine
 * @param {any} data
 * @returns {Promise<import("./types.js").Suggestion[]>}
 */
export async function rank(engine, { content, styles, count }) {
  await Promise.all([fetchInstant(engine, "transformer"), fetchInstant(engine, "predictor")]);
  const photo = await pixels(content, text.photo, { maxPixels: SUGGESTED_PIXELS });
  const taken = await takeInstantStyles(styles, SUGGESTED_PIXELS);
  const ranked = await engine.suggest(photo.width, photo.height, photo.data, taken, count);
  try {
    return await Promise.all(
      Array.from({ length: ranked.length }, async (_, at) => {
        const bitmap = await createImageBitmap(imageData(ranked.picture(at)));
        return { weights: [...ranked.weights(at)], score: ranked.score(at), bitmap };
      }),
    );
  } finally {
    ranked.free();
  }
}
