// The loop in the worker: what it tells, and when.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Orders, pull } from "../../www/engine/loop.js";

/** A run of `perScale` steps at each scale; a step takes `millis` of the clock's time. */
class FakeRun {
  iteration = 0;
  reportEvery = 1;
  updates = [];
  saved = 0;

  constructor({ steps, perScale = steps, millis = 10, saveMillis = 0, previewEvery = 1, clock }) {
    Object.assign(this, { iterations: steps, perScale, millis, saveMillis, previewEvery, clock });
  }
  get finished() {
    return this.iteration >= this.iterations;
  }
  get startsScale() {
    return !this.finished && this.iteration % this.perScale === 0;
  }
  get nextPixels() {
    return this.finished ? 0 : 1000 * 2 ** Math.floor(this.iteration / this.perScale);
  }
  async step() {
    this.clock.now += this.millis;
    return { iteration: ++this.iteration, iterations: this.iterations, fraction: this.iteration / this.iterations };
  }
  async catchUp() {} // nothing is begun ahead

  async checkpoint() {
    this.clock.now += this.saveMillis;
    this.saved += 1;
    return this.iteration === 0 ? undefined : new Uint8Array([this.iteration]);
  }
  update(changes) {
    if (changes === "bad") throw new Error("a bad setting");
    this.updates.push(changes);
  }
}

/** Pulls a fake run; `on(type, detail)` hears what it tells and may give orders. */
async function pulled(options, on = () => {}) {
  const clock = { now: 0 };
  const run = new FakeRun({ ...options, clock });
  const orders = new Orders();
  const said = { progress: [], checkpoint: [], doing: [] };
  const tell = (type, detail) => {
    said[type].push({ ...detail, at: clock.now });
    on(type, detail, orders, run);
  };
  const doing = (task) => said.doing.push(task);
  const ended = await pull(run, orders, { tell, doing, preview: async () => ({ picture: run.iteration }), paintings: 2, now: () => clock.now });
  const previews = said.progress.filter(({ preview }) => preview);
  return { ...said, run, ended, previews };
}

test("pictures are read back eight times a second at most, the first and the last always", async () => {
  const { progress, previews, ended } = await pulled({ steps: 1000, millis: 7 });
  assert.equal(ended, true);
  assert.equal(progress.length, 1000);
  assert.deepEqual([previews[0].iteration, previews.at(-1).iteration], [1, 1000]);
  for (let i = 1; i < previews.length - 1; i++) assert.ok(previews[i].at - previews[i - 1].at >= 125, `preview ${i}`);
  assert.ok(previews.length > 7 * 7, "seven seconds with hardly fewer than may be");
});

test("slow steps show every picture asked for, and no other", async () => {
  assert.deepEqual((await pulled({ steps: 9, millis: 200, previewEvery: 3 })).previews.map(({ iteration }) => iteration), [1, 3, 6, 9]);
  assert.deepEqual((await pulled({ steps: 9, previewEvery: 0 })).previews, []);
});

test("a checkpoint every ten seconds, not for every step", async () => {
  const { checkpoint } = await pulled({ steps: 450, millis: 100 });
  assert.deepEqual(checkpoint.map(({ at }) => at), [10_000, 20_000, 30_000, 40_000]);
});

test("checkpoints that take long are made less often: a fiftieth of the time at most", async () => {
  const { checkpoint } = await pulled({ steps: 1500, millis: 100, saveMillis: 1000 });
  assert.equal(checkpoint.length, 3); // 150 s: after 10, 61 and 112
});

test("a checkpoint after every scale but the last, whatever the time", async () => {
  const { checkpoint } = await pulled({ steps: 9, perScale: 3 });
  assert.deepEqual(checkpoint.map(({ iteration }) => iteration), [3, 6]);
});

test("a checkpoint when paused, and when asked for: in mid-run and while paused", async () => {
  const answers = [];
  const ask = (orders) => new Promise((resolve, reject) => orders.checkpoints.push({ resolve, reject })).then(({ iteration }) => answers.push(iteration));
  const { checkpoint, ended } = await pulled({ steps: 8 }, (type, { iteration }, orders) => {
    if (type === "progress" && iteration === 2) ask(orders);
    if (type === "progress" && iteration === 5) {
      orders.paused = true;
      setTimeout(() => {
        ask(orders);
        orders.wake();
        setTimeout(() => {
          orders.paused = false;
          orders.wake();
        });
      });
    }
  });
  assert.equal(ended, true);
  assert.deepEqual(checkpoint.map(({ iteration }) => iteration), [2, 5, 5]);
  assert.deepEqual(answers, [2, 5]);
});

test("whoever waits for a checkpoint or a change when the job ends hears so", async () => {
  const orders = new Orders();
  const checkpoint = new Promise((resolve, reject) => orders.checkpoints.push({ resolve, reject }));
  const change = new Promise((resolve, reject) => orders.changes.push({ resolve, reject }));
  orders.end();
  assert.equal(await checkpoint, null);
  await assert.rejects(change, /ended before/);
});

test("changes are made between two steps; a bad one rejects and the run goes on", async () => {
  const outcomes = [];
  const { run, ended } = await pulled({ steps: 4 }, (type, { iteration }, orders) => {
    if (iteration !== 2) return;
    for (const changes of ["good", "bad"]) {
      new Promise((resolve, reject) => orders.changes.push({ changes, resolve, reject })).then(
        () => outcomes.push("made"),
        (error) => outcomes.push(error.message),
      );
    }
  });
  assert.equal(ended, true);
  assert.deepEqual(run.updates, ["good"]);
  assert.deepEqual(outcomes, ["made", "a bad setting"]);
});

test("it ends after the step under way when cancelled, also when paused", async () => {
  for (const paused of [false, true]) {
    const { run, ended } = await pulled({ steps: 40 }, (type, { iteration }, orders) => {
      if (type !== "progress" || iteration !== 3) return;
      orders.paused = paused;
      const cancel = () => {
        orders.cancelled = true;
        orders.wake();
      };
      // A timer may come too late for steps that take no time.
      if (paused) setTimeout(cancel);
      else cancel();
    });
    assert.equal(ended, false);
    assert.ok(run.iteration < 40);
  }
});

test("every step is announced with its size, a scale's first with all that comes with it; ordinary ones are timed", async () => {
  const { doing } = await pulled({ steps: 4, perScale: 2 });
  const steps = doing.filter(({ what }) => what === "step");
  assert.deepEqual(steps, [
    { what: "step", pixels: 8000, first: true },
    { what: "step", pixels: 1000, first: false },
    { what: "step", pixels: 16_000, first: true },
    { what: "step", pixels: 2000, first: false },
  ]);
  const took = doing.filter(({ what }) => what === "picture").map(({ took }) => took);
  assert.deepEqual(took, [null, { millis: 10, pixels: 1000 }, null, { millis: 10, pixels: 2000 }]);
});

test("what the run says of its progress is passed on as it is", async () => {
  const { progress } = await pulled({ steps: 2 });
  assert.deepEqual(progress.map(({ fraction }) => fraction), [0.5, 1]);
});
