// Fetches the networks' weights: a manifest, then shards, each verified before it counts.

import { Blocked, failureOf } from "./foreign.js";
import { remembered } from "./memo.js";
import { say } from "./text.js";

// Not within `new URL`: bundlers would look for a file there.
const here = import.meta.url;
/**
 * The folder, or the files' addresses by name.
 * @type {string | Record<string, string>}
 */
let place = {};
try {
  place = new URL("../weights/", here).href;
} catch {
  // a worker that is a Blob has nothing beside it, and is told
}
const ATTEMPTS = 4;
/** A connection that brings nothing for so long is given up. */
const STALL_MILLIS = 30_000;
/** How often the page is told that something comes, at most. */
const WORD_MILLIS = 1000;

/** @typedef {import("../easel.js").Engine} Engine */
/** @typedef {{ file: string, bytes: number }} Shard */

/**
 * What an engine has so far: a later call fetches only the rest.
 * @type {WeakMap<Engine, { text: string, shards: Shard[], kept: Set<string> }>}
 */
const begun = new WeakMap();

/**
 * The one-pass networks that engines have or are getting, by name.
 * @type {WeakMap<Engine, Map<string, Promise<void>>>}
 */
const instant = new WeakMap();

/**
 * Says where the weights are, where they are not in their own folder beside the engine's.
 * @param {string | Record<string, string> | null} [given] the folder, or each file's address by its name
 */
export function weightsAt(given) {
  if (given) place = given;
}

/** @param {string} file */
function addressOf(file) {
  if (typeof place === "string") return new URL(file, place);
  if (Object.hasOwn(place, file)) return new URL(place[file]);
  throw new Blocked(say("notGiven", { file }));
}

/**
 * Loads all shards into the engine, reporting bytes as they come. After a failure, to be called again.
 * @param {Engine} engine
 * @param {(detail: object) => void} report
 */
export async function fetchWeights(engine, report) {
  if (engine.ready) return;
  const { shards, kept } = await retried((attempt) => fetchManifest(engine, attempt));
  const totalBytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  let loadedBytes = shards.filter(({ file }) => kept.has(file)).reduce((sum, shard) => sum + shard.bytes, 0);
  const add = (/** @type {number} */ bytes) => {
    loadedBytes += bytes;
    report({ stage: "weights", loadedBytes, totalBytes });
  };
  add(0);
  const missing = shards.filter(({ file }) => !kept.has(file));
  await ended(
    missing.map(async (shard) => {
      await retried((attempt) => fetchShard(engine, shard, attempt, add));
      kept.add(shard.file);
    }),
  );
  engine.finishWeights();
  begun.delete(engine);
}

/**
 * Loads one of the one-pass networks, once. After a failure, to be called again.
 * @param {Engine} engine
 * @param {"transformer" | "predictor"} set
 * @returns {Promise<void>}
 */
export function fetchInstant(engine, set) {
  const sets = instant.get(engine) ?? new Map();
  instant.set(engine, sets);
  return remembered(sets, set, async () => {
    const shards = await retried(async (attempt) => engine.instantShards(await fetchText("manifest.json", attempt), set));
    await ended(shards.map(({ file }) => retried(async (attempt) => engine.addInstantShard(set, file, await fetchBytes(file, { attempt })))));
    engine.finishInstant(set);
  });
}

/**
 * Fetches what painting will ask for, for the browser's cache alone; nothing is verified before it is used.
 * @returns {Promise<void>}
 */
export async function fetchAhead() {
  const { shards, instant } = JSON.parse(await retried((attempt) => fetchText("manifest.json", attempt)));
  const all = [shards, instant?.transformer.shards ?? [], instant?.predictor.shards ?? []].flat();
  await ended(
    all.map(async ({ file }) => {
      await retried((attempt) => fetchBytes(file, { attempt }));
    }),
  );
}

/**
 * Waits until all have come to their end, well or not, so that a later call finds none half done.
 * @param {Promise<void>[]} actions
 */
async function ended(actions) {
  for (const outcome of await Promise.allSettled(actions)) if (outcome.status === "rejected") throw outcome.reason;
}

/**
 * The shards there are and those the engine has; a manifest that has changed begins anew.
 * @param {Engine} engine
 * @param {number} attempt
 */
async function fetchManifest(engine, attempt) {
  const text = await fetchText("manifest.json", attempt);
  const known = begun.get(engine);
  if (known?.text === text) return known;
  const fresh = { text, shards: engine.setManifest(text), kept: new Set() };
  begun.set(engine, fresh);
  return fresh;
}

/**
 * Fetches one shard; counts only what is kept.
 * @param {Engine} engine
 * @param {Shard} shard
 * @param {number} attempt
 * @param {(bytes: number) => void} add
 */
async function fetchShard(engine, { file, bytes: length }, attempt, add) {
  let counted = 0;
  const count = (/** @type {number} */ bytes) => {
    // More than there should be is not counted: it will not be kept.
    const more = Math.min(bytes, length - counted);
    counted += more;
    add(more);
  };
  try {
    engine.addShard(file, await fetchBytes(file, { attempt, count }));
  } catch (error) {
    add(-counted);
    throw error;
  }
}

/**
 * @template T
 * @param {(attempt: number) => Promise<T>} action
 */
async function retried(action) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action(attempt);
    } catch (error) {
      if (attempt === ATTEMPTS || error instanceof Blocked) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
    }
  }
}

/**
 * @param {string} file
 * @param {number} attempt
 */
const fetchText = async (file, attempt) => new TextDecoder().decode(await fetchBytes(file, { attempt }));

/**
 * A file's bytes. A damaged copy may sit in the browser's cache: a second attempt goes past it.
 * @param {string} file
 * @param {{ attempt: number, count?: (bytes: number) => void }} options
 */
async function fetchBytes(file, { attempt, count = () => {} }) {
  const address = addressOf(file);
  const stall = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const alive = () => {
    giveWord();
    clearTimeout(timer);
    timer = setTimeout(() => stall.abort(), STALL_MILLIS);
  };
  alive();
  try {
    const response = await fetch(address, { cache: attempt > 1 ? "reload" : "default", signal: stall.signal });
    if (response.status !== 200) {
      throw new HttpError(say("notServed", { file, status: response.status }));
    }
    const chunks = [];
    const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      alive();
      chunks.push(part.value);
      count(part.value.length);
    }
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw (await failureOf(address)) ?? new Error(say("notFetched", { file }), { cause: error });
  } finally {
    clearTimeout(timer);
    stall.abort(); // nobody reads the rest
  }
}

/** When the page was told last. */
let lastWord = -Infinity;

/** Tells the page that this worker lives, however slow the connection: one that says nothing for too long is taken for hung (watchdog.js). */
function giveWord() {
  const now = performance.now();
  if (now - lastWord < WORD_MILLIS) return;
  lastWord = now;
  postMessage({ type: "word" });
}

class HttpError extends Error {}
