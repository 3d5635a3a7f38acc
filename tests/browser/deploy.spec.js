// The site as a static host may serve it: below a path, with the strict Content-Security-Policy as a header on everything.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PLAINEST } from "./faults.js";
import { expect, file } from "./helpers.js";
import { dist, paintSmall, savedPicture, test } from "./site.js";

const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; img-src 'self' blob: data:";
const path = "/some/path/";

test.use({
  serviceWorkers: "allow",
  // Reports tell of violations in workers too, where a page cannot listen.
  siteOptions: { path, headers: { "Content-Security-Policy": `${POLICY}; report-uri ${path}report` } },
});

/** Collects what the document's own event says. */
const listen = (context) =>
  context.addInitScript(() => {
    window.violations = [];
    const note = ({ violatedDirective, blockedURI }) => window.violations.push(`${violatedDirective} ${blockedURI}`);
    document.addEventListener("securitypolicyviolation", note);
  });
const violations = (page) => page.evaluate(() => window.violations);

test("the page says the policy by itself, for hosts that send no headers", async () => {
  const html = await readFile(join(dist, "index.html"), "utf8");
  expect(html).toContain(`content="${POLICY}"`);
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|\son[a-z]+=|\sstyle=|javascript:/i);
});

test("every file of www/ is copied into dist/", async () => {
  // Trunk copies what index.html names; one that is not named is missing only on the real site.
  const html = await readFile(file("www/index.html"), "utf8");
  const named = [...html.matchAll(/data-trunk rel="copy-(?:file|dir)" href="([^"]+)"/g)].map(([, path]) => path);
  // The README's picture is for readers of the source.
  const there = (await readdir(file("www"))).filter((name) => !["index.html", "gallery"].includes(name));
  expect(named.filter((path) => !path.startsWith("../")).sort()).toEqual(there.sort());
});

test("below a path, under the policy: paints, saves, works offline, and violates nothing", async ({ page, context, site }) => {
  await listen(context);
  site.list();
  await page.goto("./?backend=cpu");
  await page.getByLabel("Photo", { exact: true }).setInputFiles(file("tests/data/c_content.png"));
  await expect(page.getByAltText(/c_content\.png/)).toBeVisible();
  await paintSmall(page);
  expect((await savedPicture(page)).length).toBe(2);
  expect(await violations(page)).toEqual([]);
  await expect(page.locator("#offline")).toBeVisible();
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).scope)).toBe(site.url);
  expect(site.reports).toEqual([]);
  await context.setOffline(true);
  await site.stop();
  await page.reload();
  await paintSmall(page);
  expect(await violations(page)).toEqual([]);
  expect(site.requests.filter((asked) => !asked.startsWith(path))).toEqual([]);
});

test("WebGPU opens and computes under the policy", async ({ page, context, site }) => {
  await listen(context);
  // What "auto" leaves aside where the GPU is a program, and its kernels that compile soonest.
  await page.goto(`./?backend=webgpu&kernels=${encodeURIComponent(PLAINEST)}`);
  await expect(page.getByText(/Paints with WebGPU/)).toBeVisible();
  await paintSmall(page, { iterations: 1 });
  expect(await violations(page)).toEqual([]);
  expect(site.reports).toEqual([]);
});

test.describe("the policy is in force", () => {
  test.use({ expectedErrors: [/Content Security Policy/] });

  test("an inline script is refused and noticed", async ({ page, context, site }) => {
    await listen(context);
    await page.goto("./?backend=cpu");
    await page.evaluate(() => document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = true" })));
    await expect.poll(() => violations(page)).toContain("script-src-elem inline");
    await expect.poll(() => site.reports.length).toBeGreaterThan(0);
    expect(await page.evaluate(() => window.ran)).toBeUndefined();
  });
});
