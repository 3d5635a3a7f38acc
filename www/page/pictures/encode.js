// Writing pictures as files: the browser encodes.

/** File formats by their MIME type. */
export const FORMATS = { "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp" };
const QUALITY = 0.93;

/** The formats this browser can write. */
export async function writableFormats() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const written = await Promise.all(Object.keys(FORMATS).map((type) => toBlob(canvas, type)));
  // A browser that does not know a format silently writes PNG.
  return Object.keys(FORMATS).filter((type, i) => written[i]?.type === type);
}

/** A canvas as a file; null when there is nothing on it, or no room. */
export const toBlob = (canvas, type = "image/png") => new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));
