// What is done after a worker or its device was lost: which failures are answered how, and when it is given up.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Recovery } from "../../www/engine/recovery.js";

const CRASH = new Error("The device was lost.");
const TOO_LARGE = new Error("Not enough memory for this size.");
const busy = { idle: false };

/** Lets time pass, as far as the module can tell. */
function at(t, millis) {
  t.mock.method(performance, "now", () => millis);
}

/** The backends planned for failures in a row, until it is given up. */
function backends(recovery, errors, asked) {
  return errors.map((error) => recovery.plan(error, asked, busy)?.backend ?? null);
}

test("the same again first, then the CPU where the choice is ours, then no more", () => {
  assert.deepEqual(backends(new Recovery(), [CRASH, CRASH, CRASH, CRASH], "auto"), ["auto", "cpu", "cpu", null]);
});

test("a backend that was asked for stays", () => {
  assert.deepEqual(backends(new Recovery(), [CRASH, CRASH, CRASH, CRASH], "webgpu"), ["webgpu", "webgpu", "webgpu", null]);
});

test("each attempt waits longer than the one before", () => {
  const recovery = new Recovery();
  const waits = [CRASH, CRASH, CRASH].map((error) => recovery.plan(error, "auto", busy).waitMillis);
  assert.deepEqual(waits, [200, 800, 3200]);
});

test("for want of memory the run is shortened once, on the same backend, before the CPU is tried", () => {
  const recovery = new Recovery();
  const plans = [TOO_LARGE, TOO_LARGE, TOO_LARGE].map((error) => recovery.plan(error, "auto", busy));
  assert.deepEqual(plans.map(({ shorten }) => shorten), [false, true, false]);
  assert.deepEqual(plans.map(({ backend }) => backend), ["auto", "auto", "cpu"]);
});

test("a checkpoint beyond the last failure starts the count anew; one before it does not", () => {
  const recovery = new Recovery();
  recovery.progressed(1, 40);
  recovery.plan(CRASH, "auto", busy);
  recovery.plan(CRASH, "auto", busy);
  recovery.saved(1, 40);
  assert.equal(recovery.plan(CRASH, "auto", busy).backend, "cpu", "not beyond: still the third in a row");
  recovery.saved(1, 41);
  assert.equal(recovery.plan(CRASH, "auto", busy).backend, "auto", "beyond: the first again");
});

test("a later job is beyond an earlier one, whatever its iteration", () => {
  const recovery = new Recovery();
  recovery.progressed(1, 40);
  recovery.plan(CRASH, "auto", busy);
  recovery.saved(2, 1);
  assert.equal(recovery.plan(CRASH, "auto", busy).backend, "auto");
});

test("a job that keeps failing a little further on ends after twenty failures", () => {
  const recovery = new Recovery();
  let failures = 0;
  while (recovery.plan(CRASH, "auto", busy)) {
    failures += 1;
    assert.ok(failures <= 20, "it never ends");
    recovery.saved(1, failures);
  }
  assert.equal(failures, 20);
});

test("a job that ended well clears both counts", () => {
  const recovery = new Recovery();
  for (let failures = 0; failures < 19; failures += 1) {
    recovery.plan(CRASH, "auto", busy);
    recovery.saved(1, failures + 1);
  }
  recovery.finished();
  assert.deepEqual(backends(recovery, [CRASH, CRASH, CRASH, CRASH], "auto"), ["auto", "cpu", "cpu", null]);
});

test("after ten minutes in good health a failure is the first of its row", (t) => {
  const recovery = new Recovery();
  at(t, 0);
  recovery.opened();
  recovery.plan(CRASH, "auto", busy);
  at(t, 1000);
  recovery.opened();
  at(t, 1000 + 600_000);
  assert.equal(recovery.plan(CRASH, "auto", busy).backend, "cpu", "not yet");
  at(t, 2000);
  recovery.opened();
  at(t, 2000 + 600_001);
  assert.equal(recovery.plan(CRASH, "auto", busy).backend, "auto");
});
