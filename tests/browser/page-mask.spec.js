// Where a painting applies: drawn on the page, kept with everything, and seen in the picture.
import AxeBuilder from "@axe-core/playwright";
import { test, expect, file } from "./helpers.js";
import { alterEngine, figures, kept, openStudio, paint, paintButton, pauseAt, saved, set } from "./studio.js";

const PAINTING = "Café Terrace at Night";
const where = (page) => page.getByRole("button", { name: `Where… ${PAINTING}` });
const dialog = (page) => page.getByRole("dialog", { name: `Where “${PAINTING}” applies` });
const press = (page, name) => dialog(page).getByRole("button", { name, exact: true }).click();

async function openMask(page) {
  await where(page).click();
  await expect(dialog(page)).toBeVisible();
}

/** The share of the photo the dialog says is inside, in percent. */
async function share(page) {
  const said = await dialog(page).getByRole("status").textContent();
  return said === "Nothing is marked yet." ? 0 : Number(said.match(/^(\d+) % of the photo\.$/)[1]);
}

/** Confines the painting to the left half. */
async function leftHalf(page) {
  await openMask(page);
  await press(page, "Left half");
  await press(page, "Done");
  await expect(where(page)).toHaveAccessibleName(/: a part of the photo$/);
}

/** Lets the page tell what it hands to its worker: the masks' shares inside, left and right half by half, null for none. */
async function spyOnStarts(page) {
  await page.addInitScript(() => {
    const starts = [];
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message?.type === "start") starts.push(message.styles.map(({ mask }) => mask));
      return post.call(this, message, ...rest);
    };
    const halves = async (mask) => {
      if (!mask) return null;
      const image = await createImageBitmap(mask);
      const { width, height } = image;
      const context = new OffscreenCanvas(width, height).getContext("2d");
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, width, height);
      const inside = [0, 0];
      for (let at = 0; at < width * height; at++) if (data[4 * at + 3] >= 128) inside[at % width < width / 2 ? 0 : 1]++;
      return { type: mask.type, width, height, inside: inside.map((count) => Math.round((200 * count) / (width * height))) };
    };
    window.startedMasks = () => Promise.all(starts.map((masks) => Promise.all(masks.map(halves))));
  });
}

const started = (page) => page.evaluate(() => window.startedMasks());
const LEFT = { type: "image/png", width: 451, height: 300, inside: [100, 0] };

test("a painting kept to the left half leaves the right half as it was", async ({ page }) => {
  await spyOnStarts(page);
  await openStudio(page);
  await expect(where(page)).toHaveAccessibleName(/: everywhere$/);
  await leftHalf(page);
  await expect(where(page).locator("img")).toBeVisible();
  await set(page, 64, 12, "painterly");
  // A dozen of the usual steps end where Adam's, as long where there is hardly a gradient, have not settled yet.
  await page.getByText("More settings").click();
  await page.locator("#knob-learningRate").fill("0.02");
  await paint(page);
  expect(await started(page)).toEqual([[LEFT]]);
  const [left, right] = await page.evaluate(() => {
    const painted = document.getElementById("canvas");
    const { width, height } = painted;
    const of = (canvas) => {
      const context = new OffscreenCanvas(width, height).getContext("2d");
      context.drawImage(canvas, 0, 0, width, height);
      return context.getImageData(0, 0, width, height).data;
    };
    const [before, after] = [of(document.getElementById("before")), of(painted)];
    const sums = [0, 0];
    // What lies near the border is seen from both sides.
    for (let at = 0; at < before.length; at++) {
      const x = (at >> 2) % width;
      if (x < 0.4 * width) sums[0] += Math.abs(after[at] - before[at]);
      else if (x >= 0.6 * width) sums[1] += Math.abs(after[at] - before[at]);
    }
    return sums;
  });
  expect(left).toBeGreaterThan(2 * right);
});

test("brush, eraser, shapes, undo, everywhere; nothing marked is refused with a sentence", async ({ page }) => {
  await openStudio(page);
  await openMask(page);
  await press(page, "Done");
  await expect(dialog(page).getByRole("alert")).toContainText("Nothing is marked yet");
  const picture = dialog(page).getByRole("application");
  const { x, y, width, height } = await picture.boundingBox();
  const stroke = async (from, to) => {
    await page.mouse.move(x + from * width, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + to * width, y + height / 2, { steps: 5 });
    await page.mouse.up();
  };
  await dialog(page).getByLabel("Brush size").fill("20");
  await stroke(0.2, 0.8);
  await expect(dialog(page).getByRole("alert")).toBeHidden();
  // A stroke 60 % long and 20 % of the longer side (30 % of the shorter) wide, with round ends: 22.7 %.
  expect(Math.abs((await share(page)) - 22.7)).toBeLessThan(2);
  await press(page, "Eraser");
  await stroke(0.2, 0.8);
  expect(await share(page)).toBeLessThanOrEqual(1);
  await press(page, "Undo");
  expect(await share(page)).toBeGreaterThan(20);
  for (const [shape, inside] of Object.entries({ "Top half": 50, "Bottom half": 50, "Right half": 50, Middle: 40, Invert: 60, Fill: 100 })) {
    await press(page, shape);
    expect(Math.abs((await share(page)) - inside), shape).toBeLessThanOrEqual(1);
  }
  for (let i = 0; i < 7; i++) await press(page, "Undo");
  expect(await share(page)).toBe(0);
  await expect(dialog(page).getByRole("button", { name: "Undo" })).toBeDisabled();

  // Cancel and Escape keep what was there; Everywhere takes it away.
  await press(page, "Cancel");
  await expect(where(page)).toHaveAccessibleName(/: everywhere$/);
  await leftHalf(page);
  await openMask(page);
  expect(await share(page)).toBe(50);
  await press(page, "Fill");
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toBeHidden();
  await openMask(page);
  expect(await share(page)).toBe(50);
  await press(page, "Everywhere");
  await expect(where(page)).toHaveAccessibleName(/: everywhere$/);
  await expect(where(page)).toBeFocused();
});

test("a finger paints, and does not scroll", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, hasTouch: true, isMobile: true, viewport: { width: 390, height: 800 }, serviceWorkers: "block" });
  const page = await context.newPage();
  await openStudio(page);
  await openMask(page);
  const { x, y, width, height } = await dialog(page).getByRole("application").boundingBox();
  const scrolled = () => page.evaluate(() => [scrollY, document.getElementById("mask").scrollTop]);
  const before = await scrolled();
  const touch = await context.newCDPSession(page);
  const at = (share) => [{ x: x + width / 2, y: y + share * height }];
  await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0.9) });
  for (const share of [0.7, 0.5, 0.3, 0.1]) await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(share) });
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await expect.poll(() => share(page)).toBeGreaterThan(12);
  // The finger went over most of the picture; where the page stands may be rounded otherwise.
  for (const [i, now] of (await scrolled()).entries()) expect(Math.abs(now - before[i])).toBeLessThanOrEqual(2);
  await context.close();
});

test("the keyboard alone draws a region, by shapes and by the brush", async ({ page }) => {
  await openStudio(page);
  await where(page).focus();
  await page.keyboard.press("Enter");
  const picture = dialog(page).getByRole("application");
  await expect(picture).toBeFocused();
  await expect(dialog(page).locator(".mask-brush")).toBeVisible();
  await page.keyboard.press("Space");
  const dab = await share(page);
  expect(dab).toBeGreaterThan(0);
  for (let i = 0; i < 5; i++) await page.keyboard.press("+");
  await page.keyboard.down("Space");
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowLeft");
  await page.keyboard.up("Space");
  const streak = await share(page);
  expect(streak).toBeGreaterThan(3 * dab);
  await page.keyboard.press("ArrowUp"); // Space is up: this only moves
  expect(await share(page)).toBe(streak);
  await page.keyboard.press("Control+z");
  expect(await share(page)).toBeLessThan(streak);
  await page.keyboard.press("e");
  await expect(dialog(page).getByRole("button", { name: "Eraser" })).toHaveAttribute("aria-pressed", "true");
  const go = async (name) => {
    const button = dialog(page).getByRole("button", { name, exact: true });
    for (let i = 0; i < 20 && !(await button.evaluate((element) => element === document.activeElement)); i++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
  };
  await go("Right half");
  expect(await share(page)).toBe(50);
  await go("Done");
  await expect(dialog(page)).toBeHidden();
  await expect(where(page)).toBeFocused();
  await expect(where(page)).toHaveAccessibleName(/: a part of the photo$/);
});

test("a run taken up after a reload, and one painted again, keep the region", async ({ page }) => {
  await spyOnStarts(page);
  await openStudio(page);
  await leftHalf(page);
  await set(page, 32, 40);
  await paintButton(page).click();
  await pauseAt(page, 3);
  await expect.poll(async () => (await kept(page)).run).toEqual(expect.arrayContaining(["checkpoint", "job"]));
  await page.reload();
  await expect(page.getByText("Continuing where the page was closed.")).toBeVisible();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  expect(await started(page)).toEqual([[LEFT]]);
  await expect(where(page)).toHaveAccessibleName(/: a part of the photo$/);
  const first = await figures(page);
  const { bytes, name } = await saved(page);

  await page.reload();
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  await expect(where(page)).toHaveAccessibleName(/: everywhere$/);
  const gallery = page.getByRole("region", { name: "Your pictures" });
  await gallery.getByRole("button", { name: /^Open Chelsea the cat/ }).click();
  await expect(gallery.getByText(/^Classic, 32 px, 40 iterations.* · paintings kept to parts of the photo/)).toBeVisible();
  await gallery.getByRole("button", { name: "Paint again" }).click();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  expect(await started(page)).toEqual([[LEFT]]);
  expect(await figures(page)).toEqual(first);

  // The file says that there was a region; the region itself would be too much for it.
  await page.locator("#photo").setInputFiles({ name, mimeType: "image/png", buffer: bytes });
  await expect(page.getByText(/Where its paintings applied is not among them\./)).toBeVisible();

  // Without the painting there is no region either.
  await page.getByRole("button", { name: `Remove ${PAINTING}` }).click();
  await page.getByRole("button", { name: `Use ${PAINTING}` }).click();
  await expect(where(page)).toHaveAccessibleName(/: everywhere$/);
});

test("a photo of another shape clears the regions and says so; one of the same shape keeps them", async ({ page }) => {
  await openStudio(page);
  await leftHalf(page);
  const bytes = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 451, height: 300 });
    canvas.getContext("2d").fillRect(0, 0, 200, 200);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve));
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  await page.locator("#photo").setInputFiles({ name: "alike.png", mimeType: "image/png", buffer: Buffer.from(bytes) });
  await expect(page.getByAltText("The chosen photo: alike.png")).toBeVisible();
  await expect(where(page)).toHaveAccessibleName(/: a part of the photo$/);
  const cleared = page.getByText("The new photo has another shape, so the paintings apply everywhere again.");
  await expect(cleared).toBeHidden();
  await page.locator("#photo").setInputFiles(file("tests/data/c_content.png"));
  await expect(cleared).toBeVisible();
  await expect(where(page)).toHaveAccessibleName(/: everywhere$/);
});

test("where a painting applies is not asked any more once that was removed, or a run has begun, before the pictures were read", async ({ page }) => {
  await alterEngine(
    page,
    `const { decode } = Stylizer.prototype;
    Stylizer.prototype.decode = async function (...what) {
      const bitmap = await decode.apply(this, what);
      await new Promise((go) => (window.goOn ??= []).push(go));
      return bitmap;
    };`,
  );
  await openStudio(page);
  await set(page, 32, 1);
  const read = async (pictures) => {
    await page.waitForFunction((pictures) => window.goOn?.length === pictures, pictures);
    await page.evaluate(() => window.goOn.splice(0).forEach((go) => go()));
  };
  await page.getByRole("button", { name: "Add Poppies to the mix" }).click();
  await page.getByRole("button", { name: /^Where… Poppies/ }).click();
  await page.getByRole("button", { name: "Remove Poppies" }).click();
  await read(2);
  await where(page).click(); // no other dialog lies over it
  await paint(page);
  await read(2);
  await where(page).click();
  await read(2);
  await expect(dialog(page)).toBeVisible();
});

// Contrast is the same at all widths.
for (const [colorScheme, sizes] of /** @type {["light" | "dark", [number, number][]][]} */ ([["light", [[320, 640], [390, 800], [1440, 900]]], ["dark", [[390, 800]]]])) {
  test(`${colorScheme}: nothing to object to in the dialog, and it fits`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openStudio(page);
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height });
      await openMask(page);
      await press(page, "Done"); // complains, the first time
      await press(page, "Middle");
      const { violations, passes } = await new AxeBuilder({ page }).include("#mask").analyze();
      expect(passes.length).toBeGreaterThan(10);
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join("; ")}`)).toEqual([]);
      const ill = await page.evaluate(() => {
        const dialog = document.getElementById("mask");
        const small = [...dialog.querySelectorAll("button, input")]
          .map((element) => ({ name: element.textContent || element.id, ...element.getBoundingClientRect().toJSON() }))
          .filter(({ width, height }) => width < 44 || height < 44)
          .map(({ name }) => name);
        return { small, sideways: dialog.scrollWidth > dialog.clientWidth || document.documentElement.scrollWidth > innerWidth };
      });
      expect(ill).toEqual({ small: [], sideways: false });
      await press(page, "Done");
      const { violations: outside } = await new AxeBuilder({ page }).include("#paintings").analyze();
      expect(outside.map(({ id }) => id)).toEqual([]);
      await openMask(page);
      await press(page, "Everywhere");
    }
  });
}
