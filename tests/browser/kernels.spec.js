// Our WGSL kernels against plain tensor operations on the CPU, at odd and extreme shapes, and how many a step launches.
import { readFileSync } from "node:fs";
import { test, expect, openBlank } from "./helpers.js";

// Shared with the native test, tests/kernels.rs.
const { shapes, kernels, poolings } = JSON.parse(readFileSync(new URL("../data/kernels.json", import.meta.url), "utf8"));

// In registers without and with subgroups, and by each size of tiles in a workgroup's memory.
for (const [form, ...choice] of [
  ["in registers", false],
  ["with subgroups", true],
  ["in small tiles", false, "0"],
  ["in medium tiles", false, "1"],
  ["in large tiles", false, "2"],
]) {
  test(`every kernel equals the plain operations: ${form}`, async ({ page }) => {
    test.slow(); // it waits for nothing, but computes a lot
    await openBlank(page);
    const results = await page.evaluate(
      async ({ shapes, choice }) => {
        const { default: init, Engine } = await import("/easel.js");
        const { describeGpu, watchDevices } = await import("/engine/gpu.js");
        watchDevices(() => {}); // which has devices with subgroups
        await init();
        const { name, subgroups } = await describeGpu();
        if (!subgroups) throw new Error("This adapter offers no subgroups: half of the kernels would go untested.");
        const engine = await Engine.open("webgpu", name, true);
        const results = [];
        for (const shape of shapes) results.push([shape, await engine.checkKernels(...shape, ...choice)]);
        return results;
      },
      { shapes, choice },
    );
    expect(results.length).toBe(shapes.length);
    for (const [shape, errors] of results) {
      const [, , height, width] = shape;
      const expected = height > 1 && width > 1 ? [...kernels, ...poolings] : kernels;
      expect(Object.keys(errors).sort(), shape.join(" × ")).toEqual([...expected].sort());
      for (const [kernel, error] of Object.entries(errors)) {
        expect(error, `${kernel} at ${shape.join(" × ")}`).toBeLessThanOrEqual(1e-4);
      }
    }
  });
}

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

test("a step launches few kernels", async ({ page }) => {
  test.slow(); // as above
  await openBlank(page);
  const counted = await page.evaluate(async () => {
    const { default: init, Engine, Pictures } = await import("/easel.js");
    const { describeGpu, watchDevices } = await import("/engine/gpu.js");
    const { fetchWeights } = await import("/engine/weights.js");
    let count = 0;
    const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
    GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...groups) {
      count += 1;
      return dispatchWorkgroups.apply(this, groups);
    };
    watchDevices(() => {});
    await init();
    const { name, subgroups } = await describeGpu();
    const engine = await Engine.open("webgpu", name, subgroups);
    await fetchWeights(engine, () => {});
    const side = 128;
    const picture = (seed) => Uint8Array.from({ length: 4 * side * side }, (_, i) => (i % 4 === 3 ? 255 : (i * i * seed) % 251));
    const counted = {};
    for (const styleLoss of ["gram", "wasserstein"]) {
      const pictures = new Pictures(side, side, picture(7));
      pictures.addStyle(side, side, picture(11), 1);
      const run = engine.start(pictures, JSON.stringify({ styleLoss, size: side, minSize: side, iterations: 4, init: "content" }));
      counted[styleLoss] = [];
      while (!run.finished) {
        count = 0;
        await run.step();
        counted[styleLoss].push(count);
      }
      run.free();
    }
    return counted;
  });
  for (const [styleLoss, most] of [["gram", 60], ["wasserstein", 180]]) {
    const launches = counted[styleLoss];
    console.log(`${styleLoss}: ${launches.join(", ")} launches`);
    // The first makes the targets and begins three steps; those after it begin one each, until all are begun.
    expect(launches.length).toBe(4);
    expect(launches.slice(-2)).toEqual([0, 0]);
    for (const count of launches.slice(1, -2)) {
      expect(count).toBeGreaterThan(30);
      expect(count).toBeLessThanOrEqual(most);
    }
  }
});
