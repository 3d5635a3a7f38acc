// What the page can be in, what leads from one to the other, and what is chosen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Choice } from "../../www/page/session/choice.js";
import { Machine, TRANSITIONS } from "../../www/page/session/machine.js";
import { blob, deferred, studio } from "./session-studio.js";

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

test("the first sample, which may come late, leaves the kept picture that the visitor has opened, or is opening", async () => {
  const sample = { blob: blob(), name: "sample" };
  const at = studio({ photo: false });
  await at.session.show({ name: "kept" });
  assert.equal(at.session.takePhoto(sample), true);
  assert.deepEqual([at.session.state, at.session.photo, at.session.occupied], ["finished", sample, true]);
  const other = studio({ photo: false });
  const reading = deferred();
  const showing = other.session.show({ name: "kept", reading: reading.promise });
  other.session.takePhoto(sample);
  assert.equal(other.session.occupied, true);
  reading.resolve();
  await showing;
  assert.deepEqual([other.session.state, other.done], ["finished", ["show kept"]]);
  // What the visitor chooses takes its place, before it is seen and after it.
  other.session.takePhoto({ blob: blob(), name: "mine" }, other.session.choosePhoto());
  assert.deepEqual([other.session.state, other.session.occupied], ["idle", false]);
  const late = deferred();
  const opening = other.session.show({ name: "kept", reading: late.promise });
  other.session.takePhoto({ blob: blob(), name: "mine, too" }, other.session.choosePhoto());
  assert.equal(other.session.occupied, false);
  late.resolve();
  await opening;
  assert.equal(other.session.state, "idle");
});

test("a photo chosen before a kept picture was opened, but read after it, is put in place beside that; so is what else was chosen then", async () => {
  for (const reading of [false, true]) {
    const at = studio({ photo: false });
    const files = deferred();
    const [ticket, when] = [at.session.choosePhoto(), at.session.now];
    const showing = at.session.show(reading ? files.promise : { name: "kept" });
    if (!reading) await showing;
    const photo = { blob: blob(), name: "mine" };
    assert.equal(at.session.takePhoto(photo, ticket), true);
    at.session.leave(when);
    assert.deepEqual([at.session.occupied, at.session.photo], [true, photo]);
    files.resolve({ name: "kept" });
    await showing;
    assert.deepEqual([at.session.state, at.done], ["finished", ["show kept"]]);
    at.session.leave(at.session.now);
    assert.equal(at.session.state, "idle");
  }
});

test("whoever asked for a kept picture hears whether it is seen: not where it gave way to a run, though that was stopped", async () => {
  const at = studio();
  const reading = deferred();
  at.opening = deferred().promise;
  const showing = at.session.show({ name: "kept", reading: reading.promise });
  const run = at.session.paint();
  reading.resolve();
  assert.equal(await showing, false);
  assert.equal(await at.session.show({ name: "another" }), false, "while it is prepared");
  at.session.stop();
  await run;
  assert.deepEqual([at.session.state, at.done.includes("show kept")], ["idle", false]);
  const late = deferred();
  const first = at.session.show({ name: "first", reading: late.promise });
  assert.equal(await at.session.show({ name: "second" }), true);
  late.resolve();
  assert.equal(await first, true, "the other is what is marked");
});

test("a kept picture that is found not to be wanted any more once its files are read is not shown", async () => {
  const at = studio();
  await at.session.show(Promise.resolve(null));
  assert.deepEqual([at.session.state, at.session.occupied, at.done], ["idle", false, []]);
  await assert.rejects(at.session.show(Promise.reject(new Error("No disk."))), /No disk/);
  assert.equal(at.session.occupied, false);
});
