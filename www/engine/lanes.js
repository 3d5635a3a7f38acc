// Whose turn it is, where one thing is done at a time and some of what is asked for is no longer wanted when its turn comes.
//
// A slider that is dragged asks for more pictures than can be painted, and only the last one matters; a wall of thumbnails
// wants every one. So requests come in lanes: within a named lane only the newest waits, without a lane all do. The main lane's
// goes first, what somebody looks at; the others keep the order in which they came.

import { text } from "./text.js";

/**
 * @typedef {{ lane: string | null, ready: boolean, begin: () => Promise<void>, reject: (reason: any) => void }} Request
 */

/** The lane that goes first. */
export const MAIN = "picture";

/** Lets one request begin at a time. */
export class Lanes {
  /**
   * Those that wait, in the order in which they came.
   * @type {Request[]}
   */
  #waiting = [];
  #busy = false;

  /**
   * Waits for a turn.
   * @template I, T
   * @param {string | null} lane null for one that no other takes the place of
   * @param {Promise<I>} inputs what the request needs, which may take its time: others go first meanwhile
   * @param {(inputs: I) => Promise<T>} action
   * @param {AbortSignal} [signal] ends the waiting; what is under way comes to its end unseen
   * @returns {Promise<T>} rejects with an AbortError when a newer request of its lane takes its place
   */
  wait(lane, inputs, action, signal) {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = () => this.#drop(request, signal?.reason);
      const end = () => signal?.removeEventListener("abort", abort);
      /** @type {Request} */
      const request = {
        lane,
        ready: false,
        begin: async () => {
          await inputs.then(action).then(resolve, reject);
          end();
        },
        reject: (reason) => {
          end();
          reject(reason);
        },
      };
      signal?.addEventListener("abort", abort);
      this.#enter(request);
      inputs.then(
        () => {
          request.ready = true;
          this.#next();
        },
        (error) => this.#drop(request, error),
      );
    });
  }

  /**
   * Nothing that waits is wanted any more.
   * @param {Error} error
   */
  close(error) {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /**
   * Takes the place of the one that waits in the same lane, so that a lane with many requests has its turn all the same.
   * @param {Request} request
   */
  #enter(request) {
    const place = this.#waiting.findIndex(({ lane }) => lane !== null && lane === request.lane);
    if (place < 0) this.#waiting.push(request);
    else this.#waiting.splice(place, 1, request)[0].reject(new DOMException(text.superseded, "AbortError"));
  }

  /**
   * @param {Request} request
   * @param {any} reason
   */
  #drop(request, reason) {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== request);
    request.reject(reason);
  }

  async #next() {
    if (this.#busy) return;
    const ready = this.#waiting.filter(({ ready }) => ready);
    const request = ready.find(({ lane }) => lane === MAIN) ?? ready[0];
    if (!request) return;
    this.#waiting = this.#waiting.filter((waiting) => waiting !== request);
    this.#busy = true;
    await request.begin();
    this.#busy = false;
    this.#next();
  }
}
