// The engine from another origin in Firefox and WebKitGTK: their workers start from a Blob, too.
import assert from "node:assert/strict";
import { inEachEngine } from "./engines.js";
import { openBlank } from "./studio.js";

inEachEngine((test) => {
  test(
    "the engine of another origin paints, and in one pass while it does",
    async (tab, site, other) => {
      await openBlank(tab, site);
      const sizes = await tab.evaluate(async (from) => {
        const { Stylizer } = await import(`${from}stylizer.js`);
        const stylizer = await Stylizer.create({ backend: "cpu" });
        const image = new ImageData(new Uint8ClampedArray(48 * 32 * 4).fill(200), 48, 32);
        const styles = [{ image }];
        const job = stylizer.start({ content: image, styles, config: { size: 32, iterations: 2, preset: "classic" } });
        const bitmap = await stylizer.instant({ content: image, styles, size: 32 });
        const { width, height } = await job.finished;
        stylizer.dispose();
        return [width, height, bitmap.width, bitmap.height];
      }, other.url);
      assert.deepEqual(sizes, [32, 21, 32, 21]);
      for (const path of ["/engine/worker.js", "/easel_bg.wasm", "/weights/manifest.json"])
        assert.ok(other.requests.includes(path), path);
      assert.ok(!site.requests.includes("/engine/worker.js"));
    },
    { elsewhere: { "Access-Control-Allow-Origin": "*" } },
  );
});
