// Seeing it before asking for it: the photo in every painting's manner, and in the chosen mix on the canvas.
import { test, expect, file } from "./helpers.js";
import { alterEngine, downloaded, openStudio, paint, paintButton, pauseAt, set } from "./studio.js";
import { violations } from "./violations.js";

const SKETCH = "A quick sketch of the painting";
const tiles = (page) => page.getByRole("list", { name: /^The wall/ }).getByRole("button", { name: /^Use / });
const sketched = (page) => expect(page.getByRole("img", { name: SKETCH })).toBeVisible();
const weights = (page) => page.getByLabel(/^Weight of/);

/** The pixels of a canvas, as a short text that tells one picture from another. */
const look = (canvas) =>
  canvas.evaluate(async (canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const digest = await crypto.subtle.digest("SHA-256", data);
    return [...new Uint8Array(digest.slice(0, 8))].join(".");
  });
const canvasLook = (page) => look(page.locator("#canvas"));

test("every painting shows the photo in its manner, and another photo when there is one", async ({ page }) => {
  await openStudio(page);
  await expect(tiles(page)).toHaveCount(10);
  await expect(tiles(page).locator("canvas:visible")).toHaveCount(10);
  const looks = () => Promise.all([...Array(10).keys()].map((i) => look(tiles(page).nth(i).locator("canvas"))));
  const first = await looks();
  expect(new Set(first).size).toBe(10);
  await page.locator("#photo").setInputFiles(file("tests/data/c_content.png"));
  await expect.poll(async () => (await looks()).filter((one, i) => one === first[i]).length).toBe(0);
});

test("no painting's file is fetched before it is chosen, the wall notwithstanding", async ({ page }) => {
  const fetched = [];
  page.on("request", (request) => /\/(samples|weights)\/[^/]*$/.test(request.url()) && fetched.push(request.url().match(/[^/]*$/)[0].replace(/-[0-9a-f]{8}\./, ".")));
  await openStudio(page);
  await expect(tiles(page).locator("canvas:visible")).toHaveCount(10);
  await sketched(page);
  expect(fetched.sort()).toEqual(["first.jpg", "manifest.json", "photo-chelsea.jpg", "style-cafe-terrace.jpg", "transformer.bin"]);
});

test("the canvas shows the chosen mix at once, and follows it", async ({ page }) => {
  await openStudio(page);
  await sketched(page);
  const changes = async (act) => {
    const before = await canvasLook(page);
    await act();
    await expect.poll(() => canvasLook(page)).not.toBe(before);
  };
  await changes(() => page.getByRole("button", { name: "Use Poppies" }).click());
  await expect(weights(page)).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Use Poppies" })).toHaveAttribute("aria-pressed", "true");
  // What is chosen alone cannot be taken out.
  await expect(page.getByRole("button", { name: "Take Poppies out of the mix" })).toBeHidden();
  await changes(() => page.getByRole("button", { name: "Add Composition VIII to the mix" }).click());
  await expect(weights(page)).toHaveCount(2);
  await changes(() => page.getByLabel("Weight of Poppies").fill("20"));
  await changes(() => page.getByLabel("Style strength").fill("-1"));
  await page.getByText("More settings").click();
  await changes(() => page.locator("#knob-colour").selectOption("luminance"));
  await changes(() => page.getByRole("button", { name: "Take Composition VIII out of the mix" }).click());
  // At no strength at all it is the photo in its own manner, and nobody's business which painting is chosen.
  await changes(() => page.getByLabel("Style strength").fill("-2"));
});

test("the visitor's own painting takes the samples' place, joins the wall, and others of theirs join it", async ({ page }) => {
  await openStudio(page);
  await page.locator("#painting").setInputFiles(file("tests/data/c_style.png"));
  await expect(page.getByLabel("Weight of c_style.png")).toBeVisible();
  await expect(weights(page)).toHaveCount(1);
  await expect(tiles(page)).toHaveCount(11);
  await expect(page.getByRole("button", { name: "Use c_style.png" }).locator("canvas")).toBeVisible();
  await page.locator("#painting").setInputFiles(file("tests/data/a_style.png"));
  await expect(weights(page)).toHaveCount(2);
  // A painting that was given up can be had again.
  await page.getByRole("button", { name: "Use Summertime" }).click();
  await expect(weights(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Use c_style.png" }).click();
  await expect(page.getByLabel("Weight of c_style.png")).toBeVisible();
  await expect(weights(page)).toHaveCount(1);
});

test("paintings are chosen and mixed by keyboard alone", async ({ page }) => {
  await openStudio(page);
  await page.getByRole("button", { name: "Use Café Terrace at Night" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("button", { name: "Use The Great Wave off Kanagawa" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Weight of The Great Wave off Kanagawa")).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: /^Add .* to the mix/, disabled: false }).and(page.locator(":focus"))).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(weights(page)).toHaveCount(2);
  // The wall is one stop of the way through the page, however many paintings hang there.
  await page.keyboard.press("Tab");
  await expect(page.locator("#painting")).toBeFocused();
});

test("three mixes are suggested, and one of them chosen", async ({ page }) => {
  await openStudio(page);
  await page.getByRole("button", { name: "Suggest" }).click();
  const suggested = page.getByRole("list", { name: "Suggested mixes" }).getByRole("button");
  await expect(suggested).toHaveCount(3);
  const looks = await Promise.all([0, 1, 2].map((i) => look(suggested.nth(i).locator("canvas"))));
  expect(new Set(looks).size).toBe(3);
  for (const suggestion of await suggested.all()) {
    const names = (await suggestion.getAttribute("title")).split(" + ");
    await suggestion.click();
    await expect(weights(page)).toHaveCount(names.length);
    for (const name of names) await expect(page.getByLabel(`Weight of ${name}`)).toBeVisible();
  }
  // They were for this photo.
  await page.locator("#photo").setInputFiles(file("tests/data/c_content.png"));
  await expect(suggested).toHaveCount(0);
});

test("a contact sheet shows the photo in all paintings", async ({ page }) => {
  await openStudio(page);
  const { name, bytes } = await downloaded(page, () => page.getByRole("button", { name: "Contact sheet" }).click());
  expect(name).toBe("Chelsea-the-cat-sheet.jpg");
  const { width, height } = await page.evaluate(async (bytes) => {
    const { width, height } = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
    return { width, height };
  }, [...bytes]);
  expect([width, height]).toEqual([4 * (384 + 24) + 24, 3 * (256 + 44) + 24]);
});

test("a run goes on from the sketch: what is seen is never less than it", async ({ page }) => {
  await openStudio(page);
  await set(page, 128, 2, "painterly");
  await page.getByText("More settings").click();
  await page.locator("#knob-minSize").fill("64");
  const canvas = page.locator("#canvas");
  await expect.poll(() => canvas.evaluate(({ width }) => width)).toBe(384);
  await sketched(page);
  await page.evaluate(() => {
    const canvas = document.getElementById("canvas");
    /** The mean difference of neighbours, at 128 px. */
    const sharpness = () => {
      const context = new OffscreenCanvas(128, 85).getContext("2d", { willReadFrequently: true });
      context.drawImage(canvas, 0, 0, 128, 85);
      const { data } = context.getImageData(0, 0, 128, 85);
      let sum = 0;
      for (let i = 0; i + 4 < data.length; i += 4) sum += Math.abs(data[i] - data[i + 4]);
      return sum / data.length;
    };
    window.seen = [];
    window.sketch = sharpness();
    new MutationObserver(() => {
      window.seen.push({ width: canvas.width, sharpness: sharpness(), figures: document.getElementById("figures").textContent });
    }).observe(document.getElementById("figures"), { childList: true });
  });
  await paint(page);
  const { seen, sketch } = await page.evaluate(() => ({ seen: window.seen, sketch: window.sketch }));
  expect(new Set(seen.map(({ width }) => width))).toEqual(new Set([128]));
  const first = seen.find(({ figures }) => /64 × \d+ px/.test(figures));
  expect(first.sharpness).toBeGreaterThan(0.6 * sketch); // enlarged by itself it would be a blur
});

test("a finished picture stays until another would be sketched; while painting nothing is", async ({ page }) => {
  await openStudio(page);
  await sketched(page);
  await set(page, 32, 3);
  await paint(page);
  await expect(page.getByRole("img", { name: "The painted picture" })).toBeVisible();
  await page.getByLabel("Iterations", { exact: true }).fill("4");
  await page.getByLabel("Iterations", { exact: true }).blur();
  await expect(page.getByRole("button", { name: "Save picture", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Use Poppies" }).click();
  await sketched(page);
  await expect(page.getByRole("button", { name: "Save picture", exact: true })).toBeHidden();
  await set(page, 32, 5000);
  await paintButton(page).click();
  await pauseAt(page, 2);
  await page.getByRole("button", { name: "Use Summertime" }).click();
  await expect(page.getByText(/from the next run on/)).toBeVisible();
  await expect(page.getByRole("img", { name: "The painted picture" })).toBeVisible();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.getByText(/^Stopped/)).toBeVisible();
});

test.describe(() => {
  test.use({ expectedErrors: [/404/] });
  test("without the one-pass networks the page says so and paints all the same", async ({ page }) => {
    await page.route("**/transformer-*.bin", (route) => route.fulfill({ status: 404, body: "" }));
    await openStudio(page);
    await expect(page.getByText(/^There is no quick sketch\./)).toBeVisible();
    await expect(tiles(page).locator("img.original").first()).toBeVisible();
    await set(page, 32, 2);
    await paint(page);
  });
});

test("a photo chosen while a sketch is under way gets its own", async ({ page }) => {
  await alterEngine(
    page,
    `const paint = Stylizer.prototype.instant;
    Stylizer.prototype.instant = async function (options) {
      const bitmap = await paint.call(this, options);
      if (options.lane === undefined && !window.held) await new Promise((resolve) => (window.held = resolve));
      return bitmap;
    };`,
  );
  await openStudio(page);
  await page.waitForFunction(() => window.held);
  await page.locator("#photo").setInputFiles(file("tests/data/c_content.png"));
  await sketched(page);
  const canvas = page.locator("#canvas");
  await expect.poll(() => canvas.evaluate(({ height }) => height)).toBe(384);
  const seen = await canvasLook(page);
  await page.evaluate(() => window.held());
  await page.waitForTimeout(300);
  expect(await canvas.evaluate(({ width, height }) => height > width)).toBe(true);
  expect(await canvasLook(page)).toBe(seen);
});

test("the photo beneath a sketch is the one it is of, also after a kept picture of another was seen", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 1);
  await paint(page);
  const before = page.locator("#before");
  const painted = await look(before);
  await page.getByRole("button", { name: "Use a cup of coffee" }).click();
  await sketched(page);
  const photo = await look(before);
  await page.getByRole("button", { name: /^Open Chelsea the cat/ }).click();
  await expect(page.getByRole("img", { name: "The painted picture" })).toBeVisible();
  expect(await look(before)).toBe(painted);
  await page.getByRole("button", { name: "Use Poppies" }).click();
  await sketched(page);
  expect(await look(before)).toBe(photo);
});

test("light and dark: nothing to object to on the wall, and nothing wider than the screen", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openStudio(page);
  await page.getByRole("button", { name: "Suggest" }).click();
  await expect(page.getByRole("list", { name: "Suggested mixes" }).getByRole("button")).toHaveCount(3);
  for (const [width, height] of [[320, 640], [390, 800], [768, 1024], [1440, 900], [2560, 1440]]) {
    await page.setViewportSize({ width, height });
    // Contrast is the same at all widths.
    expect(await violations(page, width === 1440 ? ["light", "dark"] : ["light"])).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("#wall button:not([hidden]), #suggest, #sheet, #suggestions button")]
        .map((button) => button.getBoundingClientRect())
        .filter(({ width, height }) => width < 44 || height < 44).length,
    );
    expect(small).toBe(0);
  }
});
