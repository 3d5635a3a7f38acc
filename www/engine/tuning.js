// Which kernels a device gets. They are checked and timed on it by the program (src/compute/tune.rs), once per version of Easel and of
// the browser, which compiles them: here is remembered what came of it, and of devices that did not survive it.
//
// Browsers that keep nothing, or forbid it, tune with every worker: that takes a second or two, while the network is fetched.

import { say } from "./text.js";
import { VERSION } from "./version.js";

const isWeb = (/** @type {string | undefined} */ address) => address?.startsWith("http");
// Not within `new URL`: bundlers would look for files there; and some of them put an address of their own machine in its place. A frame
// without an origin of its own has the word "null" for one; what is kept only needs a name.
const here = [import.meta.url, globalThis.origin].find(isWeb) ?? "https://easel.invalid/";

const CACHE = "easel tuning";
/** What asks least of a driver. */
const PLAINEST = "direct+registers+alone";
/** A page may be closed while it tries; when that happens again it may be the trying that ends it, and only the plainest are tried. */
const MOST_ATTEMPTS = 2;
/** Attempts at all: a device that does not even survive those is not asked again. */
const LAST_ATTEMPT = MOST_ATTEMPTS + 2;
/** Milliseconds after which a device that computed wrongly is tried again: its driver may have been mended. */
const FORGIVEN = 7 * 24 * 60 * 60 * 1000;

/**
 * What is known of a device: the word for its kernels and what it does with them, or which operation was wrong whatever they were, and
 * when; while they are tried, how often that was begun.
 * @typedef {{ kernels?: string, gigaflops?: number, wrong?: string, at?: number, attempts?: number }} Known
 */

/** The kernels of one device. */
export class Tuning {
  #address;
  /** @type {Known} */
  #known = {};
  #trying = false;
  /** Settled when all is written. */
  #written = Promise.resolve();

  /** @param {string} device what the browser calls it */
  constructor(device) {
    this.#address = new URL(`tuning/${encodeURIComponent(device || "unnamed")}?${VERSION}&${encodeURIComponent(navigator.userAgent)}`, here).href;
  }

  /**
   * What is known of the device by now.
   * @returns {Promise<Known>}
   */
  async recall() {
    const known = await quietly(async (cache) => (await cache.match(this.#address))?.json());
    const isForgiven = known?.wrong && !(Date.now() - known.at < FORGIVEN);
    this.#known = isForgiven ? {} : (known ?? {});
    const { kernels, wrong, attempts = 0 } = this.#known;
    if (!kernels && !wrong && attempts >= LAST_ATTEMPT) await this.#remember({ kernels: PLAINEST });
    return this.#known;
  }

  /**
   * Finds the kernels for an engine's device, and has the engine use them. One tab does so at a time: they would disturb each other, and an
   * attempt that goes on look like one that was ended.
   * @param {import("../easel.js").Engine} engine
   */
  async find(engine) {
    let begun = false;
    const search = () => {
      begun = true;
      return this.#search(engine);
    };
    const { locks } = navigator;
    if (!locks) return search();
    await locks.request(this.#address, search).catch((error) => {
      if (begun) throw error;
      return search(); // a frame without an origin of its own gets no locks
    });
  }

  /** @param {import("../easel.js").Engine} engine */
  async #search(engine) {
    const known = await this.recall(); // another tab may have found out meanwhile
    if (known.wrong) throw wrongDevice(known.wrong);
    if (known.kernels) return engine.useKernels(known.kernels, known.gigaflops);
    const { attempts = 0 } = known;
    this.#trying = true;
    await this.#remember({ attempts: attempts + 1 });
    // What is in use is tried first, and of these there is nothing plainer.
    if (attempts >= MOST_ATTEMPTS) engine.useKernels(PLAINEST, undefined);
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
    await this.#remember({ wrong: operation, at: Date.now() });
    throw wrongDevice(operation);
  }

  /** The device was lost. If that was while kernels were tried, only the plainest are tried there again. */
  async lost() {
    if (this.#trying) await this.#remember({ attempts: Math.max(MOST_ATTEMPTS, this.#known.attempts ?? 0) });
  }

  /** Whoever wanted the device wants it no more: were kernels being tried, that they were not to their end says nothing of it. */
  async leave() {
    if (this.#trying) this.#remember({ attempts: Math.max(0, (this.#known.attempts ?? 0) - 1) });
    await this.#written;
  }

  /** @param {Known} known */
  #remember(known) {
    this.#known = known;
    return (this.#written = this.#written.then(() => this.#write(known))); // one after the other
  }

  /** @param {Known} known */
  async #write(known) {
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
