// Good enough, going on, and larger: a picture is kept at the size that was chosen, whenever its run is stopped.
import { test, expect } from "./helpers.js";
import { dimensions, figures, keptStep, openStudio, paint, paintButton, pauseAt, saved, set, stopAt } from "./studio.js";

const stop = (page) => page.getByRole("button", { name: "Stop", exact: true }).click();
const goOn = (page) => page.getByRole("button", { name: "Go on", exact: true });
const larger = (page) => page.getByRole("button", { name: "Larger", exact: true });
const opened = (page) => page.getByRole("region", { name: "Your pictures" }).getByRole("button", { name: /^Open/ });

/** Two scales, shallow, so that steps are short: 96 px for so many steps, 136 px for three. */
async function setScales(page, firstIterations) {
  await set(page, 136, 3);
  await page.getByText("More settings").click();
  const knobs = { minSize: "96", firstIterations, contentLayers: "relu1_1", styleLayers: "relu1_1" };
  for (const [name, value] of Object.entries(knobs)) await page.locator(`#knob-${name}`).fill(String(value));
}

/** Waits until a run has got to an iteration. */
const reached = (page, iteration) =>
  expect.poll(async () => ((await page.locator("#run").isVisible()) ? (await figures(page)).iteration : 0)).toBeGreaterThanOrEqual(iteration);

/** Watches which iterations the page shows from now on; gives what lists them. */
async function watchIterations(page) {
  await page.evaluate(() => {
    window.iterations = [];
    const element = document.getElementById("figures");
    new MutationObserver(() => window.iterations.push(Number(element.textContent.match(/\d+/)?.[0]))).observe(element, { childList: true });
  });
  return async () => (await page.evaluate(() => window.iterations)).filter(Boolean);
}

/** How rough a picture is: the mean difference of neighbours. */
const roughness = (page, id) =>
  page.evaluate((id) => {
    const canvas = document.getElementById(id);
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let i = 4; i < data.length; i += 4) sum += Math.abs(data[i + 1] - data[i - 3]);
    return sum / (data.length / 4);
  }, id);

test("stopped at a coarse scale, the picture has the size chosen, says so, and goes on where it stood", async ({ page }) => {
  await openStudio(page);
  await setScales(page, 60);
  await paintButton(page).click();
  await stopAt(page, 4);
  await expect(page.locator("#status")).toHaveText("Stopped: painted at 96 px and enlarged to 136 px. Go on?");
  const { iteration } = await figures(page);
  expect(iteration).toBeLessThan(60); // or nothing was enlarged
  await expect(page.getByText(/3 iterations, seed 0 · 136 × 90 px · stopped early · painted at 96 px and enlarged$/)).toBeVisible();
  expect(dimensions((await saved(page)).bytes)).toEqual([136, 90]);
  expect(await page.evaluate(() => [document.getElementById("canvas").width, document.getElementById("canvas").height])).toEqual([136, 90]);
  expect(await roughness(page, "canvas")).toBeGreaterThan(1);
  await expect(larger(page)).toBeHidden();

  await expect(paintButton(page)).toBeEnabled(); // the last words about the run are said
  const shown = await watchIterations(page);
  await goOn(page).click();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  const seen = await shown();
  expect(seen[0]).toBeGreaterThan(iteration); // not from the start again
  expect(seen.at(-1)).toBe(63);
  expect(dimensions((await saved(page)).bytes)).toEqual([136, 90]);
  await expect(goOn(page)).toBeHidden();
  await expect(opened(page)).toHaveCount(2);
});

test("stopped where it is as large as chosen, it is as painted, and goes on too", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 50);
  await paintButton(page).click();
  await stopAt(page, 3);
  await expect(page.getByText("Stopped. The picture so far can be saved.")).toBeVisible();
  await goOn(page).click();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  await expect(page.locator("#figures")).toHaveText(/^Iteration 50 of 50/);
});

test("a slider that is touched does not take away what was stopped: it goes on where it stood", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 50);
  await paintButton(page).click();
  await stopAt(page, 3);
  await expect(goOn(page)).toBeVisible();
  await expect(paintButton(page)).toBeEnabled();
  const { iteration } = await figures(page);
  await page.getByLabel("Style strength").fill("1");
  await expect(page.getByRole("button", { name: "Save picture" })).toBeHidden();
  await expect(page.getByText("The picture so far is not lost.")).toBeVisible();
  const shown = await watchIterations(page);
  await goOn(page).click();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  expect((await shown())[0]).toBeGreaterThan(iteration);
  await expect(page.getByLabel("Style strength")).toHaveValue("0");
});

test("another photo, and there is nothing to go on with", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 5000);
  await paintButton(page).click();
  await reached(page, 2);
  await stop(page);
  await expect(goOn(page)).toBeVisible();
  await page.getByRole("button", { name: "Use a cup of coffee" }).click();
  await expect(page.getByAltText("The chosen photo: a cup of coffee")).toBeVisible();
  await expect(goOn(page)).toBeHidden();
});

test("another photo chosen while the picture is still being kept comes after it: nobody is asked about a run that is over", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 5000);
  await paintButton(page).click();
  await reached(page, 2);
  // Files are kept by their hashes: none is known until the test says so.
  await page.evaluate(() => {
    const { digest } = SubtleCrypto.prototype;
    const released = new Promise((resolve) => (window.release = resolve));
    SubtleCrypto.prototype.digest = async function (...args) {
      await released;
      return digest.apply(this, args);
    };
  });
  await stop(page);
  await expect(goOn(page)).toBeVisible();
  await page.getByRole("button", { name: "Use a cup of coffee" }).click();
  await page.waitForTimeout(500); // it is read meanwhile
  await page.evaluate(() => window.release());
  await expect(page.getByAltText("The chosen photo: a cup of coffee")).toBeVisible();
  await expect(goOn(page)).toBeHidden();
  await expect(page.getByRole("button", { name: "Keep painting" })).toHaveCount(0);
  await expect(opened(page)).toHaveCount(1);
});

test("a finished picture is made larger, from itself, by the run's next scale", async ({ page }) => {
  await page.addInitScript(() => {
    window.starts = [];
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message?.type === "start") window.starts.push({ config: JSON.parse(message.config), init: Boolean(message.init) });
      return post.call(this, message, ...rest);
    };
  });
  await openStudio(page);
  await set(page, 48, 3);
  await paint(page);
  await expect(larger(page)).toHaveAccessibleDescription(/68 px$/);
  await larger(page).click();
  await expect(page.locator("#figures")).toHaveText(/^Iteration 3 of 3 · 68 × 45 px/);
  await expect(page.getByText(/^Done in/)).toBeVisible();
  expect(dimensions((await saved(page)).bytes)).toEqual([68, 45]);
  const starts = await page.evaluate(() => window.starts);
  expect(starts.map(({ config, init }) => [config.size, config.init === "image", init])).toEqual([[48, false, false], [68, true, true]]);
  await expect(page.getByText(/^Classic, 68 px, 3 iterations/)).toBeVisible();
  await expect(larger(page)).toHaveAccessibleDescription(/96 px$/);
  // Also of one that was kept.
  await opened(page).last().click();
  await expect(larger(page)).toHaveAccessibleDescription(/68 px$/);
});

test("it is painted with its own settings, and goes on after a reload", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 40);
  await paint(page);
  await page.getByLabel("Iterations", { exact: true }).fill("9");
  await larger(page).click();
  // Until then the figures are the finished picture's.
  await expect(page.locator("#figures")).toHaveText(/^Iteration \d+ of 40 · 45 × 30 px/);
  await pauseAt(page, 3);
  const { iteration } = await figures(page);
  await expect.poll(() => keptStep(page)).toBeGreaterThanOrEqual(iteration);
  await page.reload();
  await expect(page.getByText("Continuing where the page was closed.")).toBeVisible();
  await expect(page.locator("#run")).toBeVisible();
  expect((await figures(page)).iteration).toBeGreaterThan(iteration);
  await expect(page.getByText(/^Done in/)).toBeVisible();
  await expect(page.locator("#figures")).toHaveText(/^Iteration 40 of 40 · 45 × 30 px/);
  await expect(page.getByText(/this picture starts over/)).toBeHidden();
});

test("what a device has no room for is not offered", async ({ page }) => {
  await page.route("**/engine/stylizer.js", async (route) => {
    const response = await route.fetch();
    const line = "Stylizer.prototype.estimate = async ({ config }) => ({ bytes: 5e9, seconds: 61, fits: config.size <= 32, iterations: 1 });";
    await route.fulfill({ response, body: `${await response.text()}\n${line}\n` });
  });
  await openStudio(page);
  await set(page, 32, 1);
  await paint(page);
  await expect(page.getByRole("button", { name: "Save picture" })).toBeVisible();
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  await expect(larger(page)).toBeHidden();
});

test("Paint says what it takes, and is called Paint", async ({ page }) => {
  await page.route("**/engine/stylizer.js", async (route) => {
    const response = await route.fetch();
    const line = "Stylizer.prototype.estimate = async ({ config }) => ({ bytes: 5e8, seconds: config.size / 2, fits: true, iterations: 1 });";
    await route.fulfill({ response, body: `${await response.text()}\n${line}\n` });
  });
  await openStudio(page);
  await set(page, 32, 1);
  await expect(paintButton(page)).toHaveAccessibleDescription("about 16 s, 32 px");
  await expect(paintButton(page)).toContainText("about 16 s, 32 px");
  await page.getByLabel("Size", { exact: true }).selectOption("256");
  await expect(paintButton(page)).toHaveAccessibleDescription("about 2 min 8 s, 256 px");
});
