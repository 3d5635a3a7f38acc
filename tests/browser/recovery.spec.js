// Workers and devices that die: the job goes on in another, from its last checkpoint, and not for ever.
import { test, expect } from "./helpers.js";
import { PLAINEST, long, openFaulty, quick } from "./faults.js";

/** The iterations reported go up by one but where the job went on from an earlier one, and end as planned. */
function expectContinued({ iterations, recovered, error }, planned) {
  expect(error).toBeUndefined();
  expect(iterations.at(-1)).toBe(planned);
  const starts = recovered.map(({ iteration }) => iteration + 1);
  const jumps = iterations.filter((iteration, i) => i > 0 && iteration !== iterations[i - 1] + 1);
  for (const jump of jumps) expect(starts).toContain(jump);
}

test("a worker ended without a word in mid-run: the job goes on from its checkpoint", async ({ page }) => {
  await openFaulty(page);
  const seen = await page.evaluate(async (config) => {
    await window.open("cpu");
    const job = window.begin(config);
    await window.until(() => job.seen.iterations.length >= 5);
    job.pause(); // makes a checkpoint
    await window.until(() => job.seen.checkpoints.at(-1) >= 5);
    job.resume();
    await window.until(() => job.seen.iterations.at(-1) >= job.seen.checkpoints.at(-1) + 3);
    const kept = job.seen.checkpoints.at(-1);
    window.made[0].terminate();
    const pending = await window.stylizer.settings().then(
      () => "answered",
      (error) => error.message,
    );
    const outcome = await job.outcome;
    const knobs = (await window.stylizer.settings()).knobs.length;
    const next = await window.begin({ ...config, iterations: 2 }).outcome;
    window.stylizer.dispose();
    return { outcome, kept, pending, knobs, next: next.iterations, workers: window.made.length, stages: window.stages };
  }, long);
  expectContinued(seen.outcome, long.iterations);
  expect(seen.outcome.recovered).toEqual([
    { reason: expect.stringContaining("without a word"), iteration: seen.kept, backend: "cpu", shortened: false },
  ]);
  expect(seen.outcome.recovered[0].iteration).toBeGreaterThanOrEqual(5);
  expect(seen.pending).toContain("Try again");
  expect(seen.knobs).toBeGreaterThan(10);
  expect(seen.next).toEqual([1, 2]);
  expect(seen.workers).toBe(2);
  expect(seen.stages).toContain("recovering");
});

test("a paused job stays paused in the new worker, with its changes, and a second waits its turn", async ({ page }) => {
  await openFaulty(page);
  const seen = await page.evaluate(async (config) => {
    await window.open("cpu");
    const [job, waiting] = [window.begin(config), window.begin({ ...config, iterations: 3 })];
    await window.until(() => job.seen.iterations.length >= 3);
    job.pause();
    await window.until(() => job.seen.checkpoints.length > 0);
    await job.update({ styleWeight: 7 });
    window.made[0].terminate();
    await window.until(() => job.seen.recovered.length > 0);
    const before = job.seen.iterations.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    const held = job.seen.iterations.length === before;
    job.resume();
    const outcome = await job.outcome;
    const second = await waiting.outcome;
    window.stylizer.dispose();
    return { held, outcome, second };
  }, long);
  expect(seen.held).toBe(true);
  expectContinued(seen.outcome, long.iterations);
  expect(seen.outcome.report.config.styleWeight).toBe(7);
  expect(seen.second.iterations).toEqual([1, 2, 3]);
  expect(seen.second.recovered).toEqual([]);
});

test("a worker ended while idle, while decoding and while it fetches the network", async ({ page }) => {
  await openFaulty(page);
  // The last shard never comes to the worker that asks for it first.
  let times = 0;
  await page.route("**/vgg19-3-*.bin", (route) => (++times === 1 ? null : route.continue()));
  const fetching = page.waitForRequest("**/vgg19-3-*.bin");
  const seen = await page.evaluate(async (config) => {
    await window.open("cpu");
    window.made[0].terminate();
    await window.until(() => window.made.length === 2);
    const idle = (await window.stylizer.settings()).presets.length; // waits for the new worker
    const canvas = new OffscreenCanvas(600, 600);
    canvas.getContext("2d").fillRect(0, 0, 300, 300);
    const picture = await canvas.convertToBlob();
    const decoding = window.stylizer.decode(picture).then(
      () => "decoded",
      (error) => error.message,
    );
    window.made[1].terminate();
    const decoded = await decoding;
    const again = (await window.stylizer.decode(picture)).width;
    window.job = window.begin({ ...config, iterations: 4 });
    return { idle, decoded, again };
  }, quick);
  await fetching;
  const outcome = await page.evaluate(() => {
    window.made[2].terminate();
    return window.job.outcome;
  });
  await page.evaluate(() => window.stylizer.dispose());
  expect(seen.idle).toBeGreaterThan(3);
  expect(seen.decoded).toContain("without a word");
  expect(seen.again).toBe(600);
  expect(outcome.iterations).toEqual([1, 2, 3, 4]);
  expect(outcome.recovered).toMatchObject([{ iteration: 0 }]);
});

test("a worker in an endless loop: it is replaced and the job goes on; another, cancelled, does not hold up the next", async ({ page }) => {
  await openFaulty(page);
  /** A job under way on a stylizer that knows of no worker that hung: the next one it would give more time. */
  const begin = () =>
    page.evaluate(async (config) => {
      await window.open("cpu");
      window.job = window.begin({ ...config, iterations: 100_000 });
      await window.until(() => window.job.seen.iterations.length >= 5);
      await window.job.checkpoint();
    }, quick);
  /** Has the newest worker loop for ever; resolves when it does. */
  const hang = async () => {
    await page.evaluate(() => window.made.at(-1).addEventListener("message", ({ data }) => data.type === "looping" && (window.looping = window.made.length)));
    const loop = () => {
      postMessage({ type: "looping", detail: {} });
      for (;;);
    };
    page.workers().at(-1).evaluate(loop).catch(() => {}); // never answered
    await page.evaluate(() => window.until(() => window.looping === window.made.length));
  };
  await begin();
  await hang();
  const begun = performance.now();
  await page.evaluate(() => {
    const { seen } = window.job;
    const before = seen.iterations.length;
    return window.until(() => seen.recovered.length > 0 && seen.iterations.length > before);
  });
  console.log(`an endless loop: the run went on after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  const [recovered, saved] = await page.evaluate(() => [window.job.seen.recovered, window.job.seen.checkpoints]);
  expect(recovered).toEqual([{ reason: expect.stringContaining("did not answer"), iteration: saved.at(-1), backend: "cpu", shortened: false }]);
  await page.evaluate(() => window.stylizer.dispose());
  await begin();
  await page.evaluate((config) => (window.next = window.begin({ ...config, iterations: 3 })), quick);
  await hang();
  const [cancelled, next] = await page.evaluate(() => {
    window.job.cancel();
    return Promise.all([window.job.outcome, window.next.outcome]);
  });
  expect(cancelled.name).toBe("AbortError");
  expect(next.iterations).toEqual([1, 2, 3]);
  expect(await page.evaluate(() => window.made.length)).toBe(4);
  await page.evaluate(() => window.stylizer.dispose());
});

test.describe("programs that fail", () => {
  test.use({ expectedErrors: [/unreachable|RuntimeError|memory|panick|injected/] });

  const faults = [
    ["a panic", "setTimeout(() => { throw new WebAssembly.RuntimeError('unreachable'); })", "program failed (unreachable)"],
    ["an uncaught error", "setTimeout(() => { throw new Error('injected'); })", "injected"],
    ["a promise nobody waits for", "Promise.reject(new Error('injected'))", "injected"],
    ["WebAssembly's memory used up", "import('/easel.js').then(async ({ default: init, checkHeader }) => { const { memory } = await init(); try { for (;;) memory.grow(256); } catch {} setTimeout(() => checkHeader('', new Uint8Array(2 ** 30))); })", "out of memory"],
  ];
  for (const [name, fault, says] of faults) {
    test(`${name} in mid-run: the job goes on in a new worker`, async ({ page }) => {
      await openFaulty(page);
      const worker = page.waitForEvent("worker");
      await page.evaluate(async (config) => {
        await window.open("cpu");
        window.job = window.begin(config);
        await window.until(() => window.job.seen.iterations.length >= 3);
      }, long);
      await (await worker).evaluate((code) => void new Function("code", "return eval(code)")(code), fault);
      const outcome = await page.evaluate(() => window.job.outcome);
      expectContinued(outcome, long.iterations);
      expect(outcome.recovered[0].reason).toContain(says);
      await page.evaluate(() => window.stylizer.dispose());
    });
  }

  test("a worker that always dies: the job and the stylizer end with a sentence, after few attempts", async ({ page }) => {
    await openFaulty(page);
    const seen = await page.evaluate(async (config) => {
      await window.open("cpu");
      let killed = 0;
      const kill = () => window.made[killed++].terminate();
      window.stylizer.addEventListener("status", ({ detail }) => detail.stage === "recovering" && window.until(() => window.made[killed]?.lives).then(kill));
      const [job, waiting] = [window.begin(config), window.begin(config)];
      kill();
      const [outcome, second] = [await job.outcome, await waiting.outcome];
      const workers = window.made.length;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const after = await window.stylizer.probe().catch((error) => error.message);
      const later = window.made.length;
      const knobs = (await window.stylizer.settings()).knobs.length; // files and settings need no device
      window.stylizer.dispose();
      return { outcome, second, workers, later, stopped: window.stopped, after, knobs };
    }, long);
    expect(seen.outcome.error).toContain("given up");
    expect(seen.second.error).toContain("given up");
    expect(seen.stopped).toBe(seen.outcome.error);
    expect(seen.after).toContain("Create a new one");
    expect(seen.workers).toBe(4);
    expect(seen.later).toBe(4);
    expect(seen.knobs).toBeGreaterThan(10);
  });
});

test("a program that cannot be loaded is said when opening", async ({ page }) => {
  await openFaulty(page);
  await page.route("**/gpu.js", (route) => route.fulfill({ contentType: "text/javascript", body: "this is no program" }));
  const message = await page.evaluate(() => window.open("cpu").catch((error) => error.message));
  expect(message).toContain("stopped unexpectedly");
});

test.describe("devices", () => {
  test.use({ expectedErrors: [/device|lost|unreachable|panick|destroyed|memory|RuntimeError/i] });

  /**
   * Code that runs where each worker's device is made. It may `fail()`, `starve()`, and listen for what `announce` tells.
   * The GPU does not say that it is none, or `auto` would not take it.
   */
  const hook = (fault) => `
    Object.defineProperty(GPUAdapter.prototype, "info", { get: () => ({ vendor: "test", architecture: "", device: "", description: "", isFallbackAdapter: false }) });
    const { requestDevice: request } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (descriptor) {
      const device = await request.call(this, descriptor);
      const fail = () => device.destroy();
      const starve = () => {
        const event = new Event("uncapturederror");
        event.error = new GPUOutOfMemoryError("injected");
        device.dispatchEvent(event);
      };
      ${fault};
      return device;
    };`;
  /** Makes workers tell of each step and reading of the picture, just after it has begun: an event "step 0", "picture 1", …. */
  const announce = (page) =>
    page.route("**/easel.js", async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/(?<=[\s;{}])(step|picture)\(\) ?\{/g, (_, name) => `${name}() {
        const event = new Event("${name} " + this.iteration);
        queueMicrotask(() => self.dispatchEvent(event));`);
      expect(body.match(/queueMicrotask\(\(\) => self.dispatchEvent/g)).toHaveLength(2);
      await route.fulfill({ response, body });
    });
  const classic = { ...quick, preset: "classic", iterations: 4, previewEvery: 1 };
  const run = (page, backend, config) =>
    page.evaluate(
      async ([backend, config, kernels]) => {
        await window.open(backend, { kernels });
        const job = window.begin(config);
        const outcome = await job.outcome;
        window.stylizer.dispose();
        return { ...outcome, workers: window.made.length, stopped: window.stopped, device: window.stylizer.device.backend };
      },
      [backend, config, PLAINEST],
    );

  for (const [where, fault] of [
    ["while it is opened", "fail()"],
    ["in mid-step", "self.addEventListener('step 3', fail)"],
    ["while a picture is read back", "self.addEventListener('picture 4', fail)"],
  ]) {
    test(`a device lost ${where}: the run goes on`, async ({ page }) => {
      // Only the first worker's device fails.
      await openFaulty(page, { hook: hook(`const first = !(await caches.has("failed")); await caches.open("failed"); if (first) { ${fault} }`) });
      await announce(page);
      const outcome = await run(page, "webgpu", classic);
      expectContinued(outcome, 4);
      expect(outcome.workers).toBe(2);
      expect(outcome.report.device.backend).toBe("webgpu");
    });
  }

  test("a device that is lost again and again: on the CPU if the choice is ours, else a sentence", async ({ page }) => {
    await openFaulty(page, { hook: hook("self.addEventListener('message', ({ data }) => data.type === 'start' && fail())") });
    const auto = await run(page, "auto", classic);
    expectContinued(auto, 4);
    expect(auto.report.device.backend).toBe("cpu");
    expect(auto.recovered.at(-1).backend).toBe("cpu");
    const asked = await run(page, "webgpu", classic);
    expect(asked.error).toContain("graphics device was lost");
    expect(asked.stopped).toBe(asked.error);
  });

  test("a device without memory for the second scale: the picture ends at the first", async ({ page }) => {
    await openFaulty(page, { hook: hook("self.addEventListener('step 3', starve)") });
    await announce(page);
    const outcome = await run(page, "auto", { ...classic, size: 46, iterations: 3, firstIterations: 3 });
    expectContinued(outcome, 3);
    expect(outcome.report.scales.length).toBe(1);
    expect(outcome.width).toBe(33); // 46 ÷ √2, where 46 was asked for
    expect(outcome.report.device.backend).toBe("webgpu");
    expect(outcome.recovered.map(({ shortened }) => shortened)).toEqual([false, true]);
    expect(outcome.recovered[0].reason).toContain("out of memory");
  });
});
