// The device that paints, opened when first needed; and what can be done with files where none can be opened.

import { Stylizer, Tools } from "../../engine/stylizer.js";

/**
 * Fires `opened` with the stylizer (again after a failure that was for good), `table` with the settings there are,
 * `failed` with the Error, and `status`, the stylizer's.
 */
export class Device extends EventTarget {
  #backend;
  #kernels;
  /** @type {Promise<Stylizer> | null} */
  #opening = null;
  /** @type {Tools | null} */
  #tools = null;

  /**
   * @param {"auto" | "webgpu" | "cpu"} [backend]
   * @param {string} [kernels] those to use on a GPU, whatever is fastest there
   */
  constructor(backend = "auto", kernels) {
    super();
    this.#backend = backend;
    this.#kernels = kernels;
  }

  /**
   * Opens the device once; after a failure or the worker's death the next call tries again.
   * @returns {Promise<Stylizer>}
   */
  open() {
    this.#opening ??= this.#create();
    return this.#opening;
  }

  /**
   * What reads and writes files: the device, or where it cannot be opened something that needs none.
   * @returns {Promise<Tools>}
   */
  tools() {
    return this.open().catch(() => this.#withoutDevice());
  }

  #withoutDevice() {
    this.#tools ??= new Tools();
    return this.#tools;
  }

  async #create() {
    let stylizer = null;
    try {
      stylizer = await Stylizer.create({ backend: this.#backend, kernels: this.#kernels });
      this.#fire("table", await stylizer.settings());
      stylizer.addEventListener("status", ({ detail }) => this.#fire("status", detail));
      stylizer.addEventListener("stopped", () => (this.#opening = null));
      this.#fire("opened", stylizer);
      return stylizer;
    } catch (error) {
      stylizer?.dispose(); // it opened, and was lost before it could be used
      this.#opening = null;
      this.#fire("failed", error);
      // What there is to set can be said all the same.
      if (error.code !== "version") this.#withoutDevice().settings().then((table) => this.#fire("table", table), () => {});
      throw error;
    }
  }

  #fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
