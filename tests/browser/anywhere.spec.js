// Easel from another origin: a page at one port uses the engine at another, under a policy, isolated, on both backends; and where a
// header is missing a sentence says which.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PLAINEST } from "./faults.js";
import { expect, file, test as base } from "./helpers.js";
import { serve } from "./host.js";

const CORS = { "Access-Control-Allow-Origin": "*" };
/** What README says a page needs; `{origin}` is the engine's. */
const POLICY = (await readFile(file("README.md"), "utf8")).match(
  /^Content-Security-Policy: (.*https:\/\/easel\.example.*)$/m,
)[1];
const policyFor = (url, change = (policy) => policy) =>
  change(POLICY.replaceAll("https://easel.example", new URL(url).origin));
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** Two hosts: the engine's, with other headers where a test says so, and the page's own. */
const test = base.extend({
  engineHeaders: [CORS, { option: true }],
  engine: async ({ engineHeaders }, use) => {
    const site = await serve({ headers: engineHeaders });
    await use(site);
    await site.close();
  },
  /** Opens an empty page on a host that sends some headers; `window.violations` collects what its policy refuses. */
  open: async ({ page }, use) => {
    const sites = [];
    await use(async (headers = {}) => {
      // Chromium asks before a page reaches for this machine, unless it comes from this machine, too: so it has a real host.
      const site = await serve({ headers });
      sites.push(site);
      await writeFile(
        join(site.folder, "blank.html"),
        "<!doctype html><title>blank</title><link rel=icon href=data:,>",
      );
      await page.addInitScript(() => {
        window.violations = [];
        addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
          window.violations.push(`${effectiveDirective} ${blockedURI}`),
        );
      });
      await page.goto(`${site.url}blank.html`);
      return site;
    });
    for (const site of sites) await site.close();
  },
});
// Requests to the engine's host are what this is about.
test.use({ expectedErrors: [/^request to http:\/\/127\.0\.0\.1:\d+\//] });

/** Paints a job and, while it is under way, a picture in one pass; resolves to what came of it. */
const paint = (page, from, options) =>
  page.evaluate(
    async ({ from, options }) => {
      const { Stylizer } = await import(`${from}stylizer.js`);
      const stylizer = await Stylizer.create(options);
      const picture = (hue) => {
        const canvas = new OffscreenCanvas(48, 32);
        const context = canvas.getContext("2d");
        context.fillStyle = `hsl(${hue} 80% 50%)`;
        context.fillRect(8, 8, 24, 16);
        return canvas.transferToImageBitmap();
      };
      try {
        const styles = [{ image: picture(20) }];
        const job = stylizer.start({
          content: picture(200),
          styles,
          config: { size: 32, iterations: 3, preset: "classic" },
        });
        const bitmap = await stylizer.instant({ content: picture(200), styles, size: 32 });
        const { width, height } = await job.finished;
        return {
          backend: stylizer.device.backend,
          job: [width, height],
          instant: [bitmap.width, bitmap.height],
          isolated: crossOriginIsolated,
          violations: window.violations,
        };
      } finally {
        stylizer.dispose();
      }
    },
    { from, options },
  );

const painted = { job: [32, 21], instant: [32, 21], violations: [] };

for (const backend of ["cpu", "webgpu"]) {
  test(`the engine of another origin paints, in one pass too, under the README's policy: ${backend}`, async ({
    page,
    engine,
    open,
  }) => {
    await open({ "Content-Security-Policy": policyFor(engine.url) });
    expect(await paint(page, engine.url, { backend, kernels: PLAINEST })).toEqual({ ...painted, backend, isolated: false });
    for (const path of ["/engine/worker.js", "/easel_bg.wasm", "/weights/manifest.json"])
      expect(engine.requests).toContain(path);
  });
}

test("an isolated page (COOP, COEP) uses the engine of another origin as well", async ({ page, engine, open }) => {
  await open({ ...ISOLATED, "Content-Security-Policy": policyFor(engine.url) });
  expect(await paint(page, engine.url, { backend: "cpu" })).toEqual({ ...painted, backend: "cpu", isolated: true });
});

test("a page's own modules take worker, program and weights from another origin by `assets`", async ({
  page,
  engine,
  open,
}) => {
  await open();
  expect(await paint(page, "/", { backend: "cpu", assets: engine.url })).toMatchObject(painted);
  for (const path of ["/engine/worker.js", "/easel_bg.wasm", "/weights/manifest.json"])
    expect(engine.requests).toContain(path);
});

test("each part may be somewhere else: the worker, the program as a Response or bytes, the weights file by file", async ({
  page,
  engine,
  open,
}) => {
  await open();
  const { seen, asked } = await page.evaluate(async (elsewhere) => {
    const { Stylizer, Tools } = await import("/stylizer.js");
    const list = await (await fetch("/weights/manifest.json")).json();
    const files = [
      "manifest.json",
      ...[list, list.instant.transformer, list.instant.predictor].flatMap(({ shards }) =>
        shards.map(({ file }) => file),
      ),
    ];
    const weights = Object.fromEntries(files.map((file) => [file, new URL(`weights/${file}`, elsewhere)]));
    const seen = [];
    for (const wasm of [await fetch("/easel_bg.wasm"), await (await fetch("/easel_bg.wasm")).arrayBuffer()]) {
      const stylizer = await Stylizer.create({
        backend: "cpu",
        workerURL: `${elsewhere}engine/worker.js`,
        wasm,
        weights,
      });
      const image = new ImageData(24, 16);
      const job = stylizer.start({
        content: image,
        styles: [{ image }],
        config: { size: 24, iterations: 1, preset: "classic" },
      });
      seen.push((await job.finished).width);
      stylizer.dispose();
    }
    const tools = new Tools({ assets: elsewhere });
    seen.push((await tools.settings()).defaults.preset);
    tools.dispose();
    return { seen, asked: performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname) };
  }, engine.url);
  expect(seen).toEqual([24, 24, "painterly"]);
  expect(asked).toContain("/easel_bg.wasm");
  expect(engine.requests.filter((path) => path.startsWith("/weights/vgg19")).length).toBeGreaterThan(0);
});

test("the element of another origin paints", async ({ page, engine, open }) => {
  await open({ "Content-Security-Policy": policyFor(engine.url) });
  const width = await page.evaluate(async (from) => {
    const { EaselCanvas } = await import(`${from}element.js`);
    const element = new EaselCanvas();
    const attributes = {
      photo: `${from}samples/photo-chelsea.jpg`,
      painting: `${from}samples/style-cafe-terrace.jpg`,
      size: 32,
      iterations: 2,
      preset: "classic",
      backend: "cpu",
    };
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.addEventListener("error", ({ detail }) => (window.said = detail.message));
    document.body.append(element);
    return (await element.start())?.width ?? window.said;
  }, engine.url);
  expect(width).toBe(32);
});

test("a frame without an origin of its own, a sandbox, paints as well", async ({ page, engine, open }) => {
  await open();
  const said = await page.evaluate(async (from) => {
    const frame = Object.assign(document.createElement("iframe"), { sandbox: "allow-scripts" });
    frame.srcdoc = `<script type="module">
      const { Stylizer } = await import("${from}stylizer.js");
      try {
        const stylizer = await Stylizer.create({ backend: "cpu" });
        const image = new ImageData(24, 16);
        const { width } = await stylizer.start({ content: image, styles: [{ image }], config: { size: 24, iterations: 1, preset: "classic" } }).finished;
        parent.postMessage([self.origin, width], "*");
      } catch (error) {
        parent.postMessage(String(error), "*");
      }
    </script>`;
    const heard = new Promise((resolve) => addEventListener("message", ({ data }) => resolve(data), { once: true }));
    document.body.append(frame);
    return heard;
  }, engine.url);
  expect(said).toEqual(["null", 24]);
});

/** What opening, or else loading the weights, is refused with. */
const refusal = (page, from, options) =>
  page.evaluate(
    async ({ from, options }) => {
      const { Stylizer } = await import(`${from}stylizer.js`);
      try {
        const stylizer = await Stylizer.create({ backend: "cpu", ...options });
        await stylizer.prepare().finally(() => stylizer.dispose());
        return "nothing was refused";
      } catch (error) {
        return error.message;
      }
    },
    { from, options },
  );

test.describe("a missing header is named", () => {
  test.use({
    expectedErrors: [
      /^request to http:\/\/127|Content Security Policy|CORS policy|ERR_FAILED|404|ERR_CONNECTION_REFUSED/,
    ],
  });

  test.describe("of the engine's host", () => {
    test.use({ engineHeaders: {} });

    test("Access-Control-Allow-Origin on the worker", async ({ page, engine, open }) => {
      const home = await open();
      const says = await refusal(page, "/", { assets: engine.url });
      expect(says).toContain(`does not let this page read ${engine.url}engine/worker.js`);
      expect(says).toContain(`"Access-Control-Allow-Origin" with it (* or ${new URL(home.url).origin})`);
    });

    test("Access-Control-Allow-Origin on program and weights", async ({ page, engine, open }) => {
      await open();
      expect(await refusal(page, "/", { wasm: `${engine.url}easel_bg.wasm` })).toContain(
        `does not let this page read ${engine.url}easel_bg.wasm`,
      );
      expect(await refusal(page, "/", { weights: `${engine.url}weights` })).toContain(
        `does not let this page read ${engine.url}weights/manifest.json`,
      );
    });

    test("in German, too", async ({ page, engine, open }) => {
      await open();
      const says = await page.evaluate(async (assets) => {
        const [{ Stylizer, translate }, { engine }] = [await import("/stylizer.js"), await import("/page/text/de.js")];
        translate(engine);
        return Stylizer.create({ backend: "cpu", assets }).catch(({ message }) => message);
      }, engine.url);
      expect(says).toContain('muss dabei den Header "Access-Control-Allow-Origin" senden');
    });
  });

  for (const [what, change, says] of [
    [
      "blob: in worker-src",
      (policy) => policy.replace("worker-src blob:", "worker-src 'self'"),
      "add blob: to its worker-src",
    ],
    [
      "the engine's host in connect-src",
      (policy) => policy.replace(/connect-src [^;]*/, "connect-src 'self'"),
      /add http:\/\/127\.0\.0\.1:\d+ to its connect-src/,
    ],
    [
      "'wasm-unsafe-eval' in script-src",
      (policy) => policy.replace("'wasm-unsafe-eval'", ""),
      "add 'wasm-unsafe-eval' to its script-src",
    ],
  ]) {
    test(`of the page: ${what}`, async ({ page, engine, open }) => {
      const policy = policyFor(engine.url, change);
      expect(policy).not.toBe(policyFor(engine.url));
      await open({ "Content-Security-Policy": policy });
      expect(await refusal(page, engine.url)).toMatch(says);
    });
  }

  test("what is not there is no question of headers", async ({ page, engine, open }) => {
    await open();
    expect(await refusal(page, engine.url, { weights: `${engine.url}nowhere/` })).toContain(
      "manifest.json could not be fetched (HTTP 404)",
    );
    await engine.stop();
    expect(await refusal(page, "/", { assets: engine.url })).toContain(
      "engine/worker.js could not be fetched: there is no connection",
    );
    expect(await refusal(page, "/", { assets: "http://[" })).toBe("assets cannot be http://[: say an address.");
  });
});

test("a site that is one origin starts its worker as ever: no Blob, no other policy", async ({ page, open }) => {
  const strict = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; img-src 'self' data:";
  await open({ "Content-Security-Policy": strict });
  expect(await paint(page, "/", { backend: "cpu" })).toEqual({ ...painted, backend: "cpu", isolated: false });
});
