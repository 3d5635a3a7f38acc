// Looking at the picture: before and after, zoom and pan by keyboard, wheel, drag, click and pinch.
import { test, expect } from "./helpers.js";
import { openStudio, paint, set } from "./studio.js";

const viewport = (page) => page.locator("#viewport");
const transform = (page) =>
  page.evaluate(() => {
    const { a, e, f } = new DOMMatrix(getComputedStyle(document.getElementById("canvas")).transform);
    return { zoom: a, x: e, y: f };
  });
const zoomOf = async (page) => (await transform(page)).zoom;

test("the slider and the divider uncover the photo over the painting", async ({ page }) => {
  await openStudio(page);
  await expect(page.getByRole("img", { name: "Not painted yet" })).toBeVisible();
  const slider = page.getByRole("slider", { name: "Before and after" });
  await expect(slider).toBeHidden();
  await set(page, 32, 1);
  await paint(page);
  await expect(page.getByRole("img", { name: "The painted picture" })).toBeVisible();
  const cut = () => page.evaluate(() => document.getElementById("before").style.clipPath);
  expect(await cut()).toBe("inset(0px 100% 0px 0px)");
  await slider.focus();
  for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowRight");
  expect(await cut()).toBe("inset(0px 90% 0px 0px)");
  const box = await viewport(page).boundingBox();
  await page.mouse.move(box.x + 0.1 * box.width, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.75 * box.width, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  expect(Number(await slider.inputValue())).toBe(75);
  // Zoomed in about the middle, the divider stays where it is on the screen: half a picture further left in the photo.
  await viewport(page).focus();
  await page.keyboard.press("+");
  expect(Number((await cut()).match(/0px ([\d.]+)%/)[1])).toBeCloseTo(100 * (1 - (0.75 + 0.25) / 1.5), 1);
});

test("keyboard, wheel, drag, click and double click zoom and move, never past the edge", async ({ page }) => {
  await openStudio(page);
  await viewport(page).focus();
  await page.keyboard.press("ArrowRight");
  expect(await transform(page)).toEqual({ zoom: 1, x: 0, y: 0 });
  await page.keyboard.press("+");
  await page.keyboard.press("=");
  expect(await zoomOf(page)).toBeCloseTo(2.25);
  const before = await transform(page);
  await page.keyboard.press("ArrowRight");
  expect((await transform(page)).x).toBeCloseTo(before.x - 60);
  for (let i = 0; i < 50; i++) await page.keyboard.press("ArrowLeft");
  expect((await transform(page)).x).toBe(0);
  await page.keyboard.press("-");
  expect(await zoomOf(page)).toBeCloseTo(1.5);
  await page.keyboard.press("0");
  expect(await transform(page)).toEqual({ zoom: 1, x: 0, y: 0 });

  const box = await viewport(page).boundingBox();
  await page.mouse.move(box.x + 60, box.y + 20); // beside the divider
  await page.mouse.wheel(0, -400);
  await expect.poll(() => zoomOf(page)).toBeGreaterThan(1.2);
  const wheeled = await transform(page);
  expect(Math.abs(wheeled.x)).toBeLessThan(0.08 * box.width); // about the pointer, near the left edge
  await page.mouse.down();
  await page.mouse.move(box.x + 10, box.y + 10, { steps: 3 });
  await page.mouse.up();
  await expect.poll(async () => Math.abs((await transform(page)).x - (wheeled.x - 50))).toBeLessThan(0.5);
  await page.getByRole("button", { name: "Fit" }).or(page.locator("#zoom-fit")).first().click();
  expect(await zoomOf(page)).toBe(1);
  await page.getByRole("button", { name: "Zoom in" }).click();
  await page.getByRole("button", { name: "Zoom in" }).click();
  const middle = await transform(page);
  await page.mouse.click(box.x + box.width / 2 + 100, box.y + box.height / 2);
  expect((await transform(page)).x).toBeCloseTo(middle.x - 100, 0);
  await page.getByRole("button", { name: "Zoom out" }).click();
  await page.getByRole("button", { name: "Zoom out" }).click();
  expect(await zoomOf(page)).toBe(1);
});

test("the divider is let go of where the pointer is released, or its capture lost", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 1);
  await paint(page);
  const slider = page.getByRole("slider", { name: "Before and after" });
  await slider.fill("50");
  const { x, y, width, height } = await viewport(page).boundingBox();
  const to = (share) => page.mouse.move(x + share * width, y + height / 2, { steps: 3 });
  await to(0.5);
  await page.mouse.down();
  await to(0.6);
  await expect(slider).toHaveValue("60");
  // As by a dialog, another window, or a gesture of the system.
  await page.evaluate(() => {
    window.lost = new Promise((resolve) => document.getElementById("viewport").addEventListener("lostpointercapture", resolve, { once: true }));
    document.getElementById("viewport").releasePointerCapture(1);
  });
  await page.mouse.move(x + width / 2, y - 20);
  await page.evaluate(() => window.lost);
  await page.mouse.up();
  await to(0.2);
  await expect(slider).toHaveValue("60");

  // Released outside: neither does the next movement drag the picture, nor does a second pointer seem to be there.
  await page.mouse.move(x + 20, y + 20);
  await page.mouse.down();
  await page.mouse.move(x - 40, y - 40, { steps: 3 });
  await page.mouse.up();
  await viewport(page).focus();
  await page.keyboard.press("+");
  const zoomed = await transform(page);
  await to(0.3);
  await to(0.7);
  expect(await transform(page)).toEqual(zoomed);
});

test("two fingers zoom", async ({ page }) => {
  await openStudio(page);
  const finger = (type, pointerId, x, y) =>
    viewport(page).dispatchEvent(type, { pointerId, clientX: x, clientY: y, pointerType: "touch", button: 0, bubbles: true, isPrimary: pointerId === 1 });
  const box = await viewport(page).boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  // Fingers that do not exist cannot be captured.
  await page.evaluate(() => (Element.prototype.setPointerCapture = () => {}));
  await finger("pointerdown", 1, x - 40, y);
  await finger("pointerdown", 2, x + 40, y);
  await finger("pointermove", 1, x - 80, y);
  await finger("pointermove", 2, x + 80, y);
  expect(await zoomOf(page)).toBeCloseTo(2, 1);
  await finger("pointerup", 1, x - 80, y);
  await finger("pointerup", 2, x + 80, y);
  expect(await zoomOf(page)).toBeCloseTo(2, 1);
});

test("through a photo that is transparent white is seen, not the photo before", async ({ page }) => {
  await openStudio(page);
  const bytes = await page.evaluate(async () => {
    const { width, height } = document.getElementById("before");
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    context.fillStyle = "red";
    context.fillRect(0, 0, width / 2, height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve));
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  await page.locator("#photo").setInputFiles({ name: "cut out.png", mimeType: "image/png", buffer: Buffer.from(bytes) });
  await expect(page.getByAltText("The chosen photo: cut out.png")).toBeVisible();
  const colours = () =>
    page.evaluate(() => {
      const { width, height } = document.getElementById("before");
      const context = document.getElementById("before").getContext("2d");
      return [1, 3].map((quarter) => [...context.getImageData((quarter * width) / 4, height / 2, 1, 1).data]);
    });
  await expect.poll(colours).toEqual([[255, 0, 0, 255], [255, 255, 255, 255]]);
});
