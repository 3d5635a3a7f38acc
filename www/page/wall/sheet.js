// A contact sheet: the photo in the manner of every painting on the wall, on one picture to keep.

import { toBlob } from "../pictures/encode.js";

/** The long side of each picture, in pixels. */
export const SIDE = 384;
const GAP = 24;
const CAPTION = 44;
const FONT = '20px "Iowan Old Style", Palatino, Georgia, serif';
const [WALL, INK] = ["#f4f1ea", "#22201c"];

/**
 * How many columns and rows make a sheet of so many pictures come nearest to the shape of a sheet of paper lying on its side.
 * @param {number} count
 * @param {{ width: number, height: number }} picture
 */
export function grid(count, { width, height }) {
  const shape = (columns) => (columns * width) / (Math.ceil(count / columns) * (height + CAPTION));
  const off = (columns) => Math.abs(Math.log(shape(columns) / Math.SQRT2));
  const all = Array.from({ length: count }, (_, i) => i + 1);
  const columns = all.reduce((best, next) => (off(next) < off(best) ? next : best));
  return { columns, rows: Math.ceil(count / columns) };
}

/**
 * Puts pictures of one size on a sheet.
 * @param {{ name: string, bitmap: ImageBitmap }[]} pictures closed
 * @returns {Promise<Blob | null>} a JPEG; null when there is no room for it
 */
export function sheetOf(pictures) {
  const [{ bitmap: first }] = pictures;
  const { columns, rows } = grid(pictures.length, first);
  const [across, down] = [first.width + GAP, first.height + CAPTION];
  const canvas = Object.assign(document.createElement("canvas"), { width: columns * across + GAP, height: rows * down + GAP });
  const context = canvas.getContext("2d");
  context.fillStyle = WALL;
  context.fillRect(0, 0, canvas.width, canvas.height);
  Object.assign(context, { fillStyle: INK, font: FONT, textBaseline: "middle" });
  for (const [i, { name, bitmap }] of pictures.entries()) {
    const [x, y] = [GAP + (i % columns) * across, GAP + Math.floor(i / columns) * down];
    context.drawImage(bitmap, x, y);
    context.fillText(name, x, y + bitmap.height + CAPTION / 2 - 2, bitmap.width);
    bitmap.close();
  }
  return toBlob(canvas, "image/jpeg");
}
