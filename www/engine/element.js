// <easel-canvas photo="cat.jpg" painting="cafe.jpg" size="256" iterations="200" preset="bold">: a picture that
// paints itself, for any page of the same origin. One import defines it; nothing else is needed.

import { Stylizer } from "./stylizer.js";
import { say, text } from "./text.js";

/** Where there are no elements, on a server, the module can be imported all the same. */
const Element = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

const LOOK = `
  :host { display: inline-block; max-inline-size: 100%; }
  :host([hidden]) { display: none; }
  img, canvas { display: block; inline-size: 100%; block-size: auto; }
  [hidden] { display: none; }
`;
/**
 * One for all elements.
 * @type {CSSStyleSheet | undefined}
 */
let sheet;

function look() {
  if (sheet) return sheet;
  sheet = new CSSStyleSheet();
  sheet.replaceSync(LOOK);
  return sheet;
}

/** @typedef {import("./stylizer.js").Job} Job */

/** One painter per backend for all elements of a page: their jobs take turns. */
const stylizers = /** @type {Map<string, Promise<Stylizer>>} */ (new Map());

/** @param {string} backend */
function open(backend) {
  const known = stylizers.get(backend);
  if (known) return known;
  const opening = Stylizer.create({ backend: /** @type {any} */ (backend) }); // an unknown one is said
  stylizers.set(backend, opening);
  const forget = () => stylizers.delete(backend);
  opening.then((stylizer) => stylizer.addEventListener("stopped", forget), forget);
  return opening;
}

/**
 * Attributes: `photo` and `painting` (addresses; several paintings separated by spaces), `size`, `iterations`,
 * `preset`, `backend` ("auto", "webgpu" or "cpu") and `alt` (what the picture shows).
 *
 * Fires `progress` (`detail` as a job's), `finish` (`detail`: `{ blob, width, height, report }`) and `error` (`detail`: an Error).
 */
export class EaselCanvas extends Element {
  static observedAttributes = ["photo", "painting", "alt"];
  #photo = new Image();
  #canvas = document.createElement("canvas");
  /** @type {{ photo: Blob | null, painting: Blob | Blob[] | null }} */
  #given = { photo: null, painting: null };
  #state = text.unpainted;
  /** @type {{ job?: Job } | null} */
  #run = null;
  /**
   * The job under way, or the last one: `pause()`, `resume()`, `update()`, `finished`; null before the first.
   * @type {Job | null}
   */
  job = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [look()];
    this.#canvas.setAttribute("role", "img");
    this.#photo.onload = this.#photo.onerror = () => URL.revokeObjectURL(this.#photo.src);
    root.append(this.#photo, this.#canvas);
  }

  connectedCallback() {
    // An element that is only moved keeps its painting.
    if (this.#canvas.hidden || this.#state === text.unpainted) this.#showPhoto();
  }

  disconnectedCallback() {
    this.cancel();
  }

  /** @param {"photo" | "painting" | "alt"} name */
  attributeChangedCallback(name) {
    if (name !== "alt") this.#given[name] = null;
    if (name === "photo") this.#showPhoto();
    this.#name();
  }

  /** A Blob instead of the attribute's address: a picture the visitor chose, say. */
  get photo() {
    return this.#given.photo ?? this.getAttribute("photo");
  }
  set photo(value) {
    if (typeof value === "string") this.setAttribute("photo", value);
    else {
      this.#given.photo = value;
      this.#showPhoto();
    }
  }

  /** A Blob, or several, instead of the attribute's addresses. */
  get painting() {
    return this.#given.painting ?? this.getAttribute("painting");
  }
  set painting(value) {
    if (typeof value === "string") this.setAttribute("painting", value);
    else this.#given.painting = value;
  }

  /**
   * Paints from the beginning; a run under way is cancelled first.
   * @returns {Promise<{ blob: Blob, width: number, height: number, report: object } | null>} null when cancelled or failed:
   *   events tell more.
   */
  async start() {
    this.cancel();
    /** @type {{ job?: Job }} */
    const run = {};
    this.#run = run;
    try {
      const { photo, painting } = this;
      const paintings = typeof painting === "string" ? painting.split(/\s+/).filter(Boolean) : [painting ?? []].flat();
      if (!photo) throw new Error(say("noPicture", { what: "photo" }));
      if (paintings.length === 0) throw new Error(say("noPicture", { what: "painting" }));
      const stylizer = await open(this.getAttribute("backend") ?? "auto");
      if (this.#run !== run) return null; // cancelled meanwhile
      const job = stylizer.start({ content: photo, styles: paintings.map((image) => ({ image })), config: this.#config() });
      run.job = job;
      this.job = job;
      job.addEventListener("progress", ({ detail }) => {
        if (this.#run === run) {
          this.#show(detail.preview, text.beingPainted);
          this.#tell("progress", detail);
        }
        detail.preview?.close();
      });
      const result = await job.finished;
      const bitmap = await createImageBitmap(result.blob);
      if (this.#run === run) this.#show(bitmap, text.painted);
      bitmap.close();
      if (this.#run !== run) return null;
      this.#run = null;
      this.#tell("finish", result);
      return result;
    } catch (error) {
      if (this.#run !== run) return null;
      this.#run = null;
      if (error.name !== "AbortError") this.#tell("error", error);
      return null;
    }
  }

  /** Stops the run under way; what the canvas shows stays. */
  cancel() {
    const run = this.#run;
    this.#run = null;
    run?.job?.cancel();
    if (this.#state === text.beingPainted) this.#state = text.painted;
    this.#name();
  }

  /** The canvas with the painted picture, to draw or to save from. */
  get canvas() {
    return this.#canvas;
  }

  #config() {
    /** @type {any} */
    const config = {}; // checked by the program, whose sentences say more
    if (this.hasAttribute("preset")) config.preset = this.getAttribute("preset");
    for (const name of ["size", "iterations"]) {
      if (this.hasAttribute(name)) config[name] = Number(this.getAttribute(name));
    }
    return config;
  }

  /** The photo stands where the painting will be. */
  #showPhoto() {
    const { photo } = this;
    this.#canvas.hidden = true;
    this.#photo.hidden = !photo;
    URL.revokeObjectURL(this.#photo.src); // one that was not loaded yet
    if (photo instanceof Blob) this.#photo.src = URL.createObjectURL(photo);
    else if (photo) this.#photo.src = new URL(photo, document.baseURI).href;
    this.#state = text.unpainted;
    this.#name();
  }

  /**
   * @param {ImageBitmap | null} bitmap
   * @param {string} state
   */
  #show(bitmap, state) {
    if (!bitmap) return;
    this.#photo.hidden = true;
    this.#canvas.hidden = false;
    this.#canvas.width = bitmap.width;
    this.#canvas.height = bitmap.height;
    this.#canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    this.#state = state;
    this.#name();
  }

  /** What screen readers call the picture: the author's words, and how far it is. */
  #name() {
    const alt = this.getAttribute("alt");
    const name = alt ? `${alt} (${this.#state})` : this.#state;
    this.#photo.alt = name;
    this.#canvas.setAttribute("aria-label", name);
  }

  /**
   * @param {string} type
   * @param {object} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const { customElements } = globalThis;
if (customElements && !customElements.get("easel-canvas")) customElements.define("easel-canvas", EaselCanvas);
