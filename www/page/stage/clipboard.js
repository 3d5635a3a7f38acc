// Pictures and links on the clipboard.

/** Whether pictures can be put there. */
export const canCopyPictures = () => Boolean(globalThis.ClipboardItem && navigator.clipboard?.write);
/** Whether words can. */
export const canCopyWords = () => Boolean(navigator.clipboard?.writeText);

/**
 * Puts a picture there, as PNG: no other kind is taken everywhere. To be called in the very click: some browsers allow it only
 * there, and wait for the picture themselves.
 * @param {Promise<Blob>} png
 */
export const copyPicture = (png) => navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);

/** @param {string} words */
export const copyWords = (words) => navigator.clipboard.writeText(words);
