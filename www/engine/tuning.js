// Which kernels a device gets. They are checked and timed on it by the program (src/compute/tune.rs), once per version of Easel:
// here is remembered what came of it, and of devices that did not survive it.
//
// Browsers that keep nothing, or forbid it, tune with every worker: that takes a second or two, while the network is fetched.

import { say } from "./text.js";
import { VERSION } from "./version.js";

// Not within `new URL`: bundlers would look for files there; and some of them put an address of their own machine in its place.
const here = import.meta.url.startsWith("http") ? import.meta.url : (globalThis.origin ?? import.meta.url);

const CACHE = "easel tuning";
/** What asks least of a driver. */
const PLAINEST = "direct+registers+alone";
/** A page may be closed while it tries; when that happens again it is the trying that ends it. */
const MOST_ATTEMPTS = 2;

/**
 * What is known of a device: the word for its kernels and what it does with them, or which operation was wrong whatever they were;
 * none of it while they are tried.
 * @typedef {{ kernels?: string, gigaflops?: number, wrong?: string, attempts?: number }} Known
 */

/** The kernels of one device. */
export class Tuning {
  #address;
  /** @type {Known} */
  #known = {};
  #trying = false;

  /** @param {string} device what the browser calls it */
  constructor(device) {
    this.#address = new URL(`tuning/${encodeURIComponent(device || "unnamed")}?${VERSION}`, here).href;
  }

  /**
   * What is known of the device by now.
   * @returns {Promise<Known>}
   */
  async recall() {
    const known = await quietly(async (cache) => (await cache.match(this.#address))?.json());
    this.#known = known ?? {};
    const { kernels, wrong, attempts = 0 } = this.#known;
    if (!kernels && !wrong && attempts >= MOST_ATTEMPTS) await this.#remember({ kernels: PLAINEST });
    return this.#known;
  }

  /**
   * Finds the kernels for an engine's device, and has the engine use them.
   * @param {import("../easel.js").Engine} engine
   */
  async find(engine) {
    await this.#remember({ attempts: (this.#known.attempts ?? 0) + 1 });
    this.#trying = true;
    const found = await engine.tune();
    this.#trying = false;
    for (const { kernels, operation, error } of found.rejected) {
      console.warn(`Easel: the kernels ${kernels} will not do on this device: ${operation} is ${error} off.`);
    }
    const { kernels } = found;
    const gigaflops = found.gigaflops ?? undefined; // some browsers answer too late to measure it by
    if (kernels) {
      engine.useKernels(kernels, gigaflops);
      await this.#remember({ kernels, gigaflops });
      return;
    }
    const operation = found.rejected.at(-1)?.operation ?? "";
    await this.#remember({ wrong: operation });
    throw wrongDevice(operation);
  }

  /** The device was lost. If that was while kernels were tried, none are tried there again. */
  async lost() {
    if (this.#trying) await this.#remember({ kernels: PLAINEST });
  }

  /** @param {Known} known */
  async #remember(known) {
    this.#known = known;
    await quietly(async (cache) => {
      await cache.put(this.#address, Response.json(known));
      const [path] = this.#address.split("?");
      const old = (await cache.keys()).filter(({ url }) => url !== this.#address && url.split("?")[0] === path);
      await Promise.all(old.map((request) => cache.delete(request)));
    });
  }
}

/**
 * What is thrown for a device that must not be used; another may do better.
 * @param {string} operation
 */
export const wrongDevice = (operation) => Object.assign(new Error(say("wrongDevice", { operation })), { name: "DeviceError" });

/**
 * Does something with the cache, or nothing where there is none.
 * @template T
 * @param {(cache: Cache) => Promise<T>} action
 * @returns {Promise<T | undefined>}
 */
async function quietly(action) {
  try {
    return await action(await caches.open(CACHE));
  } catch {
    return undefined; // a private window, a full disk
  }
}
