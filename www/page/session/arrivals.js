// What is on its way in: a photo that is read, a painting that is fetched.

/** Knows what a run has to wait for. */
export class Arrivals {
  /** @type {Map<Promise<any>, () => boolean>} each with whether it is still wanted */
  #coming = new Map();
  /** @type {(() => void)[]} */
  #waiting = [];

  /**
   * Something is on its way.
   * @template T
   * @param {Promise<T>} coming never rejects
   * @param {() => boolean} wanted whether anything will come of it: not once something chosen later is there
   */
  add(coming, wanted) {
    this.#coming.set(coming, wanted);
    this.#look(); // it may be what another is not wanted for any more
    coming.finally(() => {
      this.#coming.delete(coming);
      this.#look();
    });
    return coming;
  }

  /** Resolves once nothing is on its way that is wanted; what arrives meanwhile may bring more. */
  async over() {
    while ([...this.#coming.values()].some((wanted) => wanted())) await new Promise((resolve) => this.#waiting.push(() => resolve(null)));
  }

  #look() {
    for (const look of this.#waiting.splice(0)) look();
  }
}
