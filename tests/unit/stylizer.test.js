// Workers that hang, from the page's side: replaced, and their jobs go on; those that are only slow are left alone.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { FakeWorker, settle, workers } from "./fake-worker.js";
import { Stylizer, Tools } from "../../www/engine/stylizer.js";
import { VERSION } from "../../www/engine/version.js";

const picture = new Blob(["a picture"]);
const inputs = { content: picture, styles: [{ image: picture }] };
const device = { backend: "cpu", adapter: "CPU", limits: {} };

/** Lets so many seconds pass, and what follows from them happen. */
async function pass(seconds) {
  for (let i = 0; i < 4 * seconds; i++) {
    mock.timers.tick(250);
    await settle();
  }
}

/** A stylizer on fake workers and mocked timers. */
async function open(t, options = {}) {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  workers.length = 0;
  FakeWorker.answers = { open: () => device };
  const stylizer = await Stylizer.create(options);
  t.after(() => stylizer.dispose());
  return stylizer;
}

const size = 256 * 256;
/** What a worker says of a job in which step `iteration` is done in `millis`, and the next is begun. */
function step(worker, job, iteration, millis) {
  worker.say({ type: "doing", task: "job", what: "picture", pixels: size, took: { millis, pixels: size } });
  const detail = { iteration, iterations: 100, scale: { index: 0, count: 1, width: 256, height: 256 }, losses: {}, millisPerIteration: millis, etaSeconds: 1, preview: null };
  worker.say({ type: "progress", job, detail });
  worker.say({ type: "doing", task: "job", what: "step", pixels: size, first: false });
}

test("a worker that hangs in a step is replaced within 6 s, and its job goes on from its checkpoint", async (t) => {
  const stylizer = await open(t);
  const job = stylizer.start(inputs);
  const checkpoint = new Blob(["checkpoint"]);
  step(workers[0], 1, 3, 20);
  workers[0].say({ type: "checkpoint", job: 1, detail: { blob: checkpoint, iteration: 3, iterations: 100 } });
  step(workers[0], 1, 4, 20);
  workers[0].hangs = true;
  await pass(4);
  assert.equal(workers.length, 1);
  await pass(2);
  assert.equal(workers.length, 2);
  assert.equal(workers[0].ended, true);
  const [start] = workers[1].of("start");
  assert.equal(start.resume, checkpoint);
  assert.match(start.recovery.reason, /did not answer/);
  const result = { blob: picture, width: 1, height: 1, report: {} };
  workers[1].say({ type: "finished", job: 1, detail: result });
  assert.deepEqual(await job.finished, result);
});

test("a worker whose steps take half a minute is left alone, and so is one in its first step", async (t) => {
  const stylizer = await open(t);
  stylizer.start(inputs);
  workers[0].say({ type: "doing", task: "job", what: "step", pixels: 6 * size, first: true });
  await pass(59);
  step(workers[0], 1, 1, 30_000);
  stylizer.settings().catch(() => {}); // not even heard before the step is over
  for (let iteration = 2; iteration < 5; iteration++) {
    await pass(iteration * 30);
    step(workers[0], 1, iteration, iteration * 30_000);
  }
  assert.equal(workers.length, 1);
});

test("cancel on a hung worker answers at once, and the next job does not wait for it for ever", async (t) => {
  const stylizer = await open(t);
  const [hung, next] = [stylizer.start(inputs), stylizer.start(inputs)];
  step(workers[0], 1, 5, 20);
  workers[0].hangs = true;
  hung.cancel();
  await assert.rejects(hung.finished, { name: "AbortError" });
  await pass(6);
  assert.equal(workers.length, 2);
  assert.deepEqual(workers[1].of("start").map(({ job }) => job), [2]);
  workers[1].say({ type: "finished", job: 2, detail: { width: 7 } });
  assert.equal((await next.finished).width, 7);
});

test("a worker that hangs with nothing to do is noticed when something is asked of it", async (t) => {
  const stylizer = await open(t);
  workers[0].hangs = true;
  await pass(60);
  assert.equal(workers.length, 1);
  const asked = stylizer.settings();
  asked.catch(() => {});
  await pass(6);
  await assert.rejects(asked, /did not answer/);
  assert.equal(workers.length, 2);
  FakeWorker.answers.settings = () => ({ knobs: [] });
  assert.deepEqual(await stylizer.settings(), { knobs: [] });
});

test("a paused job may stay so for hours", async (t) => {
  const stylizer = await open(t);
  const job = stylizer.start(inputs);
  step(workers[0], 1, 5, 20);
  job.pause();
  await settle();
  workers[0].say({ type: "doing", task: "job", what: null });
  await pass(600);
  assert.equal(workers.length, 1);
});

test("a worker wrongly given up gets four times as long the next time", async (t) => {
  const stylizer = await open(t);
  stylizer.start(inputs);
  step(workers[0], 1, 5, 20);
  await pass(6);
  assert.equal(workers.length, 2);
  step(workers[1], 1, 6, 20);
  await pass(19);
  assert.equal(workers.length, 2);
});

test("a checkpoint asked for comes from the worker; an ended job has none, nor one whose pictures are still to come", async (t) => {
  const stylizer = await open(t);
  const saved = { blob: picture, iteration: 4, iterations: 9 };
  FakeWorker.answers.checkpoint = ({ job }) => (job === 1 ? saved : null);
  t.mock.method(globalThis, "fetch", () => new Promise(() => {}));
  const [job, waiting] = [stylizer.start(inputs), stylizer.start({ ...inputs, content: "slow.jpg" })];
  await settle();
  assert.deepEqual(await job.checkpoint(), saved);
  assert.equal(await Promise.race([waiting.checkpoint(), settle()]), null);
  job.cancel();
  assert.equal(await job.checkpoint(), null);
});

test("where a new worker has not begun yet there is the checkpoint that it goes on from", async (t) => {
  const stylizer = await open(t);
  const job = stylizer.start(inputs);
  await settle();
  const saved = { blob: picture, iteration: 4, iterations: 9 };
  workers[0].say({ type: "checkpoint", job: 1, detail: saved });
  workers[0].say({ type: "died", detail: "It died." });
  await pass(1);
  assert.equal(workers[1].of("start")[0].resume, picture);
  assert.equal(await job.checkpoint(), saved);
});

test("a worker that fetches for an hour is left alone while it says now and then that it lives", async (t) => {
  const stylizer = await open(t);
  workers[0].hear = () => {};
  const preloaded = stylizer.preload();
  await settle();
  const [{ request }] = workers[0].of("preload");
  workers[0].say({ type: "heard" });
  workers[0].say({ type: "doing", task: request, what: "prepare" });
  for (let minute = 0; minute < 60; minute++) {
    await pass(60);
    workers[0].say({ type: "word" });
  }
  workers[0].say({ request, value: null });
  assert.equal(await preloaded, null);
  assert.equal(workers.length, 1);
});

test("what a run takes is asked with settings as a run has them", async (t) => {
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  const stylizer = await open(t);
  const asked = [];
  FakeWorker.answers.estimate = ({ config }) => (asked.push(JSON.parse(config)), { bytes: 1, largest: 1, megapixels: 1, iterations: 1 });
  const estimate = (config) => stylizer.estimate({ width: 8, height: 8, config });
  for (const config of [{ init: picture }, { init: new URL("http://host/cat.jpg"), size: 64 }, { init: "noise", size: NaN }]) await estimate(config);
  assert.deepEqual(asked, [{ init: "image" }, { init: "image", size: 64 }, { init: "noise", size: "NaN" }]);
  await assert.rejects(estimate([]), /must be an object/);
});

test("a worker of another version is refused with a sentence, at once and for good", async (t) => {
  const stylizer = await open(t);
  const job = stylizer.start(inputs);
  let stopped = null;
  stylizer.addEventListener("stopped", ({ detail }) => (stopped = detail));
  FakeWorker.version = "another";
  t.after(() => (FakeWorker.version = VERSION));
  workers[0].say({ type: "died", detail: "It died." });
  await pass(1);
  await assert.rejects(job.finished, { code: "version", message: /Reload the page/ });
  assert.equal(stopped.code, "version");
  assert.equal(workers.length, 2);
  assert.deepEqual(workers[1].of("start"), []);
  await assert.rejects(Stylizer.create(), { code: "version" });
  await assert.rejects(new Tools().settings(), { code: "version" });
  assert.equal(workers.length, 4, "none is tried twice");
});

test("a worker that tries kernels is let take that back when it is let go, and has a second for it", async (t) => {
  const stylizer = await open(t);
  const [worker] = workers;
  worker.say({ type: "doing", task: "tuning", what: "prepare" });
  stylizer.dispose();
  assert.deepEqual([worker.of("leave").length, worker.ended], [1, false]);
  await pass(1);
  assert.equal(worker.ended, true);
});

test("a worker that has tried its kernels, or hangs in that, is ended at once", async (t) => {
  const stylizer = await open(t);
  stylizer.prepare().catch(() => {});
  workers[0].say({ type: "doing", task: "tuning", what: "prepare" });
  workers[0].hangs = true;
  await pass(130);
  assert.deepEqual([workers[0].of("leave").length, workers[0].ended], [0, true]);
  await pass(5);
  for (const what of ["prepare", null]) workers[1].say({ type: "doing", task: "tuning", what });
  stylizer.dispose();
  assert.deepEqual([workers[1].of("leave").length, workers[1].ended], [0, true]);
});
