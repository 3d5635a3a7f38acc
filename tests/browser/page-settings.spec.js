// Settings that travel inside saved pictures.
import { test, expect } from "./helpers.js";
import { openStudio, paint, saved, set, settingsOf } from "./studio.js";

/** Opens the page and waits until all settings are there, and those that are suggested for the CPU. */
async function openSettings(page) {
  await openStudio(page);
  await expect(page.getByText(/Easel paints on the CPU/)).toBeVisible();
}

test("a saved picture dropped back restores every setting exactly", async ({ page }) => {
  await openStudio(page);
  await set(page, 48, 2, "bold");
  await page.getByLabel("Style strength").fill("0.7");
  await page.getByText("More settings").click();
  const knobs = { seed: "4294967295", minSize: "32", learningRate: "0.0123", averaging: "0.5", tvWeight: "0.1", styleLayers: "relu1_1:0.3333333333333333, relu3_1:2" };
  for (const [name, value] of Object.entries(knobs)) await page.locator(`#knob-${name}`).fill(value);
  await page.locator("#knob-pooling").selectOption("average");
  await page.getByRole("button", { name: "Add The Langlois Bridge to the mix" }).click();
  await page.getByLabel("Weight of The Langlois Bridge").fill("12.5");
  const chosen = await settingsOf(page);
  expect(chosen).toMatchObject({ preset: "bold", size: "48", iterations: "2", strength: "0.7", "knob-seed": knobs.seed, "knob-pooling": "average" });
  await paint(page);
  const files = [];
  for (const type of ["image/png", "image/jpeg", "image/webp"]) {
    await page.getByLabel("File format").selectOption(type);
    const { bytes, name } = await saved(page);
    files.push({ name, mimeType: type, buffer: bytes });
  }
  for (const file of files) {
    await openStudio(page);
    await page.getByText("More settings").click();
    await page.getByRole("button", { name: "Reset", exact: true }).click();
    expect(await settingsOf(page)).not.toEqual(chosen);
    await page.locator("#photo").setInputFiles(file);
    await expect(page.getByText(`“${file.name}” carries the settings it was painted with: bold, 48 px, 2 iterations, seed 4294967295.`)).toBeVisible();
    await page.getByRole("button", { name: "Restore its settings" }).click();
    await expect(page.getByText("The settings are restored.")).toBeVisible();
    expect(await settingsOf(page)).toEqual(chosen);
    await expect(page.getByLabel("Weight of Café Terrace at Night")).toHaveValue("100");
    await expect(page.getByLabel("Weight of The Langlois Bridge")).toHaveValue("12.5");
    // The picture itself was not taken for the photo unasked.
    await expect(page.getByAltText("The chosen photo: Chelsea the cat")).toBeVisible();
  }
  await page.locator("#photo").setInputFiles(files[0]);
  await page.getByRole("button", { name: "Use it as the photo" }).click();
  await expect(page.getByAltText("The chosen photo: Chelsea-the-cat-painted.png")).toBeVisible();
});

test("settings have names for people, in groups, and their own at hand", async ({ page }) => {
  await openStudio(page);
  await page.getByText("More settings").click();
  for (const group of ["Picture", "Style", "Detail", "Optimiser"]) await expect(page.getByRole("group", { name: group, exact: true })).toBeVisible();
  const smoothing = page.getByRole("group", { name: "Detail", exact: true }).getByLabel("Smoothing", { exact: true });
  await expect(smoothing).toHaveAccessibleDescription(/fine noise/);
  await expect(smoothing).toHaveAttribute("id", "knob-tvWeight");
  await expect(page.getByTitle("tvWeight", { exact: true })).toBeVisible();
  await expect(page.getByLabel("Starts from", { exact: true })).toHaveAccessibleDescription(/before the first stroke/);
});

test("the last visit's settings are there again, until they are reset", async ({ page }) => {
  await openSettings(page);
  const first = await settingsOf(page);
  await set(page, 96, 7, "bold");
  await page.getByLabel("Style strength").fill("0.6");
  await page.getByLabel("Style strength").dispatchEvent("change");
  await page.getByText("More settings").click();
  await page.locator("#knob-seed").fill("12");
  await page.locator("#knob-seed").blur();
  const chosen = await settingsOf(page);
  await openSettings(page);
  await expect.poll(() => settingsOf(page)).toEqual(chosen);
  await page.getByText("More settings").click();
  await page.getByRole("button", { name: "Reset", exact: true }).click();
  expect(await settingsOf(page)).toEqual(first);
  await openSettings(page);
  await expect.poll(() => settingsOf(page)).toEqual(first);
});

test("what is remembered but makes no sense is not taken over", async ({ page }) => {
  await openSettings(page);
  const first = await settingsOf(page);
  const { SETTINGS } = await page.evaluate(() => import("/page/offline/names.js").then(({ SETTINGS }) => ({ SETTINGS })));
  const broken = [
    "{",
    "null",
    JSON.stringify({ version: 99, config: { seed: 3 } }),
    JSON.stringify({ version: 1, config: { preset: "nobody", size: 1e9, iterations: -1, seed: "x", init: "image", styleLayers: "relu" }, strength: 99 }),
  ];
  for (const value of broken) {
    await page.evaluate(([key, value]) => localStorage.setItem(key, value), [SETTINGS, value]);
    await openSettings(page);
    expect(await settingsOf(page)).toEqual(first);
  }
});

test("a look brings its own number of iterations, until another is typed", async ({ page }) => {
  await openSettings(page);
  const iterations = page.getByLabel("Iterations", { exact: true });
  await expect(iterations).toHaveValue("50");
  await page.locator("#looks [data-look=texture]").click();
  await expect(iterations).toHaveValue("200");
  await page.getByLabel("Look", { exact: true }).selectOption("strokes");
  await expect(iterations).toHaveValue("40");
  await iterations.fill("7");
  await page.getByLabel("Look", { exact: true }).selectOption("classic");
  await expect(iterations).toHaveValue("7");
});

test.describe("before the program is there", () => {
  test.use({ expectedErrors: [/503/] });

  test("what is being typed, and an alert, outlast its arrival; what is set next takes the alert away", async ({ page }) => {
    const program = {};
    const comes = new Promise((resolve) => (program.comes = resolve));
    await page.route("**/easel_bg.wasm", async (route) => {
      await comes;
      await route.continue();
    });
    await page.route("**/samples/photo-coffee.jpg", (route) => route.fulfill({ status: 503, body: "" }));
    await page.goto("/?backend=cpu");
    await page.getByRole("button", { name: "Use a cup of coffee" }).click();
    const alert = page.getByText(/photo-coffee\.jpg could not be fetched/);
    await expect(alert).toBeVisible();
    await page.getByLabel("Iterations", { exact: true }).fill("");
    await expect(alert).toBeHidden();
    await page.getByRole("button", { name: "Use a cup of coffee" }).click();
    await expect(alert).toBeVisible();
    await page.getByLabel("Iterations", { exact: true }).focus();
    program.comes();
    await expect(page.getByText(/Easel paints on the CPU/)).toBeVisible();
    await expect(alert).toBeVisible();
    await page.keyboard.type("80");
    await expect(page.getByLabel("Iterations", { exact: true })).toHaveValue("80");
    await expect(alert).toBeHidden();
  });
});
