// One painting on the wall: the photo as it would have painted it, and the painting itself in the corner.

import { thumbnail } from "../pictures/samples.js";
import { showBlob } from "../pictures/thumb.js";
import { text } from "../text/index.js";

/** @typedef {{ name: string, file?: string, blob?: Blob }} Hung a painting on the wall: a sample's file, or the visitor's own */

/** The elements of a tile: one button to choose the painting alone, one to have it in the mix or not. */
export class Tile {
  /** Whether it shows the photo at hand. */
  fresh = false;
  /** How often the photo at hand could not be painted. */
  failures = 0;
  /** Whether it is in view. */
  visible = false;

  /** @param {Hung} painting */
  constructor(painting) {
    this.painting = painting;
    const image = (className) => {
      const element = Object.assign(document.createElement("img"), { className, alt: "", loading: "lazy", decoding: "async" });
      if (painting.file) element.src = thumbnail(painting.file);
      else showBlob(element, painting.blob);
      return element;
    };
    const button = (className) => Object.assign(document.createElement("button"), { type: "button", className });
    this.element = document.createElement("li");
    this.choose = button("tile");
    this.choose.title = painting.name;
    this.choose.setAttribute("aria-label", text.useSample(painting.name));
    this.canvas = Object.assign(document.createElement("canvas"), { width: 3, height: 3 });
    this.canvas.hidden = true;
    this.choose.append(image("original"), this.canvas, image("inset"));
    this.mix = button("mix");
    this.element.append(this.choose, this.mix);
    this.mark(false, false);
  }

  /**
   * Says whether the painting is chosen.
   * @param {boolean} chosen
   * @param {boolean} alone whether it is the only one
   */
  mark(chosen, alone) {
    this.choose.setAttribute("aria-pressed", String(chosen));
    this.mix.textContent = chosen ? "−" : "+";
    this.mix.setAttribute("aria-label", (chosen ? text.takeOut : text.mixIn)(this.painting.name));
    // What is to be painted has to come from somewhere.
    const hidden = chosen && alone;
    if (hidden && document.activeElement === this.mix) this.choose.focus({ preventScroll: true });
    this.mix.hidden = hidden;
  }

  /** Where the keyboard's way through the page leads to this tile. */
  set current(current) {
    for (const button of [this.choose, this.mix]) button.tabIndex = current ? 0 : -1;
  }

  /** @param {ImageBitmap} bitmap the photo in this painting's manner; closed */
  show(bitmap) {
    const { width, height } = bitmap;
    Object.assign(this.canvas, { width, height });
    this.canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    this.canvas.hidden = false;
    this.fresh = true;
    this.failures = 0;
  }

  /** The photo could not be painted: the painting is shown, for what is seen may be of the photo before. */
  fail() {
    this.canvas.hidden = true;
    this.failures += 1;
  }
}
