// Blobs that do not hang on the database they came out of.

/**
 * A value with copies of its Blobs in memory. A Blob out of a database stands for a file of the database's. In WebKit (seen in
 * WebKitGTK 2.50.6, November 2026) that file may go once the record is written anew or deleted: then the Blob cannot be read any
 * more, and one that was kept anew from it is lost for good, now and then, shortly after a reload.
 * Fails where a Blob cannot be read.
 * @template T
 * @param {T} value what IndexedDB keeps: a Blob, or plain objects, arrays and Blobs
 * @returns {Promise<T>}
 */
export async function detached(value) {
  return /** @type {T} */ (await copy(value));
}

/** @param {unknown} value */
async function copy(value) {
  if (value instanceof Blob) return new Blob([await value.arrayBuffer()], { type: value.type });
  if (Array.isArray(value)) return Promise.all(value.map(copy));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([name, part]) => [name, await copy(part)])));
}
