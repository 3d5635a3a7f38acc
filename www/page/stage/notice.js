// One sentence with something to do about it: restore, discard, undo.

import { text } from "../text/index.js";

/** A live region that shows one notice at a time. */
export class Notice {
  #place;
  #home;
  #current = null;
  #sentence = "";
  #ofRun = false;
  /** Whether it was shown before the run that is prepared was asked for. */
  #earlier = false;
  /** Whether what is shown leaves a choice, which other news must not take away. */
  asks = false;

  /**
   * @param {HTMLElement} place
   * @param {HTMLElement} home gets the focus when the button that had it is gone
   */
  constructor(place, home) {
    this.#place = place;
    this.#home = home;
  }

  /**
   * @param {string} sentence
   * @param {Record<string, () => void>} actions label → what it does; each also closes the notice
   * @param {{ ofRun?: boolean }} [how] whether it is about the run under way, with which it goes
   */
  show(sentence, actions, { ofRun = false } = {}) {
    const close = () => {
      if (this.#current === close) this.hide();
    };
    const button = (label, action) => {
      const element = Object.assign(document.createElement("button"), { type: "button", textContent: label });
      element.onclick = () => {
        close();
        action?.();
      };
      return element;
    };
    const buttons = document.createElement("div");
    buttons.append(...Object.entries(actions).map(([label, action]) => button(label, action)));
    const dismiss = button("×");
    dismiss.className = "dismiss";
    dismiss.setAttribute("aria-label", text.dismiss);
    this.#place.replaceChildren(Object.assign(document.createElement("p"), { textContent: sentence }), buttons, dismiss);
    this.#place.scrollIntoView({ block: "nearest" });
    this.#current = close;
    this.#sentence = sentence;
    this.#ofRun = ofRun;
    this.#earlier = false;
    this.asks = Object.keys(actions).length > 0;
  }

  /** A run is asked for: what is shown is not about that one. */
  prepare() {
    this.#earlier = true;
  }

  /** The run begins: hides what was shown before, but not what was asked about it while it was prepared. */
  begin() {
    if (this.#earlier || !this.#ofRun) this.hide();
  }

  /** It does not begin: hides what was asked about it, and nothing else. */
  refuse() {
    if (!this.#earlier) this.hideOfRun();
  }

  /** The run is over: hides what was said or asked about it, and nothing else. */
  hideOfRun() {
    if (this.#ofRun) this.hide();
  }

  /** Hides the notice. @param {string} [sentence] only if it is the one of this sentence */
  hide(sentence = this.#sentence) {
    if (sentence !== this.#sentence) return;
    if (this.#place.contains(document.activeElement)) this.#home.focus({ preventScroll: true });
    this.#place.replaceChildren();
    this.#current = null;
    this.#ofRun = this.asks = false;
  }
}
