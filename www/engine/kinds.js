// What a value is, in whichever window it was made: a frame's Blob is no `instanceof` this page's Blob, and is as good.

/**
 * @typedef {{ Blob: Blob, ImageBitmap: ImageBitmap, ImageData: ImageData, HTMLImageElement: HTMLImageElement,
 *   HTMLCanvasElement: HTMLCanvasElement, OffscreenCanvas: OffscreenCanvas, URL: URL, Float32Array: Float32Array }} Kinds
 */

/**
 * Whether a value is of a kind that browsers know; of a class that was made of it, too.
 * @template {keyof Kinds} K
 * @param {unknown} value
 * @param {K} kind
 * @returns {value is Kinds[K]}
 */
export function isA(value, kind) {
  const said = Object.prototype.toString.call(value).slice("[object ".length, -"]".length);
  if (said === kind || (kind === "Blob" && said === "File")) return true;
  const { [kind]: type } = /** @type {Record<string, any>} */ (globalThis); // workers have no elements, servers less
  return type !== undefined && value instanceof type;
}
