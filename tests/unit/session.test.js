// The page's runs as they should go: from Paint to the kept picture, paused, stopped and discarded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { blob, deferred, studio, turn } from "./session-studio.js";

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

test("going on that is asked for while the picture is still being kept comes after it", async () => {
  const at = studio();
  await at.begin(7);
  const keeping = deferred();
  at.keeping = keeping.promise;
  at.session.stop();
  await turn();
  assert.deepEqual([at.session.state, at.kept.length], ["concluding", 1]);
  const runs = [at.session.goOn(), at.session.goOn()]; // pressed twice
  await turn();
  assert.deepEqual([at.session.state, at.jobs.length], ["concluding", 1]);
  keeping.resolve();
  await turn();
  assert.deepEqual([at.session.state, at.jobs.length], ["preparing", 2]);
  at.jobs[1].step(8);
  at.jobs[1].end(blob());
  await Promise.all(runs);
  assert.deepEqual([at.session.state, at.kept.length], ["finished", 2]);
});

test("with another photo or another run there is nothing to go on with", async () => {
  for (const other of [
    (at) => at.session.takePhoto({ blob: blob(), name: "other" }, at.session.choosePhoto()),
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

test("found good enough, it is offered apart once its picture is not seen any more, until it goes on or another begins", async () => {
  for (const away of /** @type {((at: any) => any)[]} */ ([
    (at) => at.session.leave(), // as for another sketch
    (at) => at.session.show({ name: "kept" }),
    (at) => (at.session.leave(), at.session.takePhoto({ blob: blob(), name: "other" }, at.session.choosePhoto())),
  ])) {
    const at = studio();
    await at.begin(7);
    const standing = blob("where it stood");
    at.job.standing = { blob: standing, iteration: 7 };
    at.session.stop();
    await at.run;
    assert.ok(!at.types().includes("left"), "it is offered beside its picture");
    await away(at);
    const offers = () => at.said.filter(({ type }) => type === "left").map(({ detail }) => detail);
    assert.deepEqual(offers(), [{ often: false, stopped: true }]);
    await at.session.show({ name: "kept" });
    at.session.leave();
    assert.equal(offers().length, 1, "once");
    at.restoring = Promise.reject(new Error("A painting is no longer kept."));
    await assert.rejects(at.session.goOn(), /no longer kept/);
    assert.equal(offers().length, 2, "again, as it was answered");
    at.restoring = Promise.resolve();
    at.session.goOn();
    await turn();
    const { content, resume } = at.jobs[1].options;
    assert.deepEqual([await content.text(), resume], ["photo", standing]);
  }
});

test("going on that is refused can be tried again", async () => {
  const at = studio();
  await at.begin();
  at.session.stop();
  await at.run;
  at.restoring = Promise.reject(new Error("A painting is no longer kept."));
  await assert.rejects(at.session.goOn(), /no longer kept/);
  assert.ok(!at.types().includes("left"), "it is offered beside its picture");
  at.restoring = Promise.resolve();
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

test("a picture that is being opened is not seen any more where it is left, too: it was deleted", async () => {
  for (const coming of [false, true]) {
    const at = studio();
    const reading = deferred();
    const showing = at.session.show({ name: "kept", reading: reading.promise });
    if (coming) at.session.lookAway();
    at.session.leave();
    reading.resolve();
    await showing;
    assert.deepEqual([at.session.state, at.done.includes("show kept")], coming ? ["idle", false] : ["finished", true]);
  }
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
