// The JS API in Firefox and WebKitGTK, on the CPU.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { inEachEngine } from "./engines.js";

const dataUrl = async (name) => `data:image/png;base64,${await readFile(new URL(`../../data/${name}`, import.meta.url), "base64")}`;
const pictures = { content: await dataUrl("d_content.png"), style: await dataUrl("c_style.png") };

/** Opens an otherwise empty page of the site with `stylizer`, `begin(config)` and `seen`, what has been reported. */
async function openStylizer(tab, site) {
  site.intercept = (path, response) => path === "/blank.html" && (response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>blank</title>"), true);
  await tab.goto(`${site.url}blank.html`);
  await tab.evaluate(async ({ content, style }) => {
    window.made = [];
    window.Worker = class extends Worker {
      constructor(...options) {
        super(...options);
        window.made.push(this);
      }
    };
    const { Stylizer } = await import(new URL("/stylizer.js", location.href));
    window.stylizer = await Stylizer.create({ backend: "cpu" });
    const blob = async (url) => (await fetch(url)).blob();
    const inputs = { content: await blob(content), styles: [{ image: await blob(style) }] };
    window.pixelsOf = async (picture, width, height) => {
      const context = new OffscreenCanvas(width, height).getContext("2d");
      context.drawImage(await createImageBitmap(picture), 0, 0, width, height);
      return context.getImageData(0, 0, width, height).data;
    };
    window.photo = inputs.content;
    window.begin = (config) => {
      const job = window.stylizer.start({ ...inputs, config: { preset: "classic", size: 32, ...config } });
      job.seen = { iterations: [], losses: [], checkpoints: [], recovered: [] };
      job.addEventListener("progress", ({ detail }) => {
        detail.preview?.close();
        job.seen.iterations.push(detail.iteration);
        job.seen.losses.push(detail.losses.total);
      });
      job.addEventListener("checkpoint", ({ detail }) => job.seen.checkpoints.push(detail.iteration));
      job.addEventListener("recovered", ({ detail }) => job.seen.recovered.push(detail.iteration));
      return job;
    };
    /** Resolves when a condition holds; what takes a minute does not come. */
    window.until = async (condition) => {
      for (const end = Date.now() + 60_000; !condition(); ) {
        if (Date.now() > end) throw new Error(`After 60 s still not: ${condition}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
  }, pictures);
}

inEachEngine((test) => {
  test("the loss falls; the PNG decodes, keeps the aspect ratio and differs from the photo", async (tab, site) => {
    await openStylizer(tab, site);
    const seen = await tab.evaluate(async () => {
      const job = window.begin({ size: 64, iterations: 8 });
      const { blob, width, height, report } = await job.finished;
      const [painted, photo] = [await window.pixelsOf(blob, width, height), await window.pixelsOf(window.photo, width, height)];
      const difference = painted.reduce((sum, value, i) => sum + Math.abs(value - photo[i]), 0) / (width * height * 3);
      return { ...job.seen, type: blob.type, width, height, difference, device: window.stylizer.device, report };
    });
    assert.deepEqual(seen.iterations, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.ok(seen.losses.every(Number.isFinite));
    assert.ok(seen.losses.at(-1) < 0.9 * seen.losses[0], `the loss falls: ${seen.losses}`);
    assert.deepEqual([seen.type, seen.width, seen.height], ["image/png", 64, 45]);
    assert.ok(seen.difference > 2, `differs from the photo: ${seen.difference}`);
    assert.equal(seen.device.backend, "cpu");
    assert.equal(seen.report.device.backend, "cpu");
  });

  test("pause holds, resume goes on, a change is heard, cancel rejects with an AbortError; the next job works", async (tab, site) => {
    await openStylizer(tab, site);
    const seen = await tab.evaluate(async () => {
      const job = window.begin({ iterations: 5000 });
      const { iterations, losses, checkpoints } = job.seen;
      await window.until(() => iterations.length >= 2);
      job.pause();
      await window.until(() => checkpoints.length > 0); // the last thing done before it holds
      const paused = iterations.length;
      await new Promise((resolve) => setTimeout(resolve, 500));
      const held = iterations.length === paused;
      await job.update({ styleWeight: 1e9 }); // a thousandfold
      job.resume();
      await window.until(() => iterations.length > paused);
      const louder = losses[paused] / losses[paused - 1];
      job.cancel();
      const cancelled = await job.finished.then(() => null, ({ name }) => name);
      const next = await window.begin({ iterations: 1 }).finished;
      return { held, louder, cancelled, next: next.width };
    });
    assert.equal(seen.held, true);
    assert.ok(seen.louder > 10, `a larger style weight makes a larger loss: ${seen.louder}`);
    assert.equal(seen.cancelled, "AbortError");
    assert.equal(seen.next, 32);
  });

  test("a worker that ends without a word is replaced, and the job goes on from its checkpoint", async (tab, site) => {
    await openStylizer(tab, site);
    const seen = await tab.evaluate(async () => {
      const job = window.begin({ iterations: 5000 });
      await window.until(() => job.seen.iterations.length >= 3);
      job.pause();
      await window.until(() => job.seen.checkpoints.length > 0);
      window.made[0].terminate();
      job.resume();
      await window.until(() => job.seen.recovered.length > 0);
      const before = job.seen.iterations.length;
      await window.until(() => job.seen.iterations.length > before);
      job.cancel();
      return { ...job.seen, next: job.seen.iterations[before], workers: window.made.length };
    });
    assert.deepEqual(seen.recovered, [seen.checkpoints[0]]);
    assert.equal(seen.next, seen.checkpoints[0] + 1);
    assert.equal(seen.workers, 2);
  });
});
