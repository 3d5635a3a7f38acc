// The canvas while nothing is painted: the photo in the chosen paintings' manner, in one pass, following every slider.

/** The long side while something is being moved, in pixels: many pictures a second. */
const QUICK = 256;
/** How long nothing must have moved before the picture is made as large as it will be. */
const SETTLED_MILLIS = 250;

/**
 * Asks for pictures and shows them in their order.
 *
 * Of the pictures asked for while one is being painted only the last is painted (the engine's "picture" lane), so that whoever
 * drags a slider sees as many as the device can make.
 */
export class Sketch {
  #paint;
  #fineSize;
  #show;
  #fail;
  #asked = 0;
  #shown = 0;
  #timer;

  /**
   * @param {object} ports
   * @param {(size: number) => Promise<ImageBitmap | null>} ports.paint the picture as things are set now, this long; null when there is
   *   nothing to paint, or nothing is to be seen of it
   * @param {() => number} ports.fineSize how long it shall be in the end
   * @param {(bitmap: ImageBitmap) => void} ports.show closes it
   * @param {(error: Error) => void} ports.fail
   */
  constructor({ paint, fineSize, show, fail }) {
    this.#paint = paint;
    this.#fineSize = fineSize;
    this.#show = show;
    this.#fail = fail;
  }

  /** What it shows may have changed. */
  update() {
    const asked = ++this.#asked;
    clearTimeout(this.#timer);
    const fine = this.#fineSize();
    this.#draw(asked, Math.min(QUICK, fine));
    if (fine > QUICK) this.#timer = setTimeout(() => this.#draw(asked, fine), SETTLED_MILLIS);
  }

  /** What was asked for is not wanted any more. */
  drop() {
    clearTimeout(this.#timer);
    this.#shown = ++this.#asked;
  }

  async #draw(asked, size) {
    let bitmap;
    try {
      bitmap = await this.#paint(size);
    } catch (error) {
      if (error.name !== "AbortError" && asked >= this.#shown) this.#fail(error); // else a newer one has taken its place
    }
    if (!bitmap) return;
    // An older one may be shown as long as no newer one is: it is how a dragged slider is followed.
    if (asked >= this.#shown) {
      this.#shown = asked;
      this.#show(bitmap);
    } else {
      bitmap.close();
    }
  }
}
