// The gallery of finished pictures, as it is shown.

import { showBlob } from "../pictures/thumb.js";
import { text } from "../text/index.js";
import { Kept } from "./kept.js";

/**
 * A strip of thumbnails; the one that is open shows its settings and what can be done with it.
 *
 * Fires `again` with `{ ...result, photo, paintings }`, `open` at once with a promise of that, null where it is not wanted any more; and `deleted`
 * with `{ undo, left }`: a function that undoes it, and fails where there is no room left, though the picture is shown all the same; and whether
 * nothing of the gallery is open any more.
 */
export class Results extends EventTarget {
  #kept;
  #parts;
  #open = null;
  /** Those that are being deleted, by their ids: they are not opened any more. */
  #leaving = new Set();
  /** How often something else has taken the big picture's place, whether one of the gallery's was there or not. */
  #left = 0;

  /**
   * @param {import("./store.js").Store} store
   * @param {Record<"section"|"list"|"details"|"actions"|"again"|"remove", HTMLElement>} parts
   */
  constructor(store, parts) {
    super();
    this.#kept = new Kept(store);
    this.#parts = parts;
    parts.again.onclick = () => this.#open && this.#fire("again"); // else it is being deleted
    parts.remove.onclick = () => this.#delete(this.#open);
    this.#kept.addEventListener("change", () => this.#follow());
  }

  /** Shows what was kept earlier. */
  async load() {
    await this.#kept.load();
    this.#draw();
  }

  /** Keeps a picture, see `Kept`. Fails when there is no room left; it is shown all the same. */
  async add(result, run) {
    this.#open = await this.#kept.add(result, run);
    this.#draw();
    const failure = this.#kept.failure(this.#open);
    if (failure) throw failure;
  }

  /** Nothing of the gallery is shown in the big picture any more. */
  leave() {
    this.#left += 1;
    if (!this.#open) return;
    this.#open = null;
    this.#draw();
  }

  /**
   * Fires `again` with the open result and the files it was made of; or `open` at once, with a promise of them as `whole` and with
   * what to call where the picture is not shown after all.
   */
  async #fire(type) {
    const asked = this.#open;
    const isOpen = () => asked.id === this.#open?.id;
    const whole = this.#kept.whole(asked).then((known) => (isOpen() ? known : null)); // else another was asked for meanwhile, or none
    whole.catch(() => {}); // nobody may want it
    const detail = type === "open" ? { whole, unseen: () => isOpen() && this.leave() } : await whole;
    if (detail) this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  async #delete(result) {
    if (!result) return; // a second click on a button that is on its way out
    const at = this.#kept.all.indexOf(result);
    this.#open = null;
    this.#leaving.add(result.id);
    const restore = await this.#kept.remove(result).catch(() => null);
    this.#leaving.delete(result.id);
    if (!restore) {
      this.#open ??= result; // else another was opened meanwhile
      this.#parts.details.textContent = text.notDeleted;
      return;
    }
    this.#draw();
    const next = this.#open ? this.#kept.all.indexOf(this.#open) : Math.min(at, this.#buttons.length - 1);
    (this.#buttons[next] ?? document.querySelector("#viewport")).focus();
    const undo = async () => {
      const before = this.#left;
      await restore();
      const shows = this.#open === null && this.#left === before; // what was opened or chosen since stays
      if (shows) this.#open = result;
      this.#draw();
      if (shows) this.#fire("open");
      const failure = this.#kept.failure(result);
      if (failure) throw new Error(failure.name === "QuotaExceededError" ? text.storageFull : text.notKept);
    };
    this.dispatchEvent(new CustomEvent("deleted", { detail: { undo, left: this.#open === null } }));
  }

  /** Shows what another tab did. What is open here stays so unless it was deleted; so does the focus. */
  #follow() {
    const focused = document.activeElement?.getAttribute("data-kept");
    this.#open = this.#kept.all.find(({ id }) => id === this.#open?.id) ?? null;
    this.#draw();
    this.#buttons.find(({ dataset }) => dataset.kept === focused)?.focus({ preventScroll: true });
  }

  get #buttons() {
    return [...this.#parts.list.querySelectorAll("button")];
  }

  #draw() {
    const { section, list, actions } = this.#parts;
    section.hidden = this.#kept.all.length === 0;
    list.replaceChildren(...this.#kept.all.map((result) => this.#thumb(result)));
    actions.hidden = !this.#open;
    this.describe();
  }

  /** Says how the open picture was painted; anew once the looks' titles are known. */
  describe() {
    const unkept = this.#kept.failure(this.#open) !== null;
    this.#parts.details.textContent = this.#open ? text.keptDetails({ ...this.#open, unkept }) : "";
  }

  #thumb(result) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "kept", title: text.keptName(result) });
    button.dataset.kept = result.id;
    button.setAttribute("aria-label", text.openKept(text.keptName(result)));
    button.setAttribute("aria-pressed", String(result === this.#open));
    const image = Object.assign(document.createElement("img"), { alt: "" });
    showBlob(image, result.thumb);
    button.append(image);
    button.onclick = () => {
      if (this.#leaving.has(result.id)) return;
      this.#open = result;
      for (const other of this.#buttons) other.setAttribute("aria-pressed", String(other === button));
      this.#parts.actions.hidden = false;
      this.describe();
      this.#fire("open");
    };
    const item = document.createElement("li");
    item.append(button);
    return item;
  }
}
