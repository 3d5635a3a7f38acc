// The JS API in Firefox and WebKitGTK, on the CPU.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { inEachEngine } from "./engines.js";
import { openBlank } from "./studio.js";
import { until } from "./tab.js";

const dataUrl = async (name) => `data:image/png;base64,${await readFile(new URL(`../../data/${name}`, import.meta.url), "base64")}`;
const pictures = { content: await dataUrl("d_content.png"), style: await dataUrl("c_style.png") };

/** Opens an otherwise empty page of the site with `made` (every Worker, which notes as `compiled` whether it was given a program), `stylizer`, and `begin(config)`, which starts `job` and notes what it says. */
async function openStylizer(tab, site) {
  await openBlank(tab, site);
  await tab.evaluate(async ({ content, style }) => {
    window.made = [];
    window.Worker = class extends Worker {
      constructor(...options) {
        super(...options);
        window.made.push(this);
      }
      postMessage(message) {
        if (message.type === "begin") this.compiled = message.program instanceof WebAssembly.Module;
        super.postMessage(message);
      }
    };
    const { Stylizer } = await import(new URL("/stylizer.js", location.href));
    window.stylizer = await Stylizer.create({ backend: "cpu" });
    const blob = async (url) => (await fetch(url)).blob();
    window.inputs = { content: await blob(content), styles: [{ image: await blob(style) }] };
    window.begin = (config) => {
      const job = window.stylizer.start({ ...window.inputs, config: { preset: "classic", size: 32, ...config } });
      job.seen = { iterations: [], losses: [], checkpoints: [], recovered: [], outcome: null };
      job.addEventListener("progress", ({ detail }) => {
        detail.preview?.close();
        job.seen.iterations.push(detail.iteration);
        job.seen.losses.push(detail.losses.total);
      });
      job.addEventListener("checkpoint", ({ detail }) => job.seen.checkpoints.push(detail.iteration));
      job.addEventListener("recovered", ({ detail }) => job.seen.recovered.push(detail.iteration));
      job.finished.then(
        ({ width, height, report }) => (job.seen.outcome = { width, height, report }),
        ({ name, message }) => (job.seen.outcome = { name, message }),
      );
      window.job = job;
    };
  }, pictures);
}

const begin = (tab, config) => tab.evaluate((config) => window.begin(config), config);

/** What the job has said so far. */
const said = (tab) => tab.evaluate(() => window.job.seen);

/** Waits until what the job has said is as wished, and resolves to it. */
const says = (tab, wish) =>
  until(async () => {
    const seen = await said(tab);
    return wish(seen) && seen;
  }, `a job of which ${wish}`);

/** Pauses the job and changes a weight; the answer comes when it holds and its checkpoint is out. */
const hold = (tab, changes) =>
  tab.evaluate(async (changes) => {
    window.job.pause();
    await window.job.update(changes);
  }, changes);

inEachEngine((test) => {
  test("the loss falls; the PNG decodes, keeps the aspect ratio and differs from the photo", async (tab, site) => {
    await openStylizer(tab, site);
    await begin(tab, { size: 64, iterations: 8 });
    const { iterations, losses, outcome } = await says(tab, ({ outcome }) => outcome !== null);
    assert.deepEqual(iterations, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.ok(losses.every(Number.isFinite));
    assert.ok(losses.at(-1) < 0.9 * losses[0], `the loss falls: ${losses}`);
    assert.deepEqual([outcome.width, outcome.height], [64, 45]);
    assert.equal(outcome.report.device.backend, "cpu");
    const picture = await tab.evaluate(async () => {
      const { blob, width, height } = await window.job.finished;
      const pixelsOf = async (picture) => {
        const context = new OffscreenCanvas(width, height).getContext("2d");
        context.drawImage(await createImageBitmap(picture), 0, 0, width, height);
        return context.getImageData(0, 0, width, height).data;
      };
      const [painted, photo] = [await pixelsOf(blob), await pixelsOf(window.inputs.content)];
      return { type: blob.type, difference: painted.reduce((sum, value, i) => sum + Math.abs(value - photo[i]), 0) / (width * height * 3) };
    });
    assert.equal(picture.type, "image/png");
    assert.ok(picture.difference > 2, `differs from the photo: ${picture.difference}`);
  });

  test("pause holds, resume goes on, a change is heard, cancel rejects with an AbortError; the next job works", async (tab, site) => {
    await openStylizer(tab, site);
    await begin(tab, { iterations: 5000 });
    await says(tab, ({ iterations }) => iterations.length >= 2);
    await hold(tab, { styleWeight: 1e9 }); // a thousandfold
    const held = await said(tab);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const count = held.iterations.length;
    assert.equal((await said(tab)).iterations.length, count);
    await tab.evaluate(() => window.job.resume());
    const { losses } = await says(tab, ({ iterations }) => iterations.length > count);
    assert.ok(losses[count] > 10 * losses[count - 1], `a larger style weight makes a larger loss: ${losses}`);
    await tab.evaluate(() => window.job.cancel());
    const { outcome } = await says(tab, ({ outcome }) => outcome !== null);
    assert.equal(outcome.name, "AbortError");
    await begin(tab, { iterations: 1 });
    assert.equal((await says(tab, ({ outcome }) => outcome !== null)).outcome.width, 32);
  });

  test("a worker that ends without a word is replaced, and the job goes on from its checkpoint", async (tab, site) => {
    await openStylizer(tab, site);
    await begin(tab, { iterations: 5000 });
    await says(tab, ({ iterations }) => iterations.length >= 3);
    await hold(tab, { styleWeight: 1e6 }); // as it is
    const held = await said(tab);
    const [count, last] = [held.iterations.length, held.iterations.at(-1)];
    assert.equal(held.checkpoints.at(-1), last);
    await tab.evaluate(() => {
      window.made[0].terminate();
      window.job.resume();
    });
    await says(tab, ({ recovered }) => recovered.length > 0);
    const { iterations, recovered } = await says(tab, ({ iterations }) => iterations.length > count);
    assert.deepEqual(recovered, [last]);
    assert.equal(iterations[count], last + 1);
    assert.equal(await tab.evaluate(() => window.made.length), 2);
  });

  test("an instant picture comes while a job runs, the same as before it, by a worker that compiles nothing", async (tab, site) => {
    await openStylizer(tab, site);
    const instant = () =>
      tab.evaluate(async () => {
        const bitmap = await window.stylizer.instant({ ...window.inputs, size: 64, strength: 0.8 });
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
        context.drawImage(bitmap, 0, 0);
        const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
        return { width, height, pixels: Array.from(data) };
      });
    const before = await instant();
    assert.deepEqual([before.width, before.height], [64, 45]);
    await begin(tab, { iterations: 5000 });
    await says(tab, ({ iterations }) => iterations.length >= 2);
    assert.deepEqual(await instant(), before);
    assert.deepEqual(await tab.evaluate(() => window.made.map(({ compiled }) => compiled)), [false, true]);
    const { iterations } = await said(tab);
    await says(tab, (seen) => seen.iterations.length > iterations.length);
    await tab.evaluate(() => window.stylizer.dispose());
  });
});
