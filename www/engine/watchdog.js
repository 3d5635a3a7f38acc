// How a page tells a worker that hangs from one that is slow.
//
// A worker that computes hears nothing: on the CPU a step of a large picture keeps it for minutes, and no heartbeat of
// its own could be told from an endless loop. So it says beforehand what it is about to do, and how long it may
// then be silent follows from how long such things take on this device: `Pace` knows that, `Watchdog` counts.

/** How long a worker with nothing to do may take to say that it heard something. */
const HEARD_MILLIS = 5000;
/** One tick of the watch. */
const TICK_MILLIS = 1000;

/**
 * Watches one worker's silence while something is expected of it.
 *
 * It counts its own ticks rather than the time: of an hour in which the computer slept, and the worker with it, it has
 * counted a second. Where a browser slows down the timers of hidden pages it is slower, too.
 */
export class Watchdog {
  #onHang;
  #started = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #silent = 0;
  /** Messages the worker has not yet said it heard. */
  #unheard = 0;
  /** Milliseconds of silence allowed by each of the things under way. */
  #allowed = /** @type {Map<unknown, number>} */ (new Map());

  /** @param {() => void} onHang told once */
  constructor(onHang) {
    this.#onHang = onHang;
  }

  /** To be told when the worker's program runs: until then it hears nothing. */
  start() {
    this.#started = true;
    this.#look();
  }

  /** To be told of each message to the worker. */
  told() {
    this.#unheard += 1;
    this.#look();
  }

  /** To be told of everything the worker says. */
  word() {
    this.#silent = 0;
  }

  /** To be told when the worker says that it heard a message. */
  heard() {
    this.#unheard -= 1;
    this.#look();
  }

  /**
   * To be told what the worker is about to do.
   * @param {unknown} task whatever tells it from others under way
   * @param {number | null} millis how long it may be silent then; null when that is over
   */
  doing(task, millis) {
    if (millis === null) this.#allowed.delete(task);
    else this.#allowed.set(task, millis);
    this.#look();
  }

  /** Ends the watch. */
  stop() {
    this.#started = false;
    this.#look();
  }

  #look() {
    const watched = this.#started && (this.#unheard > 0 || this.#allowed.size > 0);
    if (watched === (this.#timer !== undefined)) return;
    this.#silent = 0;
    clearTimeout(this.#timer);
    this.#timer = watched ? setTimeout(() => this.#tick(), TICK_MILLIS) : undefined;
  }

  #tick() {
    this.#silent += TICK_MILLIS;
    // A message is heard only when what is under way lets the worker listen: the longest of all counts.
    if (this.#silent < Math.max(HEARD_MILLIS, ...this.#allowed.values())) {
      this.#timer = setTimeout(() => this.#tick(), TICK_MILLIS);
    } else {
      this.stop();
      this.#onHang();
    }
  }
}

/** A step, and the reading of a picture, may always take so long. */
const STEP_MILLIS = 5000;
/** And so many times what the slowest of the last steps took: others use the device, too. */
const MARGIN = 4;
/** Steps that are remembered: one that took an hour because the computer slept is forgotten soon. */
const REMEMBERED = 20;
/** What is taken for granted of a device none of whose steps was timed yet, in milliseconds per megapixel: an old phone, a GPU in software. */
const UNKNOWN = /** @type {Record<string, number>} */ ({ cpu: 400_000, webgpu: 100_000 });
/** The first step at a scale may compile programs and makes targets: it may take at least so long. */
const FIRST_MILLIS = 60_000;
/** What reading a picture back, and packing it, takes besides waiting for a step, in milliseconds per megapixel. */
const PICTURE_MILLIS = 1000;
/** After each worker that was given up the next gets so many times as long: had it only been slow, it will get through. */
const PATIENCE = 4;

/** Everything else: mostly waiting, for the connection (which tells of itself) or for the browser. */
const OTHERS = /** @type {Record<string, number>} */ ({
  /** The program is fetched and compiled; what was asked for meanwhile waits. */
  load: 300_000,
  /** A device is opened, and its programs tried. */
  open: 120_000,
  /** Weights come, GPU programs are compiled; each attempt to fetch a piece of the weights is told of, and each part that comes. */
  prepare: 120_000,
  probe: 300_000,
  /** A picture in one pass, however large, and its networks come before. */
  instant: 300_000,
  /** Pictures are decoded or encoded. */
  pictures: 30_000,
});

/** What is known of a device's speed; it outlives the workers. */
export class Pace {
  /** @type {number[]} */
  #last = [];
  /** @type {string | null} */
  #backend = null;
  #patience = 1;
  /** Pixels of the steps that the figure handed out is of; Infinity where it was brought along. */
  #figured = Infinity;

  /**
   * To be told which backend runs now: what another took says nothing of it.
   * @param {string} backend
   */
  on(backend) {
    if (backend === this.#backend) return;
    if (this.#backend !== null) this.#figured = 0;
    this.#last = [];
    this.#backend = backend;
  }

  /**
   * The milliseconds per megapixel to reckon with after a step. The launches take as long at any size, so that a coarse scale's steps look
   * slow for their pixels: they count while nothing better is known.
   * @param {import("./types.js").Progress} progress
   * @param {number | null} known the figure until now
   */
  figure({ millisPerIteration, scale: { index, count, width, height } }, known) {
    const pixels = width * height;
    const isBetter = pixels >= this.#figured || (this.#figured === Infinity && index === count - 1);
    if (known !== null && !isBetter) return known;
    this.#figured = pixels;
    return (millisPerIteration * 1e6) / pixels;
  }

  /** To be told when the figure is that of a probe, whose picture is small. */
  probed() {
    this.#figured = 0;
  }

  /**
   * To be told what an ordinary step took.
   * @param {number} millis
   * @param {number} pixels
   */
  took(millis, pixels) {
    this.#last = [...this.#last, (millis * 1e6) / pixels].slice(-REMEMBERED);
  }

  /** To be told when a worker was given up. */
  hung() {
    this.#patience *= PATIENCE;
  }

  /**
   * How long a worker may be silent.
   * @param {{ what: string, pixels?: number, first?: boolean }} task what it does: a "step" or a "picture" of `pixels`,
   *   where a scale's first step counts the pixels of all that comes with it, or one of the other things
   * @returns {number} milliseconds
   */
  allows({ what, pixels = 0, first = false }) {
    return this.#patience * (OTHERS[what] ?? this.#step(pixels, first) + (what === "picture" ? (PICTURE_MILLIS * pixels) / 1e6 : 0));
  }

  /**
   * @param {number} pixels
   * @param {boolean} first
   */
  #step(pixels, first) {
    const known = this.#last.length > 0;
    const slowest = known ? Math.max(...this.#last) : UNKNOWN[this.#backend ?? "cpu"];
    return Math.max(first || !known ? FIRST_MILLIS : STEP_MILLIS, (MARGIN * slowest * pixels) / 1e6);
  }
}
