// What a coarse picture still lacks, taken from the sketch it grew out of.
//
// A run begins small and ends at the size that was chosen. What it has painted so far, enlarged, would be less sharp than the sketch
// in one pass that was seen before it. So the sketch's finest detail, that which the present scale cannot hold, is laid over it: a
// Laplacian pyramid's upper levels (Burt and Adelson 1983) under which the lower ones are exchanged. The picture only gets better, and
// whoever stops early has it in full size.

const CHANNELS = 4; // RGBA

/** The detail of a sketch. */
export class Detail {
  #sketch;
  #pixels;
  /** What a picture of this width and height lacks of it. */
  #missing = { width: 0, height: 0, values: new Int16Array(0) };

  /** @param {CanvasImageSource & { width: number, height: number }} sketch is copied */
  constructor(sketch) {
    const { width, height } = sketch;
    this.#sketch = surface(width, height);
    this.#sketch.drawImage(sketch, 0, 0);
    this.#pixels = this.#sketch.getImageData(0, 0, width, height).data;
  }

  /** Whether a picture has less in it than the sketch. */
  finerThan({ width, height }) {
    const { canvas } = this.#sketch;
    return width < canvas.width && height < canvas.height;
  }

  /**
   * A coarse picture as large as the sketch, with the sketch's detail.
   * @param {ImageBitmap} coarse closed
   * @returns {ImageBitmap}
   */
  over(coarse) {
    const { width, height } = this.#sketch.canvas;
    if (this.#missing.width !== coarse.width || this.#missing.height !== coarse.height) this.#compare(coarse);
    const context = surface(width, height);
    context.drawImage(coarse, 0, 0, width, height);
    coarse.close();
    const image = context.getImageData(0, 0, width, height);
    const { values } = this.#missing;
    for (let i = 0; i < values.length; i++) image.data[i] += values[i]; // clamped by its type
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
