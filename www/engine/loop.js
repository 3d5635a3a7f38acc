// The loop that pulls a run: step by step, listening in between.
//
// What it tells the page costs time, so it tells it by time: a picture is read back for someone to see, no more often
// than it can be seen to change; a checkpoint is for the day when everything ends suddenly, no more often than is worth it.
// Nothing here knows WebAssembly or the worker: the tests run it in milliseconds.

import { text } from "./text.js";

/** @typedef {{ changes: string, resolve: () => void, reject: (error: Error) => void }} Change */
/** @typedef {{ resolve: (checkpoint: import("./types.js").Checkpoint | null) => void, reject: (error: Error) => void }} Request */
/** @typedef {import("../easel.js").Run} Run */
/** @typedef {(type: string, detail: object, transfer?: Transferable[]) => void} Tell */
/** @typedef {() => number} Clock */

/** What a job's loop is told from outside. */
export class Orders {
  /** Whether the loop has begun: before that there is nothing to make a checkpoint of. */
  begun = false;
  cancelled = false;
  paused = false;
  /**
   * Changes to make.
   * @type {Change[]}
   */
  changes = [];
  /**
   * Who waits for a checkpoint.
   * @type {Request[]}
   */
  checkpoints = [];
  /** Ends the wait of a loop that is paused. */
  wake = () => {};
  #cancelling = () => {};
  /** Settled when the job is cancelled. */
  cancelling = /** @type {Promise<void>} */ (new Promise((resolve) => (this.#cancelling = resolve)));

  cancel() {
    this.cancelled = true;
    this.wake();
    this.#cancelling();
  }

  /** Whoever still waits hears that the job is over. */
  end() {
    for (const { reject } of this.changes.splice(0)) reject(new Error(text.endedBefore));
    for (const { resolve } of this.checkpoints.splice(0)) resolve(null);
  }
}

/**
 * Pulls a run to its end.
 * @param {Run} run
 * @param {Orders} orders
 * @param {{ tell: Tell, doing: (task: object | null) => void, preview: () => Promise<ImageBitmap>, paintings: number, now?: Clock }} outside
 *   `tell` takes progress and checkpoints, `doing` what is about to be done (`{ what, pixels, first, took }`), null when waiting;
 *   `preview` reads the picture; `paintings` is their number
 * @returns {Promise<boolean>} whether it came to its end: not when it was cancelled
 */
export async function pull(run, orders, { tell, doing, preview, paintings, now = () => performance.now() }) {
  const previews = new Previews(now);
  orders.begun = true;
  const say = (/** @type {any} */ progress) => report(run, progress, { tell, preview, previews });
  const saver = new Saver(run, tell, now, say);
  /** Whether the next step has to make its targets first. */
  let first = true;
  while (!run.finished) {
    await nextTurn();
    if (orders.paused && !orders.cancelled) {
      await saver.save();
      doing(null);
      while (orders.paused && !orders.cancelled) {
        // Before the rest: an order may come while a checkpoint is made.
        const woken = /** @type {Promise<void>} */ (new Promise((resolve) => (orders.wake = resolve)));
        first = apply(run, orders) || first;
        await saver.answer(orders);
        await woken;
      }
    }
    if (orders.cancelled) return false;
    first = apply(run, orders) || run.startsScale || first;
    const pixels = run.nextPixels;
    // Targets take less than a step for the photo and for each painting; both are counted double.
    doing({ what: "step", pixels: first ? pixels * (4 + 2 * paintings) : pixels, first });
    const begun = now();
    const progress = await run.step();
    doing({ what: "picture", pixels, took: first ? null : { millis: now() - begun, pixels } });
    first = false;
    await say(progress);
    await saver.saveWhenDue(orders);
  }
  return true;
}

/**
 * Makes the changes asked for; whether there were any.
 * @param {Run} run
 * @param {Orders} orders
 */
function apply(run, { changes }) {
  const asked = changes.splice(0);
  for (const { changes, resolve, reject } of asked) {
    try {
      run.update(changes);
      resolve();
    } catch (error) {
      reject(error);
    }
  }
  return asked.length > 0;
}

/**
 * @param {Run} run
 * @param {any} progress
 * @param {{ tell: Tell, preview: () => Promise<ImageBitmap>, previews: Previews }} outside
 */
async function report(run, progress, { tell, preview, previews }) {
  const { iteration } = progress;
  const due = previews.isDue(run, iteration);
  if (!due && iteration % run.reportEvery !== 0 && !run.finished) return;
  const bitmap = due ? await preview() : null;
  tell("progress", { ...progress, preview: bitmap }, bitmap ? [bitmap] : []);
}

/** Eight pictures a second look like motion; each is read back from the device, sent and laid out. */
const PREVIEW_MILLIS = 125;

/** When a picture is shown: of every `previewEvery`th step at most, the first and last always. */
class Previews {
  #now;
  #last = -Infinity;

  /** @param {Clock} now */
  constructor(now) {
    this.#now = now;
  }

  /**
   * @param {Run} run
   * @param {number} iteration
   */
  isDue({ previewEvery, finished }, iteration) {
    if (previewEvery <= 0) return false;
    const always = finished || iteration === 1;
    if (!always && (iteration % previewEvery !== 0 || this.#now() - this.#last < PREVIEW_MILLIS)) return false;
    this.#last = this.#now();
    return true;
  }
}

/**
 * What may be lost when everything ends suddenly, in milliseconds. A checkpoint is 48 bytes per pixel, 50 MB at 1024²: it is kept
 * in the page's memory, and only there until the page writes it, so that ten seconds are a fair price for a crash.
 */
const SAVE_MILLIS = 10_000;
/** The share of the time that may go into checkpoints, where reading one back takes long. */
const SAVE_SHARE = 0.02;

/**
 * Sends a run's state out of the worker, so that it can go on in another: now and then, when a scale is done (the
 * next may not fit the memory), when paused, and when asked.
 */
class Saver {
  #run;
  #tell;
  #now;
  #say;
  #due;

  /**
   * @param {Run} run
   * @param {Tell} tell
   * @param {Clock} now
   * @param {(progress: any) => Promise<void>} say takes the reports of steps that were begun ahead
   */
  constructor(run, tell, now, say) {
    this.#run = run;
    this.#tell = tell;
    this.#now = now;
    this.#say = say;
    this.#due = now() + SAVE_MILLIS;
  }

  /** @param {Orders} orders */
  async saveWhenDue(orders) {
    if (this.#run.finished) return;
    if (orders.checkpoints.length > 0) await this.answer(orders);
    else if (this.#run.startsScale || this.#now() >= this.#due) await this.save();
  }

  /**
   * Makes one for those who asked.
   * @param {Orders} orders
   */
  async answer({ checkpoints }) {
    if (checkpoints.length === 0) return;
    const saved = await this.save();
    for (const { resolve } of checkpoints.splice(0)) resolve(saved);
  }

  /** Makes one and tells of it; null before the first step. */
  async save() {
    const begun = this.#now();
    // What a checkpoint holds is told of before it: the next worker goes on after it.
    for (let progress; (progress = await this.#run.catchUp()); ) await this.#say(progress);
    const bytes = await this.#run.checkpoint();
    if (!bytes) return null;
    const { iteration, iterations } = this.#run;
    const checkpoint = { blob: new Blob([bytes]), iteration, iterations };
    this.#tell("checkpoint", checkpoint);
    const took = this.#now() - begun;
    this.#due = this.#now() + Math.max(SAVE_MILLIS, took / SAVE_SHARE);
    return checkpoint;
  }
}

/** Lets waiting messages in; unlike a timer it is not slowed down. */
async function nextTurn() {
  const { port1, port2 } = new MessageChannel();
  await new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(null);
  });
  port1.close();
}
