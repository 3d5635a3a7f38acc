// What the page does for a visitor who looks elsewhere while it paints.

import { RUNNING, WORKING } from "../session/machine.js";
import { text } from "../text/index.js";

const OVER = { finished: () => text.bellDone, failed: () => text.bellFailed };

/** Follows a run: the tab's title and icon, the screen's wakefulness, and the bell at the end. */
export class Away {
  #tab;
  #wakefulness;
  #bell;
  #running = false;

  /**
   * @param {import("./tab.js").Tab} tab
   * @param {import("./wakefulness.js").Wakefulness} wakefulness
   * @param {import("./bell.js").Bell} bell
   */
  constructor(tab, wakefulness, bell) {
    this.#tab = tab;
    this.#wakefulness = wakefulness;
    this.#bell = bell;
  }

  /** @param {import("../session/machine.js").State} state the session's */
  state(state) {
    this.#wakefulness.keep(WORKING.includes(state));
    if (state === "preparing" && !this.#running) this.#tab.show(0);
    const running = RUNNING.includes(state);
    if (this.#running && !running) {
      this.#tab.show(state === "finished" ? 1 : null);
      this.#bell.end(OVER[state]?.() ?? null);
    }
    this.#running = running;
  }

  /** @param {{ fraction: number, etaSeconds: number }} progress */
  progress({ fraction, etaSeconds }) {
    // All of it is done only when the picture is there.
    this.#tab.show(Math.min(fraction, 0.99));
    this.#bell.offer(etaSeconds);
  }
}
