// Long runs: every loss finite, memory flat. SOAK_CPU=1000 and SOAK_GPU=100 take many minutes; without SOAK_GPU nothing is painted on
// WebGPU here, where memory.spec.js looks at the same.
import { test, expect } from "./helpers.js";
import { PLAINEST, openFaulty } from "./faults.js";

const SIZE = 32;

for (const [backend, iterations] of [
  ["cpu", Number(process.env.SOAK_CPU ?? 40)],
  ...(process.env.SOAK_GPU ? [["webgpu", Number(process.env.SOAK_GPU)]] : []),
]) {
  test(`${iterations} iterations at ${SIZE}² on ${backend}: finite losses, flat memory`, async ({ page }) => {
    if (process.env.SOAK_CPU || process.env.SOAK_GPU) test.setTimeout(7_200_000);
    await openFaulty(page);
    const arrived = page.waitForEvent("worker");
    await page.evaluate(([backend, kernels]) => window.open(backend, { kernels }), [backend, PLAINEST]);
    const worker = await arrived;
    const memory = () => worker.evaluate(async () => (await (await import("/easel.js")).default()).memory.buffer.byteLength);
    const early = Math.min(20, iterations / 2);
    await page.evaluate(
      async ([size, iterations, early]) => {
        window.job = window.begin({ preset: "classic", size, minSize: size, iterations, reportEvery: 1 });
        await window.until(() => window.job.seen.iterations.length >= early);
      },
      [SIZE, iterations, early],
    );
    const before = await memory();
    const { losses, recovered, error } = await page.evaluate(() => window.job.outcome);
    const after = await memory();
    console.log(`${backend}: wasm memory ${before} after ${early} iterations, ${after} after ${iterations}; loss ${losses[0]} → ${losses.at(-1)}`);
    expect(error).toBeUndefined();
    expect(losses.length).toBe(iterations);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)).toBeLessThan(losses[0]);
    expect(recovered).toEqual([]);
    expect(after).toBeLessThanOrEqual(1.02 * before);
    await page.evaluate(() => window.stylizer.dispose());
  });
}
