// A worker that hangs is told from one that is slow.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Pace, Watchdog } from "../../www/engine/watchdog.js";

/** A watch on mocked timers; `after(seconds)` says whether it has barked by then. */
function watch() {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  let hung = 0;
  const watchdog = new Watchdog(() => hung++);
  watchdog.start();
  const after = (seconds) => {
    for (let i = 0; i < seconds; i++) mock.timers.tick(1000);
    return hung;
  };
  return { watchdog, after };
}

test("a message that is not heard within 5 s means a hang, told once", () => {
  const { watchdog, after } = watch();
  watchdog.told();
  assert.equal(after(4), 0);
  assert.equal(after(1), 1);
  assert.equal(after(60), 1);
});

test("nothing is watched before the program runs, with nothing to do, and after the end", () => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  const early = new Watchdog(assert.fail);
  early.told();
  for (let i = 0; i < 60; i++) mock.timers.tick(1000);
  early.stop();
  const { watchdog, after } = watch();
  assert.equal(after(60), 0);
  watchdog.told();
  watchdog.heard();
  watchdog.doing("job", 8000);
  watchdog.doing("job", null);
  assert.equal(after(60), 0);
  watchdog.doing("job", 8000);
  watchdog.stop();
  assert.equal(after(60), 0);
});

test("a message waits for what is under way, and every word begins the count anew", () => {
  const { watchdog, after } = watch();
  watchdog.doing("job", 20_000);
  watchdog.told();
  assert.equal(after(19), 0);
  watchdog.word();
  assert.equal(after(19), 0);
  assert.equal(after(1), 1);
});

test("an hour in which the computer slept counts as a second", (t) => {
  mock.timers.reset();
  let tick;
  t.mock.method(globalThis, "setTimeout", (callback) => ((tick = callback), 1));
  const watchdog = new Watchdog(() => assert.fail("it was asleep"));
  watchdog.start();
  watchdog.doing("job", 5000);
  for (const clock of [performance, Date]) t.mock.method(clock, "now", () => 3_600_000_000_000);
  tick(); // browsers do not make up for the ticks that were missed
  tick();
  watchdog.stop();
});

test("a step may take four times the slowest of the last, and never less than 5 s", () => {
  const pace = new Pace();
  pace.on("webgpu");
  pace.took(20, 65_536);
  assert.equal(pace.allows({ what: "step", pixels: 65_536 }), 5000);
  pace.took(3000, 65_536);
  assert.equal(pace.allows({ what: "step", pixels: 65_536 }), 12_000);
  assert.equal(pace.allows({ what: "step", pixels: 4 * 65_536 }), 48_000, "a larger picture takes longer");
  for (let i = 0; i < 20; i++) pace.took(20, 65_536);
  assert.equal(pace.allows({ what: "step", pixels: 65_536 }), 5000, "one slow step is forgotten");
});

test("before a step was timed, and for the first at a scale, it is generous", () => {
  const pace = new Pace();
  const large = 512 * 512;
  assert.ok(pace.allows({ what: "step", pixels: large }) > 4 * 80_000, "on a phone's CPU a step at 512 px takes 80 s");
  pace.took(100, large);
  assert.equal(pace.allows({ what: "step", pixels: large }), 5000);
  assert.equal(pace.allows({ what: "step", pixels: 6 * large, first: true }), 60_000);
  pace.on("webgpu");
  assert.ok(pace.allows({ what: "step", pixels: large }) > 60_000, "another device was not timed");
  for (const what of ["load", "open", "prepare", "probe", "pictures"]) assert.ok(pace.allows({ what }) >= 30_000, what);
});

test("a worker that was given up for slowness gets longer the next time", () => {
  const pace = new Pace();
  pace.took(10, 10_000);
  const before = pace.allows({ what: "step", pixels: 10_000 });
  pace.hung();
  assert.equal(pace.allows({ what: "step", pixels: 10_000 }), 4 * before);
});
