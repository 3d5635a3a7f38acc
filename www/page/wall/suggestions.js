// The advisor's best mixes, as pictures to choose from.

import { text } from "../text/index.js";

const COUNT = 3;

/**
 * Asks for suggestions and shows them. Fires `choose` with `[{ painting, weight }]` as `detail`.
 *
 * @typedef {import("./tile.js").Hung} Hung
 */
export class Suggestions extends EventTarget {
  #button;
  #list;
  #ask;
  /** Gives up what was asked for last. */
  #asking = new AbortController();

  /**
   * @param {{ button: HTMLButtonElement, list: HTMLElement }} parts
   * @param {(count: number, signal: AbortSignal) => Promise<{ paintings: Hung[], ranked: { weights: number[], bitmap: ImageBitmap }[] }>} ask
   * @param {(action: () => Promise<void>) => Promise<void>} attempt runs an action; what goes wrong is said
   */
  constructor({ button, list }, ask, attempt) {
    super();
    this.#button = button;
    this.#list = list;
    this.#ask = ask;
    button.onclick = () => attempt(() => this.#suggest());
  }

  /** They were for another photo. */
  clear() {
    this.#asking.abort();
    this.#button.removeAttribute("aria-busy");
    this.#list.replaceChildren();
  }

  async #suggest() {
    this.#asking.abort();
    const { signal } = (this.#asking = new AbortController());
    this.#button.setAttribute("aria-busy", "true");
    this.#list.replaceChildren(Object.assign(document.createElement("li"), { className: "hint", textContent: text.suggesting }));
    try {
      const { paintings, ranked } = await this.#ask(COUNT, signal);
      const items = ranked.map(({ weights, bitmap }) => this.#item(mixOf(paintings, weights), bitmap));
      if (!signal.aborted) this.#list.replaceChildren(...items);
    } catch (error) {
      if (signal.aborted) return; // nobody waits for them any more
      this.#list.replaceChildren();
      if (error.name !== "AbortError") throw error; // asked for anew
    } finally {
      if (!signal.aborted) this.#button.removeAttribute("aria-busy");
    }
  }

  /**
   * @param {{ painting: Hung, weight: number }[]} mix
   * @param {ImageBitmap} bitmap closed
   */
  #item(mix, bitmap) {
    const { width, height } = bitmap;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    const names = mix.map(({ painting }) => painting.name);
    const button = Object.assign(document.createElement("button"), { type: "button", className: "suggestion" });
    button.setAttribute("aria-label", text.useMix(names));
    button.title = text.mixOf(names);
    button.append(canvas, Object.assign(document.createElement("span"), { textContent: text.mixOf(names) }));
    button.onclick = () => this.dispatchEvent(new CustomEvent("choose", { detail: mix }));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }
}

/** The paintings a mixture is made of, each with its weight against the heaviest, heaviest first. */
export function mixOf(paintings, weights) {
  const most = Math.max(...weights);
  return paintings
    .map((painting, i) => ({ painting, weight: weights[i] / most }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
}
