// What a file is known again by, wherever it comes from.

/**
 * A file's SHA-256, in hexadecimal digits. Insecure pages have no `crypto.subtle`, by most browsers: there it throws.
 * @param {Blob} blob
 */
export async function hashOf(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
