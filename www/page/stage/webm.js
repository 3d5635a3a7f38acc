// The length of a recorded WebM. Firefox writes the file's head before it knows how long the film will be, leaves room for the
// length there, and never comes back to it: other players then show none and cannot seek. Chromium does come back.

/** The element `Duration`, with eight bytes that say nothing yet. */
const EMPTY = [0x44, 0x89, 0x88, 0, 0, 0, 0, 0, 0, 0, 0];
/** It stands before the first picture. */
const HEAD_BYTES = 1024;

/**
 * The film with its length in its head, if that is missing there.
 * @param {Blob} film WebM, its times in milliseconds
 * @param {number} millis how long it lasts
 * @returns {Promise<Blob>}
 */
export async function withDuration(film, millis) {
  const head = new Uint8Array(await film.slice(0, HEAD_BYTES).arrayBuffer());
  const at = head.findIndex((_, i) => EMPTY.every((byte, k) => head[i + k] === byte));
  if (at < 0) return film;
  new DataView(head.buffer).setFloat64(at + 3, millis);
  return new Blob([head, film.slice(HEAD_BYTES)], { type: film.type });
}
