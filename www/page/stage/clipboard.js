// Pictures and links on the clipboard.

import { text } from "../text/index.js";

/** Whether pictures can be put there. */
export const canCopyPictures = () => Boolean(globalThis.ClipboardItem && navigator.clipboard?.write);
/** Whether words can. */
export const canCopyWords = () => Boolean(navigator.clipboard?.writeText);

/**
 * Puts a picture there, as PNG: no other kind is taken everywhere. To be called in the very click: some browsers allow it only
 * there, and wait for the picture themselves.
 * @param {Promise<Blob>} png
 */
export const copyPicture = (png) => navigator.clipboard.write([new ClipboardItem({ "image/png": png })]).catch(refused);

/** @param {string} words */
export const copyWords = (words) => navigator.clipboard.writeText(words).catch(refused);

/** Browsers say in words of their own, in English, that they do not allow it: for this page, in this frame, or while the window is behind another. */
function refused(cause) {
  throw new Error(text.notCopied, { cause });
}
