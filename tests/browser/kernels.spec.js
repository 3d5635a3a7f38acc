// Our WGSL kernels against plain tensor operations on the CPU, at odd and extreme shapes.
import { test, expect, openBlank } from "./helpers.js";

const shapes = [
  [8, 8, 4, 4],
  [8, 16, 5, 7],
  [16, 8, 1, 9],
  [8, 24, 9, 1],
  [24, 16, 1, 1],
  [64, 64, 13, 6],
  [72, 40, 17, 19],
  [8, 8, 70, 33],
];

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
    expect(Object.keys(errors).length).toBeGreaterThanOrEqual(11);
    for (const [kernel, error] of Object.entries(errors)) {
      expect(error, `${kernel} at ${shape.join(" × ")}`).toBeLessThanOrEqual(1e-4);
    }
  }
});
