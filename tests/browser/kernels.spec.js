// Our WGSL kernels against plain tensor operations on the CPU, at odd and extreme shapes.
import { readFileSync } from "node:fs";
import { test, expect, openBlank } from "./helpers.js";

// Shared with the native test, tests/kernels.rs.
const { shapes, kernels, poolings } = JSON.parse(readFileSync(new URL("../data/kernels.json", import.meta.url), "utf8"));

test("every kernel equals the plain operations", async ({ page }) => {
  await openBlank(page);
  const results = await page.evaluate(async (shapes) => {
    const { default: init, Engine } = await import("/easel.js");
    const { describeGpu, watchDevices } = await import("/engine/gpu.js");
    watchDevices(() => {}); // which has devices with subgroups
    await init();
    const { name, subgroups } = await describeGpu();
    if (!subgroups) throw new Error("This adapter offers no subgroups: half of the kernels would go untested.");
    const engine = await Engine.open("webgpu", name, true);
    const results = [];
    for (const subgroups of [false, true]) {
      for (const shape of shapes) results.push([[...shape, subgroups], await engine.checkKernels(...shape, subgroups)]);
    }
    return results;
  }, shapes);
  expect(results.length).toBe(2 * shapes.length);
  for (const [shape, errors] of results) {
    const [, , height, width] = shape;
    const expected = height > 1 && width > 1 ? [...kernels, ...poolings] : kernels;
    expect(Object.keys(errors).sort(), shape.join(" × ")).toEqual([...expected].sort());
    for (const [kernel, error] of Object.entries(errors)) {
      expect(error, `${kernel} at ${shape.join(" × ")}`).toBeLessThanOrEqual(1e-4);
    }
  }
});
