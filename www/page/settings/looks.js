// The looks, as pictures: one photo in one painting, as each of them paints it.

/**
 * Shows the choices of a list of looks as pictures, for eye and hand: the list stays beside them, for keyboard and ear, and is what
 * settings are read from and written to.
 */
export class Looks {
  #select;
  #group;

  /**
   * @param {HTMLSelectElement} select
   * @param {HTMLElement} group gets the pictures
   */
  constructor(select, group) {
    this.#select = select;
    this.#group = group;
    select.addEventListener("change", () => this.mark());
  }

  /** Makes the pictures, once the list is filled. */
  fill() {
    if (this.#group.childElementCount > 0) return;
    for (const { value, textContent } of this.#select.options) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "look", title: textContent, tabIndex: -1 });
      button.dataset.look = value;
      const picture = Object.assign(document.createElement("img"), { src: `samples/looks/${value}.jpg`, alt: "", loading: "lazy" });
      button.append(picture, Object.assign(document.createElement("span"), { textContent }));
      button.onclick = () => {
        this.#select.value = value;
        this.#select.dispatchEvent(new Event("change"));
      };
      this.#group.append(button);
    }
    this.mark();
  }

  /** Shows which look is chosen. */
  mark() {
    for (const button of this.#group.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.look === this.#select.value));
  }
}
