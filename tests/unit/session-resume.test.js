// Runs a page before left behind: they go on, start over or are offered, and are lost only when the visitor says so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { blob, deferred, left, studio, turn } from "./session-studio.js";

/** As the engine tells that a state is not one to go on from. */
const useless = () => Object.assign(new Error("The saved run cannot be continued: it is damaged. Start it again."), { code: "checkpoint" });

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

test("it goes on also where a kept picture was opened, or Paint was pressed, before it was found", async () => {
  for (const [before, states] of /** @type {[(at: any) => Promise<void>, string[]][]} */ ([
    [(at) => at.session.show({ name: "kept" }), ["finished", "resuming", "preparing"]],
    [async (at) => void at.session.paint(), ["preparing", "concluding", "idle", "resuming", "preparing"]],
  ])) {
    const at = studio();
    const finding = deferred();
    const found = left();
    const run = at.session.expect(finding.promise).then(() => at.session.takeUp(found)); // as the page does it
    await before(at);
    await turn();
    assert.equal(at.jobs.length, 0, "what is painted waits for it");
    finding.resolve();
    await turn();
    assert.deepEqual(at.states(), states);
    assert.equal(at.jobs[0].options.resume, found.checkpoint);
    at.jobs[0].step(12);
    at.jobs[0].end(blob());
    assert.equal(await run, true);
  }
});

test("a run that has begun does not give way to one that is found", async () => {
  for (const iteration of [0, 3]) {
    const at = studio();
    await at.begin(iteration);
    const { state } = at.session;
    const taking = at.session.takeUp(left());
    await turn();
    assert.equal(at.session.state, state);
    assert.equal(await taking, false);
    assert.deepEqual([at.job.calls, at.last("left"), at.done.includes("unfinished ends")], [[], undefined, false]);
    at.job.step(12);
    at.job.end(blob());
    await at.run;
    assert.deepEqual([at.session.state, at.kept.length], ["finished", 1]);
  }
});

test("where it cannot go on it is offered", async () => {
  const at = studio();
  await at.begin();
  at.job.fail(new Error("The device was lost."));
  await at.run;
  const found = left();
  assert.equal(await at.session.takeUp(found), false);
  assert.deepEqual([at.session.state, at.last("left")], ["failed", { often: false, stopped: false }]);
  at.session.goOn();
  await turn();
  assert.equal(at.jobs[1].options.resume, found.checkpoint);
});

test("what is moved while it is put in place is told once it has started, and kept", async () => {
  for (const changed of [true, undefined]) {
    const at = studio({ photo: false });
    const found = left();
    found.recipe.changed = changed;
    const coming = deferred();
    at.session.expect(coming.promise);
    const run = at.session.takeUp(found);
    await turn();
    Object.assign(at, { settings: { config: found.recipe.config, strength: 1 }, paintings: found.paintings }); // as it is put in place
    at.live = { styleWeight: 10 };
    at.session.change();
    coming.resolve();
    await turn();
    await turn();
    const [job] = at.jobs;
    assert.deepEqual(job.updates, [...(changed ? [{ styleWeight: 1, weights: [1] }] : []), { styleWeight: 10 }]);
    const { config, strength } = at.unfinished.record.recipe;
    assert.deepEqual([config.styleWeight, strength], [10, 1]);
    assert.equal(at.last("notNow"), undefined);
    job.step(12);
    job.end(blob());
    await run;
    assert.equal(at.kept[0].recipe.strength, 1);
  }
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
  at.jobs[0].fail(useless());
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
  at.restoring = Promise.reject(Object.assign(new Error("The photo is no longer kept."), { code: "useless" }));
  await assert.rejects(at.session.takeUp(left()), /no longer kept/);
  assert.equal(at.session.state, "idle");
  assert.equal(at.last("left"), undefined);
  assert.ok(at.done.includes("unfinished ends"));
});

test("one whose photo cannot be read just now is offered, and goes on once it can", async () => {
  const at = studio({ photo: false });
  at.restoring = Promise.reject(new Error("The painter ran out of memory."));
  const found = left();
  await assert.rejects(at.session.takeUp(found), /out of memory/);
  assert.equal(at.session.state, "failed");
  assert.deepEqual(at.last("left"), { often: false, stopped: false });
  assert.ok(!at.done.includes("unfinished ends"));
  at.restoring = Promise.resolve();
  at.session.goOn();
  await turn();
  assert.equal(at.jobs[0].options.resume, found.checkpoint);
});

test("one that fails before its first step for another reason is offered again, with its state", async () => {
  const at = studio({ photo: false });
  const found = left();
  const run = at.session.takeUp(found);
  await turn();
  at.jobs[0].fail(new Error("The network file could not be fetched."));
  await turn();
  assert.equal(at.jobs.length, 1, "it does not start over");
  await run;
  assert.equal(at.last("failed").left.checkpoint, found.checkpoint);
  assert.notEqual(at.unfinished.record, null);
  at.session.goOn();
  await turn();
  assert.equal(at.jobs[1].options.resume, found.checkpoint);
});

for (const [when, prepare] of [
  ["stopped before its first step", async () => {}],
  ["paused and stopped before its first step", async (at) => at.session.pause()],
]) {
  test(`${when}, it is still there, and offered`, async () => {
    const at = studio({ photo: false });
    const found = left();
    const run = at.session.takeUp(found);
    await turn();
    await prepare(at);
    at.session.stop();
    await run;
    assert.equal(at.session.state, "failed");
    assert.ok(!at.done.includes("unfinished ends"));
    assert.deepEqual(at.types().slice(-2), ["stopped", "left"]);
    at.session.takePhoto({ blob: blob("other"), name: "other" }, at.session.choosePhoto());
    at.session.goOn();
    await turn();
    assert.equal(at.jobs[1].options.resume, found.checkpoint);
    assert.equal(await at.jobs[1].options.content.text(), "left photo");
  });
}

test("found good enough, gone on with and stopped before the next step it is offered like any other", async () => {
  const at = studio();
  await at.begin(7);
  const checkpoint = blob("where it stood");
  at.job.standing = { blob: checkpoint, iteration: 7 };
  at.session.stop();
  await at.run;
  const run = at.session.goOn();
  await turn();
  at.session.stop();
  await run;
  assert.equal(at.session.state, "failed");
  at.session.takePhoto({ blob: blob("other"), name: "other" }, at.session.choosePhoto());
  at.session.goOn();
  await turn();
  assert.equal(at.jobs[2].options.resume, checkpoint);
});

test("discarded before its first step nothing of it is left", async () => {
  const at = studio({ photo: false });
  const run = at.session.takeUp(left());
  await turn();
  at.session.discard();
  await run;
  assert.equal(at.session.state, "idle");
  assert.ok(at.done.includes("unfinished ends"));
  await at.session.goOn();
  assert.equal(at.jobs.length, 1);
});

test("while it waits for what is on its way in, it can be stopped, and discarded", async () => {
  for (const act of ["stop", "discard"]) {
    const at = studio({ photo: false });
    at.session.expect(new Promise(() => {}));
    const run = at.session.takeUp(left());
    await turn();
    assert.deepEqual([at.session.state, at.jobs.length], ["preparing", 0]);
    at.session[act]();
    await run;
    assert.equal(at.session.state, "idle");
    assert.equal(at.last("stopped").discarded, act === "discard");
    assert.equal(at.types().includes("left"), act === "stop");
    assert.equal(at.done.includes("unfinished ends"), act === "discard");
  }
});

test("where no device opens it is offered, and goes on once one does", async () => {
  const at = studio({ photo: false });
  at.opening = Promise.reject(new Error("No device."));
  const found = left();
  await assert.rejects(at.session.takeUp(found), /No device/);
  assert.equal(at.session.state, "failed");
  assert.deepEqual(at.last("left"), { often: false, stopped: false });
  at.session.takePhoto({ blob: blob("sample"), name: "sample" }); // as the page does then
  await assert.rejects(at.session.goOn(), /No device/);
  assert.equal(at.types().filter((type) => type === "left").length, 2, "offered again");
  assert.deepEqual(at.done, []);
  at.opening = Promise.resolve();
  at.session.goOn();
  await turn();
  assert.equal(at.jobs[0].options.resume, found.checkpoint);
  assert.ok(at.done.includes("restore 64"));
});

test("where only loading the page again helps it is not offered: it would be in vain", async () => {
  const at = studio({ photo: false });
  at.opening = Promise.reject(Object.assign(new Error("Of another version."), { code: "version" }));
  await assert.rejects(at.session.takeUp(left()), /another version/);
  await assert.rejects(at.session.goOn(), /another version/);
  assert.deepEqual([at.session.state, at.last("left"), at.done], ["failed", undefined, []]);
});

test("it goes on with its own photo and paintings, whatever is chosen meanwhile", async () => {
  const at = studio({ photo: false });
  const found = left();
  found.recipe.weights = [0.25];
  const coming = deferred();
  at.session.expect(coming.promise);
  at.session.takeUp(found);
  await turn();
  at.session.takePhoto({ blob: blob("shared"), name: "shared" }, at.session.choosePhoto());
  at.paintings = [{ blob: blob("other"), name: "other", weight: 1, mask: null }];
  coming.resolve();
  await turn();
  const { content, styles } = at.jobs[0].options;
  assert.equal(await content.text(), "left photo");
  assert.deepEqual(styles, [{ image: found.paintings[0].blob, weight: 0.25 }]);
});

test("once it was found good enough, an old Discard takes nothing away", async () => {
  const at = studio({ photo: false });
  const run = at.session.takeUp(left());
  await turn();
  at.jobs[0].step(8);
  at.session.stop();
  await run;
  assert.equal(at.session.state, "finished");
  await at.session.discard();
  assert.equal(at.last("stopped"), undefined);
  at.session.goOn();
  await turn();
  assert.equal(at.jobs.length, 2);
});
