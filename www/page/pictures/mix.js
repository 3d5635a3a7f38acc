// A choice of paintings that takes time, as their files do.

/** Tells paintings on their way from those chosen before and since: the newest mix is hung, whichever is here first. */
export class Mix {
  /** Whether the visitor has added a painting, or taken one away. */
  touched = false;
  /** Settled when its paintings are hung, or have come to nothing. */
  over;
  /** @type {() => void} */
  end;
  /** When it was chosen, see `Session.leave`. */
  at;

  /** @param {number} [at] */
  constructor(at = 0) {
    this.at = at;
    this.over = new Promise((resolve) => (this.end = () => resolve(undefined)));
  }
}
