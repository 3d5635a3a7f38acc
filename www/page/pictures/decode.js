// Decoding for the screen what is known to be a picture: one painted or kept here, or a photo that was checked when it came in.
// The browser does it alone, so that pictures can be looked at where the program cannot start.

/**
 * A picture upright, its longer side at most `maxSide` pixels; `close()` it.
 * @param {Blob} blob
 * @param {number} [maxSide]
 * @returns {Promise<ImageBitmap>}
 */
export async function bitmapOf(blob, maxSide = 1024) {
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  if (Math.max(width, height) <= maxSide) return bitmap;
  try {
    // With one side given the other follows.
    const side = width >= height ? { resizeWidth: maxSide } : { resizeHeight: maxSide };
    return await createImageBitmap(bitmap, { ...side, resizeQuality: "high" });
  } finally {
    bitmap.close();
  }
}
