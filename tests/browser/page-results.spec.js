// Finished pictures: formats, colours, timelapse, sharing, and the gallery that keeps them.
import { test, expect } from "./helpers.js";
import { downloaded, figures, kept, openStudio, paint, saved, set } from "./studio.js";

test("a picture is kept with all it takes to paint it again, until it is deleted", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 3);
  await page.getByText("More settings").click();
  await page.getByLabel("seed", { exact: true }).fill("7");
  await page.getByLabel("init", { exact: true }).selectOption("noise");
  await page.getByRole("button", { name: "Use The Night Café" }).click();
  await page.getByLabel("Weight of The Night Café").fill("30");
  await paint(page);
  const first = await figures(page);
  const gallery = page.getByRole("region", { name: "Your pictures" });
  await expect(gallery.getByText(/Classic, 32 px, 3 iterations, seed 7 · 32 × 21 px · painted in/)).toBeVisible();

  await page.reload();
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  await gallery.getByRole("button", { name: /^Open Chelsea the cat/ }).click();
  await expect(page.getByRole("img", { name: "The painted picture" })).toBeVisible();
  expect((await saved(page)).name).toBe("Chelsea-the-cat-painted.png");
  await gallery.getByRole("button", { name: "Paint again" }).click();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  // The same seed out of noise, the same two paintings with the same weights: the same loss to the last digit.
  expect(await figures(page)).toEqual(first);
  await expect(page.getByLabel("Weight of The Night Café")).toHaveValue("30");
  await expect(gallery.getByRole("button", { name: /^Open/ })).toHaveCount(2);
  // The photo and both paintings are kept once, though two pictures were made of them.
  expect((await kept(page)).pictures).toHaveLength(3);

  await gallery.getByRole("button", { name: "Delete" }).click();
  await expect(gallery.getByRole("button", { name: /^Open/ })).toHaveCount(1);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(gallery.getByRole("button", { name: /^Open/ })).toHaveCount(2);
  for (let left = 2; left > 0; left--) {
    await gallery.getByRole("button", { name: /^Open/ }).first().click();
    await gallery.getByRole("button", { name: "Delete" }).click();
  }
  await expect(gallery).toBeHidden();
  await page.reload();
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  await expect(gallery).toBeHidden();
  await expect.poll(async () => (await kept(page)).pictures).toEqual([]);
});

test("PNG, JPEG and WebP are saved; the colours change over; the timelapse is WebM", async ({ page }) => {
  await openStudio(page);
  await set(page, 40, 5);
  await page.getByLabel("Record a timelapse").check();
  await paint(page);
  const starts = { png: "89504e47", jpeg: "ffd8ff", webp: "52494646" };
  for (const [format, start] of Object.entries(starts)) {
    await page.getByLabel("File format").selectOption(`image/${format}`);
    const { bytes, name } = await saved(page);
    expect(bytes.toString("hex", 0, start.length / 2)).toBe(start);
    expect(name).toBe(`Chelsea-the-cat-painted.${format === "jpeg" ? "jpg" : format}`);
  }
  const pixels = () => page.evaluate(() => document.getElementById("canvas").toDataURL());
  const before = await pixels();
  const same = async () => (await pixels()) === before;
  await page.getByLabel("The photo’s", { exact: true }).check();
  await expect(page.getByText("In the photo’s colours.")).toBeVisible();
  await expect.poll(same).toBe(false);
  await page.getByLabel("The painting’s", { exact: true }).check();
  await expect.poll(same).toBe(true);
  const film = await downloaded(page, () => page.getByRole("button", { name: "Save timelapse" }).click());
  expect(film.name).toBe("Chelsea-the-cat-timelapse.webm");
  expect(film.bytes.toString("hex", 0, 4)).toBe("1a45dfa3");
  expect(film.bytes.length).toBeGreaterThan(1000);
});

test("where the browser shares files, the picture is shared", async ({ page }) => {
  await page.addInitScript(() => {
    navigator.canShare = ({ files }) => files.length === 1;
    navigator.share = async ({ files: [file] }) => (window.sharedFile = { name: file.name, type: file.type, size: file.size });
  });
  await openStudio(page);
  await set(page, 32, 1);
  await paint(page);
  await page.getByRole("button", { name: "Share" }).click();
  await expect(page.getByText("Shared.")).toBeVisible();
  expect(await page.evaluate(() => window.sharedFile)).toEqual({ name: "Chelsea-the-cat-painted.png", type: "image/png", size: expect.any(Number) });
});
