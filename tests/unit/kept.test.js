// The kept pictures, where the browser gives less than was asked for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Kept } from "../../www/page/gallery/kept.js";
import { Results } from "../../www/page/gallery/results.js";
import { FakeCanvas, bitmap, fakePage, parts } from "./fake-page.js";

const nowhere = /** @type {any} */ ({ lasts: false, all: async () => [] });

test("without a channel between tabs, or where it is refused with all storage, there is a list all the same", async () => {
  const refused = class {
    constructor() {
      throw new DOMException("The operation is insecure.", "SecurityError");
    }
  };
  for (const BroadcastChannel of [undefined, refused]) {
    Object.assign(globalThis, { BroadcastChannel });
    const kept = new Kept(nowhere);
    await kept.load();
    assert.deepEqual(kept.all, []);
  }
});

test("a picture for whose small one there is no memory is kept, and is its own: it is seen in the list", async (t) => {
  for (const [method, fails] of /** @type {["toBlob" | "getContext", any][]} */ ([["toBlob", (callback) => callback(null)], ["getContext", () => null]])) {
    const { kept, stores } = disk(2);
    const { mock } = t.mock.method(FakeCanvas.prototype, method, fails);
    const result = await kept.add(painted("cat"));
    mock.restore();
    assert.equal(await result.thumb.text(), "cat");
    assert.deepEqual([kept.all, kept.failure(result), [...stores.results.values()]], [[result], null, [result]]);
  }
});

// ---- where there is no room

/** A disk with room for so many values, a gallery on it and how it is shown. */
function disk(room, BroadcastChannel = undefined) {
  fakePage();
  Object.assign(globalThis, { BroadcastChannel, createImageBitmap: async () => bitmap() });
  const stores = Object.fromEntries(["results", "pictures", "run"].map((name) => [name, new Map()]));
  const at = { room, stores };
  const put = (name, key, value) => {
    const taken = Object.values(stores).reduce((sum, { size }) => sum + size, stores[name].has(key) ? 0 : 1);
    if (taken > at.room) throw new DOMException("full", "QuotaExceededError");
    stores[name].set(key, value);
  };
  const get = async (name, key) => stores[name].get(key);
  const all = async (name) => [...stores[name].values()];
  const change = async (names, action) => {
    const before = names.map((name) => [name, new Map(stores[name])]);
    try {
      return await action({ get, all, keys: async (name) => [...stores[name].keys()], put: async (...what) => put(...what), delete: async (name, key) => stores[name].delete(key) });
    } catch (error) {
      Object.assign(stores, Object.fromEntries(before));
      throw error;
    }
  };
  const store = { lasts: true, get, all, change, askToLast() {} };
  return { ...at, store, kept: new Kept(/** @type {any} */ (store)), put, use: (more) => (at.room = more) };
}

/** A painted picture of one photo. */
const painted = (name) => {
  const blob = new Blob([name]);
  return /** @type {any} */ ({ picture: blob, photo: { blob, name }, paintings: [], recipe: { config: { size: 3 } }, name, seconds: 1, iteration: 1, iterations: 1 });
};

test("a picture there is no room for takes that of its run's state", async () => {
  const { stores, kept, put } = disk(2);
  put("run", "checkpoint", "state");
  const run = { forget: async (now) => now.delete("run", "checkpoint"), end: async () => void stores.run.clear() };
  const result = await kept.add(painted("cat"), run);
  assert.deepEqual([kept.failure(result), stores.results.size, stores.run.size], [null, 1, 0]);
});

test("one there is no room for at all is there until the page is closed, and kept as soon as another makes room", async () => {
  const { stores, kept } = disk(2);
  const [first] = [await kept.add(painted("first"))];
  const second = await kept.add(painted("second"));
  assert.equal(kept.failure(second)?.name, "QuotaExceededError");
  assert.deepEqual(kept.all.map(({ name }) => name).sort(), ["first", "second"]);
  assert.equal(await (await kept.whole(second)).photo.blob.text(), "second");
  assert.deepEqual([...stores.results.keys()], [first.id]);
  await kept.remove(first);
  assert.deepEqual([kept.failure(second), kept.all, [...stores.results.keys()]], [null, [second], [second.id]]);
  assert.equal(await (await kept.whole(second)).photo.blob.text(), "second");
});

test("deleting one can be undone where another took its room since, or where there was none for it: it is there until the page is closed", async () => {
  for (const [room, names] of /** @type {[number, string[]][]} */ ([[2, ["first", "second"]], [0, ["first"]]])) {
    const { stores, kept, use } = disk(room);
    const made = [];
    for (const name of names) made.push(await kept.add(painted(name)));
    const undo = await kept.remove(made[0]);
    await undo();
    assert.deepEqual(kept.all.map(({ name }) => name).sort(), names);
    assert.equal(kept.failure(made[0])?.name, "QuotaExceededError");
    assert.equal(await (await kept.whole(made[0])).photo.blob.text(), "first");
    use(4);
    await kept.remove(await kept.add(painted("third")));
    assert.deepEqual([stores.results.size, made.map((result) => kept.failure(result))], [names.length, names.map(() => null)]);
  }
});

test("one that was never kept can be deleted where nothing can be written any more, and put back", async () => {
  const { store, kept } = disk(2);
  store.change = () => Promise.reject(new Error("damaged"));
  const result = await kept.add(painted("cat"));
  const undo = await kept.remove(result);
  assert.deepEqual([kept.all, kept.failure(result)], [[], null]);
  await undo();
  assert.deepEqual([kept.all, kept.failure(result)?.message], [[result], "damaged"]);
});

/** A full disk with two pictures, of which the second is not kept. */
async function fullDisk(channel = undefined) {
  const at = disk(2, channel);
  const [first, second] = [await at.kept.add(painted("first")), await at.kept.add(painted("second"))];
  assert.deepEqual([at.kept.failure(first), at.kept.failure(second)?.name], [null, "QuotaExceededError"]);
  return { ...at, first, second };
}

test("it is kept, too, as soon as a later one is: there is room by now", async () => {
  const { kept, second, stores, use } = await fullDisk();
  use(8);
  await kept.add(painted("third"));
  assert.deepEqual([kept.failure(second), stores.results.size], [null, 3]);
});

test("or another tab has made room, which is told once it is", async () => {
  const channel = /** @type {any} */ ({ postMessage() {} });
  const { kept, first, second, stores } = await fullDisk(function () {
    return channel;
  });
  for (const name of ["results", "pictures"]) stores[name].clear();
  const told = new Promise((resolve) => kept.addEventListener("change", () => resolve(kept.failure(second))));
  channel.onmessage({ data: first.id });
  assert.deepEqual([await told, kept.all], [null, [second]]);
});

test("of several one that is deleted meanwhile is not kept after all", async () => {
  const { kept, first, second, store, stores, use } = await fullDisk();
  const third = await kept.add(painted("third"));
  use(8);
  const { change } = store;
  let [changes, leaving] = [0, null];
  store.change = (...how) => {
    if (++changes === 2) leaving = kept.remove(third); // the second is being kept in the first one's place
    return change(...how);
  };
  await kept.remove(first);
  await leaving;
  assert.deepEqual([kept.all, [...stores.results.values()]], [[second], [second]]);
});

test("it says so, and can be opened, deleted and put back", async () => {
  const { store, use } = disk(0);
  const places = parts("section", "list", "details", "actions", "again", "remove");
  const results = new Results(/** @type {any} */ (store), places);
  const run = { forget: async () => {}, end: async () => {} };
  await assert.rejects(results.add(painted("cat"), run), { name: "QuotaExceededError" });
  assert.deepEqual([places.section.hidden, places.actions.hidden], [false, false]);
  assert.match(places.details.textContent, /not kept/);
  const opened = /** @type {any[]} */ ([]);
  results.addEventListener("open", ({ detail }) => opened.push(detail.whole));
  const [button] = places.list.querySelectorAll("button");
  button.onclick();
  assert.equal(await (await opened[0]).photo.blob.text(), "cat");
  const deleted = new Promise((resolve) => results.addEventListener("deleted", ({ detail }) => resolve(detail)));
  places.remove.onclick();
  const { undo } = await deleted;
  assert.equal(places.list.querySelectorAll("button").length, 0);
  use(2);
  await undo();
  assert.equal(places.list.querySelectorAll("button").length, 1);
  assert.doesNotMatch(places.details.textContent, /not kept/);
});
