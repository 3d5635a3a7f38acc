// What was chosen last counts, whatever is ready first.
//
// A photo takes its time from being picked to being decoded. Who picks a large one, thinks better of it and picks a
// small one gets the small one, though the large one is ready later.

/**
 * The value of a choice that takes time.
 * @template T
 */
export class Choice {
  #drawn = 0;
  #taken = -1;
  /** @type {T | null} */
  value = null;

  /** A ticket for a choice made now. Those drawn later win, if anything comes of them. */
  draw() {
    return ++this.#drawn;
  }

  /** The ticket drawn last. */
  get drawn() {
    return this.#drawn;
  }

  /** The ticket of what is there unless anything is chosen. */
  static get DEFAULT() {
    return 0;
  }

  /** Whether what comes of a choice would be put in place by now. */
  stands(ticket) {
    return ticket >= this.#taken;
  }

  /**
   * Puts in place what came of a choice, unless a later one is there.
   * @param {number} ticket
   * @param {T} value
   * @returns {boolean} whether it was taken
   */
  take(ticket, value) {
    if (!this.stands(ticket)) return false;
    this.#taken = ticket;
    this.value = value;
    return true;
  }
}
