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

// Winograd's takes channels by 64. Of these shapes one has tiles enough for several workgroups, the other's last tiles are cut.
for (const kernels of ["direct", "winograd", "winograd-128x64x16", "winograd-64x64x16", "winograd-32x64x16", "winograd-16x64x32"]) {
  test(`convolutions in the form ${kernels} equal the plain operations`, async ({ page }) => {
    await openBlank(page);
    const results = await page.evaluate(async (kernels) => {
      const { default: init, Engine } = await import("/easel.js");
      await init();
      const engine = await Engine.open("webgpu", "", false);
      const shapes = [
        [64, 128, 21, 18],
        [128, 64, 35, 33],
      ];
      const results = [];
      for (const shape of shapes) results.push([shape, await engine.checkKernels(...shape, false, kernels)]);
      return results;
    }, kernels);
    for (const [shape, errors] of results) {
      expect(Object.keys(errors)).toContain("gradient and tap");
      for (const [kernel, error] of Object.entries(errors)) {
        expect(error, `${kernel} at ${shape.join(" × ")}`).toBeLessThanOrEqual(kernels === "direct" ? 1e-4 : 1e-3);
      }
    }
  });
}
