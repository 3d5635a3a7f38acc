// Which GPUs are none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeGpu, isSoftware, watchDevices } from "../../www/engine/gpu.js";

/** Makes the browser have this adapter. */
function give(adapter) {
  const gpu = { requestAdapter: async () => adapter && { features: new Set(), ...adapter } };
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
}

test("a program that stands in for a GPU is told by its name or by the browser", async () => {
  for (const adapter of ["Google SwiftShader", "llvmpipe (LLVM 19)", "Microsoft Basic Render Driver"]) assert.ok(isSoftware({ adapter }), adapter);
  for (const adapter of ["apple metal-3", "nvidia ada-lovelace", ""]) assert.ok(!isSoftware({ adapter }), adapter);
  for (const [info, name, software] of [
    [{ vendor: "google", architecture: "swiftshader" }, "google swiftshader", true],
    [{ vendor: "microsoft", isFallbackAdapter: true }, "microsoft", true],
    [{ vendor: "mesa", description: "llvmpipe" }, "llvmpipe", true],
    [{ vendor: "intel", architecture: "xe", isFallbackAdapter: false }, "intel xe", false],
  ]) {
    give({ info });
    assert.deepEqual(await describeGpu(), { name, subgroups: false, software });
  }
  give({ isFallbackAdapter: true });
  assert.equal((await describeGpu()).software, true);
  give(null);
  assert.deepEqual(await describeGpu(), { name: "", subgroups: false, software: false });
});

test("devices are made with subgroups where there are, and tell when they are lost", async () => {
  let lose;
  const lost = new Promise((resolve) => (lose = resolve));
  globalThis.GPUAdapter = class {
    features = new Set(["subgroups"]);
    async requestDevice(descriptor) {
      return { descriptor, lost, addEventListener() {} };
    }
  };
  const reasons = [];
  watchDevices((reason) => reasons.push(reason));
  const { descriptor } = await new GPUAdapter().requestDevice({ requiredFeatures: ["f"] });
  assert.deepEqual(descriptor.requiredFeatures, ["f", "subgroups"]);
  lose({ message: "unplugged" });
  await null;
  await null;
  assert.deepEqual(reasons, ["The graphics device was lost (unplugged)."]);
});
