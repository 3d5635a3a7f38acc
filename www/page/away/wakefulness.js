// The screen stays on while a picture is painted: a device that falls asleep paints no more.

/** Holds a screen wake lock while it is wanted; browsers take it away whenever the page is hidden. */
export class Wakefulness {
  #page;
  #locks;
  #wanted = false;
  #lock = null;
  #asking = false;

  /**
   * @param {Document} page
   * @param {WakeLock | undefined} locks `navigator.wakeLock`; not every browser has it
   */
  constructor(page, locks) {
    this.#page = page;
    this.#locks = locks;
    page.addEventListener("visibilitychange", () => this.#settle());
  }

  /** @param {boolean} wanted */
  keep(wanted) {
    this.#wanted = wanted;
    return this.#settle();
  }

  /** Asks for what is wanted and not there, lets go of what is there and not wanted. */
  async #settle() {
    if (!this.#wanted) {
      const lock = this.#lock;
      this.#lock = null;
      await lock?.release().catch(() => {});
      return;
    }
    if (!this.#locks || this.#asking || this.#page.hidden || (this.#lock && !this.#lock.released)) return;
    this.#asking = true;
    try {
      this.#lock = await this.#locks.request("screen");
    } catch {
      // A low battery, a policy: then it sleeps as ever.
    } finally {
      this.#asking = false;
    }
    if (!this.#wanted) await this.#settle();
  }
}
