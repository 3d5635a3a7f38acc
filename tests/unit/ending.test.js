// What takes time is given up by a signal, and what holds something is let go of by `using`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorker, settle, workers } from "./fake-worker.js";
import { asyncDispose, dispose, until } from "../../www/engine/ending.js";
import { Stylizer, Tools, preload } from "../../www/engine/stylizer.js";

const picture = new Blob(["a picture"]);
const inputs = { content: picture, styles: [{ image: picture }] };

test("a signal that was given before begins nothing; one given meanwhile ends the waiting, and what comes too late is dropped", async () => {
  let begun = 0;
  const begin = async () => void (begun += 1);
  await assert.rejects(until(AbortSignal.abort("no"), begin), (reason) => reason === "no");
  assert.equal(begun, 0);
  const control = new AbortController();
  let finish;
  const dropped = [];
  const waited = until(
    control.signal,
    () => new Promise((resolve) => (finish = resolve)),
    (value) => dropped.push(value),
  );
  await settle();
  control.abort();
  await assert.rejects(waited, { name: "AbortError" });
  finish("late");
  await settle();
  assert.deepEqual(dropped, ["late"]);
});

test("what comes in time is not dropped, and an error is that error", async () => {
  const { signal } = new AbortController();
  const dropped = [];
  assert.equal(
    await until(
      signal,
      async () => 7,
      (value) => dropped.push(value),
    ),
    7,
  );
  await assert.rejects(
    until(signal, async () => Promise.reject(new Error("wrong"))),
    /wrong/,
  );
  assert.deepEqual(dropped, []);
});

test("what fails at once is that error, and nothing is left to the signal", async (t) => {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  t.after(() => process.off("unhandledRejection", note));
  const tools = new Tools();
  t.after(() => tools.dispose());
  const control = new AbortController();
  await assert.rejects(tools.embed(picture, { size: 7n }, { signal: control.signal }), TypeError);
  control.abort();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(unhandled, []);
});

test("everything that takes time gives up by a signal, while its worker goes on", async (t) => {
  FakeWorker.answers = { open: () => ({ backend: "cpu" }) };
  const stylizer = await Stylizer.create();
  const job = stylizer.start(inputs);
  await settle();
  workers.at(-1).hangs = true; // nothing is answered any more
  t.after(() => stylizer.dispose());
  const control = new AbortController();
  const { signal } = control;
  const asked = [
    stylizer.prepare({ signal }),
    stylizer.probe({ signal }),
    stylizer.estimate({ width: 8, height: 8, signal }),
    stylizer.settings({ signal }),
    stylizer.preload({ signal }),
    stylizer.decode(picture, { signal }),
    stylizer.embed(picture, {}, { signal }),
    stylizer.readSettings(picture, { signal }),
    stylizer.recolour({ picture, content: picture, colour: "luminance", signal }),
    job.update({ styleWeight: 2 }, { signal }),
    job.checkpoint({ signal }),
  ];
  await settle();
  control.abort();
  for (const outcome of await Promise.allSettled(asked)) assert.equal(outcome.reason?.name, "AbortError");
  assert.equal(workers.at(-1).ended, false);
});

test("`using` ends a painter, its job and tools", async () => {
  FakeWorker.answers = { open: () => ({ backend: "cpu" }) };
  const stylizer = await Stylizer.create();
  const worker = workers.at(-1);
  const job = stylizer.start(inputs);
  job[dispose]();
  await assert.rejects(job.finished, { name: "AbortError" });
  const other = stylizer.start(inputs);
  await other[asyncDispose]();
  await assert.rejects(other.finished, { name: "AbortError" });
  await stylizer[asyncDispose]();
  assert.equal(worker.ended, true);
  await assert.rejects(stylizer.settings(), /disposed/);
  const tools = new Tools();
  tools[dispose]();
  await assert.rejects(tools.settings(), /disposed/);
  if (Symbol.dispose) assert.equal(dispose, Symbol.dispose);
});

test("preloading opens no device and leaves no worker", async () => {
  FakeWorker.answers = { preload: () => null };
  await preload({ weights: "https://cdn.example/weights/" });
  const worker = workers.at(-1);
  assert.deepEqual([worker.of("open").length, worker.of("preload").length, worker.ended], [0, 1, true]);
  assert.equal(worker.of("begin")[0].weights, "https://cdn.example/weights/");
});

/** A program that never comes. */
const stalled = () => new Response(new ReadableStream({}), { headers: { "Content-Type": "application/wasm" } });

test("what is opened or asked where a part of the engine never comes is given up by a signal, and by dispose()", async () => {
  workers.length = 0;
  const control = new AbortController();
  const opening = Stylizer.create({ wasm: stalled(), signal: control.signal });
  await settle();
  control.abort("enough");
  await assert.rejects(opening, (reason) => reason === "enough");
  const tools = new Tools({ wasm: stalled() });
  const asked = tools.settings();
  await settle();
  tools.dispose();
  await assert.rejects(asked, { name: "AbortError" });
  await assert.rejects(tools.settings());
  assert.equal(workers.length, 0);
});

test("while a lost worker is replaced a job's last checkpoint is at hand, and dispose() ends what waits for the new one at once", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  workers.length = 0;
  FakeWorker.answers = { open: () => ({ backend: "cpu" }) };
  const stylizer = await Stylizer.create();
  const job = stylizer.start(inputs);
  job.finished.catch(() => {});
  await settle();
  const kept = { blob: new Blob(["state"]), iteration: 3, iterations: 9 };
  workers[0].say({ type: "checkpoint", job: 1, detail: kept });
  workers[0].say({ type: "died", detail: "It died." });
  await settle();
  assert.equal(workers.length, 1, "the next attempt waits");
  assert.equal(await job.checkpoint(), kept);
  const asked = [stylizer.estimate({ width: 9, height: 9 }), job.update({ styleWeight: 2 })];
  await settle();
  stylizer.dispose();
  for (const answer of asked) await assert.rejects(answer, { name: "AbortError" });
  t.mock.timers.tick(60_000);
  await settle();
  assert.equal(workers.length, 1);
});

test("a worker that is there in the moment of dispose() is not left alive", async () => {
  for (let microtasks = 0; microtasks < 12; microtasks++) {
    workers.length = 0;
    const control = new AbortController();
    FakeWorker.answers = {
      open: () => {
        let left = microtasks;
        const later = () => (left-- > 0 ? queueMicrotask(later) : control.abort());
        queueMicrotask(later);
        return { backend: "cpu" };
      },
    };
    await Stylizer.create({ signal: control.signal }).then(
      (stylizer) => stylizer.dispose(), // it was there before
      () => {},
    );
    await settle();
    assert.deepEqual(workers.map(({ ended }) => ended), [true], `${microtasks} later`);
  }
});
