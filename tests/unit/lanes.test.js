// Whose turn it is among requests for pictures.
import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "./fake-worker.js";
import { Lanes } from "../../www/engine/lanes.js";

/** Lanes in which each request is an action that ends when the test says so; `begun` are their names in the order of their beginning. */
function open() {
  const lanes = new Lanes();
  const begun = [];
  const ends = {};
  const ask = (lane, name, { inputs = Promise.resolve(name), signal } = {}) => {
    const action = (given) => {
      begun.push(given);
      return new Promise((resolve, reject) => (ends[name] = { resolve, reject }));
    };
    return lanes.wait(lane, inputs, action, signal).then(
      (value) => value,
      (error) => `${error.name}: ${error.message}`,
    );
  };
  const end = async (name, value = name) => {
    ends[name].resolve(value);
    await settle();
  };
  return { lanes, begun, ends, ask, end };
}

test("one at a time; of those that wait in a lane the newest alone is left, the one under way comes to its end", async () => {
  const { begun, ask, end } = open();
  const asked = ["one", "two", "three"].map((name) => ask("picture", name));
  const other = ask("other", "other");
  await settle();
  assert.deepEqual(begun, ["three"], "none had begun when the next came");
  assert.match(await asked[0], /^AbortError: A newer picture/);
  assert.match(await asked[1], /^AbortError/);
  const four = ask("picture", "four");
  const five = ask("picture", "five");
  await settle();
  assert.deepEqual(begun, ["three"]);
  await end("three");
  assert.deepEqual(begun, ["three", "five"], "the main lane first");
  await end("five");
  await end("other");
  assert.deepEqual(await Promise.all([asked[2], four, five, other]), ["three", "AbortError: A newer picture was asked for instead.", "five", "other"]);
});

test("without a lane all are answered in their order, and a newer request keeps the place of the one it replaces", async () => {
  const { begun, ask, end } = open();
  ask(null, "a");
  await settle();
  ask(null, "b");
  ask("slider", "old");
  ask(null, "c");
  ask("slider", "new");
  await settle();
  for (const name of ["a", "b", "new", "c"]) await end(name);
  assert.deepEqual(begun, ["a", "b", "new", "c"]);
});

test("what waits for its pictures holds up no other, and fails alone", async () => {
  const { begun, ask, end } = open();
  let come;
  const late = ask(null, "late", { inputs: new Promise((resolve) => (come = resolve)) });
  const lost = ask(null, "lost", { inputs: Promise.reject(new Error("No picture.")) });
  ask(null, "early");
  await settle();
  assert.deepEqual(begun, ["early"]);
  assert.equal(await lost, "Error: No picture.");
  come("late");
  await settle();
  await end("early");
  await end("late");
  assert.equal(await late, "late");
});

test("a failure is its own; the next begins", async () => {
  const { begun, ends, ask, end } = open();
  const bad = ask(null, "bad");
  const good = ask(null, "good");
  await settle();
  ends.bad.reject(new Error("Broken."));
  await settle();
  assert.equal(await bad, "Error: Broken.");
  assert.deepEqual(begun, ["bad", "good"]);
  await end("good");
  assert.equal(await good, "good");
});

test("a signal ends the waiting at once, also of what is under way, whose end the next waits for", async () => {
  const { begun, ask, end } = open();
  const controllers = [new AbortController(), new AbortController()];
  const under = ask(null, "under", { signal: controllers[0].signal });
  const waiting = ask(null, "waiting", { signal: controllers[1].signal });
  const next = ask(null, "next");
  await settle();
  controllers[1].abort();
  controllers[0].abort(new Error("Enough."));
  assert.match(await waiting, /^AbortError/);
  assert.equal(await under, "Error: Enough.");
  assert.deepEqual(begun, ["under"]);
  await end("under");
  assert.deepEqual(begun, ["under", "next"]);
  await end("next");
  assert.equal(await next, "next");
  assert.match(await ask(null, "never", { signal: controllers[1].signal }), /^AbortError/);
  assert.deepEqual(begun, ["under", "next"]);
});

test("once closed nothing that waits begins", async () => {
  const { lanes, begun, ask, end } = open();
  ask(null, "first");
  const second = ask(null, "second");
  await settle();
  lanes.close(new Error("Over."));
  await end("first");
  assert.equal(await second, "Error: Over.");
  assert.deepEqual(begun, ["first"]);
});
