// Which kept picture is looked at: the last one asked for, whichever is read first.

/** Opens kept pictures, one at a time. */
export class Looking {
  #asked = 0;
  /** Whether one was asked for that is still being read. */
  coming = false;

  /**
   * Shows a picture, unless another or none is wanted by the time it is read.
   * @param {(wanted: () => boolean) => Promise<void>} show
   * @param {{ may: () => boolean, seen: () => void }} how whether any can be shown now; called once it is
   */
  async at(show, { may, seen }) {
    if (!may()) return;
    const mine = ++this.#asked;
    const wanted = () => mine === this.#asked && may();
    this.coming = true;
    try {
      await show(wanted);
      if (wanted()) seen();
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
