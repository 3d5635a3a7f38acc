// What to do when a worker or its device was lost: try again, differently, and not for ever.

/** Failures in a row after which it is given up. */
const MAX_FAILURES = 3;
/** Failures until a job is finished. */
const MAX_TOTAL = 20;
/** A worker that was well for so long failed for a reason of its own, such as a laptop that slept. */
const WELL_MILLIS = 600_000;

/** @typedef {[job: number, iteration: number]} Place */

/** Counts failures and decides. */
export class Recovery {
  #row = 0;
  #total = 0;
  #opened = 0;
  /** The furthest that was ever got to, and where that was at the last failure: a job's number and an iteration. */
  /** @type {Place} */
  #reached = [0, 0];
  /** @type {Place} */
  #mark = [0, 0];

  /** To be told when a worker and its device are ready. */
  opened() {
    this.#opened = performance.now();
  }

  /**
   * To be told where a job is.
   * @param {number} job
   * @param {number} iteration
   */
  progressed(job, iteration) {
    if (isBeyond([job, iteration], this.#reached)) this.#reached = [job, iteration];
  }

  /**
   * To be told of each checkpoint: beyond where it failed last, what stood in the way is overcome.
   * @param {number} job
   * @param {number} iteration
   */
  saved(job, iteration) {
    this.progressed(job, iteration);
    if (isBeyond([job, iteration], this.#mark)) this.#row = 0;
  }

  /** To be told when a job has ended well. */
  finished() {
    this.#row = 0;
    this.#total = 0;
  }

  /**
   * The next attempt, or null when there shall be none.
   *
   * The same again at first. Then, for want of memory, without the scales that did not fit; else, and
   * after that, on the CPU where the choice is ours.
   * @param {Error & { memory?: boolean }} error
   * @param {string} asked the backend asked for
   * @param {{ idle: boolean }} state whether nothing was to be painted
   * @returns {{ waitMillis: number, backend: string, shorten: boolean } | null}
   */
  plan(error, asked, { idle }) {
    if (performance.now() - this.#opened > WELL_MILLIS) {
      this.#row = 0;
      if (idle) this.#total = 0;
    }
    this.#opened = performance.now();
    this.#row += 1;
    this.#total += 1;
    this.#mark = this.#reached;
    if (this.#row > MAX_FAILURES || this.#total > MAX_TOTAL) return null;
    const shorten = this.#row === 2 && (error.memory || /memory|allocat/i.test(error.message));
    return {
      waitMillis: 200 * 4 ** (this.#row - 1),
      backend: this.#row > 1 && !shorten && asked === "auto" ? "cpu" : asked,
      shorten,
    };
  }
}

/** @type {(one: Place, other: Place) => boolean} */
const isBeyond = ([job, iteration], [otherJob, otherIteration]) => job > otherJob || (job === otherJob && iteration > otherIteration);
