// The run as a short film: small frames kept on the way, made into a film when the visitor asks for it.

import { toBlob } from "../pictures/encode.js";
import { canFilm, makeFilm } from "./film.js";

const MOST_FRAMES = 150;
const LONG_SIDE = 480;

/** Frames of one run. When there are too many every other is dropped, and from then on every other is taken. */
export class Timelapse {
  #frames = [];
  #seen = 0;
  #stride = 1;
  #busy = false;

  /** Whether this browser can make films. */
  static get possible() {
    return canFilm();
  }

  get frames() {
    return this.#frames.length;
  }

  /** Takes what a canvas shows as a frame; compressed, so that hundreds weigh a few megabytes. */
  async add(canvas, { last = false } = {}) {
    if (!last && (this.#busy || this.#seen++ % this.#stride !== 0)) return;
    this.#busy = true;
    const scale = Math.min(1, LONG_SIDE / Math.max(canvas.width, canvas.height));
    const [width, height] = [canvas.width, canvas.height].map((side) => Math.max(1, Math.round(side * scale)));
    const small = Object.assign(document.createElement("canvas"), { width, height });
    small.getContext("2d").drawImage(canvas, 0, 0, width, height);
    const frame = await toBlob(small, "image/jpeg");
    if (frame) this.#frames.push(frame);
    if (this.#frames.length > MOST_FRAMES) {
      this.#frames = this.#frames.filter((_, i) => i % 2 === 0);
      this.#stride *= 2;
    }
    this.#busy = false;
  }

  /**
   * All frames so far as a film.
   * @returns {Promise<{ blob: Blob, ending: "mp4" | "webm" }>}
   */
  film() {
    return makeFilm(this.#frames);
  }
}
