// What the page says while it works: one sentence, the bar, the figures, the loss line, and errors.

import { text } from "../text/index.js";
import { Chart } from "./chart.js";

/** The lines under the picture. Sentences are a live region; the figures, which change all the time, are not. */
export class Status {
  #parts;
  #chart;
  #quarter = -1;
  #latest = null;
  /** What was last said of what is prepared, and at which step of it. */
  #prepared = { said: "", step: "" };

  /** @param {{ sentence, progress, run, figures, chart, error }} parts elements by name */
  constructor(parts) {
    this.#parts = parts;
    this.#chart = new Chart(parts.chart);
  }

  say(sentence) {
    this.#parts.sentence.textContent = sentence;
  }

  /** Takes a sentence back that is true no more, unless another was said since. */
  unsay(sentence) {
    if (this.#parts.sentence.textContent === sentence) this.say("");
  }

  fail(sentence) {
    const { error } = this.#parts;
    error.hidden = false;
    error.textContent = sentence;
    error.scrollIntoView({ block: "nearest" });
    this.say("");
  }

  forgive() {
    const { error } = this.#parts;
    error.hidden = true;
    error.textContent = "";
  }

  /** Runs an action of the visitor's; what goes wrong is said in the page, and the page goes on. */
  attempt(action) {
    this.forgive();
    return this.heed(action);
  }

  /** As `attempt`, of what nobody may have asked for: what went wrong before is still said. */
  async heed(action) {
    try {
      await action();
    } catch (error) {
      this.fail(error.message);
    }
  }

  /** A new run begins. */
  begin() {
    this.#quarter = -1;
    this.#latest = null;
    this.#chart.clear();
    const { run, progress, figures } = this.#parts;
    run.hidden = true;
    progress.hidden = false;
    progress.value = 0;
    figures.textContent = "";
  }

  /** The run is over, well or not: nothing is left to wait for. */
  end() {
    this.#parts.progress.hidden = true;
    if (this.#latest) this.#parts.figures.textContent = text.figures({ ...this.#latest, etaSeconds: 0 });
  }

  /** Forgets the last run. */
  clear() {
    this.begin();
    this.end();
  }

  /** A progress record; `quiet` while the sentence should stay as it is. */
  progress(detail, { quiet = false } = {}) {
    const { run, progress, figures } = this.#parts;
    const share = detail.fraction ?? detail.iteration / detail.iterations;
    progress.value = share;
    run.hidden = false;
    this.#latest = { ...detail, preview: null };
    figures.textContent = text.figures(detail);
    this.#chart.add(detail);
    // The ear is told four times; the eye sees every step.
    const quarter = Math.min(3, Math.floor(4 * share));
    if (quarter === this.#quarter || quiet) return;
    this.#quarter = quarter;
    this.say(text.painting[quarter]);
  }

  /** Work before the first stroke; `share` is null while nobody knows how long it takes. */
  prepare(sentence, share = null) {
    // The ear is told by quarters here, too: the network comes in some hundred pieces, and the bar shows each.
    const step = share === null ? sentence : String(Math.floor(4 * share));
    const { said } = this.#prepared;
    if (step !== this.#prepared.step || this.#parts.sentence.textContent !== said) {
      this.say(sentence);
      this.#prepared = { said: sentence, step };
    }
    if (share === null) this.#parts.progress.removeAttribute("value");
    else this.#parts.progress.value = share;
  }

  /** The sentence of a run under way, said anew. */
  repeat() {
    this.say(text.painting[Math.max(0, this.#quarter)]);
  }
}
