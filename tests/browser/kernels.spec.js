// Our WGSL kernels against plain tensor operations on the CPU, at odd and extreme shapes, and how many a step launches.
import { readFileSync } from "node:fs";
import { PLAINEST } from "./faults.js";
import { test, expect, openBlank } from "./helpers.js";

// Shared with the native test, tests/kernels.rs.
const { shapes, kernels, poolings } = JSON.parse(readFileSync(new URL("../data/kernels.json", import.meta.url), "utf8"));

/** Opens a device of its own page and compares what it is told: each time at some shapes, what is asked of the check beside them. */
const compared = (page, subgroups, asked) =>
  page.evaluate(
    async ({ subgroups, asked }) => {
      const { default: init, Engine } = await import("/easel.js");
      const { describeGpu, watchDevices } = await import("/engine/gpu.js");
      watchDevices(() => {}); // which has devices with subgroups
      await init();
      const gpu = await describeGpu();
      if (!gpu.subgroups) throw new Error("This adapter offers no subgroups: half of the kernels would go untested.");
      const engine = await Engine.open("webgpu", gpu.name, subgroups);
      const found = [];
      for (const [what, shapes, ...choice] of asked) {
        for (const shape of shapes) found.push([`${what}, ${shape.join(" × ")}`, shape, await engine.checkKernels(...shape, ...choice)]);
      }
      return found;
    },
    { subgroups, asked },
  );

// On one device, for what is the same in all of them is compiled once. What a browser makes of the texts is looked at where sides fill no
// tile, where rows fill several, and once where the map is a pixel, which is convolved by kernels of its own: natively every kind of kernel is
// compared at every shape, and with the tiles between the smallest and the largest, too (`tests/kernels.rs`).
const few = [shapes[1], shapes[6]];
const some = [...few, shapes[8]];
const pixel = shapes[4];
for (const [subgroups, asked] of [
  [false, [["in registers", [...some, pixel], false], ["in small tiles", few, false, "0"], ["in large tiles", few, false, "2"]]],
  [true, [["with subgroups", some, true]]],
]) {
  test(`every kernel equals the plain operations: ${asked.map(([what]) => what).join(", ")}`, async ({ page }) => {
    test.slow(); // it waits for nothing, but computes a lot
    await openBlank(page);
    const found = await compared(page, subgroups, asked);
    expect(found.length).toBe(asked.flatMap(([, shapes]) => shapes).length);
    for (const [what, [, , height, width], errors] of found) {
      const expected = height > 1 && width > 1 ? [...kernels, ...poolings] : kernels;
      expect(Object.keys(errors).sort(), what).toEqual([...expected].sort());
      for (const [kernel, error] of Object.entries(errors)) expect(error, `${kernel} ${what}`).toBeLessThanOrEqual(1e-4);
    }
  });
}

// Winograd's takes channels by 64; natively it is compared with every tile (`tests/kernels.rs`). Of these shapes one has tiles enough for
// several workgroups, the other's last tiles are cut.
test("convolutions in every form equal the plain operations", async ({ page }) => {
  test.slow(); // as above
  const forms = ["direct", "winograd", "winograd-128x64x16", "winograd-16x64x32"];
  const shapes = [
    [64, 128, 21, 18],
    [128, 64, 35, 33],
  ];
  await openBlank(page);
  const found = await compared(page, false, forms.map((form) => [form, shapes, false, form]));
  expect(found.length).toBe(forms.length * shapes.length);
  for (const [what, , errors] of found) {
    expect(Object.keys(errors)).toContain("gradient and tap");
    for (const [kernel, error] of Object.entries(errors)) expect(error, `${kernel} ${what}`).toBeLessThanOrEqual(what.startsWith("direct") ? 1e-4 : 1e-3);
  }
});

// Natively every loss's are counted (`tests/launches.rs`): here, that a browser is asked for no more.
test("a step launches few kernels", async ({ page }) => {
  test.slow(); // as above
  await openBlank(page);
  const launches = await page.evaluate(async (kernels) => {
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
    const engine = await Engine.open("webgpu", name, subgroups, undefined, kernels);
    await fetchWeights(engine, () => {});
    const side = 32;
    const picture = (seed) => Uint8Array.from({ length: 4 * side * side }, (_, i) => (i % 4 === 3 ? 255 : (i * i * seed) % 251));
    const pictures = new Pictures(side, side, picture(7));
    pictures.addStyle(side, side, picture(11), 1);
    const run = engine.start(pictures, JSON.stringify({ styleLoss: "gram", size: side, minSize: side, iterations: 4, init: "content" }));
    const launches = [];
    while (!run.finished) {
      count = 0;
      await run.step();
      launches.push(count);
    }
    return launches;
  }, PLAINEST);
  console.log(`${launches.join(", ")} launches`);
  // The first makes the targets and begins three steps; those after it begin one each, until all are begun.
  expect(launches.length).toBe(4);
  expect(launches.slice(-2)).toEqual([0, 0]);
  for (const count of launches.slice(1, -2)) {
    expect(count).toBeGreaterThan(30);
    expect(count).toBeLessThanOrEqual(60);
  }
});
