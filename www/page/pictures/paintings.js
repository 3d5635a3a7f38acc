// The list of chosen paintings with their weights, and where they apply.

import { text } from "../text/index.js";
import { showBlob } from "./thumb.js";

/** Photos whose shapes differ by less share their masks. */
const SAME_SHAPE = 0.01;

/**
 * Keeps the chosen paintings and draws them into a `<ul>`. Fires `change` when they change, with when those that came were chosen (`at`) as
 * `detail`, `mix` when a weight does; `removed`, with its name and a function that undoes it as `detail`, when the visitor took one away; and
 * `where`, with the painting as `detail`, when the visitor wants to say where one applies.
 */
export class Paintings extends EventTarget {
  #list;
  #note;
  #home;
  #aspect = null;
  #entries = [];

  /**
   * @param {HTMLUListElement} list
   * @param {HTMLElement} note says what became of the masks
   * @param {HTMLElement} home adds paintings, and gets the focus when the last one was taken away
   */
  constructor(list, note, home) {
    super();
    this.#list = list;
    this.#note = note;
    this.#home = home;
  }

  /** `[{ blob, name, weight, mask }]`, weights from 0 to 1; the mask is null where a painting applies everywhere. */
  get all() {
    return this.#entries.map(({ blob, name, mask, slider }) => ({ blob, name, mask, weight: Number(slider.value) / 100 }));
  }

  /**
   * Adds a painting, or moves the focus to it when it is there already.
   * @param {Blob} blob
   * @param {string} name
   * @param {{ weight?: number, mask?: Blob | null, at?: number }} [how] `at`: when it was chosen
   */
  add(blob, name, { at, ...how } = {}) {
    const same = this.#hang(blob, name, how);
    if (same) same.slider.focus();
    else this.#changed(at);
  }

  /** Hangs a painting after the others, and tells nobody. @returns the same one when it is there already */
  #hang(blob, name, { weight = 1, mask = null }) {
    const same = this.#entries.find((entry) => isSame(entry, { name, blob }));
    if (same) return same;
    const item = document.createElement("li");
    const thumb = Object.assign(document.createElement("img"), { className: "thumb", alt: "" });
    showBlob(thumb, blob);
    const label = document.createElement("label");
    const title = Object.assign(document.createElement("span"), { textContent: name, className: "title" });
    // 0.1 % steps: a weight read back from a picture comes out as it was.
    const slider = Object.assign(document.createElement("input"), { type: "range", min: "0", max: "100", step: "0.1" });
    slider.value = String(100 * weight);
    slider.setAttribute("aria-label", text.weightOf(name));
    slider.addEventListener("input", () => this.dispatchEvent(new Event("mix")));
    label.append(title, slider);
    const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×", className: "remove" });
    remove.setAttribute("aria-label", text.remove(name));
    const where = Object.assign(document.createElement("button"), { type: "button", className: "where" });
    const entry = { blob, name, slider, where, mask };
    where.onclick = () => this.dispatchEvent(new CustomEvent("where", { detail: entry }));
    showWhere(entry);
    remove.onclick = () => {
      const next = item.nextElementSibling ?? item.previousElementSibling;
      const place = this.#entries.indexOf(entry);
      this.#entries.splice(place, 1);
      item.remove();
      const beside = /** @type {HTMLElement | undefined} */ (next?.querySelector(".remove"));
      if (beside) beside.focus();
      else this.#home.focus({ preventScroll: true }); // the eye stays with the notice that offers to undo it
      const aspect = this.#aspect;
      this.#changed();
      this.dispatchEvent(new CustomEvent("removed", { detail: { name, undo: () => this.#putBack(entry, item, place, aspect) } }));
    };
    item.append(thumb, label, remove, where);
    this.#list.append(item);
    this.#entries.push(entry);
    return null;
  }

  /** Puts a painting in its place, as it was with a photo of that aspect; unless it is there again by other ways. */
  #putBack(entry, item, place, aspect) {
    if (this.#entries.some((other) => isSame(other, entry))) return;
    if (!this.#fits(aspect)) this.#clearMasks([entry]);
    this.#list.insertBefore(item, this.#list.children[place] ?? null);
    this.#entries.splice(place, 0, entry);
    this.#changed();
  }

  /**
   * Replaces all, and tells so once: a run takes over what it is told at once, and would paint a step with half of them.
   * @param {{ blob: Blob, name: string, weight?: number, mask?: Blob | null }[]} paintings
   * @param {number} [at] when they were chosen
   */
  set(paintings, at) {
    this.#entries = [];
    this.#list.replaceChildren();
    this.#note.textContent = "";
    for (const { blob, name, ...how } of paintings) this.#hang(blob, name, how);
    this.#changed(at);
  }

  /** Lets a painting, as `where` named it, apply within a mask; null is everywhere. The mix may have been set anew since. */
  confine(named, mask) {
    if (named.mask === mask) return; // the visitor thought better of it
    const entry = this.#entries.find((other) => isSame(other, named)) ?? named;
    entry.mask = mask;
    showWhere(entry);
    this.#note.textContent = "";
    this.#changed();
  }

  /** There is a new photo: masks made for one of another shape would lie askew on it. */
  fit({ width, height }) {
    const before = this.#aspect;
    this.#aspect = width / height;
    this.#clearMasks(this.#fits(before) ? [] : this.#entries);
  }

  /** Whether masks for a photo of this aspect fit the one there is. */
  #fits(aspect) {
    return aspect === null || Math.abs(this.#aspect / aspect - 1) < SAME_SHAPE;
  }

  /** Lets paintings apply everywhere, and says so where they did not. */
  #clearMasks(entries) {
    const masked = entries.filter(({ mask }) => mask);
    for (const entry of masked) showWhere(Object.assign(entry, { mask: null }));
    this.#note.textContent = masked.length > 0 ? text.masksCleared : "";
  }

  /** Sets weights one by one, as far as there are paintings for them. */
  weigh(weights) {
    for (const [i, { slider }] of this.#entries.entries()) if (weights[i] !== undefined) slider.value = 100 * weights[i];
    this.dispatchEvent(new Event("mix"));
  }

  #changed(at) {
    this.dispatchEvent(new CustomEvent("change", { detail: { at } }));
  }
}

/**
 * Whether two are the same painting: the visitor's own by name and file, a sample, whose file need not be here yet, by its name.
 * @param {{ name: string, blob?: Blob }} one
 * @param {{ name: string, blob?: Blob }} other
 */
export const isSame = (one, other) => one.name === other.name && (!one.blob || !other.blob || one.blob.size === other.blob.size);

/** Shows on a painting's button where it applies. */
function showWhere({ name, where, mask }) {
  const span = (textContent) => Object.assign(document.createElement("span"), { textContent });
  where.replaceChildren(span(text.where), span(mask ? text.aPart : text.everywhere));
  where.setAttribute("aria-label", text.whereOf(name, mask !== null));
  if (!mask) return;
  const thumb = Object.assign(document.createElement("img"), { alt: "" });
  showBlob(thumb, mask);
  where.firstChild.after(thumb);
}
