// Where the engine's parts lie: beside its modules, unless the page says otherwise or the modules are of another origin.
//
// Left alone, each part finds the next one by its own address, in a form that bundlers know. Whoever moves them says where they are:
// all at once by `assets`, a folder laid out as Easel's own, or one by one.

import { isForeign } from "./foreign.js";
import { isA } from "./kinds.js";
import { remembered } from "./memo.js";
import { say } from "./text.js";

/** @typedef {string | URL} Address */
/**
 * @typedef {object} PlaceOptions
 * @property {Address} [assets] the folder with worker, program and weights
 * @property {Address} [workerURL] the worker's module, `engine/worker.js`
 * @property {Address | Response | BufferSource | WebAssembly.Module} [wasm] the program, `easel_bg.wasm`
 * @property {Address | Record<string, Address>} [weights] the folder of the networks' weights, or the address of each of its files by name
 */

/**
 * Absolute addresses; null for what lies beside the modules.
 * @typedef {object} Places
 * @property {string | null} worker
 * @property {string | BufferSource | WebAssembly.Module | null} program an address, or what lies there, compiled perhaps
 * @property {string | Record<string, string> | null} weights
 * @property {string | null} vectors
 */

// Not within `new URL`: bundlers would look for a file there.
const here = import.meta.url;

/**
 * Takes what a page says of places.
 * @param {PlaceOptions} [options]
 * @returns {Promise<Places>} rejects with a sentence when something is no address
 */
export async function takePlaces({ assets, workerURL, wasm, weights } = {}) {
  const folder = assets === undefined ? home() : folderOf(absolute(assets, "assets"));
  const within = (/** @type {string} */ path) => (folder === null ? null : new URL(path, folder).href);
  return {
    worker: workerURL === undefined ? within("engine/worker.js") : absolute(workerURL, "workerURL"),
    program: wasm === undefined ? within("easel_bg.wasm") : await programOf(wasm),
    weights: weights === undefined ? within("weights/") : weightsOf(weights),
    vectors: within("engine/vectors.json"),
  };
}

/** The folder the engine's is in, where it has to be named: a worker is not told by its own address where it is, when that is a Blob's. */
const home = () => (isForeign(here) ? new URL("..", here).href : null);

const isAddress = (/** @type {unknown} */ value) => typeof value === "string" || isA(value, "URL");

/**
 * @param {unknown} value as the page writes it: from its own address on
 * @param {string} what the option's name
 */
function absolute(value, what) {
  try {
    // Not by `URL.canParse`, which browsers have only since 2023.
    if (isAddress(value)) return new URL(String(value), globalThis.document?.baseURI ?? globalThis.location?.href).href;
  } catch {
    // it is said below
  }
  throw new Error(say("badPlace", { what, value: String(value) }));
}

const folderOf = (/** @type {string} */ address) => (address.endsWith("/") ? address : `${address}/`);

/**
 * @param {NonNullable<PlaceOptions["wasm"]>} wasm
 * @returns {Promise<NonNullable<Places["program"]>>}
 */
async function programOf(wasm) {
  if (isAddress(wasm)) return absolute(wasm, "wasm");
  if (ArrayBuffer.isView(wasm)) return wasm;
  switch (Object.prototype.toString.call(wasm)) {
    case "[object ArrayBuffer]":
    case "[object WebAssembly.Module]":
      return /** @type {ArrayBuffer | WebAssembly.Module} */ (wasm);
    case "[object Response]":
      return remembered(bodies, /** @type {Response} */ (wasm), () => taken(/** @type {Response} */ (wasm)));
    default:
      throw new Error(say("badPlace", { what: "wasm", value: String(wasm) }));
  }
}

/**
 * What was in answers to `fetch`, which can be read once: the same one may be given for several painters.
 * @type {WeakMap<Response, Promise<ArrayBuffer>>}
 */
const bodies = new WeakMap();

/** @param {Response} response */
async function taken(response) {
  if (!response.ok) throw new Error(say("notServed", { file: response.url, status: response.status }));
  return response.arrayBuffer();
}

/** @param {NonNullable<PlaceOptions["weights"]>} weights */
function weightsOf(weights) {
  if (weights === null || typeof weights !== "object" || isAddress(weights))
    return folderOf(absolute(weights, "weights"));
  return Object.fromEntries(
    Object.entries(weights).map(([file, address]) => [file, absolute(address, `weights, ${file},`)]),
  );
}
