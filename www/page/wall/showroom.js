// What can be seen before anything is painted: the photo in the manner of every painting on the wall, in the chosen mix on the canvas,
// and in the advisor's three best. All in one pass of the small network.

import { isSlow } from "../../engine/gpu.js";
import { together } from "../pictures/bitmaps.js";
import { samples } from "../pictures/samples.js";
import { FREE } from "../session/machine.js";
import { download, stemOf } from "../stage/saving.js";
import { text } from "../text/index.js";
import { Copies } from "./copies.js";
import { Manners } from "./manners.js";
import { SIDE, sheetOf } from "./sheet.js";
import { Sketch } from "./sketch.js";
import { Suggestions } from "./suggestions.js";
import { Wall } from "./wall.js";

/** A tile's side in pixels; on sharp screens still enough to choose by. */
const TILE = 160;
/** How long the photo is for the advisor, who looks at it smaller. */
const ADVISED = 256;
/** The canvas' picture is as long as the run's will be, within these limits: without a GPU a second's work is 512 px. */
const SMALLEST = 384;
const LARGEST = { slow: 512, fast: 1024 };

/**
 * Joins the wall, the sketch on the canvas and the suggestions with what is chosen on the page.
 *
 * @typedef {import("./tile.js").Hung} Hung
 */
export class Showroom {
  #open;
  #session;
  #paintings;
  #settings;
  #viewer;
  #showPhoto;
  #note;
  /** Makes the contact sheet. */
  #sheetButton;
  #copies = new Copies();
  #manners = new Manners();
  #wall;
  #sketch;
  #suggestions;
  #stylizer = null;
  /** What the sketch is to be made of by now; null while nobody knows. */
  #key = null;
  /** What the tiles make of the paintings' margins. */
  #frames;

  /**
   * @param {object} parts
   * @param {() => Promise<import("../../engine/stylizer.js").Stylizer>} parts.open
   * @param {import("../session/session.js").Session} parts.session
   * @param {import("../pictures/paintings.js").Paintings} parts.paintings
   * @param {import("../settings/settings.js").Settings} parts.settings
   * @param {import("../stage/viewer.js").Viewer} parts.viewer
   * @param {(photo: import("../session/ports.js").Photo, wanted: () => boolean) => Promise<void>} parts.showPhoto in the viewer, if
   *   that is still wanted once it is read
   * @param {(action: () => Promise<any>) => Promise<any>} parts.attempt
   * @param {(mix: { painting: Hung, weight: number }[]) => Promise<void>} parts.choose makes these the chosen paintings
   * @param {(painting: Hung) => Promise<void>} parts.toggle takes one into the chosen mix, or out of it
   * @param {{ wall: HTMLUListElement, suggest: HTMLButtonElement, suggestions: HTMLElement,
   *   sheet: HTMLButtonElement, note: HTMLElement }} parts.places
   */
  constructor({ open, session, paintings, settings, viewer, showPhoto, attempt, choose, toggle, places }) {
    this.#open = open;
    this.#session = session;
    this.#paintings = paintings;
    this.#settings = settings;
    this.#viewer = viewer;
    this.#showPhoto = showPhoto;
    this.#note = places.note;
    this.#wall = new Wall(places.wall, (painting) => this.#tile(painting));
    this.#sketch = new Sketch({ paint: (size) => this.#picture(size), fineSize: () => this.#fineSize(), show: (bitmap) => this.#show(bitmap), fail: (error) => this.#fail(error) });
    this.#suggestions = new Suggestions({ button: places.suggest, list: places.suggestions }, (count, signal) => this.#suggest(count, signal), attempt);
    this.#sheetButton = places.sheet;
    this.#sheetButton.onclick = () => attempt(() => this.#sheet());
    this.#wall.hang(samples.paintings);
    const take = (mix) => attempt(() => choose(mix));
    this.#wall.addEventListener("choose", ({ detail: painting }) => take([{ painting, weight: 1 }]));
    this.#wall.addEventListener("mix", ({ detail: painting }) => attempt(() => toggle(painting)));
    this.#suggestions.addEventListener("choose", ({ detail }) => take(detail));
    this.#follow();
  }

  /** A device is open: pictures can be painted. */
  set stylizer(stylizer) {
    this.#stylizer = stylizer;
    this.#wall.held = this.#session.running;
  }

  #follow() {
    this.#session.addEventListener("photo", () => {
      this.#suggestions.clear();
      this.#wall.repaint();
      this.#sketch.update();
    });
    this.#session.addEventListener("state", ({ detail: { state, before } }) => {
      const free = FREE.includes(state);
      this.#wall.held = this.#session.running || !this.#stylizer;
      if (state === "idle" && before !== "idle") this.#sketch.update();
      if (free) return;
      this.#leave();
      this.#key ??= this.#mix()?.key ?? null; // the page began before it knew what the settings mean, and perhaps nothing was set since
    });
    this.#paintings.addEventListener("change", ({ detail }) => {
      this.#wall.mark(this.#paintings.all);
      this.#changed(detail?.at);
    });
    this.#paintings.addEventListener("mix", () => this.#changed());
    this.#settings.addEventListener("strength", () => this.#changed());
    this.#settings.addEventListener("change", ({ detail }) => this.#changed(detail?.at));
  }

  /**
   * Something was set otherwise: a finished picture, which is kept, makes room when the sketch would be another, or is not even opened.
   * @param {number} [at] when that was chosen
   */
  #changed(at) {
    const { frames } = this.#settings;
    if (this.#session.photo && this.#frames && frames !== this.#frames) this.#wall.repaint();
    this.#frames = frames;
    const key = this.#mix()?.key ?? null;
    const before = this.#key;
    this.#key = key;
    if (key === null) return;
    const isOther = before !== null && key !== before;
    if (isOther) this.#session.lookAway(at);
    if (FREE.includes(this.#session.state)) this.#sketch.update();
    else if (this.#session.state === "finished" && isOther) this.#session.leave(at);
  }

  #leave() {
    this.#sketch.drop();
    this.#note.textContent = "";
  }

  /** The chosen mix as the network takes it; null while there is none, or nobody knows yet what the settings mean. */
  #mix() {
    const all = this.#paintings.all;
    const styles = all.filter(({ weight }) => weight > 0).map(({ blob, weight, mask }) => ({ image: blob, weight, ...(mask && { mask }) }));
    if (styles.length === 0 || !this.#settings.known) return null;
    const { sketchStrength: strength, colour, frames } = this.#settings;
    const key = JSON.stringify([all.map(({ name, blob, weight, mask }) => [name, blob.size, weight, mask?.size ?? 0]), strength, colour, frames]);
    return { styles, strength, colour, frames, key };
  }

  #fineSize() {
    const device = this.#stylizer?.device;
    const slow = !device || isSlow(device);
    return Math.min(Math.max(this.#settings.size, SMALLEST), slow ? LARGEST.slow : LARGEST.fast);
  }

  async #picture(size) {
    await this.#putBeneath();
    const stylizer = await this.#open();
    const { photo, state } = this.#session;
    const mix = this.#mix();
    if (!photo || !mix || !FREE.includes(state)) return null;
    const { styles, strength, colour, frames } = mix;
    const content = await this.#copies.whole(photo.blob, this.#fineSize());
    const bitmap = await stylizer.instant({ content, styles, size, strength, colour, frames });
    // Who paints meanwhile, or has chosen another photo, must not see it.
    if (FREE.includes(this.#session.state) && photo === this.#session.photo) return bitmap;
    bitmap.close();
    return null;
  }

  /** Shows the photo at hand, where what is seen is of another: a kept picture, or a run that went on with the one before. */
  async #putBeneath() {
    await null; // whoever has just chosen it is about to show it
    const { photo } = this.#session;
    const wanted = () => FREE.includes(this.#session.state) && photo === this.#session.photo && photo?.blob !== this.#viewer.photo;
    if (photo && wanted()) await this.#showPhoto(photo, wanted);
  }

  #show(bitmap) {
    this.#viewer.showSketch(bitmap);
    this.#wall.retry();
    // Said once: it is a live region, and a slider that is moved shows many.
    if (this.#note.textContent !== text.sketch) this.#note.textContent = text.sketch;
  }

  #fail({ message }) {
    this.#note.textContent = text.noSketch(message);
  }

  async #tile(painting) {
    const [stylizer, manner] = await Promise.all([this.#open(), this.#manner(painting)]);
    const content = await this.#copies.square(this.#session.photo.blob, TILE);
    return stylizer.instant({ content, styles: [manner], size: TILE, lane: null, frames: this.#settings.frames });
  }

  /** Saves the photo in the manner of every painting as one picture. */
  async #sheet() {
    const { photo } = this.#session;
    if (!photo) throw new Error(text.needPhoto);
    if (this.#sheetButton.getAttribute("aria-busy")) return; // once is enough
    this.#sheetButton.setAttribute("aria-busy", "true");
    this.#note.textContent = text.makingSheet;
    try {
      await this.#saveSheet(photo);
      this.#note.textContent = text.sheetSaved;
    } catch (error) {
      if (this.#note.textContent === text.makingSheet) this.#note.textContent = "";
      throw error;
    } finally {
      this.#sheetButton.removeAttribute("aria-busy");
    }
  }

  async #saveSheet(photo) {
    const stylizer = await this.#open();
    const content = await this.#copies.whole(photo.blob, SIDE);
    const paint = async (painting) => stylizer.instant({ content, styles: [await this.#manner(painting)], size: SIDE, lane: null, frames: this.#settings.frames });
    const { paintings } = this.#wall;
    const bitmaps = /** @type {ImageBitmap[]} */ (await together(paintings.map(paint)));
    const sheet = await sheetOf(bitmaps.map((bitmap, i) => ({ name: paintings[i].name, bitmap })));
    if (!sheet) throw new Error(text.noRoom);
    download(new File([sheet], `${stemOf(photo.name)}-sheet.jpg`, { type: sheet.type }));
  }

  async #suggest(count, signal) {
    const { photo } = this.#session;
    if (!photo) throw new Error(text.needPhoto);
    const paintings = this.#wall.paintings;
    const stylizer = await this.#open();
    const manners = await Promise.all(paintings.map((painting) => this.#manner(painting)));
    const content = await this.#copies.whole(photo.blob, ADVISED);
    const given = manners.map((manner) => ("vector" in manner ? manner : manner.image));
    return { paintings, ranked: await stylizer.suggest({ content, paintings: given, count, frames: this.#settings.frames, signal }) };
  }

  /** @param {Hung} painting */
  async #manner({ file, blob }) {
    return file ? this.#manners.ofSample(file) : { image: blob };
  }
}
