// The packages as others use them: installed from their tarballs, built by Vite, webpack and esbuild without a warning, and painting
// in Chromium. `make test-consumers` makes the tarballs first. Nothing is fetched: all requests stay at the site's own host.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { builds, serveForDevelopment } from "./bundlers.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(here("../browser/package.json"));
const { chromium } = require("@playwright/test");
const sirv = require("sirv");

/** No picture of 32 pixels takes longer, on however busy a machine. */
const PATIENCE_MILLIS = 60_000;
let browser;

before(async () => {
  for (const name of ["easel-engine", "easel-weights"])
    rmSync(here(`node_modules/${name}`), { recursive: true, force: true });
  const tarballs = readdirSync(here("../../pkg")).map((name) => here(`../../pkg/${name}`));
  assert.equal(tarballs.length, 2, "run make package first");
  execFileSync(
    "npm",
    ["install", "--no-save", "--offline", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs],
    { cwd: here("."), stdio: ["ignore", "ignore", "inherit"] },
  );
  const executablePath = execFileSync(here("../browser/browser.sh"), ["chromium"], { encoding: "utf8" }).trim();
  browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
});

after(() => browser?.close());

/** Serves a folder; resolves to its address and how to end it. */
async function serve(folder) {
  const files = sirv(folder, { dev: true });
  const server = createServer((request, response) => files(request, response, () => response.writeHead(404).end()));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => (server.closeAllConnections(), server.close()),
  };
}

/** Opens a site and waits for what it has painted. */
async function painted(t, { url, close }) {
  t.after(close);
  const page = await browser.newPage();
  t.after(() => page.close());
  const faults = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on(
    "request",
    (request) =>
      /^(?:data|blob):/.test(request.url()) ||
      request.url().startsWith(url) ||
      faults.push(`request to ${request.url()}`),
  );
  await page.goto(url);
  await page.waitForFunction(() => window.result, null, { timeout: PATIENCE_MILLIS });
  assert.deepEqual(await page.evaluate(() => window.result), {
    job: [32, 21],
    instant: [32, 21],
    type: "image/png",
    iterations: [1, 2, 3],
    element: [32, 21],
  });
  assert.deepEqual(faults, []);
}

for (const [name, build] of Object.entries(builds)) {
  test(`${name} builds a site that paints`, async (t) => {
    assert.deepEqual(await build(), []);
    await painted(t, await serve(here(`${name}/out`)));
  });
}

test("a site paints on Vite's server for development", async (t) => painted(t, await serveForDevelopment()));

test("the installed packages can be imported on a server", () => {
  const source = `
    import { Stylizer } from "easel-engine";
    import { EaselCanvas } from "easel-engine/element";
    import { weights } from "easel-weights";
    console.log(typeof Stylizer.create, typeof EaselCanvas, weights["manifest.json"].startsWith("file:"));`;
  assert.equal(
    execFileSync(process.execPath, ["--input-type=module", "-e", source], { cwd: here("."), encoding: "utf8" }),
    "function function true\n",
  );
});

test("the installed packages' types are found, and are whole without TypeScript's newest library", () => {
  const tsc = here("../browser/node_modules/.bin/tsc");
  const flags = [
    "--noEmit",
    "--strict",
    "--ignoreConfig",
    "--types",
    "",
    "--target",
    "es2022",
    "--lib",
    "es2022,dom,dom.iterable",
  ];
  for (const modules of ["nodenext", "esnext"]) {
    const resolution = modules === "esnext" ? ["--moduleResolution", "bundler"] : [];
    const { status, stdout } = spawnSync(tsc, [...flags, "--module", modules, ...resolution, "types.ts"], {
      cwd: here("."),
      encoding: "utf8",
    });
    assert.equal(stdout, "");
    assert.equal(status, 0);
  }
});

test("what the bundlers are told is what the packages' README says", async () => {
  const { default: config } = await import("./vite/vite.config.js");
  const { readFile } = await import("node:fs/promises");
  const readme = await readFile(here("node_modules/easel-engine/README.md"), "utf8");
  assert.ok(readme.includes(`exclude: ${JSON.stringify(config.optimizeDeps.exclude).replace(",", ", ")}`));
  assert.ok(readme.includes("EaselCanvas.places = { weights };"));
});
