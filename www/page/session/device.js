// The device that paints, opened when first needed.

import { Stylizer } from "../../engine/stylizer.js";

/** Fires `opened` with `{ stylizer, table }` (again after a failure that was for good), `failed` with the Error, and `status`, the stylizer's. */
export class Device extends EventTarget {
  #backend;
  /** @type {Promise<Stylizer> | null} */
  #opening = null;

  /** @param {"auto" | "webgpu" | "cpu"} [backend] */
  constructor(backend = "auto") {
    super();
    this.#backend = backend;
  }

  /**
   * Opens the device once; after a failure or the worker's death the next call tries again.
   * @returns {Promise<Stylizer>}
   */
  open() {
    this.#opening ??= this.#create();
    return this.#opening;
  }

  async #create() {
    try {
      const stylizer = await Stylizer.create({ backend: this.#backend });
      const table = await stylizer.settings();
      stylizer.addEventListener("status", ({ detail }) => this.#fire("status", detail));
      stylizer.addEventListener("stopped", () => (this.#opening = null));
      this.#fire("opened", { stylizer, table });
      return stylizer;
    } catch (error) {
      this.#opening = null;
      this.#fire("failed", error);
      throw error;
    }
  }

  #fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Whether a GPU is only imitated: slower than the processor alone. */
export const isSoftware = ({ adapter }) => /swiftshader|llvmpipe|software|basic render/i.test(adapter);
