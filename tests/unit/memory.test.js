// How much memory is assumed of a device, and what fits it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, memoryOf } from "../../www/engine/memory.js";

const page = (navigator, [width, height], coarse) => ({ navigator: { maxTouchPoints: 0, ...navigator }, screen: { width, height }, matchMedia: () => ({ matches: coarse }) });

test("what the browser says counts; else phones and tablets are taken for smaller than computers", () => {
  for (const [what, given, gigabytes] of [
    ["Chrome on a phone of 4 GB", page({ deviceMemory: 4, maxTouchPoints: 5 }, [412, 915], true), 4],
    ["Chrome on a computer", page({ deviceMemory: 8 }, [1920, 1080], false), 8],
    ["an iPhone", page({ maxTouchPoints: 5 }, [390, 844], true), 3],
    ["an iPhone held sideways", page({ maxTouchPoints: 5 }, [844, 390], true), 3],
    ["Firefox on Android", page({ maxTouchPoints: 5 }, [360, 800], true), 3],
    ["a phone by name whose pointer is fine", page({ userAgentData: { mobile: true } }, [412, 915], false), 3],
    ["an iPad, which says it is a Mac", page({ maxTouchPoints: 5 }, [1024, 1366], true), 4],
    ["Firefox on a laptop with a touch screen", page({ maxTouchPoints: 10 }, [1920, 1080], false), 8],
    ["Safari on a Mac", page({}, [1728, 1117], false), 8],
  ]) {
    assert.equal(memoryOf(given), gigabytes * 1e9, what);
  }
});

test("a run fits where half the memory, and the largest buffer, suffice", () => {
  const gpu = { backend: "webgpu", limits: { maxBufferSize: 1e9, maxStorageBufferBindingSize: 5e8 } };
  const run = (bytes, largest = 1e8) => ({ bytes, largest });
  assert.ok(fits(run(3.9e9), gpu, 8e9));
  assert.ok(!fits(run(3.9e9), gpu, 3e9));
  assert.ok(!fits(run(1e9, 6e8), gpu, 8e9));
  assert.ok(fits(run(1.7e9), { backend: "cpu", limits: {} }, 8e9));
  assert.ok(!fits(run(1.9e9), { backend: "cpu", limits: {} }, 8e9));
  assert.ok(!fits(run(1.7e9), { backend: "cpu", limits: {} }, 3e9));
});
