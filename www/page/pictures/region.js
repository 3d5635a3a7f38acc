// A region of a picture as it is being drawn: strokes, shapes, and the steps back.

import { toBlob } from "./encode.js";

/** Finer than the network can tell regions apart, and small to keep. */
export const MASK_SIDE = 512;
const MOST_STEPS = 30;
/** What counts as inside, of 255: the half, as for the painter. */
const INSIDE = 128;

/** Ready-made regions, as paths in a unit square. */
export const SHAPES = {
  left: (path) => path.rect(0, 0, 0.5, 1),
  right: (path) => path.rect(0.5, 0, 0.5, 1),
  top: (path) => path.rect(0, 0, 1, 0.5),
  bottom: (path) => path.rect(0, 0.5, 1, 0.5),
  middle: (path) => path.ellipse(0.5, 0.5, 0.32, 0.4, 0, 0, 2 * Math.PI),
  fill: (path) => path.rect(0, 0, 1, 1),
};

/** White inside, transparent outside. Points are shares of the picture, widths shares of its longer side. */
export class Region {
  #canvas = document.createElement("canvas");
  #context = this.#canvas.getContext("2d", { willReadFrequently: true });
  #steps = [];

  /** @param {{ width: number, height: number }} picture what it is a region of */
  constructor({ width, height }) {
    const scale = Math.min(1, MASK_SIDE / Math.max(width, height));
    this.#canvas.width = Math.max(1, Math.round(width * scale));
    this.#canvas.height = Math.max(1, Math.round(height * scale));
    Object.assign(this.#context, { fillStyle: "#ffffff", strokeStyle: "#ffffff", lineCap: "round" });
  }

  get canvas() {
    return this.#canvas;
  }

  get width() {
    return this.#canvas.width;
  }

  get height() {
    return this.#canvas.height;
  }

  get undoable() {
    return this.#steps.length > 0;
  }

  /** Goes on from a mask made earlier. */
  load(image) {
    this.#context.drawImage(image, 0, 0, this.width, this.height);
  }

  /** Begins a step: what follows is undone at once. */
  begin() {
    this.#steps.push(this.#pixels());
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
  }

  undo() {
    const step = this.#steps.pop();
    if (step) this.#context.putImageData(step, 0, 0);
  }

  /** Draws, or erases, a line. */
  line(from, to, size, erasing) {
    const { width, height } = this;
    const context = this.#context;
    context.globalCompositeOperation = erasing ? "destination-out" : "source-over";
    context.lineWidth = size * Math.max(width, height);
    context.beginPath();
    context.moveTo(from.x * width, from.y * height);
    context.lineTo(to.x * width, to.y * height);
    context.stroke();
    // A line without length has no ends to be round: a dab is drawn by itself.
    context.beginPath();
    context.arc(to.x * width, to.y * height, context.lineWidth / 2, 0, 2 * Math.PI);
    context.fill();
    context.globalCompositeOperation = "source-over";
  }

  /** Becomes one of the `SHAPES`. */
  shape(draw) {
    const context = this.#context;
    context.clearRect(0, 0, this.width, this.height);
    context.beginPath();
    context.save();
    context.scale(this.width, this.height);
    draw(context);
    context.restore();
    context.fill();
  }

  invert() {
    this.#context.globalCompositeOperation = "xor";
    this.#context.fillRect(0, 0, this.width, this.height);
    this.#context.globalCompositeOperation = "source-over";
  }

  /** The share of the picture that is inside. */
  get share() {
    const { data } = this.#pixels();
    let inside = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i] >= INSIDE) inside++;
    return (4 * inside) / data.length;
  }

  /** The mask as PNG. */
  toBlob() {
    return toBlob(this.#canvas);
  }

  #pixels() {
    return this.#context.getImageData(0, 0, this.width, this.height);
  }
}
