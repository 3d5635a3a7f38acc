// What is remembered of a device's kernels.
import assert from "node:assert/strict";
import { test } from "node:test";

/** A cache that is kept in memory: what was put where. @type {Map<string, any>} */
const kept = new Map();
const cache = {
  match: async (/** @type {string} */ key) => (kept.has(key) ? Response.json(kept.get(key)) : undefined),
  put: async (/** @type {string} */ key, /** @type {Response} */ response) => kept.set(key, await response.json()),
  keys: async () => [...kept.keys()].map((url) => ({ url })),
  delete: async (/** @type {{ url: string }} */ { url }) => kept.delete(url),
};
Object.assign(globalThis, { caches: { open: async () => cache } });
const browser = (/** @type {string} */ userAgent) => Object.defineProperty(globalThis, "navigator", { value: { userAgent }, configurable: true });
browser("a browser");
Object.assign(globalThis, { origin: "https://a.page" });
const { Tuning } = await import("../../www/engine/tuning.js");

const PLAINEST = "direct+registers+alone";

/** An engine that finds this, or what it finds out of what is in use; it says what it was told to use. */
function engine(find) {
  const used = [];
  return { used, tune: async () => find(used.at(-1)), useKernels: (word) => used.push(word) };
}
const right = (kernels) => ({ kernels, gigaflops: 5, rejected: [] });

test.beforeEach(() => kept.clear());

test("what was found is kept for this browser, and another finds out by itself", async () => {
  const tuning = new Tuning("a device");
  assert.deepEqual(await tuning.recall(), {});
  await tuning.find(engine(() => right("winograd")));
  assert.deepEqual(await new Tuning("a device").recall(), { kernels: "winograd", gigaflops: 5 });
  assert.deepEqual(await new Tuning("another device").recall(), {});
  browser("a browser, updated");
  const updated = new Tuning("a device");
  assert.deepEqual(await updated.recall(), {});
  await updated.find(engine(() => right("direct")));
  assert.equal(kept.size, 1, "of the older one nothing is left");
  browser("a browser");
});

test("a device that was lost while kernels were tried has only the plainest tried, and those are tried", async () => {
  const lost = new Tuning("a device");
  lost.find(engine(() => new Promise(() => {})));
  await new Promise((resolve) => setTimeout(resolve));
  await lost.lost();
  const next = new Tuning("a device");
  assert.equal((await next.recall()).kernels, undefined, "not used unseen");
  const plain = engine(right);
  await next.find(plain);
  assert.equal(plain.used[0], PLAINEST);
  assert.deepEqual(await new Tuning("a device").recall(), { kernels: PLAINEST, gigaflops: 5 });
});

test("a page closed again and again while it tries ends with the plainest", async () => {
  const tried = [];
  for (let closed = 0; closed < 4; closed += 1) {
    const tuning = new Tuning("a device");
    assert.equal((await tuning.recall()).kernels, undefined);
    const closing = engine(() => new Promise(() => {}));
    tuning.find(closing);
    await new Promise((resolve) => setTimeout(resolve));
    tried.push(closing.used[0]);
  }
  assert.deepEqual(tried, [undefined, undefined, PLAINEST, PLAINEST]);
  assert.equal((await new Tuning("a device").recall()).kernels, PLAINEST);
});

test("a device that is let go while kernels are tried keeps its choice, however often", async () => {
  for (let i = 0; i < 5; i += 1) {
    const tuning = new Tuning("a device");
    await tuning.recall();
    const left = engine(() => new Promise(() => {}));
    tuning.find(left);
    await new Promise((resolve) => setTimeout(resolve));
    await tuning.leave();
    assert.equal(left.used[0], undefined, `${i}`);
  }
  const stays = engine(() => right("winograd"));
  const tuning = new Tuning("a device");
  await tuning.find(stays);
  await tuning.leave();
  assert.deepEqual(stays.used, ["winograd"]);
  assert.deepEqual(await new Tuning("a device").recall(), { kernels: "winograd", gigaflops: 5 });
});

test("a device that computed wrongly is tried again after a week", async (t) => {
  const tuning = new Tuning("a device");
  const wrong = engine(() => ({ rejected: [{ kernels: "direct", operation: "gram", error: 1 }] }));
  t.mock.method(console, "warn", () => {});
  await assert.rejects(tuning.find(wrong), { name: "DeviceError", message: /gram/ });
  assert.equal((await new Tuning("a device").recall()).wrong, "gram");
  const [[key, known]] = kept;
  kept.set(key, { ...known, at: known.at - 8 * 24 * 60 * 60 * 1000 });
  assert.deepEqual(await new Tuning("a device").recall(), {});
});

test("tabs opened together find out once, one after the other", async (t) => {
  const waiting = new Map();
  const request = (name, search) => {
    const turn = (waiting.get(name) ?? Promise.resolve()).then(search);
    waiting.set(name, turn.catch(() => {}));
    return turn;
  };
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "a browser", locks: { request } }, configurable: true });
  t.after(() => browser("a browser"));
  const tabs = [1, 2, 3].map(() => new Tuning("a device"));
  await Promise.all(tabs.map((tab) => tab.recall()));
  let tuned = 0;
  const engines = tabs.map(() =>
    engine(async () => {
      tuned += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return right("winograd");
    }),
  );
  await Promise.all(tabs.map((tab, i) => tab.find(engines[i])));
  assert.equal(tuned, 1);
  assert.deepEqual(engines.map(({ used }) => used), [["winograd"], ["winograd"], ["winograd"]]);
  assert.deepEqual(await new Tuning("a device").recall(), { kernels: "winograd", gigaflops: 5 });
});

test("a worker without an address and an origin of its own remembers like others, where it may", async (t) => {
  t.after(() => Object.assign(globalThis, { origin: "https://a.page" }));
  Object.assign(globalThis, { origin: "null" }); // as in a sandboxed frame
  const { Tuning } = await import("../../www/engine/tuning.js?opaque");
  await new Tuning("a device").find(engine(() => right("winograd")));
  assert.deepEqual(await new Tuning("a device").recall(), { kernels: "winograd", gigaflops: 5 });
});
