// The page as a visitor meets it.
import { chromium } from "@playwright/test";
import { PLAINEST } from "./faults.js";
import { test, expect, file } from "./helpers.js";
import { alterEngine, dimensions, kept, openStudio, paint, saved, set } from "./studio.js";
import { readFile } from "node:fs/promises";

test("one click paints the samples, and the picture is saved", async ({ page }) => {
  await page.goto("/?backend=cpu");
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  await expect(page.getByText(/Easel paints on the CPU/)).toBeVisible();
  await set(page, 48, 3);
  await page.getByRole("button", { name: "Paint", exact: true }).click();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  await expect(page.getByText(/Iteration 3 of 3 · 48 × 32 px/)).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save picture", exact: true }).click();
  const bytes = await readFile(await (await download).path());
  expect(dimensions(bytes)).toEqual([48, 32]);
});

test("samples are shown small, and fetched when they are chosen", async ({ page }) => {
  const fetched = [];
  page.on("request", (request) => {
    const [, path] = request.url().match(/\/samples\/(.*)$/) ?? [];
    if (path) fetched.push(path);
  });
  await page.goto("/?backend=cpu");
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  const photos = page.getByRole("group", { name: /^Sample/ }).getByRole("button").locator("img");
  const paintings = page.getByRole("button", { name: /^Use / }).locator("img.original");
  await expect(photos.or(paintings)).toHaveCount(14);
  const shown = photos.or(paintings);
  for (const image of await shown.all()) {
    await image.scrollIntoViewIfNeeded(); // until then it may not be loaded
    await expect.poll(() => image.evaluate((image) => [image.naturalWidth, image.naturalHeight])).toEqual([160, 160]);
  }
  const whole = () => fetched.filter((path) => /^(photo|style)-/.test(path));
  expect(whole()).toEqual(["photo-chelsea.jpg", "style-cafe-terrace.jpg"]);
  await page.getByRole("button", { name: "Add The Great Wave off Kanagawa to the mix" }).click();
  await expect(page.getByLabel("Weight of The Great Wave off Kanagawa")).toBeVisible();
  expect(whole().slice(2)).toEqual(["style-great-wave.jpg"]);
});

test("WebGPU paints the visitor's own pictures; pause and stop work", async ({ page }) => {
  await page.goto(`/?backend=webgpu&kernels=${encodeURIComponent(PLAINEST)}`);
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  await expect(page.getByText(/Paints with WebGPU/)).toBeVisible();
  await page.getByLabel("Photo", { exact: true }).setInputFiles(file("tests/data/c_content.png"));
  await expect(page.getByAltText("The chosen photo: c_content.png")).toBeVisible();
  await page.getByLabel("Painting", { exact: true }).setInputFiles(file("tests/data/c_style.png"));
  await expect(page.getByLabel("Weight of c_style.png")).toBeVisible();
  // What the page had hung there makes room.
  await expect(page.getByLabel(/^Weight of/)).toHaveCount(1);
  await set(page, 32, 5000);
  await page.getByRole("button", { name: "Paint", exact: true }).click();
  await expect(page.locator("#download")).toBeHidden(); // the networks are there, and the kernels compiled
  await expect(page.getByText(/^Iteration [2-9]/)).toBeVisible();
  await expect(page.getByText("Painting…")).toBeVisible();
  const pause = page.getByRole("button", { name: "Pause", exact: true });
  await pause.click();
  await expect(pause).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByText(/^Paused/)).toBeVisible();
  await pause.click();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.getByText(/^Stopped/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Paint", exact: true })).toBeEnabled();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save picture", exact: true }).click();
  expect(dimensions(await readFile(await (await download).path()))).toEqual([21, 32]);
});

test("without WebGPU the page paints on the CPU and says so", async ({ baseURL }) => {
  // A browser of its own: WebGPU cannot be taken away from a running one.
  const browser = await chromium.launch({
    executablePath: test.info().project.use.launchOptions.executablePath,
    args: ["--no-sandbox", "--disable-features=WebGPU", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(baseURL);
    await expect(page.getByText(/Without WebGPU, Easel paints on the CPU/)).toBeVisible();
    await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
    await set(page, 32, 2);
    await page.getByRole("button", { name: "Paint", exact: true }).click();
    await expect(page.getByText(/^Done in/)).toBeVisible();
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});

test("a file that is no picture is said in the page, which goes on working", async ({ page }) => {
  await page.goto("/?backend=cpu");
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  const text = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") };
  await page.getByLabel("Photo", { exact: true }).setInputFiles(text);
  await expect(page.getByRole("alert")).toContainText("“notes.txt” could not be read as a picture");
  await page.getByLabel("Painting", { exact: true }).setInputFiles({ ...text, buffer: Buffer.alloc(0) });
  await expect(page.getByRole("alert")).toContainText("is empty");
  await set(page, 32, 1);
  await page.getByRole("button", { name: "Paint", exact: true }).click();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  await expect(page.getByRole("alert")).toBeHidden();
});

test("the photo chosen last is the one, though one chosen before is decoded later", async ({ page }) => {
  await alterEngine(
    page,
    `const decode = Stylizer.prototype.decode;
    Stylizer.prototype.decode = async function (blob, options) {
      const bitmap = await decode.call(this, blob, options);
      if (blob.name === "c_content.png") await new Promise((resolve) => (window.goOn = resolve));
      window.decoded = [...(window.decoded ?? []), blob.name];
      return bitmap;
    };`,
  );
  await openStudio(page);
  await page.getByLabel("Photo", { exact: true }).setInputFiles(file("tests/data/c_content.png"));
  await page.waitForFunction(() => window.goOn);
  await page.getByLabel("Photo", { exact: true }).setInputFiles(file("tests/data/a_content.png"));
  const chosen = page.getByAltText(/^The chosen photo:/);
  await expect(chosen).toHaveAccessibleName("The chosen photo: a_content.png");
  const seen = () => page.evaluate(() => document.getElementById("before").toDataURL());
  const before = await seen();
  await page.evaluate(() => window.goOn());
  await page.waitForFunction(() => window.decoded.at(-1) === "c_content.png");
  // The first one's is done with: two turns of the event loop later it would be there.
  await page.evaluate(() => new Promise((resolve) => setTimeout(() => setTimeout(resolve))));
  await expect(chosen).toHaveAccessibleName("The chosen photo: a_content.png");
  expect(await seen()).toBe(before);
});

test("colours that cannot be changed leave switch and picture as they were", async ({ page }) => {
  await alterEngine(page, `Stylizer.prototype.recolour = async () => { throw new Error("These colours cannot be had."); };`);
  await openStudio(page);
  await set(page, 32, 2);
  await paint(page);
  const seen = () => page.evaluate(() => document.getElementById("canvas").toDataURL());
  const before = await seen();
  await page.getByText("The photo’s", { exact: true }).click();
  await expect(page.getByRole("alert")).toHaveText("These colours cannot be had.");
  await expect(page.getByLabel("The painting’s", { exact: true })).toBeChecked();
  expect(await seen()).toBe(before);
});

test("of two changes of colours the last one counts", async ({ page }) => {
  await alterEngine(
    page,
    `const recolour = Stylizer.prototype.recolour;
    Stylizer.prototype.recolour = async function (options) {
      const blob = await recolour.call(this, options);
      await new Promise((resolve) => (window.goOn = resolve));
      return blob;
    };`,
  );
  await openStudio(page);
  await set(page, 32, 2);
  await paint(page);
  const seen = () => page.evaluate(() => document.getElementById("canvas").toDataURL());
  const before = await seen();
  await page.getByLabel("The photo’s", { exact: true }).check();
  await page.waitForFunction(() => window.goOn);
  await page.getByLabel("The painting’s", { exact: true }).check();
  await expect(page.getByText("In the painting’s colours.")).toBeVisible();
  await page.evaluate(() => window.goOn());
  await page.evaluate(() => new Promise((resolve) => setTimeout(() => setTimeout(resolve))));
  await expect(page.getByLabel("The painting’s", { exact: true })).toBeChecked();
  expect(await seen()).toBe(before);
});

test("the first sample, though it comes late, leaves the kept picture that was opened meanwhile", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 2);
  await paint(page);
  let serve;
  const served = new Promise((resolve) => (serve = resolve));
  await page.route("**/samples/photo-chelsea.jpg", async (route) => {
    await served;
    await route.continue();
  });
  await page.reload();
  await page.getByRole("button", { name: /^Open Chelsea the cat/ }).click();
  await expect(page.getByRole("img", { name: "The painted picture" })).toBeVisible();
  serve();
  await expect(page.getByRole("img", { name: "The chosen photo: Chelsea the cat" })).toBeVisible();
  await expect(page.getByRole("img", { name: "The painted picture" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Open Chelsea the cat/ })).toHaveAttribute("aria-pressed", "true");
  expect(dimensions((await saved(page)).bytes)).toEqual([32, 21]);
});

test.describe("where the first sample cannot be had", () => {
  test.use({ expectedErrors: [/Failed to load resource/] });

  test("that there is no photo is said until there is one, and it can be tried again", async ({ page }) => {
    await page.route("**/samples/photo-chelsea.jpg", (route) => route.fulfill({ status: 503 }), { times: 2 });
    await page.goto("/?backend=cpu");
    const missing = page.getByText("There is no photo yet. Choose one.");
    const again = page.getByRole("button", { name: "Try again" });
    await expect(missing).toBeVisible();
    await again.click();
    await expect(missing).toBeVisible();
    await page.getByRole("button", { name: "Use a cup of coffee" }).click();
    await expect(missing).toBeHidden();
    await expect(again).toBeHidden();
  });
});

test.describe("where no device can be opened", () => {
  test("kept pictures are shown and saved all the same", async ({ page }) => {
    await openStudio(page);
    await set(page, 32, 2);
    await paint(page);
    expect((await kept(page)).results).toHaveLength(1);
    await alterEngine(page, `Stylizer.create = async () => { throw new Error("There is nothing to paint with."); };`);
    await page.reload();
    await expect(page.getByText("Easel could not start. There is nothing to paint with.")).toBeVisible();
    await page.getByRole("button", { name: /^Open Chelsea the cat/ }).click();
    await expect(page.getByRole("img", { name: "The painted picture" })).toBeVisible();
    const { bytes, name } = await saved(page);
    expect(dimensions(bytes)).toEqual([32, 21]);
    await expect(page.getByText("Saved.", { exact: true })).toBeVisible(); // with its settings
    await expect(page.getByRole("alert")).toBeHidden();
    await page.getByLabel("Photo", { exact: true }).setInputFiles({ name, mimeType: "image/png", buffer: bytes });
    await page.getByRole("button", { name: "Restore its settings" }).click();
    await expect(page.getByText("The settings are restored.")).toBeVisible();
    await expect(page.locator("#size")).toHaveValue("32");
  });
});

test("a page whose engine is of another version offers to reload", async ({ page }) => {
  await alterEngine(page, `Stylizer.create = async () => { throw Object.assign(new Error("Easel was updated."), { code: "version" }); };`);
  await page.goto("/?backend=cpu");
  await expect(page.getByText(/^This page is of another version/)).toBeVisible();
  await page.unroute("**/engine/stylizer.js");
  await page.getByRole("button", { name: "Reload" }).click();
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  await expect(page.getByText(/Easel paints on the CPU/)).toBeVisible();
});

test("pictures can be dropped and pasted", async ({ page }) => {
  await page.goto("/?backend=cpu");
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  const bytes = (await readFile(file("tests/data/a_content.png"))).toString("base64");
  await page.evaluate((base64) => {
    const data = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const carry = (name) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([data], name, { type: "image/png" }));
      return transfer;
    };
    const target = document.querySelector('[data-role="painting"]');
    target.dispatchEvent(new DragEvent("dragenter", { dataTransfer: carry("dropped.png"), bubbles: true }));
    target.dispatchEvent(new DragEvent("drop", { dataTransfer: carry("dropped.png"), bubbles: true }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carry("pasted.png"), bubbles: true }));
  }, bytes);
  await expect(page.getByLabel("Weight of dropped.png")).toBeVisible();
  await expect(page.getByAltText("The chosen photo: pasted.png")).toBeVisible();
});

for (const width of [320, 390, 1440, 2560]) {
  test(`nothing sticks out at ${width} px, and all buttons can be reached by keyboard`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.goto("/?backend=cpu");
    await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const reached = new Set();
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      reached.add(await page.evaluate(() => document.activeElement.id));
    }
    for (const id of ["paint", "photo", "painting", "size", "iterations", "strength"]) expect([...reached]).toContain(id);
  });
}
