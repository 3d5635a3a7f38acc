// Device and WebAssembly memory: flat once a run is under way, and no more than planned.
// SOAK_SIZE and SOAK_STEPS make the first longer (64 and 200 take minutes), PLAN_SIZE, PLAN_BAND and PLAN_STEPS the second larger. In bands, what Burn allocated is
// given up before and after each step, and counts here until the browser collects it: with it each step takes some more (3.2 MB at 192²).
import { SHALLOW } from "./faults.js";
import { test, expect, openBlank } from "./helpers.js";

/** Runs some steps, counting every buffer the page asks of the device, less those destroyed. */
async function count(page, size, steps, settings) {
  await openBlank(page);
  return page.evaluate(
    async ([size, steps, settings]) => {
      const { default: init, Engine, Pictures, estimate } = await import("/easel.js");
      const { describeGpu, watchDevices } = await import("/engine/gpu.js");
      const { fetchWeights } = await import("/engine/weights.js");
      let now = 0;
      let peak = 0;
      const { createBuffer } = GPUDevice.prototype;
      GPUDevice.prototype.createBuffer = function (descriptor) {
        now += descriptor.size;
        peak = Math.max(peak, now);
        return createBuffer.call(this, descriptor);
      };
      const { destroy } = GPUBuffer.prototype;
      GPUBuffer.prototype.destroy = function () {
        now -= this.size;
        return destroy.call(this);
      };
      watchDevices(() => {}); // which has devices with subgroups
      const { memory } = await init();
      const { name, subgroups } = await describeGpu();
      const engine = await Engine.open("webgpu", name, subgroups);
      await fetchWeights(engine, () => {});
      const rgba = (seed) => Uint8Array.from({ length: 4 * size * size }, (_, i) => (i * 7919 * seed) % 251);
      const pictures = new Pictures(size, size, rgba(1));
      pictures.addStyle(size, size, rgba(2), 1);
      const config = JSON.stringify({ ...settings, size, minSize: size, iterations: steps });
      const planned = estimate(size, size, config, 1, 0, engine.kernels).bytes;
      const run = engine.start(pictures, config);
      const sizes = [];
      const wasm = [];
      const totals = [];
      for (let step = 0; step < steps; step++) {
        totals.push((await run.step()).losses.total);
        sizes.push(now);
        wasm.push(memory.buffer.byteLength);
      }
      return { sizes, wasm, totals, peak, planned };
    },
    [size, steps, settings],
  );
}

test("memory is flat after the 20th step, and every loss finite", async ({ page }) => {
  const [size, steps] = [Number(process.env.SOAK_SIZE ?? 32), Number(process.env.SOAK_STEPS ?? 27)];
  const { sizes, wasm, totals } = await count(page, size, steps, { preset: "classic", ...SHALLOW });
  console.log(`${size}², ${steps} steps: device ${sizes[19]} → ${sizes.at(-1)} bytes; wasm ${wasm[19]} → ${wasm.at(-1)}`);
  expect(Math.abs(sizes.at(-1) / sizes[19] - 1)).toBeLessThanOrEqual(0.02);
  expect(Math.abs(wasm.at(-1) / wasm[19] - 1)).toBeLessThanOrEqual(0.02);
  expect(totals.every(Number.isFinite)).toBe(true);
  expect(totals.at(-1)).toBeLessThan(totals[0]);
});

const { PLAN_SIZE, PLAN_BAND = 0, PLAN_STEPS = 2 } = process.env;
for (const [size, band] of PLAN_SIZE ? [[Number(PLAN_SIZE), Number(PLAN_BAND)]] : [[96, 0], [128, 32]]) {
  test(`a run takes the memory that was planned: ${size}² in ${band === 0 ? "one go" : `bands of ${band} rows`}`, async ({ page }) => {
    test.slow(); // it waits for nothing, but computes a lot
    const { peak, planned } = await count(page, size, Number(PLAN_STEPS), { preset: "painterly", band });
    console.log(`${size}²: planned ${planned} bytes, used ${peak}`);
    expect(peak / planned).toBeLessThanOrEqual(band === 0 ? 1.05 : 1.1);
    expect(peak / planned).toBeGreaterThanOrEqual(0.8);
  });
}
