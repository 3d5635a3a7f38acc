// The device that paints, opened when first needed, and the line that names it.

import { Stylizer } from "../../engine/stylizer.js";
import { text } from "../text/text.js";

/** Fires `opened` (again after a failure that was for good) and `status`, the stylizer's. */
export class Device extends EventTarget {
  #line;
  #opening = null;

  /** @param {HTMLElement} line where to say what paints */
  constructor(line) {
    super();
    this.#line = line;
  }

  /**
   * Opens the device once; after a failure or the worker's death the next call tries again.
   * @returns {Promise<Stylizer>}
   */
  open() {
    this.#opening ??= this.#create();
    return this.#opening;
  }

  /** Says what paints now: after a recovery it may be another. */
  describe({ device }) {
    this.#line.textContent = text.device(device, isSoftware(device));
  }

  async #create() {
    try {
      const stylizer = await Stylizer.create({ backend: new URLSearchParams(location.search).get("backend") ?? "auto" });
      const table = await stylizer.settings();
      this.describe(stylizer);
      stylizer.addEventListener("status", ({ detail }) => this.dispatchEvent(new CustomEvent("status", { detail })));
      stylizer.addEventListener("stopped", () => (this.#opening = null));
      const slow = stylizer.device.backend === "cpu" || isSoftware(stylizer.device);
      this.dispatchEvent(new CustomEvent("opened", { detail: { stylizer, table, slow } }));
      return stylizer;
    } catch (error) {
      this.#opening = null;
      this.#line.textContent = `${text.noDevice} ${error.message}`;
      throw error;
    }
  }
}

const isSoftware = ({ adapter }) => /swiftshader|llvmpipe|software|basic render/i.test(adapter);
