// What a job is given: checked, so far as that can be done here, and made fit for messages, now and after a failure.

import { say, text } from "./text.js";

/** @typedef {import("./types.js").Picture} Picture what a caller has */
/** @typedef {Blob | ImageBitmap | ImageData} Sent what can be sent */
/** @typedef {{ content: Sent, styles: { image: Sent, weight: number, mask: Sent | null }[], init: Sent | null, resume: Blob | null, config: string }} Inputs */

/**
 * Takes a job's pictures and settings. What the caller may draw on or close is copied before this returns; what has to be
 * loaded is waited for. To be `release`d.
 * @param {any} options what `Stylizer.start` was given: anything
 * @returns {Promise<Inputs>}
 */
export async function gather({ content, styles, config = {}, resume = null }) {
  if (!Array.isArray(styles) || styles.length === 0) throw new Error(text.noPainting);
  if (config === null || typeof config !== "object" || Array.isArray(config)) throw new Error(text.badSettings);
  if (resume !== null && !(resume instanceof Blob)) throw new Error(text.badCheckpoint);
  const weights = styles.map((/** @type {any} */ style) => checkedWeight(style?.weight ?? 1));
  const { init, ...rest } = config;
  const settings = toJson(init === undefined ? rest : { ...rest, init: isPicture(init) ? "image" : init });

  /** @type {Promise<Sent>[]} */
  const copies = [];
  const take = (/** @type {Picture} */ source, /** @type {string} */ what) => {
    const copy = copyOf(source, what);
    copies.push(copy);
    return copy;
  };
  const photo = take(content, text.photo);
  const pairs = styles.map((style, i) => ({
    image: take(style?.image, text.painting),
    weight: weights[i],
    mask: style?.mask ? take(style.mask, text.mask) : null,
  }));
  const start = isPicture(init) ? take(init, text.start) : null;
  try {
    await Promise.all(copies);
  } catch (error) {
    for (const copy of copies) copy.then(close, () => {});
    throw error;
  }
  const paintings = pairs.map(async ({ image, weight, mask }) => ({ image: await image, weight, mask: await mask }));
  return { content: await photo, styles: await Promise.all(paintings), init: await start, resume, config: settings };
}

/**
 * Closes the pictures of a job, here or in the worker: browsers keep them outside the memory that is collected.
 * @param {Pick<Inputs, "content" | "styles" | "init">} inputs
 */
export function release({ content, styles, init }) {
  for (const picture of [content, init, ...styles.flatMap(({ image, mask }) => [image, mask])]) close(picture);
}

/** @param {Sent | null} picture */
function close(picture) {
  if (picture instanceof ImageBitmap) picture.close();
}

/** Words name a way to start, such as "noise": an address is taken for a picture only as a URL. */
const isPicture = (/** @type {any} */ init) => init !== null && typeof init === "object";

/** @param {unknown} weight */
function checkedWeight(weight) {
  if (typeof weight === "number" && weight >= 0 && weight <= 1000) return weight;
  throw new Error(say("badWeight", { value: weight }));
}

/**
 * Pages have elements, workers do not.
 * @template T
 * @param {unknown} value
 * @param {(new (...args: any[]) => T) | undefined} type
 * @returns {value is T}
 */
const isA = (value, type) => type !== undefined && value instanceof type;

/**
 * A Blob, or pixels of our own. `what` is how errors name the picture.
 * @param {Picture} source
 * @param {string} what
 * @returns {Promise<Sent>}
 */
async function copyOf(source, what) {
  if (source instanceof Blob) return source;
  if (source instanceof ImageBitmap || source instanceof ImageData) return structuredClone(source);
  if (isA(source, globalThis.HTMLCanvasElement) || isA(source, globalThis.OffscreenCanvas)) return drawn(source, source.width, source.height, what);
  if (isA(source, globalThis.HTMLImageElement)) {
    if (!source.complete || source.naturalWidth === 0) await loaded(source, what);
    return drawn(source, source.naturalWidth, source.naturalHeight, what);
  }
  if (typeof source === "string" || source instanceof URL) return fetched(source, what);
  throw new Error(say("badPicture", { what }));
}

/**
 * @param {HTMLImageElement} image
 * @param {string} what
 */
async function loaded(image, what) {
  try {
    await image.decode();
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
 */
async function fetched(address, what) {
  let reason;
  try {
    const response = await fetch(address);
    if (response.ok) return await response.blob();
    reason = `HTTP ${response.status}`;
  } catch (error) {
    reason = error.message;
  }
  throw new Error(say("pictureNotFetched", { what, address, reason }));
}

/**
 * JSON has no NaN or Infinity and would turn them into null without a word.
 * @param {object} settings
 */
export function toJson(settings) {
  return JSON.stringify(settings, (_, value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value));
}
