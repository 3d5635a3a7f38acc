// Which kept picture is looked at: the last one asked for, whichever is read first.

/** Opens kept pictures, one at a time. */
export class Looking {
  #asked = 0;
  #last = 0; // of those that asked for a picture
  /** Whether one was asked for that is still being read. */
  coming = false;

  /**
   * Shows a picture, unless another or none is wanted by the time it is read.
   * @template R
   * @param {R | Promise<R | null>} result null where it is found not to be wanted
   * @param {(result: R, wanted: () => boolean) => Promise<void>} show
   * @param {{ may: () => boolean, seen: () => void }} how whether any can be shown now; called once it is
   * @returns {Promise<boolean>} whether it is seen, or another was asked for since
   */
  async at(result, show, { may, seen }) {
    if (!may()) return false;
    const mine = (this.#last = ++this.#asked);
    const wanted = () => mine === this.#asked && may();
    this.coming = true;
    try {
      const known = await result;
      if (known && wanted()) await show(known, wanted);
      const isSeen = Boolean(known && wanted());
      if (isSeen) seen();
      return isSeen || mine !== this.#last;
    } finally {
      if (mine === this.#asked) this.coming = false;
    }
  }

  /** What was asked for is not wanted any more. */
  away() {
    this.#asked += 1;
    this.coming = false;
  }
}
