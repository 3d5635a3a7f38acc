// Before and during a run: what it will take, and what can be changed on the way.
import { readFileSync } from "node:fs";
import { test, expect, file } from "./helpers.js";
import { figures, openStudio, paint, paintButton, saved, set } from "./studio.js";

test("the strength and the mix change a run under way, and its recipe", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 5000);
  await page.getByRole("button", { name: "Use The Night Café" }).click();
  await paintButton(page).click();
  await expect.poll(async () => (await page.locator("#run").isVisible()) && (await figures(page)).iteration).toBeGreaterThan(2);
  const before = await figures(page);
  await page.getByLabel("Style strength").fill("2");
  // A hundredfold style weight: the loss cannot stay what it was.
  await expect.poll(async () => (await figures(page)).loss).toBeGreaterThan(10 * before.loss);
  await page.getByLabel("Weight of The Night Café").fill("0");
  await page.getByText("More settings").click();
  await page.locator("#knob-colour").selectOption("luminance");
  await page.getByLabel("Size", { exact: true }).selectOption("64");
  await expect(page.getByText("This setting counts from the next run on.")).toBeVisible();
  await page.getByLabel("Size", { exact: true }).selectOption("32");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.getByText("Stopped. The picture so far can be saved.")).toBeVisible();
  await expect(page.getByText(/stopped early · settings were changed on the way/)).toBeVisible();
  const { bytes, name } = await saved(page);
  await openStudio(page);
  await page.locator("#photo").setInputFiles({ name, mimeType: "image/png", buffer: bytes });
  await page.getByRole("button", { name: "Restore its settings" }).click();
  await expect(page.getByLabel("Style strength")).toHaveValue("2");
  await expect(page.locator("#knob-colour")).toHaveValue("luminance");
  await expect(page.getByLabel("Weight of The Night Café")).toHaveValue("0");
});

test("a run on nothing but unweighted paintings is refused with a sentence, and goes on", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 5000);
  await paintButton(page).click();
  await expect.poll(() => page.locator("#run").isVisible()).toBe(true);
  await page.getByLabel("Weight of Café Terrace at Night").fill("0");
  await expect(page.getByRole("alert")).toContainText("painting");
  const { iteration } = await figures(page);
  await expect.poll(async () => (await figures(page)).iteration).toBeGreaterThan(iteration);
  await page.getByRole("button", { name: "Stop", exact: true }).click();
});

test("the download is said once; the time is known after a run and remembered", async ({ page }) => {
  const manifest = JSON.parse(readFileSync(file("weights/manifest.json"), "utf8"));
  const bytes = manifest.shards.reduce((sum, shard) => sum + shard.bytes, 0);
  await openStudio(page);
  await expect(page.locator("#download")).toHaveText(`The first run fetches the network once: ${(bytes / 1e6).toFixed(1)}\u00a0MB.`);
  await expect(page.locator("#estimate")).toHaveText(/^\d+ MB of memory\. How long/);
  await set(page, 32, 4);
  await paint(page);
  await expect(page.locator("#download")).toBeHidden();
  await expect(page.locator("#estimate")).toHaveText(/^About \d+ s · \d+ MB of memory\./);
  await openStudio(page);
  await expect(page.locator("#estimate")).toHaveText(/^About .* · \d+ MB of memory\./);
  await expect(page.locator("#download")).toBeHidden();
});

test("the time can be measured before the first run", async ({ page }) => {
  await openStudio(page);
  await page.getByRole("button", { name: "Measure now" }).click();
  await expect(page.getByText("Measured.")).toBeVisible();
  await expect(page.locator("#estimate")).toHaveText(/^About/);
  await expect(page.getByRole("button", { name: "Measure now" })).toBeHidden();
});

test("sizes that will not fit are marked, and said when chosen", async ({ page, baseURL }) => {
  const source = await (await fetch(`${baseURL}/engine/stylizer.js`)).text();
  const small = "Stylizer.prototype.estimate = async ({ config }) => ({ bytes: 5e9, seconds: 61, fits: config.size <= 256, iterations: 1 });";
  await page.route("**/engine/stylizer.js", (route) => route.fulfill({ contentType: "text/javascript", body: `${source}\n${small}` }));
  await openStudio(page);
  const options = () => page.locator("#size option").allTextContents();
  await expect.poll(options).toEqual(expect.arrayContaining(["256 px", "384 px – will not fit", "1024 px – will not fit"]));
  await page.getByLabel("Size", { exact: true }).selectOption("512");
  await expect(page.locator("#estimate")).toHaveText(/About 1 min 1 s · 5.0 GB of memory · more than this device is likely to have/);
});

test("the loss chart says in words what it shows", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 3);
  await paint(page);
  await expect(page.getByRole("img", { name: /^Loss by iteration, on a logarithmic scale: from [\d.,]+ to [\d.,]+ after 3 iterations\.$/ })).toBeVisible();
});
