// What a first visit is like, in numbers: `node first-minute.mjs [--rounds 3] [--backend cpu] [--photo FILE]`, part of `make bench`.
//
// Each round is a browser that knows nothing of the page. Milliseconds since the HTML had arrived.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launch, serve } from "./site.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, backend: { type: "string", default: "cpu" }, photo: { type: "string", default: here("../../www/samples/photo-astronaut.jpg") } },
});
/** How long the slider is dragged. */
const DRAG_MILLIS = 3000;

const site = await serve();

/** Notes in the page when what a visitor waits for is there. */
function watch() {
  const seen = (window.seen = {});
  const note = (name) => (seen[name] ??= performance.now());
  new PerformanceObserver((list) => list.getEntries().some(({ element }) => element?.id === "first") && note("example")).observe({ type: "largest-contentful-paint", buffered: true });
  window.longest = 0;
  new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (window.longest = Math.max(window.longest, duration)))).observe({ type: "longtask" });
  const look = () => {
    const $ = (id) => document.getElementById(id);
    if ($("paint")?.disabled === false) note("ready");
    if ($("canvas")?.getAttribute("aria-label")?.includes("sketch")) note("sketch");
    if (document.querySelectorAll("#wall canvas:not([hidden])").length >= 10) note("wall");
    requestAnimationFrame(look);
  };
  addEventListener("DOMContentLoaded", look);
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  window.drawn = 0;
  CanvasRenderingContext2D.prototype.drawImage = function (...args) {
    if (this.canvas.id === "canvas") window.drawn += 1;
    return draw.apply(this, args);
  };
}

async function round() {
  const browser = await launch();
  try {
    const open = async () => {
      const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
      await page.addInitScript(watch);
      await page.goto(`${site.url}/?backend=${options.backend}`, { waitUntil: "commit" });
      return page;
    };
    const arrived = (page) => page.evaluate(() => performance.getEntriesByType("navigation")[0].responseEnd);
    const page = await open();
    await page.waitForFunction(() => window.seen.wall && window.seen.sketch);
    const since = await arrived(page);
    const seen = await page.evaluate(() => window.seen);
    const found = Object.fromEntries(Object.entries(seen).map(([name, at]) => [name, Math.round(at - since)]));

    await page.evaluate(() => ((window.drawn = 0), (window.longest = 0)));
    await page.evaluate(async (millis) => {
      const slider = document.getElementById("strength");
      const begun = performance.now();
      while (performance.now() - begun < millis) {
        slider.value = String(1 + Math.sin(performance.now() / 300));
        slider.dispatchEvent(new Event("input"));
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    }, DRAG_MILLIS);
    const { drawn, longest } = await page.evaluate(() => ({ drawn: window.drawn, longest: window.longest }));
    Object.assign(found, { picturesPerSecond: Number(((1000 * drawn) / DRAG_MILLIS).toFixed(1)), longestTask: Math.round(longest) });

    // A photo of one's own, chosen as early as there is anything to choose it with.
    const other = await open();
    await other.locator("#photo").waitFor({ state: "attached" });
    await other.waitForFunction(() => window.seen.ready);
    const begun = Date.now();
    const name = options.photo.split("/").at(-1);
    await other.locator("#photo").setInputFiles(options.photo);
    await other.waitForFunction(
      (name) => document.getElementById("photo-thumb").alt.includes(name) && document.getElementById("canvas").getAttribute("aria-label")?.includes("sketch") && document.getElementById("canvas").width === document.getElementById("canvas").height,
      name,
      { polling: "raf" },
    );
    found.ownPhoto = Date.now() - begun;
    return found;
  } finally {
    await browser.close();
  }
}

for (let i = 0; i < Number(options.rounds); i++) console.log(JSON.stringify(await round()));
site.close();
