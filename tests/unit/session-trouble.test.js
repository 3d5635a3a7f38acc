// What comes between: failures, changes on the way, kept pictures.
import assert from "node:assert/strict";
import { test } from "node:test";
import { blob, deferred, left, studio, turn } from "./session-studio.js";

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
});

test("a run whose picture cannot be read when it is stopped goes on from where it stood, and is kept until then", async () => {
  const at = studio();
  at.snapshot = Promise.reject(new Error("No room.")); // for a canvas of that size
  at.snapshot.catch(() => {});
  await at.begin(7);
  at.job.say("checkpoint", { blob: blob("earlier"), iteration: 6 });
  const step = deferred();
  at.job.standing = step.promise;
  at.session.stop();
  await at.run;
  assert.equal(at.session.state, "failed");
  assert.equal(at.last("failed").error.message, "No room.");
  assert.deepEqual([at.last("stopped"), at.kept.length], [undefined, 0]);
  assert.notEqual(at.unfinished.record, null);
  assert.equal(at.done.at(-1), "flush");
  const standing = blob("where it stood");
  step.resolve({ blob: standing, iteration: 7 });
  at.session.goOn();
  await turn();
  await turn();
  assert.equal(at.jobs[1].options.resume, standing);
});

test("a picture there is no room for, or that cannot be kept for another reason, is said, and can be saved", async () => {
  const at = studio();
  for (const [error, what] of [[new DOMException("full", "QuotaExceededError"), "full"], [new DOMException("gone", "NotReadableError"), "picture"]]) {
    at.kept.push = () => {
      throw error;
    };
    await at.begin();
    at.job.end(blob());
    await at.run;
    assert.deepEqual([at.session.state, at.last("unkept")], ["finished", what]);
  }
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

test("that a run's state is not kept is said once, and taken back when it is again", async () => {
  const at = studio();
  const said = () => at.said.filter(({ type }) => type === "unkept").map(({ detail }) => detail);
  await at.begin();
  for (const room of [true, false, false, true, true]) {
    at.unfinished.room = room;
    at.job.say("checkpoint", { blob: blob(), iteration: 3 });
    await turn();
  }
  assert.deepEqual(said(), ["state", null]);
});

test("a run that goes on and is only kept as before is said nothing of", async () => {
  const at = studio({ photo: false });
  at.unfinished.outcome = "as before";
  at.session.takeUp(left());
  await turn();
  assert.equal(at.last("unkept"), undefined);
});

test("a session without storage paints all the same", async () => {
  const at = studio({ stored: false });
  await at.begin();
  at.job.say("checkpoint", { blob: blob(), iteration: 3 });
  at.job.end(blob());
  await at.run;
  assert.equal(at.session.state, "finished");
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

test("of changes told one after another one that is refused takes none of those behind it along", async () => {
  const at = studio();
  await at.begin();
  const first = deferred();
  at.job.taking = first.promise;
  at.live = { styleWeight: 2 };
  const changes = [at.session.change()];
  at.live = { styleWeight: 3 };
  changes.push(at.session.change());
  at.job.taking = Promise.resolve();
  first.reject(new Error("Not two."));
  await Promise.all(changes); // what was refused is not wanted any more
  assert.deepEqual(at.job.updates, [{ styleWeight: 2 }, { styleWeight: 3 }]);

  const second = deferred();
  at.job.taking = second.promise;
  at.paintings = [{ ...at.paintings[0], weight: 0 }];
  const refused = assert.rejects(at.session.change(), /weigh something/);
  at.live = { styleWeight: 4 };
  const behind = assert.rejects(at.session.change(), /weigh something/);
  at.job.taking = Promise.resolve();
  second.reject(new Error("A painting must weigh something."));
  await Promise.all([refused, behind]);
  assert.deepEqual(at.job.updates.at(-1), { styleWeight: 4 });
  assert.equal(at.unfinished.record.recipe.config.styleWeight, 4);
  at.job.end(blob());
  await at.run;
  assert.deepEqual([at.kept[0].recipe.config.styleWeight, at.kept[0].recipe.weights], [4, [1]]);
});

test("a change that comes just as one before was taken over is told, too", async () => {
  for (let late = 1; late <= 6; late++) {
    const at = studio();
    await at.begin();
    at.live = { styleWeight: 2 };
    at.session.change();
    for (let i = 0; i < late; i++) await null;
    at.live = { styleWeight: 3 };
    at.session.change();
    await turn();
    assert.deepEqual(at.job.updates, [{ styleWeight: 2 }, { styleWeight: 3 }], `${late}`);
  }
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

test("nor is one of several, told when the run has come to its end by itself", async () => {
  const at = studio();
  await at.begin();
  const taking = deferred();
  at.job.taking = taking.promise;
  const changes = [];
  for (const styleWeight of [5, 9]) {
    at.live = { styleWeight };
    changes.push(at.session.change());
  }
  const keeping = deferred();
  at.keeping = keeping.promise;
  at.job.taking = Promise.reject(new Error("The job has ended."));
  at.job.taking.catch(() => {});
  at.job.end(blob());
  await turn();
  assert.equal(at.session.state, "concluding");
  taking.resolve();
  await Promise.all(changes);
  keeping.resolve();
  await at.run;
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
