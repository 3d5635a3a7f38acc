// Decoded pictures: they hold memory, often the GPU's, until they are closed.

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
