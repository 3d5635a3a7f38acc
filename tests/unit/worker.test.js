// The worker itself, on a program that stands for the one in WebAssembly: what it says of what it does, and what it lets go of.
import assert from "node:assert/strict";
import { register } from "node:module";
import { beforeEach, test } from "node:test";
import { acts } from "./fake-program.js";
import { settle } from "./fake-worker.js";

// The worker's own `../easel.js` is made from Rust, and not there.
const fake = new URL("./fake-program.js", import.meta.url).href;
const hook = `export const resolve = (name, context, next) => (name === "../easel.js" ? { url: ${JSON.stringify(fake)}, shortCircuit: true } : next(name, context));`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

class FakeBitmap {
  width = 8;
  height = 8;
  closed = false;
  close() {
    this.closed = true;
  }
}
const context2d = { fillRect() {}, drawImage() {}, putImageData() {}, getImageData: (x, y, width, height) => ({ width, height, data: [] }) };
class FakeCanvas {
  getContext = () => context2d;
  convertToBlob = async () => new Blob(["a picture"]);
}
Object.assign(globalThis, { self: globalThis, ImageBitmap: FakeBitmap, ImageData: class {}, OffscreenCanvas: FakeCanvas });
globalThis.addEventListener = () => {};
Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });

/** What the worker has said, the newest last. */
let said = [];
/** Who waits for it to say something. */
let waiting = [];
globalThis.postMessage = (message) => {
  said.push(message);
  for (const look of waiting) look();
};
/** The first that it says, or has said, of a kind. */
const heard = (isIt) =>
  new Promise((resolve) => {
    const look = () => said.some(isIt) && resolve(said.find(isIt));
    waiting.push(look);
    look();
  });
const tell = (message) => globalThis.onmessage({ data: message });
let requests = 0;
/** Asks it for something; what it answers. */
function ask(type, payload) {
  const asked = ++requests;
  tell({ type, request: asked, ...payload });
  return heard(({ request }) => request === asked);
}
/** What it is at, by what it said last of each task. */
const atWork = () => {
  const tasks = new Map(said.filter(({ type }) => type === "doing").map(({ task, what }) => [task, what]));
  return [...tasks.values()].filter((what) => what !== null);
};

let made = 0;
beforeEach(async () => {
  globalThis.fetch = async () => new Response("{}");
  globalThis.createImageBitmap = async () => new FakeBitmap();
  [said, waiting] = [[], []];
  Object.assign(acts, { load: async () => ({}), engine: {}, run: () => ({}) });
  await import(`../../www/engine/worker.js?${++made}`); // another worker for each test
});

/** A worker with an open device. */
async function open() {
  tell({ type: "begin", text: {}, program: null, weights: "http://host/weights/" });
  await ask("open", { backend: "cpu" });
}

test("while the program comes it may be silent for as long as that takes, whatever was asked for", async () => {
  let loaded;
  acts.load = () => new Promise((resolve) => (loaded = resolve));
  tell({ type: "begin", text: {}, program: null, weights: null });
  const asked = ask("settings");
  await settle();
  assert.ok(atWork().includes("load"), String(atWork()));
  loaded({});
  assert.deepEqual((await asked).value, { knobs: [] });
  await settle();
  assert.deepEqual(atWork(), []);
});

test("a program that could not be loaded is loaded by the next request, which may take as long", async () => {
  const outcomes = [Promise.reject(new TypeError("no connection")), new Promise(() => {})];
  acts.load = () => outcomes.shift();
  tell({ type: "begin", text: {}, program: null, weights: null });
  assert.match((await ask("settings")).error, /no connection/);
  assert.deepEqual(atWork(), []);
  ask("settings");
  await settle();
  assert.ok(atWork().includes("load"), String(atWork()));
});

test("a program that was loaded at the second attempt is not loaded again", async () => {
  let attempts = 0;
  acts.load = async () => {
    attempts += 1;
    if (attempts === 1) throw new TypeError("no connection");
    return {};
  };
  tell({ type: "begin", text: {}, program: null, weights: null });
  await settle();
  assert.deepEqual((await ask("settings")).value, { knobs: [] });
  assert.deepEqual((await ask("settings")).value, { knobs: [] });
  assert.equal(attempts, 2);
});

/** A run whose steps are done. */
const shortRun = (more) => () => ({
  iteration: 6,
  iterations: 6,
  finished: true,
  resume() {},
  picture: async () => ({ rgba: () => [], width: 8, height: 8, free() {} }),
  report: () => ({}),
  free() {},
  ...more,
});
const start = (more) => ({
  ...{ type: "start", job: 1, content: new FakeBitmap(), styles: [{ image: new FakeBitmap(), weight: 1, mask: null }], init: null },
  ...{ config: "{}", resume: null, changes: "{}", lastScale: null, recovery: null, paused: false, ...more },
});

test("a run that goes on is said to be shortened only where a scale is left out", async () => {
  await open();
  const recovered = async (job, left) => {
    acts.run = shortRun({
      stopGrowing() {
        this.iterations = left;
      },
    });
    tell(start({ job, lastScale: 1, recovery: { reason: "It died." } }));
    const { detail } = await heard((message) => message.type === "recovered" && message.job === job);
    return detail.shortened;
  };
  assert.equal(await recovered(1, 6), false);
  assert.equal(await recovered(2, 3), true);
});

test("a state whose file is gone is told from what else can fail", async () => {
  await open();
  acts.run = shortRun();
  const gone = Object.assign(new Blob(["state"]), { arrayBuffer: () => Promise.reject(new Error("The file is gone.")) });
  tell(start({ job: 9, resume: gone }));
  const { detail } = await heard((message) => message.type === "failed" && message.job === 9);
  assert.deepEqual(detail, { message: "The file is gone.", code: "checkpoint" });
});

test("a job whose steps have not begun has no checkpoint, and says so at once", async () => {
  let ready;
  const prepared = new Promise((resolve) => (ready = resolve));
  acts.engine.warmUp = () => prepared;
  await open();
  acts.run = shortRun();
  const jobs = [1, 2];
  for (const job of jobs) tell(start({ job }));
  for (const job of jobs) assert.equal((await ask("checkpoint", { job })).value, null);
  ready();
  for (const one of jobs) await heard(({ type, job }) => type === "finished" && job === one);
});

test("a job cancelled while its networks come does not hold up the next one, and is not prepared further", async () => {
  /** @type {(value?: any) => void} */
  let come;
  const coming = new Promise((resolve) => (come = resolve));
  globalThis.fetch = async () => coming.then(() => new Response("{}"));
  const done = [];
  acts.engine.headStart = async (pictures) => (done.push("head start"), pictures);
  acts.run = () => (done.push("run"), shortRun()());
  await open();
  tell(start({ job: 1, config: JSON.stringify({ init: "instant" }) }));
  tell(start({ job: 2, config: JSON.stringify({ init: "content" }) }));
  await heard(({ type, what }) => type === "doing" && what === "prepare");
  await settle();
  tell({ type: "cancel", job: 1 });
  await heard(({ type, job }) => type === "finished" && job === 2);
  assert.deepEqual(done, ["run"]);
  come();
});

test("a bitmap that a vector is read off is closed, also where it cannot be read", async () => {
  acts.engine.styleVector = async () => Float32Array.of(1);
  await open();
  const [read, unread] = [new FakeBitmap(), new FakeBitmap()];
  const of = (picture) => ask("styleVector", { picture, what: "The painting", frames: "crop" });
  assert.deepEqual((await of(read)).value, Float32Array.of(1));
  globalThis.createImageBitmap = async () => Promise.reject(new Error("damaged"));
  assert.equal((await of(unread)).error, "damaged");
  assert.deepEqual([read.closed, unread.closed], [true, true]);
});

test("a finished picture gets the photo's colours or its own, and none that it cannot get", async () => {
  await open();
  const [picture, content] = [new Blob(["painted"]), new Blob(["photo"])];
  const recolour = (colour) => ask("recolour", { picture, content, colour });
  for (const colour of ["match", "Style", undefined]) assert.match((await recolour(colour)).error, /cannot be .*: use "luminance"/);
  for (const colour of ["style", "luminance"]) assert.ok((await recolour(colour)).value instanceof Blob, colour);
});

test("a worker that is asked to leave while it tries kernels takes back that it has begun", async (t) => {
  const noted = [];
  let note;
  const begun = new Promise((resolve) => (note = resolve));
  const put = async (_, response) => note(noted.push(await response.json()));
  const cache = { match: async () => undefined, put, keys: async () => [] };
  globalThis.caches = /** @type {any} */ ({ open: async () => cache });
  t.after(() => delete globalThis.caches);
  const closed = new Promise((resolve) => (globalThis.close = () => resolve(noted.at(-1))));
  Object.assign(acts.engine, { device: { backend: "webgpu" }, tune: () => new Promise(() => {}) });
  await open();
  ask("prepare");
  await begun;
  assert.ok(said.some(({ task, what }) => task === "tuning" && what !== null));
  tell({ type: "leave" });
  assert.deepEqual([await closed, noted], [{ attempts: 0 }, [{ attempts: 1 }, { attempts: 0 }]]);
});
