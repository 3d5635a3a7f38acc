import { chromium } from "@playwright/test";
import sirv from "sirv"; import { createServer } from "node:http";
const dists = { old: "/tmp/fresh/main/dist", now: "/work/wt/k2/dist" };
const [size, rounds] = [Number(process.argv[2] ?? 64), Number(process.argv[3] ?? 4)];
const losses = (process.argv[4] ?? "gram,wasserstein").split(",");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--headless=new","--no-sandbox","--enable-unsafe-webgpu","--use-webgpu-adapter=swiftshader"] });
const pages = {};
let port = 8150;
for (const [name, dist] of Object.entries(dists)) {
  const files = sirv(dist, { dev: true });
  const p = port++;
  createServer((q, s) => { if (q.url === "/blank.html") { s.setHeader("content-type","text/html"); s.end("<!doctype html>"); } else files(q, s, () => s.writeHead(404).end()); }).listen(p, "127.0.0.1");
  const page = await browser.newPage(); await page.goto(`http://127.0.0.1:${p}/blank.html`);
  await page.evaluate(async () => {
    const { default: init, Engine, Pictures } = await import("/easel.js");
    const { describeGpu, watchDevices } = await import("/engine/gpu.js");
    const { fetchWeights } = await import("/engine/weights.js");
    watchDevices(() => {}); await init();
    const { name, subgroups } = await describeGpu();
    const engine = await Engine.open("webgpu", name, subgroups);
    await fetchWeights(engine, () => {});
    window.begin = (side, styleLoss) => {
      const picture = (seed) => Uint8Array.from({ length: 4 * side * side }, (_, i) => (i % 4 === 3 ? 255 : (i * i * seed) % 251));
      const pictures = new Pictures(side, side, picture(7)); pictures.addStyle(side, side, picture(11), 1);
      window.run = engine.start(pictures, JSON.stringify({ styleLoss, size: side, minSize: side, iterations: 60, init: "content" }));
    };
    window.go = async (n) => { const t = []; for (let i = 0; i < n; i++) { const b = performance.now(); const p = await window.run.step(); t.push(performance.now() - b); window.last = p.losses.total; } return { t, loss: window.last }; };
  });
  pages[name] = page;
}
for (const loss of losses) {
  for (const page of Object.values(pages)) { await page.evaluate(([s, l]) => begin(s, l), [size, loss]); await page.evaluate(() => go(2)); }
  const all = { old: [], now: [] }, end = {};
  for (let r = 0; r < rounds; r++) for (const [name, page] of Object.entries(pages)) { const { t, loss } = await page.evaluate(() => go(2)); all[name].push(...t); end[name] = loss; }
  const median = (a) => a.toSorted((x, y) => x - y)[a.length >> 1];
  for (const name of ["old", "now"]) console.log(loss, size, name, "min", Math.min(...all[name]).toFixed(0), "median", median(all[name]).toFixed(0), "loss", end[name]);
}
await browser.close(); process.exit(0);
