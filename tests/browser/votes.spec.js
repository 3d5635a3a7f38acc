// The blind-pair page (tests/judge/pairs.html) as anyone opens it: from a folder, without a server.
import AxeBuilder from "@axe-core/playwright";
import { pathToFileURL } from "node:url";
import { test as base, expect } from "@playwright/test";
import { file } from "./helpers.js";
import { downloaded } from "./studio.js";

/** Every test fails on errors and on any request that is not for a file. */
const test = base.extend({
  page: async ({ page }, use) => {
    const errors = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("request", (request) => !/^(file|blob):/.test(request.url()) && errors.push(`request to ${request.url()}`));
    await page.goto(pathToFileURL(file("tests/judge/pairs.html")).href);
    await use(page);
    expect(errors).toEqual([]);
  },
});

const shown = (page, side) => page.locator(`#${side} img`).evaluate((image) => image.src.split("/").at(-1).replace(".jpg", ""));

test("every picture is there", async ({ page }) => {
  const missing = await page.evaluate(async () => {
    const names = globalThis.PICTURES.pairs.flatMap(({ photo, painting, looks }) => [
      `photo-${photo}`,
      `painting-${painting}`,
      ...looks.map((look) => `${photo}-${painting}-${look}`),
    ]);
    const there = (name) =>
      new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve(image.naturalWidth > 0);
        image.onerror = () => resolve(false);
        image.src = `pictures/${name}.jpg`;
      });
    const found = await Promise.all(names.map(there));
    return names.filter((_, i) => !found[i]);
  });
  expect(missing).toEqual([]);
});

test("votes by the keyboard alone are counted, kept over a reload, taken back and saved as JSON", async ({ page }) => {
  const count = page.getByRole("status");
  const left = await shown(page, "left");
  await page.keyboard.press("ArrowLeft");
  await expect(count).toHaveText("1 vote");
  const right = await shown(page, "right");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await expect(count).toHaveText("3 votes");
  await page.reload();
  await expect(count).toHaveText("3 votes");
  await page.keyboard.press("Backspace");
  await expect(count).toHaveText("2 votes");
  const go = async (name) => {
    for (let i = 0; i < 15; i++) {
      if (await page.evaluate((text) => document.activeElement?.matches("button, summary") && document.activeElement.textContent?.includes(text), name)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`“${name}” is not reached by the Tab key.`);
  };
  await go("Results so far");
  await page.keyboard.press("Enter");
  await go("Save the votes");
  const saved = await downloaded(page, () => page.keyboard.press("Enter"));
  expect(saved.name).toBe("easel-votes.json");
  const { votes, results } = JSON.parse(saved.bytes.toString());
  expect(votes.map(({ photo, painting, liked }) => `${photo}-${painting}-${liked}`)).toEqual([left, right]);
  expect(results.reduce((sum, { wins }) => sum + wins, 0)).toBe(2);
  await go("Left");
  await page.keyboard.press("Enter");
  await expect(count).toHaveText("3 votes");
});

test("votes that were kept badly do no harm", async ({ page }) => {
  await page.evaluate(() => localStorage.setItem(`easel-votes-${globalThis.PICTURES.version}`, "{"));
  await page.reload();
  await expect(page.getByRole("status")).toHaveText("0 votes");
});

for (const colorScheme of ["light", "dark"]) {
  test(`${colorScheme}: nothing to object to`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 390, height: 800 });
    await page.keyboard.press("ArrowLeft");
    await page.getByText("Results so far").click();
    const { violations, passes } = await new AxeBuilder({ page }).analyze();
    expect(passes.length).toBeGreaterThan(15);
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join("; ")}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
}
