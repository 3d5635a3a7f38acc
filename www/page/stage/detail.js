// What a coarse picture still lacks, taken from the sketch it grew out of.
//
// A run begins small and ends at the size that was chosen. What it has painted so far, enlarged, would be less sharp than the sketch
// in one pass that was seen before it. So the sketch's finest detail, that which the present scale cannot hold, is laid over it: a
// Laplacian pyramid's upper levels (Burt and Adelson 1983) under which the lower ones are exchanged. The picture only gets better, and
// whoever stops early has it in full size.

const CHANNELS = 4; // RGBA
/** After so many steps the sketch itself is gone. */
const GIVES_WAY = 12;

/** The detail of a sketch. */
export class Detail {
  #sketch;
  #pixels;
  /** What a picture of this width and height lacks of it. */
  #missing = { width: 0, height: 0, values: new Int16Array(0) };

  /**
   * @param {HTMLCanvasElement} sketch is copied
   * @param {{ width: number, height: number }} size how large it is wanted, at most as large as it is
   */
  constructor(sketch, { width, height }) {
    this.#sketch = surface(width, height);
    this.#sketch.drawImage(sketch, 0, 0, width, height);
    this.#pixels = this.#sketch.getImageData(0, 0, width, height).data;
  }

  /**
   * A run's picture, at least as large as the sketch and, while it is coarser, with the sketch's detail. In the first steps, which
   * stir everything up before they settle, the sketch itself gives way to it little by little.
   * @param {ImageBitmap} coarse closed
   * @param {number} step how many steps it took, from 1
   * @returns {ImageBitmap}
   */
  over(coarse, step) {
    const { width, height } = this.#sketch.canvas;
    const share = Math.min(1, step / GIVES_WAY);
    if (share === 1 && (coarse.width >= width || coarse.height >= height)) return coarse;
    if (this.#missing.width !== coarse.width || this.#missing.height !== coarse.height) this.#compare(coarse);
    const context = surface(width, height);
    context.drawImage(coarse, 0, 0, width, height);
    coarse.close();
    const image = context.getImageData(0, 0, width, height);
    const { data } = image;
    const { values } = this.#missing;
    for (let i = 0; i < values.length; i++) {
      data[i] = share * (data[i] + values[i]) + (1 - share) * this.#pixels[i]; // clamped by its type
    }
    context.putImageData(image, 0, 0);
    return context.canvas.transferToImageBitmap();
  }

  /** Finds out what is lost of the sketch by making it this small. */
  #compare({ width, height }) {
    const full = this.#sketch.canvas;
    const small = surface(width, height);
    small.drawImage(full, 0, 0, width, height);
    const large = surface(full.width, full.height);
    large.drawImage(small.canvas, 0, 0, full.width, full.height);
    const coarse = large.getImageData(0, 0, full.width, full.height).data;
    const values = new Int16Array(coarse.length);
    for (let i = 0; i < values.length; i++) if (i % CHANNELS !== 3) values[i] = this.#pixels[i] - coarse[i];
    this.#missing = { width, height, values };
  }
}

/** A canvas that is read more often than shown, and resizes well. */
function surface(width, height) {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  return Object.assign(context, { imageSmoothingEnabled: true, imageSmoothingQuality: "high" });
}
