// The three buttons that start and end a run.

/** Fires `paint`, `stop` and `pause`, which also means going on. */
export class Actions extends EventTarget {
  #paint;
  #pause;
  #stop;

  /** @param {{ form: HTMLFormElement, paint: HTMLButtonElement, pause: HTMLButtonElement, stop: HTMLButtonElement }} parts */
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
    pause.onclick = () => this.dispatchEvent(new Event("pause"));
  }

  /**
   * Shows the buttons that make sense; the focus goes along when its button leaves.
   * @param {{ ready: boolean, running: boolean, paused: boolean }} state whether a run can start, is on, is paused
   */
  show({ ready, running, paused }) {
    const focused = document.activeElement;
    this.#paint.hidden = running;
    this.#paint.disabled = !ready;
    this.#pause.hidden = this.#stop.hidden = !running;
    this.#pause.setAttribute("aria-pressed", String(paused));
    if (running && focused === this.#paint) this.#stop.focus();
    if (!running && (focused === this.#pause || focused === this.#stop)) this.#paint.focus();
  }
}
