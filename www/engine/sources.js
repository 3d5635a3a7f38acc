// What a job or a one-pass picture is given: checked, so far as that can be done here, and made fit for messages, now and after a
// failure.

import { isA } from "./kinds.js";
import { say, text } from "./text.js";
import { checkedVector } from "./vectors.js";

/** @typedef {import("./types.js").Picture} Picture what a caller has */
/** @typedef {Blob | ImageBitmap | ImageData} Sent what can be sent */
/** @typedef {{ content: Sent, styles: { image: Sent, weight: number, mask: Sent | null }[], init: Sent | null, resume: Blob | null, config: string }} Inputs */
/**
 * A style has a vector or the painting that it is to be read off; `source` is what the caller has of a painting or the photo.
 * @typedef {{ source: Picture, image: Sent | null, vector: Float32Array | null, weight: number, mask: Sent | null }} InstantStyle
 * @typedef {{ content: Sent, source: Picture, styles: InstantStyle[] }} InstantInputs
 */

/**
 * Takes a job's pictures and settings. What the caller may draw on or close is copied before this returns; what has to be
 * loaded is waited for. To be `release`d.
 * @param {any} options what `Stylizer.start` was given: anything
 * @param {AbortSignal} [signal] ends what is being loaded
 * @returns {Promise<Inputs>}
 */
export async function gather({ content, styles, config = {}, resume = null }, signal) {
  const weighed = checkedStyles(styles);
  const settings = settingsOf(config);
  if (resume !== null && !isA(resume, "Blob")) throw new Error(text.badCheckpoint);

  const copies = new Copies(signal);
  const photo = copies.take(content, text.photo);
  const pairs = weighed.map(({ image, weight, mask }) => ({
    image: copies.take(image, text.painting),
    weight,
    mask: mask ? copies.take(mask, text.mask) : null,
  }));
  const start = isPicture(config.init) ? copies.take(config.init, text.start) : null;
  await copies.made();
  const paintings = pairs.map(async ({ image, weight, mask }) => ({ image: await image, weight, mask: await mask }));
  return { content: await photo, styles: await Promise.all(paintings), init: await start, resume, config: settings };
}

/**
 * Takes a one-pass picture's photo and styles, as `gather` does.
 * @param {any} options what `Stylizer.instant` was given: anything
 * @param {AbortSignal} [signal] ends what is being loaded
 * @returns {Promise<InstantInputs>}
 */
export async function gatherInstant({ content, styles }, signal) {
  const weighed = checkedStyles(styles).map(({ vector, ...style }) => ({ ...style, vector: vector === undefined ? null : checkedVector(vector) }));
  const copies = new Copies(signal);
  const photo = copies.take(content, text.photo);
  const taken = weighed.map(({ image, vector, weight, mask }) => ({
    source: image,
    image: vector ? null : copies.take(image, text.painting),
    vector,
    weight,
    mask: mask ? copies.take(mask, text.mask) : null,
  }));
  await copies.made();
  const mixture = taken.map(async (style) => ({ ...style, image: await style.image, mask: await style.mask }));
  return { content: await photo, source: content, styles: await Promise.all(mixture) };
}

/** Pictures on their way in: all of them, or none. */
class Copies {
  /** @type {Promise<Sent>[]} */
  #begun = [];
  #signal;

  /** @param {AbortSignal} [signal] */
  constructor(signal) {
    this.#signal = signal;
  }

  /**
   * @param {Picture} source
   * @param {string} what
   */
  take(source, what) {
    const copy = copyOf(source, what, this.#signal);
    this.#begun.push(copy);
    return copy;
  }

  /** Waits for all; when one cannot be had the others are closed. */
  async made() {
    try {
      await Promise.all(this.#begun);
    } catch (error) {
      for (const copy of this.#begun) copy.then(close, () => {});
      throw error;
    }
  }
}

/**
 * Closes the pictures of a job or a one-pass picture, here or in the worker: browsers keep them outside the memory that is collected.
 * @param {{ content: Sent, styles: { image?: Sent | null, mask: Sent | null }[], init?: Sent | null }} inputs
 */
export function release({ content, styles, init }) {
  for (const picture of [content, init, ...styles.flatMap(({ image, mask }) => [image, mask])]) close(picture);
}

/**
 * Closes a picture, if it is of those that are closed.
 * @param {Sent | null | undefined} picture
 */
export function close(picture) {
  if (isA(picture, "ImageBitmap")) picture.close();
}

/** Words name a way to start, such as "noise": an address is taken for a picture only as a URL. */
const isPicture = (/** @type {any} */ init) => init !== null && typeof init === "object";

/**
 * Styles, of which there has to be at least one, with their weights.
 * @param {any} styles
 * @returns {{ image: any, vector: any, weight: number, mask: any }[]}
 */
function checkedStyles(styles) {
  if (!Array.isArray(styles) || styles.length === 0) throw new Error(text.noPainting);
  return styles.map((style) => ({ ...style, weight: checkedWeight(style?.weight ?? 1) }));
}

/** @param {unknown} weight */
function checkedWeight(weight) {
  if (typeof weight === "number" && weight >= 0 && weight <= 1000) return weight;
  throw new Error(say("badWeight", { value: weight }));
}

/**
 * A Blob, or pixels of our own. `what` is how errors name the picture.
 * @param {Picture} source
 * @param {string} what
 * @param {AbortSignal} [signal]
 * @returns {Promise<Sent>}
 */
async function copyOf(source, what, signal) {
  if (isA(source, "Blob")) return source;
  if (isA(source, "ImageBitmap") || isA(source, "ImageData")) return cloned(source, what);
  if (isA(source, "HTMLCanvasElement") || isA(source, "OffscreenCanvas")) {
    return drawn(source, source.width, source.height, what);
  }
  if (isA(source, "HTMLImageElement")) {
    if (!source.complete || source.naturalWidth === 0) await loaded(source, what);
    return drawn(source, source.naturalWidth, source.naturalHeight, what);
  }
  if (typeof source === "string" || isA(source, "URL")) return fetched(source, what, signal);
  throw new Error(say("badPicture", { what }));
}

/**
 * @param {ImageBitmap | ImageData} source
 * @param {string} what
 */
function cloned(source, what) {
  try {
    return structuredClone(source);
  } catch (error) {
    const isBitmap = isA(source, "ImageBitmap");
    const isEmpty = (isBitmap ? source.width : source.data.length) === 0; // as what was closed or handed on is
    if (!isEmpty && !(isBitmap && error.name === "DataCloneError")) throw error; // no room for a copy, say
    throw new Error(say(isEmpty ? "noPixels" : "foreignPicture", { what }), { cause: error });
  }
}

/**
 * Waits until an image can be drawn. One that loads lazily begins now: it may be out of sight for ever.
 * @param {HTMLImageElement} image
 */
export function decoded(image) {
  if (image.loading === "lazy") image.loading = "eager";
  return image.decode();
}

/**
 * @param {HTMLImageElement} image
 * @param {string} what
 */
async function loaded(image, what) {
  try {
    await decoded(image);
  } catch (error) {
    throw new Error(say("pictureNotFetched", { what, address: image.currentSrc || image.src, reason: error.message }), { cause: error });
  }
}

/**
 * @param {CanvasImageSource} source
 * @param {number} width
 * @param {number} height
 * @param {string} what
 */
function drawn(source, width, height, what) {
  if (width === 0 || height === 0) throw new Error(say("noPixels", { what }));
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(source, 0, 0);
  try {
    context.getImageData(0, 0, 1, 1);
  } catch (error) {
    throw new Error(say("foreignPicture", { what }), { cause: error });
  }
  return canvas.transferToImageBitmap();
}

/**
 * @param {string | URL} address
 * @param {string} what
 * @param {AbortSignal} [signal]
 */
async function fetched(address, what, signal) {
  let reason;
  try {
    const response = await fetch(address, { signal });
    if (response.ok) return await response.blob();
    reason = `HTTP ${response.status}`;
  } catch (error) {
    signal?.throwIfAborted();
    reason = error.message;
  }
  throw new Error(say("pictureNotFetched", { what, address, reason }));
}

/**
 * Settings as the program reads them, which of a picture to start from is told only that there is one.
 * @param {any} config what a caller gave: anything
 */
export function settingsOf(config) {
  if (config === null || typeof config !== "object" || Array.isArray(config)) throw new Error(text.badSettings);
  return toJson(isPicture(config.init) ? { ...config, init: "image" } : config);
}

/**
 * JSON has no NaN or Infinity and would turn them into null without a word.
 * @param {object} settings
 */
export function toJson(settings) {
  return JSON.stringify(settings, (_, value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value));
}
