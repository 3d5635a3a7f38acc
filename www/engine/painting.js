// <easel-painting src="cafe.jpg" weight="2" mask="sky.png">: one of several paintings within an <easel-canvas>.

import { pictureOf, setPicture, takeUp } from "./attributes.js";

/** Where there are no elements, on a server, the modules can be imported all the same. */
export const Element = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/**
 * Attributes: `src` and `mask` (addresses), `weight` (its share, 1 unless said). The properties `image` and `mask` take pictures, too. It shows
 * nothing itself.
 */
export class EaselPainting extends Element {
  connectedCallback() {
    takeUp(this, ["image", "mask", "weight"]);
  }

  /** @type {import("./types.js").Picture | null} */
  get image() {
    return pictureOf(this, "src");
  }
  set image(value) {
    setPicture(this, "src", value);
  }

  /**
   * Where in the picture it counts: white wholly, black not at all.
   * @type {import("./types.js").Picture | null}
   */
  get mask() {
    return pictureOf(this, "mask");
  }
  set mask(value) {
    setPicture(this, "mask", value);
  }

  /** Its share, 1 unless said. */
  get weight() {
    return Number(this.getAttribute("weight") ?? 1);
  }
  set weight(value) {
    this.setAttribute("weight", String(value));
  }
}

const { customElements } = globalThis;
if (customElements && !customElements.get("easel-painting")) customElements.define("easel-painting", EaselPainting);
