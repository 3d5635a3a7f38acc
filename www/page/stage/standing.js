// A run's picture as it stands, as a file: of the size that was chosen, also where the run has not got there.

import { drawOnWhite } from "../pictures/bitmaps.js";
import { toBlob } from "../pictures/encode.js";
import { enlarge, fitted } from "../pictures/enlarge.js";
import { text } from "../text/index.js";

/** @param {{ width: number, height: number }} size */
const canvasOf = ({ width, height }) => Object.assign(document.createElement("canvas"), { width, height });
/** @param {HTMLCanvasElement} canvas */
const pixelsOf = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);

/**
 * What a canvas shows, enlarged where it is smaller than it was to become. Throws a sentence when there is no room even for what is there.
 * @param {HTMLCanvasElement} canvas the painting
 * @param {Blob} photo what it is painted of; it was checked
 * @param {{ size: number, painted: number }} sides the long side that was chosen and the one it is painted at by now, in pixels
 * @returns {Promise<{ blob: Blob, enlarged?: number }>} `enlarged`: the long side it was painted at
 */
export async function standing(canvas, photo, { size, painted }) {
  const enlarged = painted < size ? { enlarged: painted } : {};
  if (Math.max(canvas.width, canvas.height) < size) {
    const blob = await large(canvas, photo, size).catch(() => null); // no room: as it is, then
    if (blob) return { blob, ...enlarged };
  }
  const blob = await toBlob(canvas);
  if (!blob) throw new Error(text.noRoom);
  return { blob, ...enlarged };
}

async function large(canvas, photo, size) {
  const bitmap = await createImageBitmap(photo);
  const guide = canvasOf(fitted(bitmap, size)); // by the photo's own sides, as the painter does it
  try {
    const context = guide.getContext("2d");
    context.imageSmoothingQuality = "high";
    drawOnWhite(context, bitmap, guide);
  } finally {
    bitmap.close();
  }
  const { width, height, data } = await enlarge(pixelsOf(canvas), pixelsOf(guide));
  guide.getContext("2d").putImageData(new ImageData(/** @type {any} */ (data), width, height), 0, 0);
  return toBlob(guide);
}
