// Decoded pictures: they hold memory, often the GPU's, until they are closed. Transparent ones are drawn on white.

/**
 * Several pictures, all of them or none: when one cannot be had, the others are let go of.
 * @template {{ close(): void } | null} T
 * @param {(T | Promise<T>)[]} coming
 * @returns {Promise<T[]>}
 */
export async function together(coming) {
  try {
    return await Promise.all(coming);
  } catch (error) {
    for (const outcome of await Promise.allSettled(coming)) if (outcome.status === "fulfilled") outcome.value?.close();
    throw error;
  }
}

/**
 * Draws a picture as the painter sees it: where it is transparent it is white, whatever was there before.
 * @param {CanvasRenderingContext2D} context
 * @param {CanvasImageSource} picture
 * @param {{ width: number, height: number }} size how large, from the upper left corner
 */
export function drawOnWhite(context, picture, { width, height }) {
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
}
