// Jobs from the page's side: what they take, how they are followed, how they end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorker, settle, workers } from "./fake-worker.js";
import { Stylizer } from "../../www/engine/stylizer.js";

const picture = new Blob(["a picture"]);
const inputs = { content: picture, styles: [{ image: picture }] };

async function open(t, options) {
  workers.length = 0;
  FakeWorker.answers = { open: () => ({ backend: "cpu" }) };
  const stylizer = await Stylizer.create(options);
  t.after(() => stylizer.dispose());
  return stylizer;
}

const started = () => workers[0].of("start").map(({ job }) => job);
const finish = (job) => workers[0].say({ type: "finished", job, detail: { job } });

/** A picture that notes whether it was closed. */
function preview() {
  const made = { closed: false, close: () => (made.closed = true) };
  return made;
}
const progress = (job, iteration, made = null) => {
  const detail = { iteration, iterations: 9, fraction: iteration / 9, scale: { index: 0, width: 8, height: 8 }, millisPerIteration: 1, preview: made };
  workers[0].say({ type: "progress", job, detail });
};

/** An image far below the window: it decodes, and has a size, once it may load. */
const lazyImage = () => ({
  loading: "lazy",
  complete: false,
  get naturalWidth() {
    return this.loading === "lazy" ? 0 : 3;
  },
  naturalHeight: 2,
  decode() {
    return this.loading === "lazy" ? new Promise(() => {}) : Promise.resolve();
  },
  [Symbol.toStringTag]: "HTMLImageElement",
});
class FakeCanvas {
  getContext = () => ({ drawImage() {}, getImageData() {} });
  transferToImageBitmap = () => Object.assign(new ImageBitmap(), preview());
}

test("pictures may be addresses; jobs begin in the order they were started all the same", async (t) => {
  let answer;
  const asked = [];
  t.mock.method(globalThis, "fetch", (address) => (asked.push(String(address)), new Promise((resolve) => (answer = resolve))));
  const stylizer = await open(t);
  const [fetched, next] = [stylizer.start({ ...inputs, content: new URL("http://host/cat.jpg") }), stylizer.start(inputs)];
  await settle();
  assert.deepEqual([asked, started()], [["http://host/cat.jpg"], []]);
  answer(new Response(picture));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(started(), [1, 2]);
  assert.ok(workers[0].of("start")[0].content instanceof Blob);
  finish(1);
  finish(2);
  assert.deepEqual([await fetched.finished, await next.finished], [{ job: 1 }, { job: 2 }]);
});

test("an address that cannot be fetched is said; cancelled or failed, a job holds up no other", async (t) => {
  const stylizer = await open(t);
  t.mock.method(globalThis, "fetch", async () => new Response("", { status: 404 }));
  await assert.rejects(stylizer.start({ ...inputs, content: "cat.jpg" }).finished, /The photo cat\.jpg could not be fetched \(HTTP 404\)/);
  t.mock.method(globalThis, "fetch", () => new Promise(() => {}));
  const waiting = stylizer.start({ ...inputs, styles: [{ image: "slow.jpg" }] });
  const bad = stylizer.start({ ...inputs, styles: [] });
  const fine = stylizer.start(inputs);
  await assert.rejects(bad.finished, /no painting/, "at once");
  waiting.cancel();
  await assert.rejects(waiting.finished, { name: "AbortError" });
  await settle();
  assert.deepEqual(started(), [4]);
  finish(4);
  await fine.finished;
});

test("what a cancelled job was still loading is not loaded any further", async (t) => {
  const stylizer = await open(t);
  let loading;
  t.mock.method(globalThis, "fetch", (_, { signal }) => {
    loading = signal;
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const job = stylizer.start({ ...inputs, content: "cat.jpg" });
  job.cancel();
  await assert.rejects(job.finished, { name: "AbortError" });
  assert.equal(loading.aborted, true);
});

test("a job cancelled before its turn is never begun", async (t) => {
  const stylizer = await open(t);
  const jobs = [1, 2, 3, 4].map(() => stylizer.start(inputs));
  jobs[2].cancel();
  jobs[2].pause();
  await settle();
  assert.deepEqual(started(), [1, 2, 4]);
});

test("what is neither a picture nor an address is refused by name", async (t) => {
  const stylizer = await open(t);
  await assert.rejects(stylizer.start({ ...inputs, content: 3 }).finished, /The photo must be a Blob/);
  await assert.rejects(stylizer.start({ ...inputs, styles: [null] }).finished, /The painting must be a Blob/);
  await assert.rejects(stylizer.start({ ...inputs, styles: [{ image: picture, mask: 3 }] }).finished, /The mask must be a Blob/);
  await assert.rejects(stylizer.start().finished, /no painting/);
});

test("pixels of another site's, and pictures without any, are said by name", async (t) => {
  t.mock.method(globalThis, "structuredClone", () => {
    throw new DOMException("It cannot be cloned.", "DataCloneError");
  });
  const stylizer = await open(t);
  const said = (image) => stylizer.start({ ...inputs, styles: [{ image }] }).finished.catch(({ message }) => message);
  const canvas = (width, height) => ({ width, height, [Symbol.toStringTag]: "HTMLCanvasElement" });
  const drawing = { complete: true, naturalWidth: 0, naturalHeight: 0, decode: async () => {}, [Symbol.toStringTag]: "HTMLImageElement" };
  assert.match(await said(Object.assign(new ImageBitmap(), { width: 3, height: 2 })), /^The painting comes from another site/);
  for (const image of [Object.assign(new ImageBitmap(), { width: 0, height: 0 }), Object.assign(new ImageData(1, 1), { data: [] }), canvas(0, 4), canvas(4, 0), drawing])
    assert.match(await said(image), /^The painting has no pixels/);
  assert.equal(await said(Object.assign(new ImageData(1, 1), { data: [1, 2, 3, 4] })), "It cannot be cloned.", "for want of room, say");
});

test("an image that would load once it is seen loads at once", async (t) => {
  const stylizer = await open(t);
  globalThis.OffscreenCanvas = /** @type {any} */ (FakeCanvas);
  t.after(() => delete globalThis.OffscreenCanvas);
  stylizer.start({ content: lazyImage(), styles: [{ image: lazyImage() }] });
  const next = stylizer.start(inputs);
  await settle();
  assert.deepEqual(started(), [1, 2]);
  finish(2);
  await next.finished;
});

test("a job's own copies of bitmaps are closed when it ends, and when another picture is bad", async (t) => {
  const copies = [];
  t.mock.method(globalThis, "structuredClone", () => {
    const copy = Object.assign(new ImageBitmap(), preview());
    copy.close = () => (copy.closed = true);
    copies.push(copy);
    return copy;
  });
  const stylizer = await open(t);
  const job = stylizer.start({ content: new ImageBitmap(), styles: [{ image: new ImageBitmap(), mask: new ImageBitmap() }], config: { init: new ImageBitmap() } });
  await settle();
  const told = workers[0].of("start")[0];
  assert.deepEqual([told.content, told.styles[0].image, told.styles[0].mask, told.init], copies);
  assert.deepEqual(JSON.parse(told.config), { init: "image" });
  assert.deepEqual(copies.map(({ closed }) => closed), [false, false, false, false]);
  finish(1);
  await job.finished;
  await settle();
  assert.deepEqual(copies.map(({ closed }) => closed), [true, true, true, true]);
  copies.length = 0;
  await assert.rejects(stylizer.start({ content: new ImageBitmap(), styles: [{ image: 3 }] }).finished, /The painting must be/);
  await settle();
  assert.deepEqual(copies.map(({ closed }) => closed), [true]);
});

test("a job can be followed with for await: every record, and what is slower misses only previews", async (t) => {
  const stylizer = await open(t);
  const job = stylizer.start(inputs);
  const previews = [1, 2, 3].map(preview);
  const seen = [];
  let proceed;
  const following = (async () => {
    for await (const { iteration, fraction, preview } of job) {
      seen.push([iteration, Math.round(9 * fraction), preview !== null]);
      if (iteration === 1) await new Promise((resolve) => (proceed = resolve));
    }
  })();
  await settle();
  for (const i of [0, 1, 2]) {
    progress(1, i + 1, previews[i]);
    await settle();
  }
  finish(1);
  proceed();
  await following;
  assert.deepEqual(seen, [
    [1, 1, true],
    [2, 2, false],
    [3, 3, true],
  ]);
  assert.deepEqual(previews.map(({ closed }) => closed), [false, true, false]);
});

test("for await throws what the job rejects with; leaving it early closes what nobody took, and the job goes on", async (t) => {
  const stylizer = await open(t);
  const [failing, left] = [stylizer.start(inputs), stylizer.start(inputs)];
  const following = (async () => {
    for await (const record of failing) assert.fail(record);
  })();
  await settle();
  workers[0].say({ type: "failed", job: 1, detail: { message: "No memory." } });
  await assert.rejects(following, /No memory/);
  const untaken = preview();
  const early = (async () => {
    for await (const record of left) {
      progress(2, 2, untaken);
      return record.iteration;
    }
  })();
  await settle();
  progress(2, 1);
  assert.equal(await early, 1);
  assert.equal(untaken.closed, true);
  finish(2);
  assert.deepEqual(await left.finished, { job: 2 });
});

test("a job that has ended, well or not, keeps no state to go on from", async (t) => {
  const stylizer = await open(t);
  const jobs = [1, 2].map(() => stylizer.start(inputs));
  await settle();
  for (const job of [1, 2]) workers[0].say({ type: "checkpoint", job, detail: { blob: picture, iteration: 1, iterations: 9 } });
  assert.deepEqual(jobs.map(({ _standing }) => _standing.resume), [picture, picture]);
  finish(1);
  jobs[1].cancel();
  assert.deepEqual(jobs.map(({ _standing }) => _standing.resume), [null, null]);
});

test("a preview that nobody listens for is closed", async (t) => {
  const stylizer = await open(t);
  const job = stylizer.start(inputs);
  await settle();
  const [unheard, heard] = [preview(), preview()];
  progress(1, 1, unheard);
  job.addEventListener("progress", () => {});
  progress(1, 2, heard);
  assert.deepEqual([unheard.closed, heard.closed], [true, false]);
});

test("previews are closed once nobody listens any more, however that came", async (t) => {
  const stylizer = await open(t);
  const job = stylizer.start(inputs);
  await settle();
  let iteration = 0;
  const isClosed = () => {
    const made = preview();
    progress(1, ++iteration, made);
    return made.closed;
  };
  const listen = () => {};
  job.addEventListener("progress", listen);
  job.addEventListener("progress", listen); // does nothing
  job.addEventListener("progress", listen, { capture: true });
  job.removeEventListener("progress", listen);
  assert.equal(isClosed(), false, "it is another on the way down");
  job.removeEventListener("progress", listen, true);
  assert.equal(isClosed(), true, "removed");
  job.addEventListener("progress", listen, { once: true });
  assert.deepEqual([isClosed(), isClosed()], [false, true], "once");
  const remove = () => job.removeEventListener("progress", remove);
  job.addEventListener("progress", remove);
  assert.deepEqual([isClosed(), isClosed()], [false, true], "removed by itself");
  const control = new AbortController();
  job.addEventListener("progress", listen, { signal: control.signal });
  assert.equal(isClosed(), false);
  control.abort();
  job.addEventListener("progress", listen, { signal: control.signal });
  job.addEventListener("progress", null);
  assert.equal(isClosed(), true, "by a signal");
  const following = (async () => {
    for await (const record of job) return record;
  })();
  await settle();
  const taken = preview();
  progress(1, ++iteration, taken);
  assert.equal((await following).preview, taken);
  assert.deepEqual([taken.closed, isClosed()], [false, true], "a loop that was left");
  job.addEventListener("progress", listen);
  assert.equal(isClosed(), false);
});

test("a signal cancels a job, also before its turn; and the opening", async (t) => {
  const stylizer = await open(t);
  const controller = new AbortController();
  const { signal } = controller;
  const [job, other] = [stylizer.start({ ...inputs, signal }), stylizer.start(inputs)];
  await settle();
  controller.abort();
  await assert.rejects(job.finished, { name: "AbortError" });
  assert.deepEqual(workers[0].of("cancel").map(({ job }) => job), [1]);
  await assert.rejects(stylizer.start({ ...inputs, signal }).finished, { name: "AbortError" });
  await settle();
  assert.deepEqual(started(), [1, 2]);
  finish(2);
  await other.finished;

  await assert.rejects(Stylizer.create({ signal }), { name: "AbortError" });
  assert.equal(workers.length, 1, "none was made");
  const opening = new AbortController();
  FakeWorker.answers = { open: () => opening.abort() };
  await assert.rejects(Stylizer.create({ signal: opening.signal }), { name: "AbortError" });
  assert.equal(workers[1].ended, true);
});

test("orders given before a job's pictures are there arrive in their order", async (t) => {
  const stylizer = await open(t);
  const job = stylizer.start(inputs);
  job.pause();
  await job.update({ styleWeight: 2 });
  const told = workers[0].told.map(({ type }) => type).filter((type) => ["start", "update"].includes(type));
  assert.deepEqual(told, ["start", "update"]);
  assert.equal(workers[0].of("start")[0].paused, true);
});

/** A job's steps at a scale of so many pixels a side took so long. */
const timed = (side, millisPerIteration, index = 0) => {
  const scale = { index, count: 3, width: side, height: side };
  workers[0].say({ type: "progress", job: 1, detail: { iteration: 1, iterations: 9, fraction: 0, scale, millisPerIteration, preview: null } });
};

test("a coarse scale, slow for its pixels, spoils no estimate that a larger one has made", async (t) => {
  const stylizer = await open(t);
  FakeWorker.answers = { probe: () => 3000 };
  stylizer.start(inputs);
  assert.equal(stylizer.millisPerMegapixel, null);
  await settle();
  timed(100, 20);
  assert.equal(stylizer.millisPerMegapixel, 2000, "better than nothing");
  timed(500, 75, 2);
  assert.equal(stylizer.millisPerMegapixel, 300);
  timed(100, 20);
  assert.equal(stylizer.millisPerMegapixel, 300);
  timed(500, 100, 2);
  assert.equal(stylizer.millisPerMegapixel, 400, "it may get slower");
  await stylizer.probe();
  assert.equal(stylizer.millisPerMegapixel, 3000, "as was asked for");
  timed(100, 20);
  assert.equal(stylizer.millisPerMegapixel, 2000);
});

test("a figure that was kept from before stands until a run's last scale is timed", async (t) => {
  const stylizer = await open(t, { millisPerMegapixel: 300 });
  stylizer.start(inputs);
  await settle();
  timed(100, 20);
  assert.equal(stylizer.millisPerMegapixel, 300);
  timed(200, 20, 2);
  assert.equal(stylizer.millisPerMegapixel, 500);
});

test("a figure of the device that was lost says nothing of another", async (t) => {
  const stylizer = await open(t, { millisPerMegapixel: 3 });
  t.mock.timers.enable({ apis: ["setTimeout"] });
  stylizer.start(inputs);
  await settle();
  FakeWorker.answers = { open: () => ({ backend: "webgpu" }) };
  workers[0].say({ type: "died", detail: "It died." });
  await settle();
  t.mock.timers.tick(60_000);
  await settle();
  workers.shift();
  timed(100, 20);
  assert.equal(stylizer.millisPerMegapixel, 2000);
});

test("the share that is done does not shrink when a new worker goes on from an older state", async (t) => {
  const stylizer = await open(t);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const job = stylizer.start(inputs);
  const shares = [];
  job.addEventListener("progress", ({ detail }) => shares.push(Math.round(9 * detail.fraction)));
  await settle();
  progress(1, 5);
  workers[0].say({ type: "died", detail: "It died." });
  await settle();
  t.mock.timers.tick(60_000);
  await settle();
  workers.shift();
  for (const iteration of [1, 2, 6]) progress(1, iteration);
  assert.deepEqual(shares, [5, 5, 5, 6]);
});
