// What takes long is done once, also when several ask for it at the same time.

/**
 * What is remembered under a key; made now, if nothing is. What could not be made is made again the next time.
 * @template K, T
 * @param {{ get(key: K): Promise<T> | undefined, set(key: K, made: Promise<T>): unknown, delete(key: K): unknown }} memory a Map or WeakMap
 * @param {K} key
 * @param {() => Promise<T>} make
 * @returns {Promise<T>}
 */
export function remembered(memory, key, make) {
  const known = memory.get(key);
  if (known) return known;
  const made = make();
  memory.set(key, made);
  made.catch(() => memory.delete(key));
  return made;
}
