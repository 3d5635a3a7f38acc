// `make bench`: milliseconds per iteration in one browser, all contenders taking turns.
//
//   node run.mjs [--sizes 64,128,256] [--rounds 5] [--only easel,tfjs] [--out results.json]
//
// On a machine with a GPU set SWIFTSHADER=0 to let the browser use it.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { launch, serve } from "./site.mjs";

const { values: options } = parseArgs({
  options: {
    sizes: { type: "string", default: "64,128,256" },
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: "easel,cpu,tfjs,wasm,jax" },
    out: { type: "string" },
  },
});
const keys = options.only.split(",");
const sizes = options.sizes.split(",").map(Number);
// At 256² the slowest contenders take minutes a step on a CPU: there only Easel is measured.
const SLOW = 256;

const site = await serve();
const swiftshader = process.env.SWIFTSHADER === "0" ? [] : ["--use-webgpu-adapter=swiftshader"];
const browser = await launch("--enable-unsafe-webgpu", ...swiftshader);

const rows = [];
for (const size of sizes) {
  const page = await browser.newPage();
  page.on("console", (message) => message.type() === "error" && console.error(`page: ${message.text()}`));
  page.on("pageerror", (error) => console.error(`page: ${error}`));
  await page.goto(`${site.url}/bench/bench.html`);
  await page.waitForFunction(() => window.bench);
  const taking = [];
  for (const key of keys.filter((key) => size < SLOW || !["tfjs", "jax"].includes(key))) {
    const name = await page.evaluate((key) => window.bench.name(key), key);
    try {
      const first = await page.evaluate(([key, size]) => window.bench.prepare(key, size), [key, size]);
      taking.push({ key, name, size, firstMillis: first, millis: [] });
    } catch (error) {
      console.error(`${name} at ${size}² did not run: ${error.message}`);
    }
  }
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const row of taking) row.millis.push(await page.evaluate((key) => window.bench.step(key), row.key));
  }
  rows.push(...taking);
  await page.close();
}
const version = browser.version();
await browser.close();
site.close();

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const own = { easel: ["tfjs", "jax"], cpu: ["wasm"] };
for (const row of rows) row.medianMillis = median(row.millis);
const ratio = ({ key, size, medianMillis }) => {
  const ours = Object.keys(own).find((mine) => own[mine].includes(key));
  const mine = rows.find((row) => row.key === ours && row.size === size);
  return mine ? `${(medianMillis / mine.medianMillis).toFixed(1)} × ${mine.name}` : "";
};
console.log(`Chromium ${version}${swiftshader.length ? ", SwiftShader" : ""}; milliseconds per iteration, median of ${options.rounds} interleaved rounds\n`);
for (const row of rows) {
  const { name, size, firstMillis, medianMillis } = row;
  console.log(`${name.padEnd(26)}${`${size}²`.padStart(5)}${medianMillis.toFixed(0).padStart(9)} ms   first ${firstMillis.toFixed(0).padStart(7)} ms   ${ratio(row)}`);
}
if (options.out) {
  writeFileSync(options.out, JSON.stringify({ browser: version, swiftshader: swiftshader.length > 0, rounds: Number(options.rounds), rows }, null, 1));
}
