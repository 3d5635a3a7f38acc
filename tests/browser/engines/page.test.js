// The page in Firefox and WebKitGTK: painting, stopping, going on after a reload, saving, working offline, for everyone.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { inEachEngine } from "./engines.js";
import { beginLongRun, iteration, keptStep, openBlank, openStudio, paint, savedPicture, stop } from "./studio.js";
import { until } from "./tab.js";

const data = (name) => fileURLToPath(new URL(`../../data/${name}`, import.meta.url));
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core objects to in the page as it stands. */
async function violations(tab) {
  const { found, passed } = await tab.evaluate(async () => {
    const { violations, passes } = await window.axe.run();
    return { found: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join("; ")}`), passed: passes.length };
  });
  assert.ok(passed > 20, "axe-core did look");
  return found;
}

inEachEngine((test) => {
  test("paints the visitor's own pictures; the saved picture carries its settings", async (tab, site) => {
    await openStudio(tab, site);
    await tab.upload("Photo", data("c_content.png"));
    await tab.upload("Painting", data("c_style.png"));
    await tab.find("Weight of c_style.png");
    await paint(tab, { size: 48, iterations: 3 });
    await tab.says(/^Iteration 3 of 3 · 32 × 48 px/m);
    const { name, bytes, size } = await savedPicture(tab);
    assert.deepEqual(size, [32, 48]);
    assert.equal(name, "c-content-painted.png");

    const file = join(site.folder, name);
    await writeFile(file, bytes);
    await tab.upload("Photo", file);
    await tab.says(/carries the settings it was painted with: Classic, 48 px, 3 iterations/);
  });

  test("after a reload the run goes on where it was", async (tab, site) => {
    await openStudio(tab, site);
    await beginLongRun(tab, 5);
    await tab.press("Pause");
    await tab.says(/^Paused/m);
    await until(async () => (await keptStep(tab)) === (await iteration(tab)), "a checkpoint of the step shown");
    const reached = await iteration(tab);
    await tab.reload();
    await tab.says(/Continuing where the page was closed\./);
    await until(() => iteration(tab), "a step after the reload");
    assert.ok((await iteration(tab)) > reached, "not from the start again");
    await stop(tab);
    assert.deepEqual((await savedPicture(tab)).size, [32, 21]);
    await until(async () => (await keptStep(tab)) === null, "an end to what was kept of the run");
  });

  // In WebKit a Blob that has come out of a database and goes back is now and then lost for good, shortly after a reload.
  test("what is kept can be kept again and again, in one page after another", async (tab, site) => {
    await openBlank(tab, site);
    for (let visit = 1; visit <= 30; visit++) {
      const words = await tab.evaluate(async () => {
        const { Store } = await import(new URL("/page/gallery/store.js", location.href));
        const store = await Store.open();
        for (let round = 1; ; round++) {
          const blobs = (await store.get("run", "a test")) ?? ["one", "two", "three"].map((word) => new Blob([word]));
          const kept = store.put("run", "a test", blobs);
          const words = await Promise.all(blobs.map((blob) => blob.text())).catch(String);
          await kept;
          if (round === 10 || !Array.isArray(words)) return words;
        }
      });
      assert.deepEqual(words, ["one", "two", "three"], `at visit ${visit}`);
      await tab.reload();
    }
  });

  test("after a first painting it opens, paints and saves without a network", async (tab, site) => {
    const small = { size: 32, iterations: 2 };
    await openStudio(tab, site);
    // Neither engine says of what kind its connection is, so the network's weights are fetched by the first painting.
    await until(() => tab.evaluate(() => navigator.serviceWorker.controller?.state === "activated"), "a service worker");
    await paint(tab, small);
    await tab.reload();
    await tab.says(/Easel now works without a connection\./);
    await tab.says(/paints on the CPU/);
    await tab.says(/A quick sketch/); // a page left while it loads complains
    await tab.unplug();
    await site.stop();
    await tab.reload();
    await tab.says(/paints on the CPU/);
    await paint(tab, small);
    assert.deepEqual((await savedPicture(tab)).size, [32, 21]);
  });

  test("the wall shows the photo in every painting's manner, and the canvas follows the slider", async (tab, site) => {
    await openStudio(tab, site);
    const shown = () =>
      tab.evaluate(() => {
        const sketched = document.getElementById("canvas").getAttribute("aria-label") === "A quick sketch of the painting";
        return sketched && document.querySelectorAll("#wall canvas:not([hidden])").length === 10 && Math.round(performance.now());
      });
    const wall = await until(shown, "ten paintings and a sketch");
    await tab.upload("Photo", data("c_content.png"));
    await until(() => tab.evaluate(() => document.getElementById("canvas").height > document.getElementById("canvas").width), "a sketch of the other photo");
    const drawn = await tab.evaluate(async () => {
      const draw = CanvasRenderingContext2D.prototype.drawImage;
      let count = 0;
      CanvasRenderingContext2D.prototype.drawImage = function (...args) {
        if (this.canvas.id === "canvas") count += 1;
        return draw.apply(this, args);
      };
      const slider = document.getElementById("strength");
      const begun = performance.now();
      const passed = () => performance.now() - begun;
      while (passed() < (count < 2 ? 30_000 : 2000)) {
        await new Promise(requestAnimationFrame);
        slider.value = String(1 + Math.sin(performance.now() / 300));
        slider.dispatchEvent(new Event("input"));
      }
      return { count, seconds: passed() / 1000 };
    });
    assert.ok(drawn.count >= 2, `${drawn.count} pictures while the slider moved`);
    const rate = (drawn.count / drawn.seconds).toFixed(1);
    console.log(`the wall was full ${wall} ms after the page was asked for; ${rate} pictures a second while the slider moved`);
    await tab.evaluate(new Function(axe));
    assert.deepEqual(await violations(tab), []);
  });

  test("stopped in the middle, a run leaves a picture to save; axe-core has nothing to object to at the start, paused and stopped", async (tab, site) => {
    await openStudio(tab, site);
    await tab.evaluate(new Function(axe));
    assert.deepEqual(await violations(tab), []);
    await beginLongRun(tab);
    await tab.press("Pause");
    await tab.says(/^Paused/m);
    assert.deepEqual(await violations(tab), []);
    await stop(tab);
    assert.deepEqual((await savedPicture(tab)).size, [32, 21]);
    assert.deepEqual(await violations(tab), []);
  });
});
