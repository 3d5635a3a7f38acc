// One sentence with something to do about it: restore, discard, undo.

import { text } from "../text/index.js";

/**
 * A live region that shows one notice at a time. What is asked of a run comes back once other news that took its place is dismissed: often there
 * is no other way to go on. So does what was offered of one before, once a run that was to take its place does not begin.
 *
 * @typedef {{ sentence: string, actions: Record<string, () => void>, ofRun: boolean, earlier: boolean }} News `earlier`: it was shown before
 *   the run that is prepared was asked for
 */
export class Notice {
  #place;
  #home;
  /** @type {News | null} What is shown. */
  #current = null;
  /** @type {News[]} What is asked of runs, beneath that; the newest last. */
  #beneath = [];

  /**
   * @param {HTMLElement} place
   * @param {HTMLElement} home gets the focus when the button that had it is gone
   */
  constructor(place, home) {
    this.#place = place;
    this.#home = home;
  }

  /** Whether what is shown, or comes back after it, leaves a choice, which other news must not take away. */
  get asks() {
    return this.#beneath.length > 0 || this.#choice;
  }

  /** Whether what is shown does. */
  get #choice() {
    return Object.keys(this.#current?.actions ?? {}).length > 0;
  }

  /**
   * @param {string} sentence
   * @param {Record<string, () => void>} actions label → what it does; each also closes the notice
   * @param {{ ofRun?: boolean }} [how] whether it is about the run under way, with which it goes
   */
  show(sentence, actions, { ofRun = false } = {}) {
    if (this.#current?.ofRun && this.#choice) this.#beneath.push(this.#current);
    if (ofRun) this.#beneath = this.#beneath.filter(({ earlier }) => earlier); // it is newer than what was asked of the same run
    this.#put({ sentence, actions, ofRun, earlier: false });
  }

  /**
   * Asks about what is left of a run: of all that was said of runs only this holds, for there is one left at a time.
   * @param {string} sentence
   * @param {Record<string, () => void>} actions as of `show`
   */
  offer(sentence, actions) {
    this.hideOfRun();
    this.show(sentence, actions, { ofRun: true });
  }

  #put(news) {
    const close = () => {
      if (this.#current === news) this.hide();
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
    buttons.append(...Object.entries(news.actions).map(([label, action]) => button(label, action)));
    const dismiss = button("×");
    dismiss.className = "dismiss";
    dismiss.setAttribute("aria-label", text.dismiss);
    this.#place.replaceChildren(Object.assign(document.createElement("p"), { textContent: news.sentence }), buttons, dismiss);
    this.#place.scrollIntoView({ block: "nearest" });
    this.#current = news;
  }

  /** A run is asked for: what is shown is not about that one. */
  prepare() {
    for (const news of [this.#current, ...this.#beneath]) if (news) news.earlier = true;
  }

  /** The run begins: hides what was shown before, but not what was asked about it while it was prepared. */
  begin() {
    this.#drop(({ earlier, ofRun }) => earlier || !ofRun);
  }

  /** It does not begin: hides what was asked about it, and nothing else. */
  refuse() {
    this.#drop(({ earlier, ofRun }) => ofRun && !earlier);
  }

  /** The run is over: hides what was said or asked about it, and nothing else. */
  hideOfRun() {
    this.#drop(({ ofRun }) => ofRun);
  }

  /** Hides the notice. @param {string} [sentence] only if it is the one of this sentence */
  hide(sentence) {
    if (sentence !== undefined) return this.#drop((news) => news.sentence === sentence);
    if (this.#place.contains(document.activeElement)) this.#home.focus({ preventScroll: true });
    this.#place.replaceChildren();
    const beneath = this.#beneath.pop();
    this.#current = null;
    if (beneath) this.#put(beneath);
  }

  /** @param {(news: News) => boolean} goes */
  #drop(goes) {
    this.#beneath = this.#beneath.filter((news) => !goes(news));
    if (this.#current && goes(this.#current)) this.hide();
  }
}
