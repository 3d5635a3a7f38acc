// Settings that travel inside saved pictures.
import { test, expect } from "./helpers.js";
import { openStudio, paint, saved, set, settingsOf } from "./studio.js";

test("a saved picture dropped back restores every setting exactly", async ({ page }) => {
  await openStudio(page);
  await set(page, 48, 2, "bold");
  await page.getByLabel("Style strength").fill("0.7");
  await page.getByText("More settings").click();
  const knobs = { seed: "4294967295", minSize: "32", learningRate: "0.0123", averaging: "0.5", tvWeight: "0.1", styleLayers: "relu1_1:0.3333333333333333, relu3_1:2" };
  for (const [name, value] of Object.entries(knobs)) await page.locator(`#knob-${name}`).fill(value);
  await page.locator("#knob-pooling").selectOption("average");
  await page.getByRole("button", { name: "Use The Langlois Bridge" }).click();
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
