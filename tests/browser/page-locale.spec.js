// The page in another language, with numbers as they are written there.
import { readFile } from "node:fs/promises";
import { test, expect } from "./helpers.js";
import { set, settingsOf } from "./studio.js";

/** Opens the page and waits until it can paint. */
async function open(page, address) {
  await page.goto(address);
  await expect(page.getByText("Bereit. Drücken Sie auf „Malen“.")).toBeVisible();
}

/** What empty fields stand for is written with commas. */
async function expectGermanDefaults(page) {
  const defaults = () => page.evaluate(() => [...document.querySelectorAll("#more input")].map(({ placeholder }) => placeholder));
  await expect.poll(async () => (await defaults()).filter((word) => /^\d+,\d+$/.test(word)).length).toBeGreaterThan(0);
  expect((await defaults()).filter((word) => /\d\.\d/.test(word))).toEqual([]);
}

test.describe("a German browser", () => {
  test.use({ locale: "de-DE" });

  test("speaks German, and reads and writes numbers as Germans do", async ({ page }) => {
    await open(page, "/?backend=cpu");
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("de");
    await expect(page).toHaveTitle("Easel – aus einem Foto ein Gemälde machen");
    await expect(page.locator("#download")).toHaveText("Der erste Lauf holt einmalig die Netze: 15,6\u00a0MB.");
    await page.evaluate(() => document.getElementById("size").append(new Option("32 px", "32")));
    await page.getByLabel("Größe", { exact: true }).selectOption("32");
    await page.getByLabel("Iterationen", { exact: true }).fill("2");
    await page.getByLabel("Look", { exact: true }).selectOption({ label: "Klassisch" });
    await expect(page.locator("#preset-hint")).toHaveText(/^Wie es Gatys und andere/);
    await page.getByText("Weitere Einstellungen").click();
    await expectGermanDefaults(page);
    const typed = { contentWeight: "0,02", tvWeight: "0.5", styleLayers: "relu1_1:0,25, relu2_1:2" };
    for (const [name, value] of Object.entries(typed)) await page.locator(`#knob-${name}`).fill(value);
    const started = page.evaluate(
      () =>
        new Promise((resolve) => {
          const post = Worker.prototype.postMessage;
          Worker.prototype.postMessage = function (message, ...rest) {
            if (message?.type === "start") resolve(JSON.parse(message.config));
            return post.call(this, message, ...rest);
          };
        }),
    );
    await page.getByRole("button", { name: "Malen", exact: true }).click();
    expect(await started).toMatchObject({
      contentWeight: 0.02,
      tvWeight: 0.5,
      styleLayers: [{ layer: "relu1_1", weight: 0.25 }, { layer: "relu2_1", weight: 2 }],
    });
    await expect(page.getByText(/^Fertig nach \d+ s\.$/)).toBeVisible();
    await expect(page.locator("#figures")).toHaveText(/^Iteration 2 von 2 · 32 × 21 px · Verlust [\d.]*\d(,\d+)?/);
    await expect(page.locator("#estimate")).toHaveText(/^Etwa \d+ s · \d+ MB Speicher\./);
    await expect(page.getByRole("button", { name: /^Die Katze Chelsea, \d\d\.\d\d\.20\d\d, \d\d:\d\d öffnen$/ })).toBeVisible();

    // Saved and given back: the same numbers, written the visitor's way.
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Bild speichern" }).click();
    const path = await (await download).path();
    await open(page, "/?backend=cpu");
    await page.locator("#photo").setInputFiles({ name: "painted.png", mimeType: "image/png", buffer: await readFile(path) });
    await page.getByRole("button", { name: "Einstellungen übernehmen" }).click();
    await expect(page.getByText("Die Einstellungen sind übernommen.")).toBeVisible();
    expect(await settingsOf(page)).toMatchObject({ "knob-contentWeight": "0,02", "knob-tvWeight": "0,5", "knob-styleLayers": "relu1_1:0,25; relu2_1:2" });
    await expect(page.getByLabel("Gewicht von Caféterrasse am Abend")).toBeVisible();
  });

  test("can be asked for English", async ({ page }) => {
    await page.goto("/?backend=cpu&lang=en");
    await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("en");
    await set(page, 32, 1);
  });
});

test("an English browser can be asked for German, and its numbers stay readable", async ({ page }) => {
  await open(page, "/?backend=cpu&lang=de");
  await page.getByText("Weitere Einstellungen").click();
  await expectGermanDefaults(page);
});

test.describe("without the network's files", () => {
  test.use({ expectedErrors: [/Failed to load resource/] });

  test("the engine speaks German, too", async ({ page }) => {
    await page.route("**/weights/*.bin", (route) => route.fulfill({ status: 404 }));
    await open(page, "/?backend=cpu&lang=de");
    await page.getByRole("button", { name: "Malen", exact: true }).click();
    await expect(page.getByRole("alert")).toHaveText(/^Die Netzdatei .* ließ sich nicht holen \(HTTP 404\)/);
  });
});

for (const width of [320, 390, 1440]) {
  test(`German words fit at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await open(page, "/?backend=cpu&lang=de");
    await page.getByText("Weitere Einstellungen").click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.getByRole("button", { name: /^Wo… / }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    const cut = await page.evaluate(() => {
      const dialog = document.getElementById("mask");
      const buttons = [...document.querySelectorAll("button, .file, legend, label")].filter((element) => element.checkVisibility());
      return { sideways: dialog.scrollWidth > dialog.clientWidth, cut: buttons.filter((element) => element.scrollWidth > element.clientWidth + 1).map(({ textContent }) => textContent) };
    });
    expect(cut).toEqual({ sideways: false, cut: [] });
  });
}
