// Which kernels a device gets: a wrong one is never used, a device that does not survive the trying paints on, and what
// was found is kept.
import { expect, test } from "./helpers.js";
import { SHALLOW, openFaulty } from "./faults.js";

const classic = { preset: "classic", ...SHALLOW, size: 32, minSize: 32, iterations: 4, reportEvery: 1 };

/** Paints on WebGPU, or where `backend` says: what came of it, and what was said of the device. */
const paint = (page, { backend = "webgpu" } = {}) =>
  page.evaluate(
    async ([config, backend]) => {
      const { Stylizer } = await import("/stylizer.js");
      window.stylizer = await Stylizer.create({ backend });
      const outcome = await window.begin(config).outcome;
      const { variants } = window.stylizer.device;
      window.stylizer.dispose();
      return { ...outcome, variants, workers: window.made.length };
    },
    [classic, backend],
  );

/** Opens a device without painting: what is said of it. */
const open = (page, options = {}) =>
  page.evaluate(async (options) => {
    const { Stylizer } = await import("/stylizer.js");
    const stylizer = await Stylizer.create({ backend: "webgpu", ...options }).catch((error) => ({ device: { error: error.message } }));
    stylizer.dispose?.();
    return stylizer.device;
  }, options);

/** A script that lets `alter(code)` change the texts of kernels before they are compiled, and counts them. */
const altering = (alter) => `
  const { createShaderModule } = GPUDevice.prototype;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    const alter = ${alter};
    return createShaderModule.call(this, { ...descriptor, code: alter(descriptor.code) });
  };`;

/** What only the convolutions' texts hold that software adapters get first: sums of sixteen pixels. */
const SOFTWARE = "wanted_tile";

/** Losses of a run like this on the CPU. */
async function onTheCpu(page) {
  const { losses } = await paint(page, { backend: "cpu" });
  expect(losses).toHaveLength(4);
  return losses;
}

function expectClose(losses, expected) {
  expect(losses).toHaveLength(expected.length);
  for (const [i, loss] of losses.entries()) expect(Math.abs(loss / expected[i] - 1)).toBeLessThan(2e-3);
}

test("a kernel that is wrong is found out and never used: the picture is right", async ({ page }) => {
  const warned = [];
  page.on("console", (message) => message.text().includes("will not do") && warned.push(message.text()));
  await openFaulty(page, {
    // Every product of the software adapters' convolution comes out a little too large.
    hook: altering(`(code) => code.includes("${SOFTWARE}") ? code.replace(/result\\[([^\\]]+)\\] = /g, "result[$1] = 1.01 * ") : code`),
  });
  const { losses, variants, report } = await paint(page);
  expect(variants).toBe("direct 2×4×1");
  expect(report.device.variants).toBe(variants);
  expect(warned.length).toBeGreaterThan(0);
  expectClose(losses, await onTheCpu(page));
});

test("where all kernels are wrong: on the CPU if the choice is ours, else a sentence", async ({ page }) => {
  const hook = `
    Object.defineProperty(GPUAdapter.prototype, "info", { get: () => ({ vendor: "test", architecture: "", device: "", description: "", isFallbackAdapter: false }) });
    ${altering(`(code) => code.replace(/result\\[([^\\]]+)\\] = /g, "result[$1] = 1.01 * ")`)}`;
  await openFaulty(page, { hook });
  const auto = await paint(page, { backend: "auto" });
  expect(auto.report.device.backend).toBe("cpu");
  expectClose(auto.losses, await onTheCpu(page));
  expect((await open(page)).error).toContain("computes wrongly");
});

test.describe("a device that is lost", () => {
  test.use({ expectedErrors: [/device|lost|unreachable|panick|destroyed|RuntimeError/i] });

  test("while kernels are tried: it paints on, with the plainest, and never tries again", async ({ page }) => {
    await openFaulty(page, {
      hook: `
        const { requestDevice } = GPUAdapter.prototype;
        GPUAdapter.prototype.requestDevice = async function (descriptor) {
          globalThis.device = await requestDevice.call(this, descriptor);
          return globalThis.device;
        };
        let compiled = 0;
        ${altering(`(code) => {
          compiled += 1;
          if (compiled === 3 && code.includes("${SOFTWARE}")) globalThis.device.destroy();
          return code;
        }`)}`,
    });
    const first = await paint(page);
    expect(first.error).toBeUndefined();
    expect(first.workers).toBe(2);
    expect(first.variants).toBe("direct 2×4×1, plain");
    expectClose(first.losses, await onTheCpu(page));
    const { variants } = await open(page); // a device that is tried is still what was believed best
    expect(variants).toBe("direct 2×4×1, plain");
  });
});

test("what was found is kept, and a slow device gets its work in parts, none of them long, and paints the same; kernels can be forced, too", async ({ page }) => {
  await openFaulty(page, {
    hook: `
      const { match, put } = Cache.prototype;
      Cache.prototype.put = function (key, response) { console.info("kept " + key); return put.call(this, key, response); };
      // What was found, but that the device is hundreds of times as slow.
      Cache.prototype.match = async function (key) {
        const found = await match.call(this, key);
        if (!found || !String(key).includes("/tuning/")) return found;
        const known = await found.json();
        console.info("found " + known.gigaflops);
        return Response.json({ ...known, gigaflops: 0.05 });
      };
      let launches = 0, submissions = 0;
      const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
      GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...groups) {
        launches += 1;
        return dispatchWorkgroups.apply(this, groups);
      };
      const { submit } = GPUQueue.prototype;
      GPUQueue.prototype.submit = function (buffers) {
        submissions += 1;
        return submit.call(this, buffers);
      };
      const { postMessage } = globalThis;
      globalThis.postMessage = function (message, ...rest) {
        if (message?.type === "progress" && message.detail.iteration === 1) launches = submissions = 0; // tuned and begun
        if (message?.type === "finished") console.info("counted " + JSON.stringify([launches, submissions]));
        return postMessage.call(this, message, ...rest);
      };`,
  });
  const said = { kept: [], found: [], counted: [] };
  page.on("console", (message) => {
    const [, what, rest] = message.text().match(/^(kept|found|counted) (.*)/) ?? [];
    if (what) said[what].push(rest);
  });
  const tunings = () => said.kept.filter((key) => key.includes("/tuning/")).length;
  const whole = await paint(page);
  expect(whole.variants).toBe("direct 4×4×2");
  expect(whole.report.device.gigaflops).toBeGreaterThan(0.1);
  expect(tunings()).toBe(2); // that it begins, and what came of it

  const parts = await paint(page);
  expect(parts.variants).toBe("direct 4×4×2");
  expect(said.found.map(Number)).toContain(whole.report.device.gigaflops);
  expect(parts.report.device.gigaflops).toBe(0.05);
  expectClose(parts.losses, whole.losses);
  await expect.poll(() => said.counted.length).toBe(2);
  const [[launches, submissions], [more, often]] = said.counted.map((line) => JSON.parse(line));
  expect(more).toBeGreaterThan(1.5 * launches);
  expect(often).toBeGreaterThan(2 * submissions);

  const forced = await open(page, { kernels: "direct" });
  expect(forced.variants).toBe("direct 2×4×1");
  expect(forced.gigaflops).toBeUndefined();
  expect((await open(page, { kernels: "strassen" })).error).toContain("winograd-64x64x16");
  expect(tunings()).toBe(2);
});
