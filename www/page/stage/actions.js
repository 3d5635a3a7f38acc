// The three buttons that start and end a run.

/** Fires `paint`, `stop` and `pause` (`detail`: whether it is to pause or to go on). */
export class Actions extends EventTarget {
  #paint;
  #pause;
  #stop;

  /** @param {Record<"form"|"paint"|"pause"|"stop", HTMLElement>} parts */
  constructor({ form, paint, pause, stop }) {
    super();
    this.#paint = paint;
    this.#pause = pause;
    this.#stop = stop;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!paint.disabled) this.dispatchEvent(new Event("paint"));
    });
    stop.onclick = () => this.dispatchEvent(new Event("stop"));
    pause.onclick = () => {
      pause.setAttribute("aria-pressed", String(!this.paused));
      this.dispatchEvent(new CustomEvent("pause", { detail: this.paused }));
    };
  }

  get paused() {
    return this.#pause.getAttribute("aria-pressed") === "true";
  }

  /**
   * Shows the buttons that make sense; the focus goes along when its button leaves.
   * @param {{ ready: boolean, running: boolean, begun: boolean }} state whether a run can start, is on, has a job
   */
  show({ ready, running, begun }) {
    const focused = document.activeElement;
    this.#paint.hidden = running;
    this.#paint.disabled = !ready;
    this.#pause.hidden = this.#stop.hidden = !running;
    this.#pause.disabled = !begun;
    if (!running) this.#pause.setAttribute("aria-pressed", "false");
    if (running && focused === this.#paint) this.#stop.focus();
    if (!running && [this.#pause, this.#stop].includes(focused)) this.#paint.focus();
  }
}
