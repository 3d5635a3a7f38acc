// Before and after as one picture: the photo and the painting side by side.

import { drawOnWhite, together } from "../pictures/bitmaps.js";
import { toBlob } from "../pictures/encode.js";

/** Between the two, as a share of their longer side. */
const GAP = 0.02;
/** Of the page's wall by day. */
const GROUND = "#f4f1ea";
/** What every browser can draw on at once, in pixels. */
const MOST_PIXELS = 16_000_000;

/**
 * Where the two go: beside each other, or where they are wide one above the other.
 * @param {{ width: number, height: number }} painting
 */
export function layout({ width, height }) {
  const stacked = width > 2 * height;
  const gap = Math.round(GAP * Math.max(width, height));
  const full = stacked ? { width, height: 2 * height + gap } : { width: 2 * width + gap, height };
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (full.width * full.height)));
  const [w, h, space] = [width, height, gap].map((length) => Math.max(1, Math.floor(length * scale)));
  const after = stacked ? { x: 0, y: h + space } : { x: w + space, y: 0 };
  return { size: { width: after.x + w, height: after.y + h }, each: { width: w, height: h }, after };
}

/**
 * Photo and painting as one file.
 * @param {Blob} photo
 * @param {Blob} painting
 * @param {string} type the file's
 * @returns {Promise<Blob | null>} null when there is no room
 */
export async function pairOf(photo, painting, type) {
  const bitmaps = await together([createImageBitmap(photo), createImageBitmap(painting)]);
  try {
    const { size, each, after } = layout(bitmaps[1]);
    const canvas = Object.assign(document.createElement("canvas"), size);
    const context = canvas.getContext("2d");
    context.fillStyle = GROUND;
    context.fillRect(0, 0, size.width, size.height);
    context.imageSmoothingQuality = "high";
    drawOnWhite(context, bitmaps[0], each);
    context.drawImage(bitmaps[1], after.x, after.y, each.width, each.height);
    return await toBlob(canvas, type);
  } finally {
    for (const bitmap of bitmaps) bitmap.close();
  }
}
