// Progress where only the tab is seen: in its title and, as a ring, in its icon.

import { text } from "../text/index.js";

const SIDE = 64;
const [GROUND, TRACK, RING] = ["#1f4e79", "#4d7aa3", "#f3cf75"];

/** The tab of a page that is hidden; while the page is looked at the tab is as ever. */
export class Tab {
  #page;
  #icon;
  #draw;
  #title;
  #address;
  /** The share of the work that is done; null without any. */
  #share = null;
  #shown = "";

  /**
   * @param {Document} page
   * @param {HTMLLinkElement} icon
   * @param {(share: number) => string} [draw] the icon's address
   */
  constructor(page, icon, draw = ring) {
    this.#page = page;
    this.#icon = icon;
    this.#draw = draw;
    this.#title = page.title;
    this.#address = icon.href;
    page.addEventListener("visibilitychange", () => {
      // What was done while nobody looked is seen now.
      if (!page.hidden && this.#share === 1) this.#share = null;
      this.#show();
    });
  }

  /** @param {number | null} share of the work that is done, 1 at the end, null when there is none any more */
  show(share) {
    this.#share = share === 1 && !this.#page.hidden ? null : share;
    this.#show();
  }

  #show() {
    const share = this.#page.hidden ? this.#share : null;
    const title = share === null ? this.#title : share === 1 ? text.tabDone : text.tabProgress(share);
    if (title === this.#shown) return;
    this.#shown = title;
    this.#page.title = title;
    this.#icon.href = share === null ? this.#address : this.#draw(share);
  }
}

/** A ring of which so much is drawn, as an address. */
function ring(share) {
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const context = canvas.getContext("2d");
  context.fillStyle = GROUND;
  context.beginPath();
  context.roundRect(0, 0, SIDE, SIDE, 14);
  context.fill();
  const arc = (colour, part) => {
    context.strokeStyle = colour;
    context.lineWidth = 12;
    context.beginPath();
    context.arc(SIDE / 2, SIDE / 2, 19, -Math.PI / 2, (2 * part - 0.5) * Math.PI);
    context.stroke();
  };
  arc(TRACK, 1);
  arc(RING, share);
  return canvas.toDataURL();
}
