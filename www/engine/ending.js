// How what takes time, or holds something, is ended: by a signal, or by `using`.

/**
 * What is waited for, unless a signal ends the waiting first; what is under way then comes to its end unseen.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {() => Promise<T>} begin
 * @param {(value: T) => void} [drop] what to do with what comes too late
 * @returns {Promise<T>} rejects with the signal's reason
 */
export async function until(signal, begin, drop = () => {}) {
  if (!signal) return begin();
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = /** @type {Promise<never>} */ (
    new Promise((_, reject) => {
      abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort);
    })
  );
  try {
    const begun = begin(); // may throw at once: the listener is not to stay then
    begun.then(
      (value) => signal.aborted && drop(value),
      () => {},
    );
    return await Promise.race([begun, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

// Names of methods; browsers that know no `using` have no such symbols, and nobody there asks for them.

/** @type {typeof Symbol.dispose} */
export const dispose = Symbol.dispose ?? Symbol("Symbol.dispose");
/** @type {typeof Symbol.asyncDispose} */
export const asyncDispose = Symbol.asyncDispose ?? Symbol("Symbol.asyncDispose");
