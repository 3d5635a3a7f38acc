// For everyone: no axe-core violation in any state, light and dark; the keyboard alone; narrow screens; touch.
import { test, expect } from "./helpers.js";
import { downloaded, openStudio, paint, paintButton, pauseAt, set } from "./studio.js";
import { violations } from "./violations.js";

// Contrast is the same at all widths.
for (const [width, colour] of [[390, "dark"], [1440, "light"]]) {
  test(`${colour}, ${width} px: nothing to object to at the start, running, finished, in error`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: 900 });
    await openStudio(page);
    await page.getByText("More settings").click();
    expect(await violations(page, [colour])).toEqual([]);
    await set(page, 32, 5000);
    await page.getByLabel("Record a timelapse").check();
    await paintButton(page).click();
    await pauseAt(page, 2);
    expect(await violations(page, [colour])).toEqual([]);
    // What is pressed is seen also where the page's own colours are not.
    await page.emulateMedia({ forcedColors: "active" });
    const backgrounds = (is) => page.evaluate((is) => [...document.querySelectorAll(is)].map((button) => getComputedStyle(button).backgroundColor), is);
    const [pressed, others] = [await backgrounds("[aria-pressed=true]"), await backgrounds(".look[aria-pressed=false], #stop")];
    expect(pressed.length).toBeGreaterThanOrEqual(3); // Pause, a look, a tile
    for (const colour of others) expect(pressed).not.toContain(colour);
    await page.emulateMedia({ forcedColors: "none" });
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await expect(page.getByRole("button", { name: "Save picture" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Delete" })).toBeVisible();
    expect(await violations(page, [colour])).toEqual([]);
    await page.locator("#photo").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") });
    await expect(page.getByRole("alert")).toBeVisible();
    await page.getByRole("button", { name: "Delete" }).click();
    await expect(page.getByRole("button", { name: "Undo" })).toBeVisible();
    expect(await violations(page, [colour])).toEqual([]);
  });
}

test("the keyboard alone: from the start to the saved picture", async ({ page }) => {
  await openStudio(page);
  const go = async (id) => {
    for (let i = 0; i < 80; i++) {
      if ((await page.evaluate(() => document.activeElement.id)) === id) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`#${id} is not reached by the Tab key.`);
  };
  await go("preset");
  await page.keyboard.type("Classic");
  await go("size");
  await page.keyboard.type("64");
  await go("iterations");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("3");
  await go("strength");
  await page.keyboard.press("ArrowRight");
  await go("paint");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Preparing the paints…").or(page.getByText("Painting…")).or(page.getByText(/^Done in/)).first()).toBeVisible();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  // The focus was on a button that is gone: it must not be lost.
  await expect(page.locator("#paint")).toBeFocused();
  await go("compare");
  await page.keyboard.press("End");
  await go("save");
  expect((await downloaded(page, () => page.keyboard.press("Enter"))).name).toBe("Chelsea-the-cat-painted.png");
});

test("whatever has the focus shows it, and is not hidden", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 700 });
  await openStudio(page);
  // What arrives with the program moves what is below it, the link at the end for one.
  await expect(page.getByText(/paints on the CPU/)).toBeVisible();
  await expect(page.getByRole("img", { name: "A quick sketch of the painting" })).toBeVisible();
  const seen = [];
  for (let i = 0; i < 45; i++) {
    await page.keyboard.press("Tab");
    seen.push(
      await page.evaluate(() => {
        const element = document.activeElement;
        const shown = element.type === "file" ? element.previousElementSibling : element;
        const { left, top, width, height } = shown.getBoundingClientRect();
        const over = document.elementFromPoint(left + width / 2, top + height / 2);
        const hit = over && (shown.contains(over) || over.contains(shown));
        return element === document.body || (hit && getComputedStyle(shown).outlineStyle !== "none") ? null : element.id || element.outerHTML;
      }),
    );
  }
  expect(seen.filter(Boolean)).toEqual([]);
});

test("320 px: nothing scrolls sideways in any state; everything to touch is 44 px high", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await openStudio(page);
  const fits = async () => expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  const small = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("button, select, summary, label.file, label:has(> input[type=radio], > input[type=checkbox]), input:not([type=file], [type=radio], [type=checkbox])")]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }))
        .map((element) => ({ name: element.id || element.className || element.textContent, ...element.getBoundingClientRect().toJSON() }))
        .filter(({ width, height }) => width < 44 || height < 44)
        .map(({ name, width, height }) => `${name}: ${width} × ${height}`),
    );
  await page.getByText("More settings").click();
  await fits();
  expect(await small()).toEqual([]);
  await set(page, 32, 2);
  await page.getByLabel("Record a timelapse").check();
  await paint(page);
  await expect(page.getByRole("button", { name: "Delete" })).toBeVisible();
  await fits();
  expect(await small()).toEqual([]);
});
