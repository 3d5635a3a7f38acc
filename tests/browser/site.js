// Playwright's tests on a host of their own, and the site as they drive it there.
import { readFile } from "node:fs/promises";
import { expect, test as base } from "./helpers.js";
import { serve } from "./host.js";

export { dist } from "./host.js";

/** Tests with a host of their own; `siteOptions` go to `serve`. Requests to any other origin fail them, as everywhere. */
export const test = base.extend({
  siteOptions: [{}, { option: true }],
  site: async ({ siteOptions }, use) => {
    const site = await serve(siteOptions);
    await use(site);
    await site.close();
  },
  baseURL: async ({ site }, use) => use(site.url),
});

/** Paints with what is loaded, small and on whatever backend the page has; resolves when it is done and kept. */
export async function paintSmall(page, { size = 32, iterations = 2 } = {}) {
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  await page.evaluate((px) => {
    const select = document.getElementById("size");
    if (![...select.options].some((option) => option.value === String(px))) select.append(new Option(`${px} px`, px));
  }, size);
  await page.locator("#preset").selectOption("classic");
  await page.locator("#size").selectOption(String(size));
  await page.locator("#iterations").fill(String(iterations));
  const paint = page.getByRole("button", { name: "Paint", exact: true });
  await paint.click();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  await expect(paint).toBeEnabled();
  return { width: size, height: Math.round((size * 300) / 451) }; // the sample photo's shape
}

/** Saves the picture and resolves to its width and height. */
export async function savedPicture(page) {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save picture", exact: true }).click();
  const bytes = await readFile(await (await download).path());
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}
