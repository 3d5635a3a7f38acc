// The duration of a recorded WebM. A recorder writes the file's head before it knows how long the film will be, and never comes
// back to it: players then show no length and cannot seek.

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const DURATION = 0x4489;
/** Where `Info` is looked for: it stands before the first picture. */
const HEAD_BYTES = 4096;

/**
 * The film with its duration in its head; as it is when that is not built as recorders do.
 * @param {Blob} film WebM whose times are in milliseconds, which is what recorders write
 * @param {number} millis how long it lasts
 * @returns {Promise<Blob>}
 */
export async function withDuration(film, millis) {
  const view = new DataView(await film.slice(0, HEAD_BYTES).arrayBuffer());
  let info;
  try {
    info = findInfo(view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the head ends before it
  }
  if (!info) return film;
  const duration = new DataView(new ArrayBuffer(11));
  duration.setUint16(0, DURATION);
  duration.setUint8(2, 0x88); // eight bytes follow
  duration.setFloat64(3, millis);
  // The new size in eight bytes, whatever the old one took.
  const size = new DataView(new ArrayBuffer(8));
  size.setBigUint64(0, (1n << 56n) | BigInt(info.size + 11));
  return new Blob([film.slice(0, info.sizeAt), size, duration, film.slice(info.dataAt)], { type: film.type });
}

/** Where `Info` is, unless it has a duration or the segment a size, which would no longer be right. */
function findInfo(view) {
  const header = element(view, 0);
  const segment = element(view, header.end);
  if (header.id !== EBML || segment.id !== SEGMENT || Number.isFinite(segment.size)) return null;
  let info = element(view, segment.dataAt);
  while (info.id !== INFO) info = element(view, info.end);
  for (let child = info.dataAt; child < info.end; ) {
    const { id, end } = element(view, child);
    if (id === DURATION) return null;
    child = end;
  }
  return info;
}

/** An element's head: its id and its size (infinite where it is left open). Each says by how many zeros it begins with how long it is. */
function element(view, at) {
  const [idBytes, id] = [lengthAt(view, at), number(view, at)];
  const sizeAt = at + idBytes;
  const sizeBytes = lengthAt(view, sizeAt);
  const open = 2 ** (7 * sizeBytes) - 1; // all ones
  const size = number(view, sizeAt, { marked: false });
  const dataAt = sizeAt + sizeBytes;
  return { id, sizeAt, size: size === open ? Infinity : size, dataAt, end: dataAt + size };
}

const lengthAt = (view, at) => Math.clz32(view.getUint8(at)) - 23;

/** A number with its marking bit, as ids have it, or without. */
function number(view, at, { marked = true } = {}) {
  const bytes = lengthAt(view, at);
  let value = view.getUint8(at) & (marked ? 0xff : (1 << (8 - bytes)) - 1);
  for (let i = 1; i < bytes; i++) value = 256 * value + view.getUint8(at + i);
  return value;
}
