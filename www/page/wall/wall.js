// The wall of paintings: the visitor's photo in the manner of each, to choose by what it would become.

import { isSame } from "../pictures/paintings.js";
import { sampleName } from "../text/index.js";
import { Tile } from "./tile.js";

/** @typedef {import("./tile.js").Hung} Hung */

/** How arrow keys lead from tile to tile; up and down by a row. */
const STEPS = { ArrowRight: () => 1, ArrowLeft: () => -1, ArrowDown: (row) => row, ArrowUp: (row) => -row };

/**
 * Hangs sample paintings and the visitor's own. Fires `choose` with a painting to be the only one, and `mix` with one that is to
 * come into the mix or leave it, as `detail`.
 *
 * Tiles are filled one at a time, those in view first, and not while something more important is under way (`held`).
 */
export class Wall extends EventTarget {
  #list;
  #paint;
  /** @type {Tile[]} */
  #tiles = [];
  #photo = 0;
  #filling = false;
  #held = true;
  #seen;

  /**
   * @param {HTMLUListElement} list
   * @param {(painting: Hung) => Promise<ImageBitmap>} paint the photo in one painting's manner; may fail, then the painting is shown
   */
  constructor(list, paint) {
    super();
    this.#list = list;
    this.#paint = paint;
    this.#seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.#tileOf(target).visible = isIntersecting;
      this.#fill();
    });
    list.addEventListener("keydown", (event) => this.#key(event));
    list.addEventListener("focusin", ({ target }) => this.#makeCurrent(this.#tileOf(/** @type {Element} */ (target).closest("li"))));
  }

  /** Hangs the samples. @param {string[]} files */
  hang(files) {
    for (const file of files) this.#add({ name: sampleName(file), file }, "append");
    this.#makeCurrent(this.#tiles[0]);
  }

  /** All paintings on the wall. @returns {Hung[]} */
  get paintings() {
    return this.#tiles.map(({ painting }) => painting);
  }

  /**
   * Marks the chosen paintings, and hangs those that are not there yet: the visitor's own.
   * @param {{ name: string, blob: Blob }[]} chosen
   */
  mark(chosen) {
    for (const { name, blob } of chosen) {
      if (!this.#tiles.some((tile) => isSame(tile.painting, { name, blob }))) this.#add({ name, blob }, "prepend");
    }
    for (const tile of this.#tiles) {
      tile.mark(
        chosen.some((painting) => isSame(tile.painting, painting)),
        chosen.length === 1,
      );
    }
  }

  /** There is another photo, or paintings are looked at otherwise: every tile is to show it. */
  repaint() {
    this.#photo += 1;
    for (const tile of this.#tiles) Object.assign(tile, { fresh: false, failures: 0 });
    this.#fill();
  }

  /** Pictures can be painted again, it seems: what failed is tried once more. Some paintings never can be. */
  retry() {
    for (const tile of this.#tiles) if (tile.failures === 1) tile.fresh = false;
    this.#fill();
  }

  /** Whether filling has to wait. */
  set held(held) {
    this.#held = held;
    this.#fill();
  }

  /**
   * @param {Hung} painting
   * @param {"append" | "prepend"} where
   */
  #add(painting, where) {
    const tile = new Tile(painting);
    tile.choose.onclick = (event) => this.#fire(event.shiftKey || event.ctrlKey || event.metaKey ? "mix" : "choose", painting);
    tile.mix.onclick = () => this.#fire("mix", painting);
    tile.current = false;
    this.#tiles[where === "append" ? "push" : "unshift"](tile);
    this.#list[where](tile.element);
    this.#seen.observe(tile.element);
    if (where === "prepend") this.#makeCurrent(tile);
  }

  async #fill() {
    if (this.#filling) return;
    this.#filling = true;
    for (let tile = this.#next(); tile; tile = this.#next()) {
      const photo = this.#photo;
      tile.fresh = true; // what fails is not tried again before `retry`, or another photo
      const bitmap = await this.#paint(tile.painting).catch(() => null);
      if (photo !== this.#photo) {
        bitmap?.close();
        tile.fresh = false;
      } else if (bitmap) tile.show(bitmap);
      else tile.fail();
    }
    this.#filling = false;
  }

  #next() {
    if (this.#held || this.#photo === 0) return null;
    const stale = this.#tiles.filter(({ fresh }) => !fresh);
    return stale.find(({ visible }) => visible) ?? stale[0] ?? null;
  }

  #makeCurrent(current) {
    for (const tile of this.#tiles) tile.current = tile === current;
  }

  #tileOf(element) {
    return this.#tiles.find((tile) => tile.element === element);
  }

  #key(event) {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const at = this.#tiles.indexOf(this.#tileOf(event.target.closest("li")));
    const top = this.#tiles[0].element.offsetTop;
    const row = this.#tiles.filter(({ element }) => element.offsetTop === top).length;
    this.#tiles[at + step(row)]?.choose.focus();
  }

  #fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
