// Device and WebAssembly memory: flat once a run is under way, and no more than planned.
// SOAK_SIZE and SOAK_STEPS make it longer: 64 and 200 take minutes.
import { test, expect, openBlank } from "./helpers.js";

const size = Number(process.env.SOAK_SIZE ?? 32);
const steps = Number(process.env.SOAK_STEPS ?? 50);

test("memory is flat after the 20th step", async ({ page }) => {
  await openBlank(page);
  const { sizes, wasm, peak } = await page.evaluate(
    async ([size, steps]) => {
      const { default: init, Engine, Pictures } = await import("/easel.js");
      const { describeGpu } = await import("/gpu.js");
      const { fetchWeights } = await import("/weights.js");
      // Every buffer the page ever asks of the device, less those destroyed.
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
      const { memory } = await init();
      const { name, subgroups } = await describeGpu();
      const engine = await Engine.open("webgpu", name, subgroups);
      await fetchWeights(engine, () => {});
      const rgba = (seed) => Uint8Array.from({ length: 4 * size * size }, (_, i) => (i * 7919 * seed) % 251);
      const pictures = new Pictures(size, size, rgba(1));
      pictures.addStyle(size, size, rgba(2), 1);
      const run = engine.start(pictures, JSON.stringify({ preset: "classic", size, minSize: size, iterations: steps }));
      const sizes = [];
      const wasm = [];
      for (let step = 0; step < steps; step++) {
        await run.step();
        sizes.push(now);
        wasm.push(memory.buffer.byteLength);
      }
      return { sizes, wasm, peak };
    },
    [size, steps],
  );
  console.log(`${size}², ${steps} steps: device ${sizes[19]} → ${sizes.at(-1)} bytes, peak ${peak}; wasm ${wasm[19]} → ${wasm.at(-1)}`);
  expect(Math.abs(sizes.at(-1) / sizes[19] - 1)).toBeLessThanOrEqual(0.02);
  expect(Math.abs(wasm.at(-1) / wasm[19] - 1)).toBeLessThanOrEqual(0.02);
});
