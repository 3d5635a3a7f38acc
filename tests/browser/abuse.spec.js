// The JS API used wrongly, in haste, and for long: defined results, and nothing that grows.
import { test, expect } from "./helpers.js";
import { long, openFaulty, quick } from "./faults.js";

test("calls out of order have defined results", async ({ page }) => {
  await openFaulty(page);
  const seen = await page.evaluate(async (config) => {
    await window.open("cpu");
    const long = { ...config, iterations: 5000 };
    const said = (promise) => promise.then(() => "fine", (error) => `${error.name}: ${error.message}`);
    const first = window.begin({ ...config, iterations: 3 });
    const second = window.begin({ ...config, iterations: 3 });
    const waiting = window.begin(long);
    waiting.cancel(); // before its turn
    waiting.pause();
    const results = { both: [(await first.outcome).iterations, (await second.outcome).iterations], cancelled: (await waiting.outcome).name };
    results.unstarted = waiting.seen.iterations;
    results.late = await said(first.update({ styleWeight: 2 }));
    first.resume();
    first.pause();
    first.cancel();
    const running = window.begin(long);
    running.resume(); // without a pause
    results.changes = [];
    for (const changes of [undefined, null, 3, "x", [], { styleWeight: NaN }, { size: 64 }, { weights: [1, 2] }]) results.changes.push(await said(running.update(changes)));
    results.right = await said(running.update({ styleWeight: 2 }));
    results.inputs = [];
    for (const inputs of [undefined, {}, { content: 3, styles: [] }, { content: new Blob([]), styles: [null] }]) results.inputs.push(await said(window.stylizer.start(inputs).finished));
    const bitmap = await createImageBitmap(new ImageData(8, 8));
    bitmap.close();
    results.closed = await said(window.stylizer.start({ content: bitmap, styles: [{ image: bitmap }] }).finished);
    const asked = said(window.stylizer.probe());
    window.stylizer.dispose(); // in mid-run
    window.stylizer.dispose();
    results.disposed = [(await running.outcome).name, await asked];
    running.pause();
    results.update = await said(running.update({ styleWeight: 2 }));
    results.after = [await said(window.stylizer.settings()), await said(window.begin(config).finished)];
    return results;
  }, quick);
  expect(seen.both).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  expect(seen.cancelled).toBe("AbortError");
  expect(seen.unstarted).toEqual([]);
  expect(seen.late).toContain("has ended");
  for (const said of [...seen.changes, ...seen.inputs, seen.closed]) expect(said).toMatch(/^\w+: .{20}/);
  expect(seen.changes.join()).not.toMatch(/undefined|TypeError/);
  expect(seen.right).toBe("fine");
  for (const said of seen.disposed) expect(said).toMatch(/^AbortError/);
  expect(seen.update).toContain("has ended");
  for (const said of seen.after) expect(said).toContain("disposed of");
});

test("pictures may be changed and closed once a job has started, even when its worker dies", async ({ page }) => {
  await openFaulty(page);
  const outcome = await page.evaluate(async (config) => {
    await window.open("cpu");
    const bitmap = await createImageBitmap(new ImageData(new Uint8ClampedArray(4 * 32 * 32).map((_, i) => (i * 37) % 256), 32, 32));
    const pixels = new ImageData(32, 32);
    const job = window.stylizer.start({ content: bitmap, styles: [{ image: pixels }], config });
    bitmap.close();
    job.pause();
    const checkpoint = new Promise((resolve) => job.addEventListener("checkpoint", resolve, { once: true }));
    const begun = new Promise((resolve) => job.addEventListener("progress", resolve, { once: true }));
    job.resume();
    await begun;
    job.pause();
    await checkpoint;
    pixels.data.fill(99);
    window.made[0].terminate();
    job.resume();
    const outcome = await job.finished.then(({ width }) => width, (error) => error.message);
    window.stylizer.dispose();
    return outcome;
  }, long);
  expect(outcome).toBe(32);
});

test("100 runs in a row, and failing ones: memory, workers and addresses stay flat", async ({ page }) => {
  await openFaulty(page);
  const arrived = page.waitForEvent("worker");
  await page.evaluate(async () => {
    window.addresses = 0;
    const { createObjectURL } = URL;
    URL.createObjectURL = (blob) => (window.addresses++, createObjectURL.call(URL, blob));
    await window.open("cpu");
  });
  const worker = await arrived;
  const memory = () => worker.evaluate(async () => (await (await import("/easel.js")).default()).memory.buffer.byteLength);
  const runs = (count) =>
    page.evaluate(
      async ([config, count]) => {
        for (let i = 0; i < count; i++) {
          const size = 16 + (i % 3) * 8;
          const outcome = await window.begin({ ...config, size, minSize: size, iterations: 1 + (i % 2) }).outcome;
          if (outcome.iterations.at(-1) !== 1 + (i % 2)) throw new Error(`run ${i}: ${outcome.error}`);
          // A photo of megabytes whose painting cannot be read.
          if (i % 5 === 0) await window.stylizer.start({ content: new ImageData(1000, 1000), styles: [{ image: new Blob(["no"]) }], config }).finished.catch(() => {});
        }
      },
      [quick, count],
    );
  await runs(20);
  const before = await memory();
  await runs(80);
  const after = await memory();
  console.log(`wasm memory after 20 runs ${before}, after 100 ${after}`);
  expect(after).toBeLessThanOrEqual(1.02 * before);
  expect(page.workers().length).toBe(1);
  expect(await page.evaluate(() => [window.made.length, window.addresses])).toEqual([1, 0]);
  await page.evaluate(() => window.stylizer.dispose());
  await expect.poll(() => page.workers().length).toBe(0);
});

test("two stylizers in one page, and two pages, paint at once; the hidden one goes on", async ({ page, context }) => {
  const shorter = { ...long, iterations: 250 };
  await openFaulty(page);
  await page.evaluate(async (config) => {
    await window.open("cpu");
    window.jobs = [window.begin(config)];
    await window.open("cpu"); // another, the first goes on
    window.jobs.push(window.begin(config));
    await window.until(() => window.jobs.every(({ seen }) => seen.iterations.length > 2));
    // As a browser shows it to the page when its tab is left.
    Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
    Object.defineProperty(document, "hidden", { get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, shorter);
  const other = await context.newPage();
  await openFaulty(other);
  await other.bringToFront();
  const seen = await other.evaluate(async (config) => {
    await window.open("cpu");
    return window.begin(config).outcome;
  }, shorter);
  const both = await page.evaluate(() => Promise.all(window.jobs.map((job) => job.outcome)));
  for (const { iterations, losses, recovered } of [seen, ...both]) {
    expect(iterations).toEqual(Array.from({ length: shorter.iterations }, (_, i) => i + 1));
    expect(losses).toEqual(seen.losses); // the same run, undisturbed
    expect(recovered).toEqual([]);
  }
  await other.close();
});
