// bench.html where the device is lost in mid-run: figures of two devices are never shown as those of one. And where it is stopped.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeElement, fakePage } from "./fake-page.js";
import { FakeWorker, settle, workers } from "./fake-worker.js";
import { Job } from "../../www/engine/job.js";
import { measureAll } from "../../www/page/bench/measure.js";
import { text } from "../../www/page/text/index.js";

globalThis.ImageData = /** @type {any} */ (class {
  constructor(width, height) {
    Object.assign(this, { width, height, data: new Uint8ClampedArray(4 * width * height) });
  }
});

const REASON = "The painter did not answer any more.";
const STEPS = 11;
const step = (iteration) => ({ iteration, iterations: STEPS, scale: { index: 0, count: 1, width: 8, height: 8 }, losses: {}, millisPerIteration: 1, preview: null });
const recovered = { reason: REASON, iteration: 0, backend: "cpu", shortened: false };

test("a row whose worker was replaced is given up, for the reason of that, and so are those after it", async () => {
  const jobs = [];
  const told = [];
  const start = () => {
    const job = new Job({ tell: (type) => told.push(type), ask: async () => null });
    jobs.push(job);
    return job;
  };
  const rows = [];
  const measured = measureAll(/** @type {any} */ ({ start }), [8, 16], (row) => rows.push(row));
  const paint = (job, count) => {
    for (let i = 1; i <= count; i++) job._receive("progress", step(i));
  };
  paint(jobs[0], STEPS);
  jobs[0]._receive("finished", {});
  await settle();
  assert.equal(rows.length, 1);
  paint(jobs[1], 4);
  jobs[1]._receive("recovered", recovered);
  paint(jobs[1], STEPS);
  jobs[1]._receive("finished", {});
  const refused = assert.rejects(measured, { name: "Error", message: REASON });
  await settle();
  assert.deepEqual([rows.length, jobs.length], [1, 2]);
  assert.deepEqual(told, ["cancel"]);
  await refused;
});

test("the page says why, shows no figure of that row, and begins with another device the next time; it stops at once, whatever it waits for", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  fakePage();
  const elements = new Map();
  const byId = (id) => {
    if (!elements.has(id)) elements.set(id, Object.assign(new FakeElement(), { tBodies: [new FakeElement("tbody")] }));
    return elements.get(id);
  };
  Object.assign(globalThis.document, { getElementById: byId, documentElement: {}, querySelectorAll: () => [] });
  globalThis.location = /** @type {any} */ ({ search: "?sizes=8" });
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "a test" }, configurable: true });
  FakeWorker.answers = { open: () => ({ backend: "webgpu", adapter: "A GPU", limits: {} }) };
  await import("../../www/page/bench/page.js");

  byId("start").onclick();
  await settle();
  assert.equal(byId("device").textContent, "webgpu · A GPU");
  const paint = (worker) => {
    for (let i = 1; i <= STEPS; i++) worker.say({ type: "progress", job: 1, detail: step(i) });
  };
  paint(workers[0]);
  workers[0].say({ type: "died", detail: REASON });
  context.mock.timers.tick(200);
  await settle();
  assert.deepEqual(workers[1].of("start").map(({ recovery }) => recovery), [{ reason: REASON }]);
  workers[1].say({ type: "recovered", job: 1, detail: recovered });
  paint(workers[1]);
  workers[1].say({ type: "finished", job: 1, detail: {} });
  await settle();
  assert.equal(byId("figures").tBodies[0].children.length, 0);
  assert.deepEqual([byId("error").hidden, byId("error").textContent, byId("status").textContent], [false, REASON, ""]);
  assert.ok(workers[1].ended, "what nobody asks any more is disposed of");

  byId("report").value = "what was measured before";
  byId("start").onclick();
  await settle();
  assert.equal(workers.length, 3);
  assert.equal(byId("error").hidden, true);
  byId("start").onclick();
  await settle();
  assert.equal(byId("report").value, "webgpu · A GPU\na test", "nothing of what was measured before");
  for (const [refused, said] of /** @type {[boolean, string][]} */ ([[true, text.benchUncopied], [false, text.benchCopied]])) {
    const writeText = async () => {
      if (refused) throw new DOMException("Denied.", "NotAllowedError");
    };
    Object.assign(navigator, { clipboard: { writeText } });
    byId("report").select = () => assert.ok(refused);
    await byId("copy").onclick();
    assert.equal(byId("status").textContent, said);
  }

  // While the network is fetched, and while a device opens, there is no job to cancel: the waiting ends all the same.
  const open = FakeWorker.answers.open;
  const stopped = async () => {
    const { length } = workers;
    byId("start").onclick();
    await settle();
    assert.equal(byId("start").textContent, text.stop);
    byId("start").onclick();
    await settle();
    assert.deepEqual([byId("status").textContent, byId("start").textContent, byId("error").hidden], [text.benchStopped, text.benchStart, true]);
    return workers.length - length;
  };
  FakeWorker.answers = { open, prepare: () => void (workers[2].hangs = true) };
  assert.equal(await stopped(), 0);
  workers[2].hangs = false;
  FakeWorker.answers = {
    open,
    prepare() {
      throw new Error("No network.");
    },
  };
  byId("start").onclick();
  await settle();
  assert.equal(byId("error").textContent, "No network.");
  FakeWorker.answers = { open: () => void (workers[3].hangs = true) };
  assert.equal(await stopped(), 1);
  assert.ok(workers[3].ended);
  FakeWorker.answers = { open };
  assert.equal(await stopped(), 1, "what was stopped is opened anew");
  workers[4].terminate();
});
