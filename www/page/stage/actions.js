// The three buttons that start and end a run.

/** Clicks this close to each other, in milliseconds and pixels, are meant as one. */
const TOGETHER = { millis: 500, pixels: 24 };

/** Fires `paint`, `stop` and `pause`, which also means going on. */
export class Actions extends EventTarget {
  #paint;
  #pause;
  #stop;
  /** The last click that counted, with its button. */
  #clicked = null;

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
    paint.onclick = (event) => {
      if (this.#isStray(paint, event)) event.preventDefault(); // and the form is not sent
    };
    for (const [button, type] of /** @type {const} */ ([[stop, "stop"], [pause, "pause"]])) {
      button.onclick = (event) => {
        if (!this.#isStray(button, event)) this.dispatchEvent(new Event(type));
      };
      // Enter that is held goes on with the button the focus has come to.
      button.onkeydown = (event) => {
        if (event.repeat && event.key === "Enter") event.preventDefault();
      };
    }
  }

  /**
   * Whether a click is the rest of a double click that began on another button, in whose place this one has come. It goes by time and
   * place: browsers differ in whether they count such clicks on, and what is aimed at another place is meant.
   */
  #isStray(button, { detail, clientX, clientY, timeStamp }) {
    if (detail === 0) return false; // by the keyboard
    const last = this.#clicked;
    const isStray =
      last !== null &&
      last.button !== button &&
      timeStamp - last.timeStamp < TOGETHER.millis &&
      Math.hypot(clientX - last.clientX, clientY - last.clientY) < TOGETHER.pixels;
    if (!isStray) this.#clicked = { button, clientX, clientY, timeStamp };
    return isStray;
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
