// The run as a short film: small frames kept on the way, recorded as WebM when the visitor asks for it.

import { toBlob } from "../pictures/encode.js";

const MOST_FRAMES = 150;
const LONG_SIDE = 480;
const MILLIS_PER_FRAME = 40;
const LAST_FRAME_MILLIS = 1200;
const TYPES = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const canvasOf = (width, height) => Object.assign(document.createElement("canvas"), { width, height });

/** Frames of one run. When there are too many every other is dropped, and from then on every other is taken. */
export class Timelapse {
  #frames = [];
  #seen = 0;
  #stride = 1;
  #busy = false;

  /** Whether this browser can record. */
  static get possible() {
    return Boolean(globalThis.MediaRecorder && HTMLCanvasElement.prototype.captureStream && TYPES.some((type) => MediaRecorder.isTypeSupported(type)));
  }

  get frames() {
    return this.#frames.length;
  }

  /** Takes what a canvas shows as a frame; compressed, so that hundreds weigh a few megabytes. */
  async add(canvas, { last = false } = {}) {
    if (!last && (this.#busy || this.#seen++ % this.#stride !== 0)) return;
    this.#busy = true;
    const scale = Math.min(1, LONG_SIDE / Math.max(canvas.width, canvas.height));
    const small = canvasOf(Math.max(1, Math.round(canvas.width * scale)), Math.max(1, Math.round(canvas.height * scale)));
    small.getContext("2d").drawImage(canvas, 0, 0, small.width, small.height);
    const frame = await toBlob(small, "image/jpeg");
    if (frame) this.#frames.push(frame);
    if (this.#frames.length > MOST_FRAMES) {
      this.#frames = this.#frames.filter((_, i) => i % 2 === 0);
      this.#stride *= 2;
    }
    this.#busy = false;
  }

  /**
   * Plays the frames into a recorder, as fast as they will be seen.
   * @returns {Promise<Blob>} WebM
   */
  async record() {
    const largest = await createImageBitmap(this.#frames.at(-1));
    const canvas = canvasOf(largest.width, largest.height);
    const context = canvas.getContext("2d");
    const stream = canvas.captureStream(0);
    const [track] = /** @type {CanvasCaptureMediaStreamTrack[]} */ (stream.getVideoTracks());
    const recorder = new MediaRecorder(stream, {
      mimeType: TYPES.find((type) => MediaRecorder.isTypeSupported(type)),
      videoBitsPerSecond: 4e6,
    });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve, reject) => {
      recorder.onstop = resolve;
      recorder.onerror = ({ error }) => reject(error);
    });
    recorder.start();
    for (const frame of this.#frames) {
      const bitmap = await createImageBitmap(frame);
      context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      bitmap.close();
      track.requestFrame();
      await wait(MILLIS_PER_FRAME);
    }
    await wait(LAST_FRAME_MILLIS);
    track.requestFrame(); // the film lasts until its last frame
    await wait(MILLIS_PER_FRAME);
    recorder.stop();
    await stopped;
    track.stop();
    largest.close();
    return new Blob(parts, { type: "video/webm" });
  }
}
