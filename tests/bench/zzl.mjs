import { readFileSync } from "node:fs";
import { launch, serve } from "./site.mjs";
const site = await serve();
const url = (n) => "data:image/jpeg;base64," + readFileSync(`/work/main/www/samples/${n}`).toString("base64");
const browser = await launch();
const page = await (await browser.newContext()).newPage();
await page.route("**/blank.html", (r) => r.fulfill({ contentType: "text/html", body: "<!doctype html><title>b</title>" }));
await page.goto(site.url + "/blank.html");
const out = await page.evaluate(async ({ photo, a, b }) => {
  const { Stylizer } = await import("/stylizer.js");
  const blob = async (u) => (await fetch(u)).blob();
  const st = await Stylizer.create({ backend: "cpu" });
  const job = st.start({ content: await blob(photo), styles: [{ image: await blob(a), weight: 1 }, { image: await blob(b), weight: 1 }], config: { size: 256, minSize: 256, iterations: 1000 } });
  job.finished.catch(() => {});
  const at = [];
  let waiting = null;
  job.addEventListener("progress", ({ detail }) => { detail.preview?.close(); at.push(performance.now()); waiting?.(); });
  const progress = () => new Promise((r) => (waiting = r));
  for (let i = 0; i < 5; i++) await progress();
  const steps = at.slice(1).map((t, i) => t - at[i]);
  const found = { steps };
  for (const [name, change] of [["strength", { styleWeight: 0.5 }], ["blend", { weights: [0.3, 0.7] }], ["tv", { tvWeight: 3 }], ["blend2", { weights: [0.9, 0.1] }]]) {
    await progress();
    await new Promise((r) => setTimeout(r, 300)); // in the middle of a step
    const begun = performance.now();
    const next = progress();
    await job.update(change);
    const taken = performance.now() - begun;
    await next;
    const first = performance.now() - begun;
    await progress();
    found[name] = { taken, first, second: performance.now() - begun - first };
  }
  job.cancel();
  return found;
}, { photo: url("photo-rocket.jpg"), a: url("style-night-cafe.jpg"), b: url("style-great-wave.jpg") });
console.log(JSON.stringify(out, (k, v) => typeof v === "number" ? Math.round(v) : v));
await browser.close(); site.close();
