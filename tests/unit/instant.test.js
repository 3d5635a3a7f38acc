// Which worker paints a one-pass picture, and what becomes of it when that dies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorker, settle, workers } from "./fake-worker.js";
import { Stylizer } from "../../www/engine/stylizer.js";

const picture = new Blob(["a picture"]);
const vector = Array(100).fill(0.5);
const options = { content: picture, styles: [{ vector }] };
const doing = (what) => ({ type: "doing", task: "job", what });

/** A stylizer whose workers' pictures are their own number. */
async function open(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  workers.length = 0;
  FakeWorker.answers = { open: () => ({ backend: "webgpu" }), instant: () => ({ close() {} }) };
  const stylizer = await Stylizer.create();
  t.after(() => stylizer.dispose());
  return stylizer;
}

/** How many pictures each worker was asked for. */
const painted = () => workers.map((worker) => worker.of("instant").length);
const opened = () => workers.map((worker) => worker.of("open")[0]?.backend);

test("an idle device's worker paints; while a job is under way another does, on the CPU, from the same program", async (t) => {
  const stylizer = await open(t);
  const program = { compiled: true };
  workers[0].say({ type: "program", detail: program });
  await stylizer.instant(options);
  assert.deepEqual(painted(), [1]);
  const job = stylizer.start({ content: picture, styles: [{ image: picture }] });
  await stylizer.instant(options);
  await stylizer.instant(options);
  assert.deepEqual([painted(), opened()], [[1, 2], ["auto", "cpu"]]);
  assert.deepEqual(workers.map((worker) => worker.of("begin")[0].program), [null, program]);
  // After a cancel the step under way has to end first.
  workers[0].say(doing("step"));
  job.cancel();
  await settle();
  await stylizer.instant(options);
  assert.deepEqual(painted(), [1, 3]);
  workers[0].say(doing(null));
  await stylizer.instant(options);
  assert.deepEqual(painted(), [2, 3]);
});

test("while weights are fetched, or the device's speed is measured, it is the other's, too", async (t) => {
  const stylizer = await open(t);
  const { hear } = FakeWorker.prototype;
  let answer;
  t.mock.method(FakeWorker.prototype, "hear", function (message) {
    if (["prepare", "probe"].includes(message.type)) answer = () => hear.call(this, message);
    else hear.call(this, message);
  });
  for (const [i, type] of ["prepare", "probe"].entries()) {
    const done = stylizer[type]();
    await stylizer.instant(options);
    assert.deepEqual(painted(), [i, i + 1], type);
    answer();
    await done;
    await stylizer.instant(options);
    assert.deepEqual(painted(), [i + 1, i + 1], type);
  }
});

test("the second worker ends when it was not needed for a minute, and is made again", async (t) => {
  const stylizer = await open(t);
  stylizer.start({ content: picture, styles: [{ image: picture }] });
  await stylizer.instant(options);
  t.mock.timers.tick(59_000);
  await stylizer.instant(options);
  t.mock.timers.tick(59_000);
  assert.equal(workers[1].ended, false);
  t.mock.timers.tick(1_000);
  assert.equal(workers[1].ended, true);
  await stylizer.instant(options);
  assert.equal(workers.length, 3);
  stylizer.dispose();
  assert.deepEqual(workers.map(({ ended }) => ended), [true, true, true]);
});

test("what the device's own worker paints does not keep the second one", async (t) => {
  const stylizer = await open(t);
  const job = stylizer.start({ content: picture, styles: [{ image: picture }] });
  await stylizer.instant(options);
  job.cancel();
  await settle();
  t.mock.timers.tick(40_000);
  await stylizer.instant(options);
  assert.deepEqual(painted(), [1, 1]);
  t.mock.timers.tick(20_000);
  assert.equal(workers[1].ended, true);
});

test("no worker is made for a picture whose stylizer is disposed of while the one that paints it dies", async (t) => {
  const stylizer = await open(t);
  const { hear } = FakeWorker.prototype;
  t.mock.method(FakeWorker.prototype, "hear", function (message) {
    if (message.type !== "instant") return hear.call(this, message);
    this.say({ type: "died", detail: "It died." });
    stylizer.dispose();
  });
  await assert.rejects(stylizer.instant(options), { name: "AbortError" });
  assert.equal(workers.length, 1);
});

test("the second worker may be at one picture for longer than that", async (t) => {
  const stylizer = await open(t);
  stylizer.start({ content: picture, styles: [{ image: picture }] });
  await stylizer.instant(options);
  let answer;
  t.mock.method(FakeWorker.prototype, "hear", function ({ request }) {
    this.say({ type: "heard" });
    answer = () => this.say({ request, value: { width: 5 } });
  });
  const slow = stylizer.instant(options);
  await settle();
  t.mock.timers.tick(61_000);
  answer();
  assert.equal((await slow).width, 5);
});

test("a second worker that dies is made once more for a picture; then it is said, and jobs know nothing of it", async (t) => {
  const stylizer = await open(t);
  const job = stylizer.start({ content: picture, styles: [{ image: picture }] });
  let deaths = 1;
  const { hear } = FakeWorker.prototype;
  t.mock.method(FakeWorker.prototype, "hear", function (message) {
    if (message.type === "instant" && deaths-- > 0) this.say({ type: "died", detail: "It died." });
    else hear.call(this, message);
  });
  await stylizer.instant(options);
  assert.deepEqual(painted(), [0, 1, 1]);
  deaths = 2;
  await assert.rejects(stylizer.instant(options), /It died/);
  assert.deepEqual(painted(), [0, 1, 2, 1]);
  await stylizer.instant(options);
  assert.equal(workers.length, 5);
  assert.equal(workers[0].of("start").length, 1);
  workers[0].say({ type: "finished", job: 1, detail: { width: 3 } });
  assert.equal((await job.finished).width, 3);
});

test("a worker that dies before it is asked, while the list of vectors comes, is a dead one all the same", async (t) => {
  const stylizer = await open(t);
  stylizer.start({ content: picture, styles: [{ image: picture }] });
  await stylizer.instant(options);
  FakeWorker.answers.styleVector = () => Float32Array.from(vector);
  t.mock.method(globalThis, "fetch", async () => {
    workers.at(-1).say({ type: "died", detail: "It died." });
    return Response.json({});
  });
  await stylizer.instant({ ...options, styles: [{ image: new Blob(["a painting"]) }] });
  assert.deepEqual(painted(), [0, 1, 1]);
});

test("where a job begins while the vectors are read, the other worker paints", async (t) => {
  const stylizer = await open(t);
  t.mock.method(globalThis, "fetch", async () => Response.json({}));
  FakeWorker.answers.styleVector = () => {
    stylizer.start({ content: picture, styles: [{ image: picture }] });
    return vector;
  };
  await stylizer.instant({ ...options, styles: [{ image: new Blob(["a painting"]) }] });
  assert.deepEqual([workers[0].of("styleVector").length, painted()], [1, [0, 1]]);
});

test("nothing more is asked for a picture or a suggestion that was given up", async (t) => {
  const stylizer = await open(t);
  t.mock.method(globalThis, "fetch", async () => Response.json({}));
  for (const ask of /** @type {((images: Blob[], signal: AbortSignal) => Promise<any>)[]} */ ([
    (paintings, signal) => stylizer.suggest({ content: picture, paintings, signal }),
    (images, signal) => stylizer.instant({ content: picture, styles: images.map((image) => ({ image })), signal }),
  ])) {
    const controller = new AbortController();
    FakeWorker.answers.styleVector = () => (controller.abort(), vector);
    workers[0].told.length = 0;
    const paintings = ["one", "two", "three"].map((bytes) => new Blob([bytes + ask]));
    await assert.rejects(ask(paintings, controller.signal), { name: "AbortError" });
    await stylizer.instant(options);
    assert.deepEqual([workers[0].of("styleVector").length, workers[0].of("suggest").length, painted()], [1, 0, [1]]);
  }
});

test("the device's own worker may die of it, too: the other paints meanwhile", async (t) => {
  const stylizer = await open(t);
  const { hear } = FakeWorker.prototype;
  t.mock.method(FakeWorker.prototype, "hear", function (message) {
    if (message.type === "instant" && this === workers[0]) this.say({ type: "died", detail: "It died." });
    else hear.call(this, message);
  });
  await stylizer.instant(options);
  assert.deepEqual([painted(), opened()], [[1, 1], ["auto", "cpu"]]);
});

test("vectors are read once, of the photo only where its own manner comes in, and not at all where they are given", async (t) => {
  const stylizer = await open(t);
  t.mock.method(globalThis, "fetch", async () => Response.json({}));
  const read = [];
  let needsOwn = false;
  FakeWorker.answers.styleVector = ({ what }) => (read.push(what), Float32Array.from(vector));
  FakeWorker.answers.instant = ({ own, styles }) => (needsOwn && !own ? null : { close() {}, own, styles });
  const painting = new Blob(["a painting"]);
  const paint = (styles) => stylizer.instant({ content: picture, styles, strength: 0.5 });
  const plain = await paint([{ image: painting, weight: 2 }, { vector }]);
  assert.deepEqual(plain.styles.map(({ weight, vector }) => [weight, vector.length]), [[2, 100], [1, 100]]);
  assert.deepEqual(read, ["The painting"]);
  needsOwn = true;
  for (let i = 0; i < 2; i++) assert.equal((await paint([{ image: painting }])).own.length, 100);
  assert.deepEqual(read, ["The painting", "The photo"]);
});

test("margins are left out of paintings unless they are to be kept, and never of the photo", async (t) => {
  const stylizer = await open(t);
  t.mock.method(globalThis, "fetch", async () => Response.json({}));
  const read = [];
  FakeWorker.answers.styleVector = ({ what, frames }) => (read.push([what, frames]), Float32Array.from(vector));
  FakeWorker.answers.instant = ({ own, json }) => (own ? { close() {}, json } : null);
  const styles = [{ image: new Blob(["a painting"]) }];
  await stylizer.instant({ content: picture, styles });
  const { json } = await stylizer.instant({ content: picture, styles, frames: "keep" });
  assert.deepEqual(JSON.parse(json), { frames: "keep" });
  assert.deepEqual(read, [["The painting", "crop"], ["The photo", "keep"], ["The painting", "keep"]]);
});

test("options that there are not go to the program, which refuses them, and nowhere else", async (t) => {
  const stylizer = await open(t);
  FakeWorker.answers.instant = ({ json }) => {
    throw new Error(`There is no ${Object.keys(JSON.parse(json))}.`);
  };
  const asked = stylizer.instant({ ...options, request: 77, type: "settings", own: [1], job: 3 });
  let said;
  asked.catch((error) => (said = error.message));
  await settle();
  assert.equal(said, "There is no request,type,own,job.");
  FakeWorker.answers.instant = (given) => ({ close() {}, given });
  const { given } = await stylizer.instant({ ...options, strength: 0.5, size: 64, stength: 1 });
  assert.deepEqual(Object.keys(given).sort(), ["content", "json", "size", "strength", "styles"]);
});

test("whoever hears that the painter is ready has its own worker paint", async (t) => {
  const stylizer = await open(t);
  const { hear } = FakeWorker.prototype;
  t.mock.method(FakeWorker.prototype, "hear", function (message) {
    if (message.type !== "prepare") return hear.call(this, message);
    this.say({ type: "status", detail: { stage: "ready" } });
    settle().then(() => hear.call(this, message)); // the answer is another message, which comes later
  });
  const pictures = [];
  stylizer.addEventListener("status", () => pictures.push(stylizer.instant({ ...options, lane: null })));
  await Promise.all([stylizer.prepare(), stylizer.prepare()]);
  await Promise.all(pictures);
  assert.deepEqual(painted(), [2]);
});

test("suggestions are made for every photo they were asked for, and no picture takes their place", async (t) => {
  const stylizer = await open(t);
  const asked = [];
  FakeWorker.answers.suggest = ({ content }) => (asked.push(content), []);
  const photos = [1, 2, 3].map((number) => new Blob([String(number)]));
  const suggested = photos.map((content) => stylizer.suggest({ content, paintings: [{ vector }] }));
  await Promise.all([...suggested, stylizer.instant({ ...options, lane: "suggest" })]);
  assert.deepEqual(asked, photos);
});

test("pictures of a suggestion given up while it was made are closed", async (t) => {
  const stylizer = await open(t);
  let closed = 0;
  const controller = new AbortController();
  const bitmap = { close: () => (closed += 1) };
  FakeWorker.answers.suggest = () => (controller.abort(), [{ bitmap }, { bitmap }]);
  const asked = stylizer.suggest({ content: picture, paintings: [{ vector }], signal: controller.signal });
  await assert.rejects(asked, { name: "AbortError" });
  await settle();
  assert.equal(closed, 2);
});

test("a picture given up while it is painted is closed, for nobody takes it", async (t) => {
  const stylizer = await open(t);
  let closed = 0;
  const controller = new AbortController();
  FakeWorker.answers.instant = () => (controller.abort(), { close: () => (closed += 1) });
  await assert.rejects(stylizer.instant({ ...options, signal: controller.signal }), { name: "AbortError" });
  await settle();
  assert.equal(closed, 1);
});

test("after dispose() what waits, what is under way and what comes is rejected", async (t) => {
  const stylizer = await open(t);
  workers[0].hear = () => {};
  const [under, waiting] = [stylizer.instant(options), stylizer.instant({ ...options, lane: null })];
  await settle();
  stylizer.dispose();
  await assert.rejects(under, { name: "AbortError" });
  await assert.rejects(waiting, { name: "AbortError" });
  await assert.rejects(stylizer.instant(options), /disposed/);
});
