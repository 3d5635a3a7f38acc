// What can be done with pictures and settings where nothing can be painted: saving and reopening must not depend on a GPU.

import { asyncDispose, dispose, until } from "./ending.js";
import { Link } from "./link.js";
import { takePlaces } from "./places.js";
import { toJson } from "./sources.js";
import { text } from "./text.js";
import { Pace } from "./watchdog.js";

/** @typedef {{ signal?: AbortSignal }} Giving a signal gives up what was asked for: it rejects at once with the signal's reason */

/**
 * Reads and writes picture files in a worker that opens no device, and fetches no network but for `preload`. The worker is made by
 * the first call; one that dies is replaced by the next.
 */
export class Tools extends EventTarget {
  /** @type {Link | null} */
  #link = null;
  #disposal = new AbortController();
  /**
   * @protected Where the engine's parts lie.
   * @type {Promise<import("./places.js").Places>}
   */
  _places;

  /** @param {import("./places.js").PlaceOptions} [places] where worker and program are, if not beside this module */
  constructor(places) {
    super();
    this._places = takePlaces(places);
    this._places.catch(() => {}); // whoever asks for something is told
  }

  /**
   * Every setting with its range, unit and help, the presets, and the defaults.
   * @param {Giving} [options]
   * @returns {Promise<{ knobs: object[], presets: object[], defaults: object }>}
   */
  settings({ signal } = {}) {
    return until(signal, () => this._ask("settings"));
  }

  /**
   * Fetches the program and the networks into the browser's cache, and opens no device: what is painted later begins sooner.
   * @param {Giving} [options]
   * @returns {Promise<void>}
   */
  preload({ signal } = {}) {
    return until(signal, () => this._ask("preload"));
  }

  /**
   * Checks a picture file and decodes it upright, for showing it.
   * @param {Blob} blob
   * @param {{ name?: string, maxSide?: number } & Giving} [options] how errors name it; the longest side wanted
   * @returns {Promise<ImageBitmap>}
   */
  decode(blob, { name = text.file, maxSide = 1024, signal } = {}) {
    const ask = () => /** @type {Promise<ImageBitmap>} */ (this._ask("decode", { blob, name, maxSide }));
    return until(signal, ask, (bitmap) => bitmap.close());
  }

  /**
   * Puts settings into a PNG, JPEG or WebP file.
   * @param {Blob} blob
   * @param {object} settings
   * @param {Giving} [options]
   * @returns {Promise<Blob>}
   */
  embed(blob, settings, { signal } = {}) {
    return until(signal, () => this._ask("embed", { blob, settings: toJson(settings) }));
  }

  /**
   * The settings in a file that `embed` made, or null.
   * @param {Blob} blob
   * @param {Giving} [options]
   * @returns {Promise<object | null>}
   */
  async readSettings(blob, { signal } = {}) {
    const settings = await until(signal, () => this._ask("readSettings", { blob }));
    return settings === null ? null : JSON.parse(settings);
  }

  /**
   * The painted picture with the photo's chroma (`colour: "luminance"`), or as it is (`"style"`), as PNG; `tile` is the setting it was
   * painted with.
   * @param {{ picture: Blob, content: Blob, colour: "style" | "luminance", tile?: "none" | "x" | "y" | "both" } & Giving} options
   * @returns {Promise<Blob>}
   */
  recolour({ picture, content, colour, tile, signal }) {
    return until(signal, () => this._ask("recolour", { picture, content, colour, tile }));
  }

  /** @protected Aborted by `dispose()`: what is waited for then is not waited for any more. */
  get _disposed() {
    return this.#disposal.signal;
  }

  /** Frees what the tools hold; nothing can be asked afterwards. */
  dispose() {
    const error = new DOMException(text.disposed, "AbortError");
    this.#disposal.abort(error);
    this.#link?.close(error);
    this.#link = null;
  }

  [dispose]() {
    this.dispose();
  }

  async [asyncDispose]() {
    this.dispose();
  }

  /**
   * @protected
   * @param {string} type
   * @param {object} [payload]
   * @returns {Promise<any>}
   */
  async _ask(type, payload) {
    if (this._disposed.aborted) throw new Error(text.disposed);
    const places = await until(this._disposed, () => this._places);
    this.#link ??= new Link(
      () => {},
      () => (this.#link = null),
      new Pace(),
      places,
    );
    return this.#link.ask(type, payload);
  }
}

/**
 * Fetches worker, program and networks into the browser's cache, and keeps nothing else: what is painted later begins sooner.
 * @param {import("./places.js").PlaceOptions & Giving} [options] where they are, as for `Stylizer.create`
 */
export async function preload({ signal, ...places } = {}) {
  const tools = new Tools(places);
  try {
    await tools.preload({ signal });
  } finally {
    tools.dispose();
  }
}
