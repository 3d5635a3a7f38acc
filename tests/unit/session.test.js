// The page's state without a page: what may happen when, and what becomes of a run however it goes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Choice } from "../../www/page/session/choice.js";
import { Machine, TRANSITIONS } from "../../www/page/session/machine.js";
import { Session } from "../../www/page/session/session.js";

const blob = (content = "picture") => new Blob([content]);
const turn = () => new Promise((resolve) => setImmediate(resolve));
const deferred = () => {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};

/** A job as the engine's: it does what the test says. */
class FakeJob extends EventTarget {
  calls = [];
  updates = [];
  /** What `update` waits for. */
  taking = Promise.resolve();
  constructor(options) {
    super();
    this.options = options;
    this.finished = new Promise((resolve, reject) => Object.assign(this, { end: (picture) => resolve({ blob: picture }), fail: reject }));
    this.finished.catch(() => {});
  }
  say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
  step(iteration, more = {}) {
    this.say("progress", { iteration, iterations: 20, ...more });
  }
  pause() {
    this.calls.push("pause");
  }
  resume() {
    this.calls.push("resume");
  }
  cancel() {
    this.calls.push("cancel");
    this.fail(new DOMException("The job was cancelled.", "AbortError"));
  }
  /** Answers with a checkpoint, as after the step under way; null where there is none to be had. */
  async checkpoint() {
    this.calls.push("checkpoint");
    const detail = await this.standing;
    if (detail) this.say("checkpoint", detail);
    return detail ?? null;
  }
  async update(changes) {
    this.updates.push(changes);
    await this.taking;
  }
}

/** A session among fakes: `jobs` are those started, `said` what it fired, `done` what it did to page and storage. */
function studio({ photo = true, stored = true } = {}) {
  const at = { jobs: [], said: [], done: [], opening: Promise.resolve(), restoring: Promise.resolve(), snapshot: blob("so far") };
  at.settings = { config: { preset: "classic", size: 32, iterations: 20 }, strength: 0 };
  at.live = { styleWeight: 1 };
  at.paintings = [{ blob: blob("painting"), name: "mine.jpg", weight: 1, mask: null }];
  const stylizer = { start: (options) => at.jobs[at.jobs.push(new FakeJob(options)) - 1] };
  const note = (...what) => at.done.push(what.join(" "));
  const ports = {
    open: () => at.opening.then(() => stylizer),
    panel: {
      read() {
        if (at.unreadable) throw new Error(at.unreadable);
        return { recipe: at.settings, live: at.live, paintings: at.paintings };
      },
      async restore({ recipe }) {
        note("restore", recipe.config.size);
        await at.restoring;
      },
    },
    view: {
      begin: async (run, { fresh }) => note("begin", fresh ? "fresh" : "on"),
      picture: async () => at.snapshot && { blob: at.snapshot, enlarged: at.enlarged },
      async painted({ iteration }, { stopped }) {
        if (at.unshowable) throw new Error(at.unshowable);
        note("painted", iteration, stopped ? "stopped" : "whole");
      },
      show: async ({ name, reading }, wanted) => {
        await reading;
        if (wanted()) note("show", name);
      },
    },
  };
  at.session = new Session(ports);
  for (const type of ["state", "photo", "begun", "progress", "recovered", "continuing", "left", "startedOver", "stopped", "failed", "unkept", "notNow"]) {
    at.session.addEventListener(type, ({ detail }) => at.said.push({ type, detail }));
  }
  at.kept = [];
  at.unfinished = {
    record: null,
    outcome: "kept",
    room: true,
    async begin(record, { fresh }) {
      this.record = record;
      note("unfinished begins", fresh ? "fresh" : "on");
      return this.outcome;
    },
    async change(recipe) {
      this.record = { ...this.record, recipe };
    },
    async checkpoint(_blob, _iteration, { now } = { now: false }) {
      note("checkpoint", now ? "now" : "by and by");
      return this.room;
    },
    async flush() {
      note("flush");
    },
    async end() {
      this.record = null;
      note("unfinished ends");
    },
  };
  if (stored) at.session.keepIn({ unfinished: at.unfinished, keep: async (result) => at.kept.push(result) });
  if (photo) at.session.takePhoto({ blob: blob("photo"), name: "cat.jpg", width: 3, height: 2 }, at.session.choosePhoto());
  at.types = () => at.said.map(({ type }) => type);
  at.last = (type) => at.said.findLast((event) => event.type === type)?.detail;
  at.states = () => at.said.filter(({ type }) => type === "state").map(({ detail }) => detail.state);
  /** A run that has done some steps. */
  at.begin = async (iteration = 3) => {
    at.run = at.session.paint();
    await turn();
    at.job = at.jobs.at(-1);
    if (iteration > 0) at.job.step(iteration);
  };
  return at;
}

const left = (more = {}) => ({
  photo: { blob: blob("left photo"), name: "left.jpg" },
  paintings: [{ blob: blob("painting"), name: "mine.jpg", weight: 1 }],
  recipe: { config: { preset: "classic", size: 64, iterations: 20 }, strength: 0.5 },
  checkpoint: blob("checkpoint"),
  resumed: 0,
  ...more,
});

// ---- the table

test("every state can be left, and every event leads to a state there is", () => {
  for (const [state, row] of Object.entries(TRANSITIONS)) {
    assert.ok(Object.values(row).flat().some((to) => to !== state), state);
    for (const to of Object.values(row).flat()) assert.ok(to in TRANSITIONS, `${state} → ${to}`);
  }
});

test("from every state there is a way to a resting one, and from there to painting", () => {
  const reach = (from, goal, seen = new Set()) => {
    if (goal(from)) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return Object.values(TRANSITIONS[from]).flat().some((to) => reach(to, goal, seen));
  };
  for (const state of Object.keys(TRANSITIONS)) {
    assert.ok(reach(state, (s) => ["idle", "finished", "failed"].includes(s)), state);
    assert.ok(reach(state, (s) => s === "painting"), state);
  }
});

test("an event that is not in the row is ignored; one sent to where it does not lead is a mistake of the code", () => {
  const seen = [];
  const machine = new Machine(({ before, event, state }) => seen.push(`${before} ${event} ${state}`));
  for (const event of ["stop", "pause", "resume", "step", "keep", "nonsense", "toString"]) assert.equal(machine.send(event), false);
  assert.equal(machine.state, "idle");
  assert.equal(machine.send("paint"), true);
  assert.throws(() => machine.send("pause", "painting"), /does not lead/);
  assert.equal(machine.send("refuse", "failed"), true);
  assert.deepEqual(seen, ["idle paint preparing", "preparing refuse failed"]);
});

// ---- choosing

test("the photo chosen last counts, whatever is read first", () => {
  const { session, said } = studio({ photo: false });
  const [slow, quick] = [session.choosePhoto(), session.choosePhoto()];
  assert.equal(session.takePhoto({ blob: blob(), name: "quick" }, quick), true);
  assert.equal(session.takePhoto({ blob: blob(), name: "slow" }, slow), false);
  assert.equal(session.photo.name, "quick");
  assert.equal(said.filter(({ type }) => type === "photo").length, 1);
});

test("of a choice nothing comes of, the one before counts, though it is ready later", () => {
  const choice = new Choice();
  const first = choice.draw();
  choice.draw(); // no picture
  assert.equal(choice.take(first, "first"), true);
  assert.equal(choice.value, "first");
});

test("the first sample yields to what the visitor chose, before and after it", () => {
  const { session } = studio({ photo: false });
  const mine = session.choosePhoto();
  assert.equal(session.takePhoto({ blob: blob(), name: "sample" }), true);
  assert.equal(session.takePhoto({ blob: blob(), name: "mine" }, mine), true);
  assert.equal(session.takePhoto({ blob: blob(), name: "sample" }), false);
  assert.equal(session.photo.name, "mine");
});

test("a new photo takes the finished picture's place, but not a run's", async () => {
  const at = studio();
  await at.begin();
  at.session.takePhoto({ blob: blob(), name: "other" }, at.session.choosePhoto());
  assert.equal(at.session.state, "painting");
  at.job.end(blob());
  await at.run;
  assert.equal(at.session.state, "finished");
  assert.equal(at.kept[0].photo.name, "cat.jpg"); // what the run began with
  at.session.takePhoto({ blob: blob(), name: "third" }, at.session.choosePhoto());
  assert.equal(at.session.state, "idle");
});

// ---- a run, well

test("a run goes from idle to finished, and its picture is kept", async () => {
  const at = studio();
  await at.begin();
  at.job.step(20);
  const whole = blob("whole");
  at.job.end(whole);
  await at.run;
  assert.deepEqual(at.states(), ["preparing", "painting", "concluding", "finished"]);
  assert.deepEqual(at.done, ["begin fresh", "unfinished begins fresh", "painted 20 whole", "unfinished ends"]);
  assert.equal(at.kept[0].picture, whole);
  assert.equal(at.kept[0].iterations, 20);
  assert.deepEqual(at.kept[0].recipe.weights, [1]);
  assert.equal(at.session.running, false);
});

test("Paint pressed twice starts one run; what is on its way in is waited for", async () => {
  const at = studio();
  const coming = deferred();
  at.session.expect(coming.promise);
  const runs = [at.session.paint(), at.session.paint()];
  await turn();
  assert.equal(at.session.state, "preparing");
  assert.equal(at.jobs.length, 0);
  at.session.takePhoto({ blob: blob("dropped"), name: "dropped" }, at.session.choosePhoto());
  coming.resolve();
  await turn();
  assert.equal(at.jobs.length, 1);
  assert.equal(await at.jobs[0].options.content.text(), "dropped");
  at.jobs[0].end(blob());
  await Promise.all(runs);
  assert.equal(at.kept.length, 1);
});

for (const [what, prepare, sentence] of [
  ["without a photo", () => studio({ photo: false }), /no photo/],
  ["without a painting", () => Object.assign(studio(), { paintings: [] }), /no painting/],
  ["with a setting that cannot be", () => Object.assign(studio(), { unreadable: "Iterations must be whole." }), /must be whole/],
  ["without a device", () => Object.assign(studio(), { opening: Promise.reject(new Error("No device.")) }), /No device/],
]) {
  test(`${what} it is refused with a sentence, and all is as before`, async () => {
    const at = prepare();
    at.opening.catch(() => {});
    await assert.rejects(at.session.paint(), sentence);
    assert.equal(at.session.state, "idle");
    assert.deepEqual([at.jobs.length, at.done], [0, []]);
  });
}

test("a refused run leaves a finished picture where it is", async () => {
  const at = studio();
  await at.session.show({ name: "kept" });
  at.paintings = [];
  await assert.rejects(at.session.paint());
  assert.equal(at.session.state, "finished");
  assert.ok(!at.types().includes("begun"));
});

// ---- pause, stop, discard

test("paused, the step under way still reports, and the run goes on where it was", async () => {
  const at = studio();
  await at.begin();
  at.session.pause();
  at.session.pause();
  at.job.say("checkpoint", { blob: blob(), iteration: 3 });
  assert.ok(at.done.includes("checkpoint now"));
  at.job.step(4);
  assert.equal(at.session.state, "paused");
  assert.equal(at.last("progress").iteration, 4);
  at.session.resume();
  at.session.resume();
  assert.equal(at.session.state, "painting");
  assert.deepEqual(at.job.calls, ["pause", "resume"]);
});

test("paused before the first step: the job begins paused, and goes on to prepare", async () => {
  const at = studio();
  const opening = deferred();
  at.opening = opening.promise;
  at.run = at.session.paint();
  at.session.pause();
  opening.resolve();
  await turn();
  assert.deepEqual(at.jobs[0].calls, ["pause"]);
  assert.equal(at.session.state, "paused");
  at.session.resume();
  assert.equal(at.session.state, "preparing");
});

test("stopped, a run leaves the picture as far as it is", async () => {
  const at = studio();
  await at.begin(7);
  at.session.stop();
  at.session.stop();
  at.session.pause();
  at.session.discard();
  await at.run;
  assert.equal(at.session.state, "finished");
  assert.equal(at.kept[0].picture, at.snapshot);
  assert.deepEqual(at.job.calls, ["checkpoint", "cancel"]);
  assert.ok(at.done.includes("painted 7 stopped"));
  assert.equal("enlarged" in at.kept[0].recipe, false);
});

test("a picture that was enlarged says so in what is kept of it", async () => {
  const at = studio();
  at.enlarged = 181;
  await at.begin(7);
  at.session.stop();
  await at.run;
  assert.equal(at.kept[0].recipe.enlarged, 181);
});

test("found good enough it is there at once, and goes on where it stood, whenever that is known", async () => {
  const at = studio();
  await at.begin(7);
  const standing = deferred();
  at.job.standing = standing.promise;
  at.session.stop();
  await at.run;
  assert.equal(at.session.state, "finished");
  assert.deepEqual(at.job.calls, ["checkpoint"], "it still takes its last step");
  let closed = 0;
  at.job.step(8, { preview: { close: () => closed++ } });
  assert.deepEqual([closed, at.last("progress").iteration], [1, 7]);
  const run = at.session.goOn();
  await turn();
  assert.equal(at.jobs.length, 1);
  const checkpoint = blob("where it stood");
  standing.resolve({ blob: checkpoint, iteration: 8 });
  await turn();
  assert.deepEqual(at.job.calls, ["checkpoint", "cancel"]);
  assert.equal(at.jobs[1].options.resume, checkpoint);
  assert.equal("enlarged" in at.unfinished.record.recipe, false);
  assert.ok(at.done.includes("checkpoint by and by"), "what is gone on from is kept again");
  at.jobs[1].step(9);
  at.jobs[1].end(blob());
  await run;
  assert.equal(at.session.state, "finished");
  assert.equal(at.kept.length, 2);
});

test("with another photo, another picture or another run there is nothing to go on with", async () => {
  for (const other of [
    (at) => at.session.takePhoto({ blob: blob(), name: "other" }, at.session.choosePhoto()),
    (at) => at.session.show({ name: "kept" }),
    async (at) => {
      await at.begin();
      at.job.end(blob());
      await at.run;
    },
  ]) {
    const at = studio();
    await at.begin();
    at.session.stop();
    await at.run;
    await other(at);
    const { length } = at.jobs;
    await at.session.goOn();
    assert.equal(at.jobs.length, length);
  }
});

test("going on that is refused can be tried again", async () => {
  const at = studio();
  await at.begin();
  at.session.stop();
  await at.run;
  at.paintings = [];
  await assert.rejects(at.session.goOn(), /no painting/);
  at.paintings = [{ blob: blob("painting"), name: "mine.jpg", weight: 1 }];
  at.session.goOn();
  await turn();
  assert.equal(at.jobs.length, 2);
});

test("a finished picture is made larger: the same run's next scale, from that picture", async () => {
  const at = studio();
  await at.begin(20);
  const whole = blob("whole");
  at.job.end(whole);
  await at.run;
  at.settings = { config: { preset: "classic", size: 45, iterations: 20 }, strength: 0 }; // as restored
  const run = at.session.larger(at.kept[0], 45);
  await turn();
  assert.ok(at.done.includes("restore 45"));
  const { config, resume } = at.jobs[1].options;
  assert.deepEqual([config.init, config.size, config.minSize, resume], [whole, 45, 45, undefined]);
  assert.equal(at.unfinished.record.underpainting, whole);
  at.jobs[1].step(3);
  at.jobs[1].fail(new Error("Lost."));
  await run;
  const again = at.session.goOn();
  await turn();
  assert.equal(at.jobs[2].options.config.init, whole, "also after it failed");
  at.jobs[2].end(blob());
  await again;
  assert.equal("minSize" in at.kept[1].recipe.config, false, "painted again it has all its scales");
});

test("stopped before the first step there is nothing to show", async () => {
  const at = studio();
  await at.begin(0);
  at.session.stop();
  await at.run;
  assert.equal(at.session.state, "idle");
  assert.deepEqual(at.last("stopped"), { discarded: false, begun: true });
  assert.deepEqual([at.kept.length, at.unfinished.record], [0, null]);
});

test("stopped while the device is being opened, all is as before, at once", async () => {
  const at = studio();
  await at.session.show({ name: "kept" });
  at.opening = new Promise(() => {});
  const run = at.session.paint();
  at.session.stop();
  await run;
  assert.equal(at.session.state, "finished");
  assert.deepEqual(at.last("stopped"), { discarded: false, begun: false });
});

test("discarded, nothing of a run is kept", async () => {
  const at = studio();
  await at.begin();
  at.session.discard();
  await at.run;
  assert.equal(at.session.state, "idle");
  assert.deepEqual(at.last("stopped"), { discarded: true, begun: true });
  assert.deepEqual([at.kept.length, at.unfinished.record], [0, null]);
});

test("progress that comes after the end is let go of", async () => {
  const at = studio();
  await at.begin();
  at.session.stop();
  let closed = 0;
  at.job.step(9, { preview: { close: () => closed++ } });
  assert.equal(closed, 1);
  assert.equal(at.last("progress").iteration, 3);
  await at.run;
});

// ---- a run, ill

test("a run that fails half-way can go on from its checkpoint, with its own pictures", async () => {
  const at = studio();
  await at.begin();
  const checkpoint = blob("half");
  at.job.say("checkpoint", { blob: checkpoint, iteration: 3 });
  at.job.fail(new Error("The device was lost."));
  await at.run;
  assert.equal(at.session.state, "failed");
  assert.equal(at.last("failed").error.message, "The device was lost.");
  assert.deepEqual(at.done.slice(-2), ["checkpoint by and by", "flush"]);
  at.session.takePhoto({ blob: blob("other photo"), name: "other" }, at.session.choosePhoto());
  at.settings = { config: { preset: "bold", size: 48, iterations: 1 }, strength: 0 };
  const run = at.session.goOn();
  await turn();
  const { options } = at.jobs.at(-1);
  assert.equal(options.resume, checkpoint);
  assert.equal(await options.content.text(), "photo");
  assert.equal(options.config.size, 32);
  assert.ok(at.done.includes("restore 32"));
  at.jobs.at(-1).step(4);
  at.jobs.at(-1).end(blob());
  await run;
  assert.equal(at.session.state, "finished");
});

test("a run that fails before its first step leaves nothing to go on with", async () => {
  const at = studio();
  await at.begin(0);
  at.job.fail(new Error("No weights."));
  await at.run;
  assert.equal(at.last("failed").left, null);
  assert.equal(at.unfinished.record, null);
  await at.session.goOn();
  assert.equal(at.jobs.length, 1);
});

test("what is left of a failed run can be discarded", async () => {
  const at = studio();
  await at.begin();
  at.job.fail(new Error("Lost."));
  await at.run;
  assert.notEqual(at.unfinished.record, null);
  await at.session.discard();
  assert.equal(at.unfinished.record, null);
  await at.session.goOn();
  assert.equal(at.jobs.length, 1);
});

test("a picture that cannot be shown is a failure, not the end of the page", async () => {
  const at = studio();
  at.unshowable = "The picture could not be read.";
  await at.begin();
  at.job.end(blob());
  await at.run;
  assert.equal(at.session.state, "failed");
  assert.equal(at.last("failed").error.message, at.unshowable);
  at.snapshot = null; // a canvas too large to be read
  await at.begin();
  at.session.stop();
  await at.run;
  assert.equal(at.session.state, "idle");
});

test("a picture there is no room for is said, and can be saved", async () => {
  const at = studio();
  at.kept.push = () => {
    throw new Error("full");
  };
  await at.begin();
  at.job.end(blob());
  await at.run;
  assert.equal(at.session.state, "finished");
  assert.equal(at.last("unkept"), "picture");
});

test("what cannot be kept of a run's state is said", async () => {
  const at = studio();
  at.unfinished.outcome = "other tab";
  await at.begin();
  assert.equal(at.last("unkept"), "other tab");
  at.unfinished.room = false;
  at.job.say("checkpoint", { blob: blob(), iteration: 3 });
  await turn();
  assert.equal(at.last("unkept"), "state");
});

test("a session without storage paints all the same", async () => {
  const at = studio({ stored: false });
  await at.begin();
  at.job.say("checkpoint", { blob: blob(), iteration: 3 });
  at.job.end(blob());
  await at.run;
  assert.equal(at.session.state, "finished");
});

// ---- taking a run up again

test("a run a page before left behind goes on, as it was when it ended", async () => {
  const at = studio({ photo: false });
  const found = left();
  found.recipe.changed = true;
  at.live = { styleWeight: 5 };
  const run = at.session.takeUp(found);
  assert.equal(at.session.state, "resuming");
  at.session.paint(); // not now
  await turn();
  assert.ok(at.types().includes("continuing"));
  const [job] = at.jobs;
  assert.equal(job.options.resume, found.checkpoint);
  assert.equal(at.unfinished.record.resumed, 1);
  assert.deepEqual(job.updates, [{ styleWeight: 5, weights: [1] }]);
  job.step(12);
  job.end(blob());
  await run;
  assert.deepEqual(at.states(), ["resuming", "preparing", "painting", "concluding", "finished"]);
});

test("one that got nowhere twice is offered, and goes on when asked to", async () => {
  const at = studio({ photo: false });
  await at.session.takeUp(left({ resumed: 2 }));
  assert.equal(at.session.state, "failed");
  assert.ok(at.types().includes("left"));
  assert.equal(at.jobs.length, 0);
  at.session.goOn();
  await turn();
  assert.equal(at.unfinished.record.resumed, 3);
});

test("one whose saved state is of no use starts over, once", async () => {
  const at = studio({ photo: false });
  const run = at.session.takeUp(left());
  await turn();
  at.jobs[0].fail(new Error("The checkpoint is damaged."));
  await turn();
  assert.ok(at.types().includes("startedOver"));
  assert.equal(at.jobs.length, 2);
  assert.equal(at.jobs[1].options.resume, undefined);
  assert.equal(at.session.state, "preparing");
  at.session.pause();
  assert.deepEqual(at.jobs[1].calls, ["pause"]);
  at.jobs[1].fail(new Error("No."));
  await run;
  assert.equal(at.session.state, "failed");
  assert.equal(at.jobs.length, 2);
});

test("one whose pictures are gone is given up, with a sentence", async () => {
  const at = studio({ photo: false });
  at.restoring = Promise.reject(new Error("The photo is no longer kept."));
  await assert.rejects(at.session.takeUp(left()), /no longer kept/);
  assert.equal(at.session.state, "idle");
  assert.ok(at.done.includes("unfinished ends"));
});

// ---- changes on the way

test("a change is told at once; those made meanwhile together, when it is taken over", async () => {
  const at = studio();
  await at.begin();
  const taking = deferred();
  at.job.taking = taking.promise;
  at.live = { styleWeight: 2 };
  at.session.change();
  assert.deepEqual(at.job.updates, [{ styleWeight: 2 }]); // in the same breath
  for (const styleWeight of [3, 4, 5]) {
    at.live = { styleWeight };
    at.session.change();
  }
  assert.equal(at.job.updates.length, 1);
  taking.resolve();
  await turn();
  assert.deepEqual(at.job.updates, [{ styleWeight: 2 }, { styleWeight: 5 }]);
  assert.equal(at.unfinished.record.recipe.config.styleWeight, 5);
  assert.equal(at.unfinished.record.recipe.changed, true);
});

test("a change that is refused is not taken for made, and said again when it is still wanted", async () => {
  const at = studio();
  await at.begin();
  at.paintings = [{ ...at.paintings[0], weight: 0 }];
  at.job.taking = Promise.reject(new Error("A painting must weigh something."));
  at.job.taking.catch(() => {});
  await assert.rejects(at.session.change(), /weigh something/);
  await assert.rejects(at.session.change(), /weigh something/);
  at.job.end(blob());
  await at.run;
  assert.deepEqual(at.kept[0].recipe.weights, [1]);
  assert.equal(at.kept[0].recipe.changed, undefined);
});

test("a setting that counts from the next run on says so, and so does the painting it does not know", async () => {
  const at = studio();
  await at.begin();
  at.settings = { ...at.settings, config: { ...at.settings.config, size: 64 } };
  await at.session.change();
  assert.ok(at.types().includes("notNow"));
  at.settings = { ...at.settings, config: { ...at.settings.config, size: 32 } };
  const [known] = at.paintings;
  const other = { blob: blob("new"), name: "new", weight: 1, mask: null };
  at.paintings = [{ ...known, weight: 0.5 }, other];
  await at.session.change();
  assert.deepEqual(at.job.updates, [{ weights: [0.5] }]);
  assert.equal(at.session.lacks(other.blob), true);
});

test("when only other paintings are chosen a run keeps its own: those wait for theirs", async () => {
  const at = studio();
  await at.begin();
  at.paintings = [{ blob: blob("new"), name: "new", weight: 1, mask: null }];
  await at.session.change();
  assert.deepEqual(at.job.updates, []);
  assert.ok(at.types().includes("notNow"));
});

test("a change that comes too late for its run is nobody's fault; without a run it is none", async () => {
  const at = studio();
  await at.session.change();
  await at.begin();
  const taking = deferred();
  at.job.taking = taking.promise;
  at.live = { styleWeight: 9 };
  const change = at.session.change();
  at.session.stop();
  taking.reject(new Error("The job ended before this could be changed."));
  await change;
  await at.run;
  assert.ok(!at.types().includes("notNow"));
});

// ---- kept pictures

test("of two kept pictures the last asked for is shown; a run is not painted over", async () => {
  const at = studio();
  const slow = deferred();
  const shows = [at.session.show({ name: "first", reading: slow.promise }), at.session.show({ name: "second" })];
  await turn();
  slow.resolve();
  await Promise.all(shows);
  assert.deepEqual(at.done, ["show second"]);
  const late = deferred();
  const show = at.session.show({ name: "late", reading: late.promise });
  await at.begin();
  late.resolve();
  await show;
  assert.ok(!at.done.includes("show late"));
  assert.equal(at.session.state, "painting");
  await at.session.show({ name: "during" });
  assert.ok(!at.done.includes("show during"));
});

test("a kept picture is painted again with its own settings", async () => {
  const at = studio();
  const run = at.session.again(left());
  await turn();
  assert.deepEqual(at.done.slice(0, 2), ["restore 64", "begin fresh"]);
  at.jobs[0].step(1);
  at.jobs[0].end(blob());
  await run;
  assert.equal(at.kept.length, 1);
});

test("another photo in mid-run: what there is is kept, and the new one painted", async () => {
  const at = studio();
  await at.begin(7);
  at.session.takePhoto({ blob: blob("other"), name: "other.jpg" }, at.session.choosePhoto());
  const run = at.session.paintInstead();
  await turn();
  await turn();
  assert.deepEqual(at.kept.map(({ name }) => name), ["cat.jpg"]);
  assert.equal(await at.jobs[1].options.content.text(), "other");
  at.jobs[1].step(20);
  at.jobs[1].end(blob());
  await run;
  assert.deepEqual(at.kept.map(({ name }) => name), ["cat.jpg", "other.jpg"]);
});
