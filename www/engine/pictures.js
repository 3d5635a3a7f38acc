// Pictures on their way between files, the browser's bitmaps and WebAssembly's memory.
//
// The browser decodes and encodes; what it is given is checked before, since a small file may claim gigapixels.
// easel.js must have been started by whoever calls.

import { InstantStyles, Pictures, checkHeader, checkLength, notAPicture } from "../easel.js";
import { text } from "./text.js";

/** @typedef {{ wanted?: { width: number, height: number } | null, background?: string, maxPixels?: number }} Layout */

/**
 * A file's bytes.
 * @param {Blob} blob
 */
export const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

/**
 * A file as a bitmap, upright, its longer side at most `maxSide`.
 * @param {Blob} blob
 * @param {string} what how errors name it
 * @param {number} maxSide
 */
export async function decode(blob, what, maxSide) {
  const bitmap = await decodeBlob(blob, what);
  const scale = maxSide / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1) return bitmap;
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  try {
    return await createImageBitmap(bitmap, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
  } finally {
    bitmap.close();
  }
}

/**
 * Checks a file's length and header before the browser decodes it, upright.
 * @param {Blob} blob
 * @param {string} what
 */
async function decodeBlob(blob, what) {
  checkLength(what, blob.size);
  const bytes = await bytesOf(blob);
  checkHeader(what, bytes);
  try {
    return await createImageBitmap(blob);
  } catch (error) {
    throw notAPicture(what, error.message, bytes.subarray(0, 4096));
  }
}

/** Pictures above this, the largest that is painted, are brought down by the browser before they enter WebAssembly's memory. */
const MAX_WORKING_PIXELS = 4096 ** 2;

/**
 * A file or pixels as RGBA, at the size wanted if one is, else of no more than `maxPixels`; what is transparent gets the background's
 * colour.
 * @param {Blob | ImageBitmap | ImageData} source
 * @param {string} what
 * @param {Layout} [layout]
 */
export async function pixels(source, what, { wanted = null, background = "white", maxPixels = MAX_WORKING_PIXELS } = {}) {
  const bitmap = source instanceof Blob ? await decodeBlob(source, what) : await createImageBitmap(source);
  try {
    const most = Math.min(maxPixels, MAX_WORKING_PIXELS);
    const scale = Math.min(1, Math.sqrt(most / (bitmap.width * bitmap.height)));
    // Not a pixel above the largest: there iPhones draw no more.
    const whole = most < MAX_WORKING_PIXELS ? Math.round : Math.floor;
    const { width, height } = wanted ?? {
      width: Math.max(1, whole(bitmap.width * scale)),
      height: Math.max(1, whole(bitmap.height * scale)),
    };
    const context = context2d(new OffscreenCanvas(width, height), { willReadFrequently: true });
    context.fillStyle = background;
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  } finally {
    bitmap.close();
  }
}

/**
 * All that a run starts from, in WebAssembly's memory; `free()` it, or hand it to a run.
 * @param {Pick<import("./sources.js").Inputs, "content" | "styles" | "init">} inputs
 */
export async function takePictures({ content, styles, init }) {
  const { width, height, data } = await pixels(content, text.photo);
  const pictures = new Pictures(width, height, data);
  try {
    for (const { image, weight, mask } of styles) {
      const { width, height, data } = await pixels(image, text.painting);
      pictures.addStyle(width, height, data, weight);
      if (!mask) continue;
      const region = await pixels(mask, text.mask, { background: "black" });
      pictures.setMask(region.width, region.height, region.data);
    }
    if (init) {
      const { width, height, data } = await pixels(init, text.start);
      pictures.setInit(width, height, data);
    }
    return pictures;
  } catch (error) {
    pictures.free(); // megabytes that no garbage collector sees
    throw error;
  }
}

/**
 * The styles of a one-pass picture; `free()` them, or hand them over.
 * @param {{ vector: Float32Array, weight: number, mask: import("./sources.js").Sent | null }[]} styles
 * @param {number} [maxPixels] as much as matters of a mask
 */
export async function takeInstantStyles(styles, maxPixels) {
  const taken = new InstantStyles();
  try {
    for (const { vector, weight, mask } of styles) {
      taken.add(vector, weight);
      if (!mask) continue;
      const { width, height, data } = await pixels(mask, text.mask, { background: "black", maxPixels });
      taken.setMask(width, height, data);
    }
    return taken;
  } catch (error) {
    taken.free();
    throw error;
  }
}

/**
 * A picture from WebAssembly, whose memory is freed.
 * @param {import("../easel.js").Picture} picture
 */
export function imageData(picture) {
  try {
    return new ImageData(picture.rgba(), picture.width, picture.height);
  } finally {
    picture.free();
  }
}

/**
 * Pixels as a PNG file.
 * @param {ImageData} picture
 */
export function pngOf(picture) {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  context2d(canvas).putImageData(picture, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

/**
 * Never null: nothing else draws on these.
 * @param {OffscreenCanvas} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
const context2d = (canvas, settings) => /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", settings));
