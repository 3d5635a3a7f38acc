// As much of a browser's page as the page's parts ask for, in Node.

/** An element that knows its children and attributes, and nothing of looks. */
export class FakeElement extends EventTarget {
  children = [];
  attributes = new Map();
  dataset = {};
  style = {};
  hidden = false;
  parent = null;
  #text = "";

  constructor(tag = "div") {
    super();
    this.tag = tag;
  }
  get textContent() {
    return this.#text + this.children.map(({ textContent }) => textContent).join("");
  }
  set textContent(text) {
    this.children = [];
    this.#text = text;
  }
  get firstChild() {
    return this.children[0] ?? null;
  }
  get nextElementSibling() {
    return this.#beside(1);
  }
  get previousElementSibling() {
    return this.#beside(-1);
  }
  append(...children) {
    for (const child of children) this.insertBefore(child, null);
  }
  prepend(...children) {
    for (const child of children.reverse()) this.insertBefore(child, this.firstChild);
  }
  replaceChildren(...children) {
    this.textContent = "";
    this.append(...children);
  }
  insertBefore(child, next) {
    child.remove();
    child.parent = this;
    this.children.splice(next ? this.children.indexOf(next) : this.children.length, 0, child);
  }
  after(other) {
    this.parent.insertBefore(other, this.nextElementSibling);
  }
  remove() {
    this.parent?.children.splice(this.parent.children.indexOf(this), 1);
    this.parent = null;
  }
  setAttribute(name, value) {
    this.attributes.set(name, value);
  }
  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }
  removeAttribute(name) {
    this.attributes.delete(name);
  }
  /** All elements of a tag, or of a class written as `.class`, below this one. */
  querySelectorAll(what) {
    const is = (element) => (what.startsWith(".") ? element.className === what.slice(1) : element.tag === what);
    return this.children.flatMap((child) => [...(is(child) ? [child] : []), ...child.querySelectorAll(what)]);
  }
  querySelector(what) {
    return this.querySelectorAll(what)[0] ?? null;
  }
  contains(element) {
    return element === this || this.children.some((child) => child.contains(element));
  }
  focus() {
    globalThis.document.activeElement = this;
  }
  scrollIntoView() {}
  #beside(step) {
    return this.parent?.children[this.parent.children.indexOf(this) + step] ?? null;
  }
}

/** One of a select's choices. */
class FakeOption extends FakeElement {
  constructor(text, value) {
    super("option");
    this.textContent = text;
    this.value = value;
  }
}

/** A select: without a choice it has its first. */
export class FakeSelect extends FakeElement {
  #value = null;

  constructor() {
    super("select");
  }
  get options() {
    return this.children;
  }
  add(option, next) {
    this.insertBefore(option, next);
  }
  get value() {
    return this.#value ?? this.options[0]?.value ?? "";
  }
  set value(value) {
    this.#value = String(value);
  }
}

/** A canvas that remembers what was drawn on it, each with where: a colour, or the name of a picture. */
export class FakeCanvas extends FakeElement {
  drawn = [];
  width = 300;
  height = 150;

  constructor() {
    super("canvas");
  }
  getContext() {
    const { drawn } = this;
    return {
      fillStyle: "black",
      fillRect(...where) {
        drawn.push([this.fillStyle, ...where].join(" "));
      },
      drawImage: ({ name = "picture" }, ...where) => drawn.push([name, ...where].join(" ")),
      getImageData: (x, y, width, height) => ({ width, height, data: new Uint8ClampedArray(4 * width * height).fill(255) }),
      putImageData: () => drawn.push("pixels"),
    };
  }
  toBlob(callback, type) {
    callback(Object.assign(new Blob(["drawn"], { type }), { canvas: this }));
  }
}

/** An element of its kind. */
function createElement(tag) {
  if (tag === "canvas") return new FakeCanvas();
  return Object.assign(new FakeElement(tag), tag === "input" && { value: "" });
}

/** Puts a page in place, for the parts that are imported afterwards or before. */
export function fakePage() {
  globalThis.document = /** @type {any} */ ({ activeElement: null, createElement, createElementNS: (_, tag) => createElement(tag), querySelector: () => new FakeElement() });
  globalThis.Option = /** @type {any} */ (FakeOption);
  globalThis.IntersectionObserver = /** @type {any} */ (class {
    observe() {}
  });
}

/** Elements by name. */
export const parts = (...names) => Object.fromEntries(names.map((name) => [name, new FakeElement()]));

/** A decoded picture that says when it is let go of. */
export const bitmap = (more = {}) => ({ width: 3, height: 2, closed: false, close() { this.closed = true; }, ...more });
