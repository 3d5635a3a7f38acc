// The gallery of finished pictures, kept on this device with all it takes to make them again.

import { toBlob } from "../pictures/encode.js";
import { text } from "../text/index.js";

const THUMB_SIDE = 240;

/** The key of a file among the kept ones: the same file is kept once, however many pictures were made of it. */
async function keyOf(blob) {
  if (!crypto.subtle) return `${blob.size}-${Math.random()}`;
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function thumbOf(picture) {
  const bitmap = await createImageBitmap(picture);
  const scale = Math.min(1, THUMB_SIDE / Math.min(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return toBlob(canvas, "image/jpeg");
}

/**
 * A strip of thumbnails; the one that is open shows its settings and what can be done with it.
 *
 * Fires `open` and `again` with `{ ...result, photo, paintings }`, and `deleted` with a function that undoes it.
 * A result: `{ id, date, name, recipe, width, height, picture, thumb, photo, paintings, seconds, iteration }`.
 */
export class Results extends EventTarget {
  #store;
  #parts;
  #results = [];
  #open = null;

  /**
   * @param {import("./store.js").Store} store
   * @param {Record<"section"|"list"|"details"|"actions"|"again"|"remove", HTMLElement>} parts
   */
  constructor(store, parts) {
    super();
    this.#store = store;
    this.#parts = parts;
    parts.again.onclick = () => this.#fire("again");
    parts.remove.onclick = () => this.#delete(this.#open);
  }

  /** Shows what was kept earlier. */
  async load() {
    const kept = await this.#store.all("results");
    const whole = kept.filter(({ picture, thumb, recipe, photo, paintings }) => picture && thumb && recipe?.config && photo && paintings);
    this.#results = whole.sort((a, b) => b.date - a.date);
    this.#draw();
    await this.#sweep();
  }

  /**
   * Keeps a picture. Fails when there is no room left.
   * @param {{ picture: Blob, name: string, recipe: object, photo: any, paintings: any[], seconds: number, iteration: number }} result
   */
  async add({ picture, photo, paintings, ...rest }) {
    const { width, height } = await createImageBitmap(picture);
    const date = Date.now();
    const id = `${date}-${Math.random().toString(36).slice(2, 8)}`;
    const keep = async (blob) => {
      const key = await keyOf(blob);
      await this.#store.put("pictures", key, blob);
      return key;
    };
    try {
      const result = {
        ...rest,
        id,
        date,
        width,
        height,
        picture,
        thumb: await thumbOf(picture),
        photo: { name: photo.name, key: await keep(photo.blob) },
        paintings: await Promise.all(paintings.map(async ({ blob, name, weight, mask }) => ({ name, weight, mask, key: await keep(blob) }))),
      };
      await this.#store.put("results", id, result);
      this.#results.unshift(result);
    } catch (error) {
      await this.#sweep();
      throw error;
    }
    this.#open = this.#results[0];
    this.#draw();
  }

  /** Nothing of the gallery is shown in the big picture any more. */
  leave() {
    if (!this.#open) return;
    this.#open = null;
    this.#draw();
  }

  /** Fires an event with a result and the files it was made of. */
  async #fire(type) {
    const result = this.#open;
    const fetch = async ({ key, ...rest }) => ({ ...rest, blob: await this.#store.get("pictures", key) });
    const photo = await fetch(result.photo);
    const paintings = await Promise.all(result.paintings.map(fetch));
    this.dispatchEvent(new CustomEvent(type, { detail: { ...result, photo, paintings } }));
  }

  async #delete(result) {
    const at = this.#results.indexOf(result);
    this.#results.splice(at, 1);
    this.#open = null;
    await this.#store.delete("results", result.id);
    this.#draw();
    (this.#parts.list.querySelectorAll("button")[Math.min(at, this.#results.length - 1)] ?? document.querySelector("#viewport")).focus();
    const undo = async () => {
      await this.#store.put("results", result.id, result);
      this.#results.splice(at, 0, result);
      this.#open = result;
      this.#draw();
    };
    this.dispatchEvent(new CustomEvent("deleted", { detail: undo }));
  }

  /** Drops files no kept picture was made of; at load, because after a delete undo still needs them. */
  async #sweep() {
    const used = new Set(this.#results.flatMap(({ photo, paintings }) => [photo.key, ...paintings.map(({ key }) => key)]));
    for (const key of await this.#store.keys("pictures")) if (!used.has(key)) await this.#store.delete("pictures", key);
  }

  #draw() {
    const { section, list, actions } = this.#parts;
    section.hidden = this.#results.length === 0;
    list.replaceChildren(...this.#results.map((result) => this.#thumb(result)));
    actions.hidden = !this.#open;
    this.describe();
  }

  /** Says how the open picture was painted; anew once the looks' titles are known. */
  describe() {
    this.#parts.details.textContent = this.#open ? text.keptDetails(this.#open) : "";
  }

  #thumb(result) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "kept", title: text.keptName(result) });
    button.setAttribute("aria-label", text.openKept(text.keptName(result)));
    button.setAttribute("aria-pressed", String(result === this.#open));
    const image = Object.assign(document.createElement("img"), { alt: "", src: URL.createObjectURL(result.thumb) });
    image.onload = () => URL.revokeObjectURL(image.src);
    button.append(image);
    button.onclick = () => {
      this.#open = result;
      for (const other of this.#parts.list.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
      this.#parts.actions.hidden = false;
      this.describe();
      this.#fire("open");
    };
    const item = document.createElement("li");
    item.append(button);
    return item;
  }
}
