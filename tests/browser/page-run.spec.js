// Before and during a run: what it will take, and what can be changed on the way.
import { readFileSync } from "node:fs";
import { test, expect, file } from "./helpers.js";
import { alterEngine, figures, openStudio, paint, paintButton, saved, set } from "./studio.js";

test("the strength and the mix change a run under way, and its recipe", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 5000);
  await page.getByRole("button", { name: "Add The Night Café to the mix" }).click();
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
  // What the run has not taken over by its end is no part of it.
  const { iteration } = await figures(page);
  await expect.poll(async () => (await figures(page)).iteration).toBeGreaterThan(iteration + 3);
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

test("a change is told to the run at once, and those made before it is taken over together", async ({ page }) => {
  await page.addInitScript(() => {
    window.updates = [];
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message?.type === "update") window.updates.push(JSON.parse(message.changes));
      return post.call(this, message, ...rest);
    };
  });
  await openStudio(page);
  await set(page, 32, 5000);
  await paintButton(page).click();
  await expect(page.locator("#run")).toBeVisible();
  const told = await page.evaluate(async () => {
    const slider = document.getElementById("strength");
    for (const value of ["0.5", "1", "1.5"]) {
      slider.value = value;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    }
    // Promises are done with, no answer can be there yet: no message comes in before this function returns to the event loop.
    for (let i = 0; i < 20; i++) await null;
    return window.updates.map(({ styleWeight }) => styleWeight);
  });
  expect(told).toHaveLength(1);
  await expect.poll(() => page.evaluate(() => window.updates.length)).toBe(2);
  const last = await page.evaluate(() => window.updates[1].styleWeight);
  expect(last / told[0]).toBeCloseTo(10, 5);
  await page.getByRole("button", { name: "Stop", exact: true }).click();
});

test("through two scales: figures, bar and chart go on, and the picture has the last one's size", async ({ page }) => {
  await openStudio(page);
  await set(page, 136, 6);
  await page.getByText("More settings").click();
  // Shallow, so that steps are short: what is looked at is the page.
  const knobs = { minSize: "96", firstIterations: "5", contentLayers: "relu1_1", styleLayers: "relu1_1" };
  for (const [name, value] of Object.entries(knobs)) await page.locator(`#knob-${name}`).fill(value);
  await page.evaluate(() => {
    window.said = [];
    const figures = document.getElementById("figures");
    const note = () => {
      const { width, height } = document.getElementById("canvas");
      // The end may be told twice.
      if (window.said.at(-1)?.figures === figures.textContent) window.said.pop();
      window.said.push({ figures: figures.textContent, bar: document.getElementById("progress").value, canvas: `${width} × ${height}` });
    };
    new MutationObserver(note).observe(figures, { childList: true });
  });
  await paint(page);
  const said = (await page.evaluate(() => window.said)).filter(({ figures }) => figures);
  const read = said.map(({ figures, ...rest }) => ({
    ...rest,
    ...figures.match(/^Iteration (?<iteration>\d+) of (?<iterations>\d+) · (?<size>\d+ × \d+) px, scale (?<scale>\d) of 2 · loss [\d.,]+/).groups,
  }));
  for (const [i, { iteration, iterations, scale, size, bar, canvas }] of read.entries()) {
    expect(Number(iteration)).toBeGreaterThan(i === 0 ? 0 : Number(read[i - 1].iteration));
    expect(iterations).toBe("11");
    expect([scale, size]).toEqual(Number(iteration) <= 5 ? ["1", "96 × 64"] : ["2", "136 × 90"]);
    expect(bar).toBeGreaterThanOrEqual(i === 0 ? 0 : read[i - 1].bar); // a step may take as much longer as it is one more
    expect(["96 × 64", "136 × 90"]).toContain(canvas);
  }
  expect(new Set(read.map(({ scale }) => scale)).size).toBe(2);
  expect(read.at(-1)).toMatchObject({ iteration: "11", bar: 1, canvas: "136 × 90" });
  await expect(page.locator("#chart .marks")).toHaveAttribute("d", /^M\d+\.\d 0V48$/); // where the second began
  await expect(page.getByText(/6 iterations, seed 0 · 136 × 90 px · painted in/)).toBeVisible();
  const { bytes } = await saved(page);
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([136, 90]);
});

test("stopped at the first of several scales, a picture is kept as stopped, at the size chosen", async ({ page }) => {
  await openStudio(page);
  await set(page, 136, 3);
  await page.getByText("More settings").click();
  const knobs = { minSize: "96", firstIterations: "5000", contentLayers: "relu1_1", styleLayers: "relu1_1" };
  for (const [name, value] of Object.entries(knobs)) await page.locator(`#knob-${name}`).fill(value);
  await paintButton(page).click();
  await expect(page.locator("#figures")).toHaveText(/^Iteration ([4-9]|\d\d+) of .* left$/);
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.getByText(/3 iterations, seed 0 · 136 × 90 px · stopped early · painted at 96 px/)).toBeVisible();
  await expect(page.locator("#figures")).not.toContainText("left");
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

test("a double click on Paint, or Enter that is held, begins a run and does no more", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 5000);
  const stop = page.getByRole("button", { name: "Stop", exact: true });
  const doubleClick = async (share) => {
    const { width, height } = await paintButton(page).boundingBox();
    await paintButton(page).dblclick({ position: { x: share * width, y: height / 2 } });
  };
  const hold = async () => {
    await paintButton(page).focus();
    for (let i = 0; i < 3; i++) await page.keyboard.down("Enter");
    await page.keyboard.up("Enter");
  };
  for (const [place, press] of /** @type {[string, () => Promise<void>][]} */ ([
    ["where Pause comes", () => doubleClick(1 / 4)],
    ["where Stop comes", () => doubleClick(3 / 4)],
    ["by the keyboard", hold],
  ])) {
    await press();
    await expect(page.locator("#figures"), place).toHaveText(/^Iteration ([2-9]|\d\d+) of .* left$/);
    await expect(page.getByRole("button", { name: "Pause", exact: true })).toHaveAttribute("aria-pressed", "false");
    await stop.press("Enter"); // a click, and the next one could be taken for one
    await expect(paintButton(page)).toBeEnabled();
  }
});

test("the download is said once; the time is known after a run and remembered", async ({ page }) => {
  const manifest = JSON.parse(readFileSync(file("weights/manifest.json"), "utf8"));
  const { transformer, predictor } = manifest.instant; // a run starts from their picture
  const bytes = [manifest, transformer, predictor].reduce((sum, set) => sum + set.bytes, 0);
  await openStudio(page);
  await expect(page.locator("#download")).toHaveText(`The first run fetches the networks once: ${(bytes / 1e6).toFixed(1)}\u00a0MB.`);
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

test("sizes that will not fit are marked, and said when chosen", async ({ page }) => {
  await alterEngine(page, "Stylizer.prototype.estimate = async ({ config }) => ({ bytes: 5e9, seconds: 61, fits: config.size <= 256, iterations: 1 });");
  await openStudio(page);
  const options = () => page.locator("#size option").allTextContents();
  await expect.poll(options).toEqual(expect.arrayContaining(["256 px · 2.2 cm", "384 px – will not fit", "1024 px – will not fit"]));
  await page.getByLabel("Size", { exact: true }).selectOption("512");
  await expect(page.locator("#estimate")).toHaveText(/About 1 min 1 s · 5.0 GB of memory · more than this device is likely to have/);
});

test("the loss chart says in words what it shows", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 3);
  await paint(page);
  await expect(page.getByRole("img", { name: /^Loss by iteration, on a logarithmic scale: from [\d.,]+ to [\d.,]+ after 3 iterations\.$/ })).toBeVisible();
});
