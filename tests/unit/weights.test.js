// What the worker fetches: that it says it lives meanwhile, on a slow connection and on one that stands still.
import assert from "node:assert/strict";
import { register } from "node:module";
import { test } from "node:test";
import { settle } from "./fake-worker.js";
import { fetchAhead, weightsAt } from "../../www/engine/weights.js";

// What a bundler has made one file of may be started from a Blob: here the module alone has such an address.
const folder = JSON.stringify(new URL("../../www/engine/", import.meta.url).href);
const hooks = `import { readFile } from "node:fs/promises";
  const isBlob = (url) => url?.startsWith("blob:");
  export const resolve = (name, context, next) =>
    isBlob(name) ? { url: name, shortCircuit: true } : isBlob(context.parentURL) ? next(new URL(name, ${folder}).href, {}) : next(name, context);
  export const load = async (url, context, next) =>
    isBlob(url) ? { format: "module", source: await readFile(new URL("weights.js", ${folder})), shortCircuit: true } : next(url, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

/** How long a worker may be silent while it fetches, in seconds; see `Pace`. */
const ALLOWED = 120;

/** The clock, in seconds; it goes on from test to test, as it does for the module. */
let now = 0;

/**
 * Fetches ahead from a server that answers as the test says; `after(seconds)` lets the time pass, and tells when words were given by then.
 * @param {(file: string, signal: AbortSignal) => Promise<Response>} answer
 */
function fetching(t, answer) {
  const [begun, words] = [now, []];
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(performance, "now", () => 1000 * now);
  globalThis.postMessage = (message) => (assert.deepEqual(message, { type: "word" }), words.push(now - begun));
  t.after(() => delete globalThis.postMessage);
  t.mock.method(globalThis, "fetch", async (address, { signal }) => answer(address.pathname, signal));
  weightsAt("http://host/weights/");
  const ahead = fetchAhead();
  ahead.catch(() => {});
  const after = async (seconds, each = () => {}) => {
    for (const end = now + seconds; now < end; now += 0.25) {
      each();
      await settle();
      t.mock.timers.tick(250);
    }
    return words;
  };
  return { ahead, after };
}

/** Whether a worker that gave words then was never silent for too long. */
const livedUntil = (end, words) => [...words, end].every((at, i) => at - (words[i - 1] ?? 0) < ALLOWED);

test("while a file comes bit by bit, a word about once a second", async (t) => {
  const manifest = JSON.stringify({ shards: [{ file: "a.bin" }], instant: null });
  let ask;
  const asked = new Promise((resolve) => (ask = resolve));
  const { ahead, after } = fetching(t, async (file) => new Response(file.endsWith("manifest.json") ? manifest : new ReadableStream({ start: ask })));
  const body = await asked;
  const words = await after(600, () => body.enqueue(new Uint8Array(1)));
  assert.ok(livedUntil(600, words), String(words));
  assert.ok(words.length > 500 && words.length < 700, String(words.length));
  body.close();
  await ahead;
});

test("a server that takes requests and never answers: the sentence comes before the worker is taken for hung", async (t) => {
  const silent = (_, signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const { ahead, after } = fetching(t, silent);
  const words = await after(150);
  assert.ok(livedUntil(150, words), String(words));
  await assert.rejects(ahead, /manifest\.json could not be fetched/);
});

test("a worker that is a Blob fetches from where it is told, and says so where it is not", async (t) => {
  globalThis.postMessage = () => {};
  t.after(() => delete globalThis.postMessage);
  const asked = [];
  t.mock.method(globalThis, "fetch", async (address) => (asked.push(String(address)), Response.json({ shards: [], instant: null })));
  const inBlob = await import("blob:https://host/1");
  await assert.rejects(inBlob.fetchAhead(), /manifest\.json is not among those that the option weights names/);
  inBlob.weightsAt("https://cdn.example/weights/");
  await inBlob.fetchAhead();
  assert.deepEqual(asked, ["https://cdn.example/weights/manifest.json"]);
});
