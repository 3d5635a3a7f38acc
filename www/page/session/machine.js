// Which state the page is in, and what may happen in it: the whole of it in one table.
//
// Everything the page offers hangs on this one word. An event that is not in the row of the present state does not
// happen: a second press of Paint, a Stop that comes after the end, progress of a run that was given up.

/** @typedef {"idle" | "resuming" | "preparing" | "painting" | "paused" | "concluding" | "finished" | "failed"} State */

/** @type {readonly State[]} Those without a run. */
export const RESTING = ["idle", "finished", "failed"];
/** @type {readonly State[]} Those in which the canvas is nobody's. */
export const FREE = ["idle", "failed"];
/** @type {readonly State[]} Those in which the device works on a run. */
export const WORKING = ["preparing", "painting"];
/** @type {readonly State[]} Those with a run, from the press of Paint until its picture is kept. */
export const RUNNING = [...WORKING, "paused", "concluding"];

/** @type {Record<string, readonly State[]>} What ends a run from wherever it is. */
const ENDS = { stop: ["concluding"], end: ["concluding"], fail: ["failed"] };

/**
 * State → event → the states it may lead to, the first unless another is named.
 * @type {Record<State, Record<string, readonly State[]>>}
 */
export const TRANSITIONS = {
  /** Nothing is painted, or what is seen is a photo. */
  idle: { paint: ["preparing"], takeUp: ["resuming"], show: ["finished"] },
  /** A run a page before left behind is put back in place. */
  resuming: { goOn: ["preparing"], offer: ["failed"], fail: ["idle"] },
  /** Paint was pressed; no step is done yet. What cannot be painted is refused: then all is as before. */
  preparing: { step: ["painting"], pause: ["paused"], startOver: ["preparing"], refuse: RESTING, ...ENDS },
  painting: { step: ["painting"], pause: ["paused"], ...ENDS },
  /** The step under way when Pause was pressed may still report. A run may be paused before its first one. */
  paused: { step: ["paused"], resume: ["painting", "preparing"], startOver: ["preparing"], refuse: RESTING, ...ENDS },
  /** The run is over; its picture is shown and kept, or let go of. */
  concluding: { keep: ["finished"], drop: RESTING, fail: ["failed"] },
  /** There is a picture to take away. */
  finished: { paint: ["preparing"], takeUp: ["resuming"], show: ["finished"], leave: ["idle"] },
  /** A run ended before its time. It may be possible to go on with it. */
  failed: { paint: ["preparing"], show: ["finished"], leave: ["idle"] },
};

/** Keeps the state. Calls back after each change. */
export class Machine {
  /** @type {State} */
  #state = "idle";
  #changed;

  /** @param {(change: { state: State, before: State, event: string }) => void} changed */
  constructor(changed = () => {}) {
    this.#changed = changed;
  }

  get state() {
    return this.#state;
  }

  /** Whether there is no run. */
  get resting() {
    return RESTING.includes(this.#state);
  }

  /** Whether an event may happen now. */
  can(event) {
    return Object.hasOwn(TRANSITIONS[this.#state], event);
  }

  /**
   * Lets an event happen; one that may not is ignored.
   * @param {string} event
   * @param {State} [to] where it leads, if it may lead to several states
   * @returns {boolean} whether it happened
   */
  send(event, to) {
    if (!this.can(event)) return false;
    const before = this.#state;
    const targets = TRANSITIONS[before][event];
    const state = to ?? targets[0];
    if (!targets.includes(state)) throw new Error(`“${event}” does not lead from ${before} to ${state}.`);
    this.#state = state;
    if (state !== before) this.#changed({ state, before, event });
    return true;
  }
}
