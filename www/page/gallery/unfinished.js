// The run under way, kept so that it can go on after a reload, a crash or a closed tab.

import { RUN_LOCK } from "../offline/names.js";

/** After a reload the lock of the page before may take a moment to fall, on a busy device a long one. */
const PATIENCE = 4000;
/** What may be lost when the browser crashes, in milliseconds of work; a checkpoint is 12 to 50 MB, and disks wear. */
const WRITE_EVERY_MS = 30_000;

/**
 * Keeps one run. Only one tab at a time may own it; a tab that does not simply keeps nothing.
 *
 * What is kept: the inputs and the recipe; apart from them how often it was taken up again, which finds room on a
 * disk where they would not be written anew; and, because it is written again and again, a checkpoint. The newest one
 * waits in memory; it is written when the last one written is old, and whenever this may be the last moment: the run pauses or fails, the page is hidden or left.
 */
export class Unfinished {
  #store;
  #release = null;
  #latest = null;
  /** The checkpoint last given to the store. */
  #given = null;
  #writing = null;
  #written = -Infinity;
  /** Whether the last one written found no room. */
  #full = false;
  #record = null;
  /** Whether the lock is still waited for: what happens meanwhile is written afterwards. */
  #waits = false;
  /** Counts the runs: one that ended while its beginning was still waited for is not to be put down. */
  #turn = 0;

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.#store = store;
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.#write());
    globalThis.addEventListener("pagehide", () => this.#write());
  }

  /**
   * Takes up the run a page before left behind, if there is one and no other tab is at it.
   * @returns {Promise<{ photo, paintings, recipe, resumed: number, checkpoint: Blob | null } | null>}
   */
  async find() {
    // Looked at before the lock is asked for, which may take a while when another tab paints.
    if (!this.#store.lasts || !(await this.#store.get("run", "job")) || !(await this.#claim())) return null;
    const record = await this.#store.get("run", "job");
    if (this.#turn > 0) return null; // it is of a run that was begun here meanwhile
    if (!record?.photo?.blob || !Array.isArray(record.paintings) || !record.recipe?.config) {
      await this.end();
      return null;
    }
    const checkpoint = await this.#store.get("run", "checkpoint");
    const resumed = (await this.#store.get("run", "resumed")) ?? record.resumed; // earlier versions had it there alone
    return { ...record, resumed, checkpoint: checkpoint?.blob ?? null, iteration: checkpoint?.iteration ?? 0 };
  }

  /**
   * Begins to keep a run.
   * @param {{ photo, paintings, recipe, resumed: number }} record `resumed`: how often it was taken up again
   *   without getting anywhere since
   * @returns {Promise<"kept" | "as before" | "other tab" | "no room" | "nothing lasts" | "over">} "as before": only what
   *   was kept of it already; "over": it has ended meanwhile
   */
  async begin(record, { fresh = true } = {}) {
    if (!this.#store.lasts) return "nothing lasts";
    const turn = ++this.#turn;
    this.#record = record;
    this.#waits = true;
    if (fresh) this.#latest = null; // it was another run's
    if (!(await this.#claim())) {
      if (turn !== this.#turn) return "over";
      this.#stop();
      return "other tab";
    }
    try {
      if (fresh && turn === this.#turn) await this.#store.delete("run", "checkpoint");
      if (turn !== this.#turn) {
        this.#letGo();
        return "over";
      }
      this.#waits = this.#full = false;
      this.#written = -Infinity; // the first checkpoint shows at once whether there is room
      const put = (key, value) => this.#store.put("run", key, value);
      await Promise.all([put("resumed", record.resumed), put("job", this.#record)]); // in this order
    } catch {
      if (fresh) await this.end();
      else this.#stop();
      return !fresh && (await this.#store.get("run", "job")) ? "as before" : "no room";
    }
    return (await this.flush()) ? "kept" : "no room";
  }

  /** Settings changed during the run. */
  async change(recipe) {
    if (!this.#record) return;
    this.#record = { ...this.#record, recipe };
    if (!this.#waits) await this.#store.put("run", "job", this.#record).catch(() => {});
  }

  /**
   * Keeps a checkpoint, in memory at first.
   * @param {Blob} blob
   * @param {number} iteration
   * @param {{ now?: boolean }} [options] `now`: no other may follow soon
   * @returns {Promise<boolean>} false when there was no room, from then on until there is again
   */
  async checkpoint(blob, iteration, { now = false } = {}) {
    if (!this.#record) return true;
    this.#latest = { blob, iteration };
    return now || performance.now() - this.#written >= WRITE_EVERY_MS ? this.flush() : !this.#full;
  }

  /**
   * Writes the newest checkpoint, if there is one that is not written yet; of those that come meanwhile only the newest waits.
   * @returns {Promise<boolean>} false when there was no room
   */
  flush() {
    this.#writing ??= this.#write().finally(() => (this.#writing = null));
    return this.#writing;
  }

  /**
   * Forgets the run as a part of a change that makes it superfluous, so that a page that is left in between neither loses its picture nor
   * paints it twice. `end` is still to follow.
   * @param {import("./store.js").Access} now a change of the store "run" among others
   */
  async forget(now) {
    this.#stop();
    if (this.#owns) await remove(now);
  }

  /** Nothing to go on with any more. */
  async end() {
    this.#stop();
    await this.#writing?.catch(() => {});
    if (!this.#owns) return;
    await this.#store.change(["run"], remove).catch(() => {});
    this.#letGo();
  }

  /** A page that is left asks for the newest at once, whatever is being written: the database keeps the order. */
  async #write() {
    while (this.#latest && !this.#waits) {
      const checkpoint = (this.#given = this.#latest);
      this.#latest = null;
      this.#written = performance.now();
      try {
        await this.#store.put("run", "checkpoint", checkpoint);
        this.#full = false;
        if (this.#record?.resumed > 0) {
          this.#record = { ...this.#record, resumed: 0 };
          await this.#store.put("run", "resumed", 0);
        }
      } catch {
        this.#full = true;
        // To be tried again; unless a newer one was given, or the run is over.
        if (checkpoint === this.#given) this.#latest ??= checkpoint;
        return false;
      }
    }
    return true;
  }

  /** Nothing of the run is written any more. */
  #stop() {
    this.#turn += 1;
    this.#record = this.#latest = this.#given = null;
    this.#waits = false;
  }

  /** Whether what is kept is this tab's. */
  get #owns() {
    return this.#release !== null || !navigator.locks;
  }

  #claim() {
    if (this.#owns) return Promise.resolve(true);
    return new Promise((resolve) => {
      const hold = () => {
        resolve(true);
        return new Promise((release) => (this.#release = release));
      };
      navigator.locks.request(RUN_LOCK, { signal: AbortSignal.timeout(PATIENCE) }, hold).catch(() => resolve(false));
    });
  }

  #letGo() {
    this.#release?.();
    this.#release = null;
  }
}

/** @param {import("./store.js").Access} now */
async function remove(now) {
  for (const key of ["job", "resumed", "checkpoint"]) await now.delete("run", key);
}
