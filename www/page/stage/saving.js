// Handing a picture over: as a file of the wished format, with its settings inside, or to another app.

import { FORMATS, toBlob } from "../pictures/encode.js";
import { text } from "../text/index.js";

/** What is between words: marks belong to the letter they follow, or to the sign. */
const BETWEEN = /(?:[^\p{L}\p{M}\p{N}]\p{M}*)+/gu;

/** A name fit for a file, without its ending. */
export const stemOf = (name) => name.normalize("NFC").replace(/\.[^.]*$/, "").replaceAll(BETWEEN, "-").replace(/^-|-$/g, "") || "easel";

/**
 * The file to hand over. Its settings are an extra: a picture without them is better than none.
 * @param {{ picture: Blob, type: string, name: string, recipe: object, tools: Promise<Pick<import("../../engine/stylizer.js").Tools, "embed">> }} what
 *   `tools` put the settings in; they may fail
 * @returns {Promise<{ file: File, complete: boolean }>} whether the settings are in the file
 */
export async function fileOf({ picture, type, name, recipe, tools }) {
  const plain = await converted(picture, type);
  const settled = await tools.then((them) => them.embed(plain, recipe)).catch(() => null);
  const blob = settled ?? plain;
  const file = new File([blob], `${stemOf(name)}-painted.${FORMATS[blob.type] ?? "png"}`, { type: blob.type });
  return { file, complete: settled !== null };
}

/**
 * A picture in another format; as it is where that cannot be had.
 * @param {Blob} picture
 * @param {string} type
 */
export async function converted(picture, type) {
  if (picture.type === type) return picture;
  const bitmap = await createImageBitmap(picture);
  try {
    const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    return (await toBlob(canvas, type)) ?? picture;
  } finally {
    bitmap.close();
  }
}

/** Saves a file where the browser saves downloads. */
export function download(file) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: file.name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Whether pictures can be handed to other apps here. */
export const canShare = () => Boolean(navigator.canShare?.({ files: [new File([""], "a.png", { type: "image/png" })] }));

/** Hands a file to another app; false when the visitor thought better of it. */
export async function share(file) {
  try {
    await navigator.share({ files: [file] });
    return true;
  } catch (error) {
    if (error.name === "AbortError") return false;
    // Browsers want it asked for in a press, which is too long ago where the program, or a large picture, took its time.
    throw new Error(text.notShared, { cause: error });
  }
}
