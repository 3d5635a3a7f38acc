// What the browser remembers of the visitor's choices and of this device. localStorage may be refused: then nothing is
// remembered, and nothing else happens. What is found there may be anything.

/** @param {string} key */
export function remembered(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/** @param {string} key */
export function remember(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Another time.
  }
}

/** @param {string} key */
export function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // There was nothing.
  }
}
