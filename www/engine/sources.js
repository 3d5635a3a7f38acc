// What a job is given: checked, so far as that can be done here, and made fit for messages, now and after a failure.

import { say, text } from "./text.js";

/**
 * Takes a job's pictures and settings. What the caller may draw on or close is copied before this returns; what has to be
 * loaded is waited for. To be `release`d.
 * @returns {Promise<object>} what the worker's "start" takes
 */
export async function gather({ content, styles, config = {}, resume = null }) {
  if (!Array.isArray(styles) || styles.length === 0) throw new Error(text.noPainting);
  if (config === null || typeof config !== "object" || Array.isArray(config)) throw new Error(text.badSettings);
  if (resume !== null && !(resume instanceof Blob)) throw new Error(text.badCheckpoint);
  const weights = styles.map((style) => checkedWeight(style?.weight ?? 1));
  const { init, ...rest } = config;
  const settings = toJson(init === undefined ? rest : { ...rest, init: isPicture(init) ? "image" : init });

  const copies = [copyOf(content, text.photo)];
  for (const style of styles) copies.push(copyOf(style?.image, text.painting), style?.mask ? copyOf(style.mask, text.mask) : null);
  if (isPicture(init)) copies.push(copyOf(init, text.start));
  const outcomes = await Promise.allSettled(copies);
  const pictures = outcomes.map(({ value = null }) => value);
  const failed = outcomes.find(({ status }) => status === "rejected");
  if (failed) {
    pictures.forEach(close);
    throw failed.reason;
  }
  return {
    content: pictures[0],
    styles: weights.map((weight, i) => ({ image: pictures[1 + 2 * i], weight, mask: pictures[2 + 2 * i] })),
    init: pictures[1 + 2 * styles.length] ?? null,
    resume,
    config: settings,
  };
}

/** Closes the pictures of a job, here or in the worker: browsers keep them outside the memory that is collected. */
export function release({ content, styles, init }) {
  for (const picture of [content, init, ...styles.flatMap(({ image, mask }) => [image, mask])]) close(picture);
}

function close(picture) {
  if (picture instanceof ImageBitmap) picture.close();
}

/** Words name a way to start, such as "noise": an address is taken for a picture only as a URL. */
const isPicture = (init) => init !== null && typeof init === "object";

function checkedWeight(weight) {
  if (typeof weight === "number" && weight >= 0 && weight <= 1000) return weight;
  throw new Error(say("badWeight", { value: weight }));
}

/** Whether a value is of a class that this browser, or this kind of worker, may not have. */
const isA = (value, name) => globalThis[name] !== undefined && value instanceof globalThis[name];

/** A Blob, or pixels of our own. `what` is how errors name the picture. */
async function copyOf(source, what) {
  if (source instanceof Blob) return source;
  if (source instanceof ImageBitmap || source instanceof ImageData) return structuredClone(source);
  if (isA(source, "HTMLCanvasElement") || isA(source, "OffscreenCanvas")) return drawn(source, source.width, source.height, what);
  if (isA(source, "HTMLImageElement")) {
    if (!source.complete || source.naturalWidth === 0) await loaded(source, what);
    return drawn(source, source.naturalWidth, source.naturalHeight, what);
  }
  if (typeof source === "string" || source instanceof URL) return fetched(source, what);
  throw new Error(say("badPicture", { what }));
}

async function loaded(image, what) {
  try {
    await image.decode();
  } catch (error) {
    throw new Error(say("pictureNotFetched", { what, address: image.currentSrc || image.src, reason: error.message }), { cause: error });
  }
}

function drawn(source, width, height, what) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(source, 0, 0);
  try {
    context.getImageData(0, 0, 1, 1);
  } catch (error) {
    throw new Error(say("foreignPicture", { what }), { cause: error });
  }
  return canvas.transferToImageBitmap();
}

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

/** JSON has no NaN or Infinity and would turn them into null without a word. */
export function toJson(settings) {
  return JSON.stringify(settings, (_, value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value));
}
