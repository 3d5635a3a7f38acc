// When a run and its checkpoint go to disk, and that they leave it.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const page = new EventTarget();
globalThis.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
globalThis.addEventListener = (type, listener) => page.addEventListener(type, listener);
Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
const { Unfinished } = await import("../../www/page/gallery/unfinished.js");

let values;
let store;
let written;
let full;
let unfinished;
const record = { photo: {}, paintings: [], recipe: { config: {} }, resumed: 0 };

beforeEach(async () => {
  await unfinished?.end(); // it hears when the page is left
  written = [];
  full = false;
  values = new Map();
  store = {
    lasts: true,
    get: async (_, key) => values.get(key),
    delete: async (_, key) => void values.delete(key),
    change: async (_, action) => action(store),
    async put(_, key, value) {
      if (full) throw new Error("full");
      values.set(key, value);
      if (key === "checkpoint") written.push(value.iteration);
    },
  };
  unfinished = new Unfinished(store);
  assert.equal(await unfinished.begin(record), "kept");
});

/** A clock of its own. */
function clock(t) {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  return (millis) => (now += millis);
}

test("the first is written at once, then the newest of every half minute", async (t) => {
  const pass = clock(t);
  for (let iteration = 1; iteration <= 17; iteration++) {
    assert.equal(await unfinished.checkpoint(new Blob(["x"]), iteration), true);
    pass(4000);
  }
  assert.deepEqual(written, [1, 9, 17]);
});

test("a run that pauses is written now", async (t) => {
  clock(t);
  for (const iteration of [1, 2, 3]) await unfinished.checkpoint(new Blob(["x"]), iteration, { now: iteration === 3 });
  assert.deepEqual(written, [1, 3]);
});

for (const [what, happen] of [
  ["is hidden", () => document.dispatchEvent(new Event("visibilitychange"))],
  ["is left", () => page.dispatchEvent(new Event("pagehide"))],
  ["says that the run failed", () => unfinished.flush()],
]) {
  test(`what waits is written when the page ${what}`, async (t) => {
    clock(t);
    for (const iteration of [1, 2, 3]) await unfinished.checkpoint(new Blob(["x"]), iteration);
    assert.deepEqual(written, [1]);
    document.visibilityState = "hidden";
    happen();
    document.visibilityState = "visible";
    await unfinished.flush();
    assert.deepEqual(written, [1, 3]);
  });
}

test("a page that comes back into sight writes nothing", async (t) => {
  clock(t);
  for (const iteration of [1, 2]) await unfinished.checkpoint(new Blob(["x"]), iteration);
  document.dispatchEvent(new Event("visibilitychange"));
  await new Promise(setImmediate);
  assert.deepEqual(written, [1]);
});

test("a full disk is said, and what is over is not written any more", async (t) => {
  clock(t);
  full = true;
  assert.equal(await unfinished.checkpoint(new Blob(["x"]), 1), false);
  full = false;
  await unfinished.checkpoint(new Blob(["x"]), 2);
  await unfinished.end();
  await unfinished.flush();
  assert.equal(await unfinished.checkpoint(new Blob(["x"]), 3, { now: true }), true);
  assert.deepEqual(written, []);
});

test("a run that ends while its beginning is still waited for leaves nothing behind", async () => {
  await unfinished.end();
  let goOn;
  const { delete: remove } = store;
  store.delete = async (...place) => {
    await new Promise((resolve) => (goOn = resolve));
    return remove(...place);
  };
  const beginning = unfinished.begin(record);
  await new Promise(setImmediate);
  goOn();
  store.delete = remove;
  await unfinished.end();
  assert.equal(await beginning, "over");
  assert.deepEqual([...values], []);
  assert.equal(await unfinished.begin(record), "kept"); // and the next one is kept
  assert.deepEqual([...values.keys()], ["resumed", "job"]);
});

test("that another tab is at a run of its own is not said of one that is over by then", async (t) => {
  t.after(() => delete (/** @type {any} */ (navigator).locks));
  for (const over of [false, true]) {
    let refuse;
    Object.assign(navigator, { locks: { request: () => new Promise((_, reject) => (refuse = reject)) } });
    const late = new Unfinished(store);
    const beginning = late.begin(record);
    if (over) await late.end();
    refuse(new DOMException("It took too long.", "TimeoutError"));
    assert.equal(await beginning, over ? "over" : "other tab");
  }
});

test("a run whose picture is kept is forgotten in the same change", async () => {
  await unfinished.checkpoint(new Blob(["x"]), 1);
  const deleted = [];
  await unfinished.forget({ delete: async (name, key) => void deleted.push(`${name} ${key}`) });
  assert.deepEqual(deleted, ["run job", "run resumed", "run checkpoint"]);
  assert.equal(await unfinished.checkpoint(new Blob(["x"]), 2, { now: true }), true);
  assert.deepEqual(written, [1]);
});

test("a disk that is full when a run is taken up leaves what was kept of it", async (t) => {
  clock(t);
  await unfinished.checkpoint(new Blob(["x"]), 7);
  full = true;
  assert.equal(await unfinished.begin({ ...record, resumed: 1 }, { fresh: false }), "as before");
  assert.deepEqual([...values.keys()], ["resumed", "job", "checkpoint"]);
  full = false;
  assert.equal(await unfinished.checkpoint(new Blob(["x"]), 9, { now: true }), true);
  assert.deepEqual(written, [7], "nothing more is written");
  full = true;
  assert.equal(await unfinished.begin(record), "no room"); // another run's would not go with it
  assert.deepEqual([...values], []);
});

test("what is found is a run a page before left behind, not one begun meanwhile", async () => {
  const whole = { ...record, photo: { blob: new Blob(["photo"]) } };
  await unfinished.begin(whole);
  assert.equal(await unfinished.find(), null);
  assert.deepEqual(await new Unfinished(store).find(), { ...whole, checkpoint: null, iteration: 0 });
});

/** A lock that is given when the test says so. */
function locked(t) {
  let grant;
  Object.assign(navigator, { locks: { request: (_name, _how, hold) => new Promise((resolve) => (grant = () => resolve(hold()))) } });
  t.after(() => delete (/** @type {any} */ (navigator).locks));
  return () => grant();
}

test("what happens while the lock is waited for is kept once it is there", async (t) => {
  const grant = locked(t);
  for (const room of [true, false]) {
    values.clear();
    const late = new Unfinished(store);
    const beginning = late.begin(record);
    await late.change({ config: { styleWeight: 5 } });
    assert.equal(await late.checkpoint(new Blob(["x"]), 3, { now: true }), true);
    assert.deepEqual([...values], []);
    const { put } = store;
    if (!room) store.put = (name, key, value) => (key === "checkpoint" ? Promise.reject(new Error("full")) : put.call(store, name, key, value));
    grant();
    assert.equal(await beginning, room ? "kept" : "no room");
    store.put = put;
    assert.deepEqual([values.get("job").recipe.config, values.get("checkpoint")?.iteration], [{ styleWeight: 5 }, room ? 3 : undefined]);
    await late.end();
  }
});

test("a run that ends while the lock is waited for leaves nothing of what happened meanwhile", async (t) => {
  const grant = locked(t);
  values.clear();
  const late = new Unfinished(store);
  const beginning = late.begin(record);
  late.checkpoint(new Blob(["x"]), 3, { now: true });
  await late.end();
  grant();
  assert.equal(await beginning, "over");
  assert.deepEqual([...values], []);
});

test("how often a run was taken up is counted on a full disk, too, as long as it gets nowhere", async () => {
  const whole = { ...record, photo: { blob: new Blob(["photo"]) } };
  values = new Map(Object.entries({ job: whole })); // as an earlier version left it
  const { put } = store;
  store.put = (name, key, value) => (typeof value === "number" ? put.call(store, name, key, value) : Promise.reject(new Error("full")));
  const counts = [];
  for (let visit = 1; visit <= 3; visit++) {
    const next = new Unfinished(store);
    const { resumed, ...found } = await next.find();
    counts.push(resumed);
    assert.equal(await next.begin({ ...found, resumed: resumed + 1 }, { fresh: false }), "as before");
  }
  assert.deepEqual(counts, [0, 1, 2]);
  store.put = put;
  const last = new Unfinished(store);
  const found = await last.find();
  assert.equal(await last.begin(found, { fresh: false }), "kept");
  await last.checkpoint(new Blob(["x"]), 4);
  assert.equal((await new Unfinished(store).find()).resumed, 0);
});

test("a state that found no room is tried again, at the latest when the page is left, unless there is a newer one; until then it is not kept", async (t) => {
  const pass = clock(t);
  full = true;
  assert.equal(await unfinished.checkpoint(new Blob(["x"]), 1), false);
  assert.equal(await unfinished.checkpoint(new Blob(["x"]), 2), false);
  full = false;
  page.dispatchEvent(new Event("pagehide"));
  await new Promise(setImmediate);
  assert.deepEqual(written, [2]);
  assert.equal(await unfinished.checkpoint(new Blob(["x"]), 3), true);
  full = true;
  assert.equal(await unfinished.checkpoint(new Blob(["x"]), 4, { now: true }), false);
  full = false;
  pass(30_000);
  assert.equal(await unfinished.checkpoint(new Blob(["x"]), 5), true);
  assert.deepEqual(written, [2, 5]);
});

test("a page that is left while a state is written asks for the newest at once", async (t) => {
  clock(t);
  const { put } = store;
  const asked = [];
  store.put = (_, __, { iteration }) => (asked.push(iteration), new Promise(() => {}));
  unfinished.checkpoint(new Blob(["x"]), 5, { now: true });
  unfinished.checkpoint(new Blob(["x"]), 9);
  page.dispatchEvent(new Event("pagehide"));
  assert.deepEqual(asked, [5, 9]);
  store.put = put;
});
