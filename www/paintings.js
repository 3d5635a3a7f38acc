// The list of chosen paintings with their weights.

import { text } from "./text.js";

/** Keeps the chosen paintings and draws them into a `<ul>`. */
export class Paintings {
  #list;
  #entries = [];

  constructor(list) {
    this.#list = list;
  }

  /** `[{ image: Blob, weight }]`, as the stylizer takes them. */
  get styles() {
    return this.#entries.map(({ blob, slider }) => ({ image: blob, weight: Number(slider.value) / 100 }));
  }

  /** Adds a painting, or moves the focus to it when it is there already. */
  add(blob, name) {
    const same = this.#entries.find((entry) => entry.name === name && entry.blob.size === blob.size);
    if (same) {
      same.slider.focus();
      return;
    }
    const item = document.createElement("li");
    const thumb = Object.assign(document.createElement("img"), { className: "thumb", alt: "", src: URL.createObjectURL(blob) });
    thumb.onload = () => URL.revokeObjectURL(thumb.src);
    const label = document.createElement("label");
    const title = Object.assign(document.createElement("span"), { textContent: name, className: "title" });
    const slider = Object.assign(document.createElement("input"), { type: "range", min: "0", max: "100", value: "100" });
    slider.setAttribute("aria-label", text.weightOf(name));
    label.append(title, slider);
    const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×", className: "remove" });
    remove.setAttribute("aria-label", text.remove(name));
    const entry = { blob, name, slider };
    remove.onclick = () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
      item.remove();
    };
    item.append(thumb, label, remove);
    this.#list.append(item);
    this.#entries.push(entry);
  }

  clear() {
    this.#entries = [];
    this.#list.replaceChildren();
  }
}
