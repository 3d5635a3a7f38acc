// Pictures that come with the start: those that can be read are taken, and the others said.
import assert from "node:assert/strict";
import { test } from "node:test";
import { onLaunch } from "../../www/page/offline/launch.js";
import { text } from "../../www/page/text/index.js";
import { turn } from "./session-studio.js";

/** A start at an address, with what the file manager and the share sheet hand over; `taken` and `told` are what comes of it. */
async function launch({ search = "", opened = [], cache = {} } = {}) {
  const at = { taken: [], told: [] };
  const launchQueue = { setConsumer: (consume) => (at.consumed = consume({ files: opened })) };
  const caches = { open: async () => cache };
  Object.assign(globalThis, { window: { launchQueue, caches }, caches, location: { href: `https://example.org/${search}` } });
  Object.assign(globalThis, { history: { state: null, replaceState() {} } });
  onLaunch(() => "ticket", (files, chosen) => at.taken.push(...files.map(({ name }) => `${name} ${chosen}`)), (sentence) => at.told.push(sentence));
  await at.consumed;
  for (let i = 0; i < 5; i++) await turn();
  return at;
}

const handle = (name, gone = false) => ({ name, getFile: () => (gone ? Promise.reject(new DOMException("gone", "NotFoundError")) : Promise.resolve(new File(["x"], name))) });

test("a picture opened from the file manager that is no longer there is said, and takes none of the others along", async () => {
  const { taken, told } = await launch({ opened: [handle("1.jpg"), handle("gone.jpg", true), handle("2.jpg")] });
  assert.deepEqual([taken, told], [["1.jpg ticket", "2.jpg ticket"], [text.unreadable("gone.jpg")]]);
  assert.deepEqual(await launch({ opened: [handle("gone.jpg", true)] }).then((at) => [at.taken, at.told]), [[], [text.unreadable("gone.jpg")]]);
});

/** A cache of shared pictures, of which some cannot be read. */
function sharedCache(names, broken) {
  const kept = new Set(names);
  const match = async (name) => {
    if (broken.includes(name)) throw new DOMException("damaged", "UnknownError");
    return new Response("x", { headers: { "X-Name": name } });
  };
  return { kept, keys: async () => [...kept], match, delete: async (name) => kept.delete(name) };
}

test("so is a shared one; each leaves the cache once all were tried", async () => {
  for (const broken of [[], ["2.jpg"], ["1.jpg", "2.jpg"]]) {
    const cache = sharedCache(["1.jpg", "2.jpg"], broken);
    const { taken, told } = await launch({ search: "?shared", cache });
    const whole = ["1.jpg", "2.jpg"].filter((name) => !broken.includes(name));
    assert.deepEqual([taken, told], [whole.map((name) => `${name} ticket`), broken.length > 0 ? [text.shareFailed] : []]);
    assert.deepEqual([...cache.kept], []);
  }
});

test("a share that came to nothing is said; one without pictures is not", async () => {
  const told = async (search, cache) => (await launch({ search, cache })).told;
  assert.deepEqual(await told("?shared=failed", sharedCache([], [])), [text.shareFailed]);
  assert.deepEqual(await told("?shared", { keys: () => Promise.reject(new Error("damaged")) }), [text.shareFailed]);
  assert.deepEqual(await told("?shared", sharedCache([], [])), []);
});
