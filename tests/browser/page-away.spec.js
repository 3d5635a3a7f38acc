// For who looks elsewhere while a picture is painted: the tab, the screen, the notification.
import { test, expect } from "./helpers.js";
import { alterEngine, openStudio, paintButton, set } from "./studio.js";

/** Lets the page believe that it is hidden, or is not. */
const look = (page, away) =>
  page.evaluate((away) => {
    Object.defineProperty(document, "hidden", { value: away, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, away);

/** Stands in for what the system would show or hold. */
const spy = (page) =>
  page.addInitScript(() => {
    window.rung = [];
    window.locks = [];
    window.asked = 0;
    const requestPermission = async () => {
      window.asked += 1;
      return (window.Notification.permission = "granted");
    };
    window.Notification = class {
      static permission = "default";
      static requestPermission = requestPermission;
      constructor(title, { body }) {
        window.rung.push(`${title}: ${body}`);
      }
      close() {}
    };
    Object.defineProperty(navigator, "wakeLock", {
      value: {
        async request(type) {
          const lock = { type, released: false, release: async () => void (lock.released = true) };
          window.locks.push(lock);
          return lock;
        },
      },
    });
  });

const held = (page) => page.evaluate(() => window.locks.filter(({ type, released }) => type === "screen" && !released).length);

test("title and icon tell how far it is while the page is hidden; the screen stays on; it rings at the end", async ({ page }) => {
  await spy(page);
  // A run that says it takes long; it goes on when it is told to.
  await alterEngine(
    page,
    `const { dispatchEvent } = Job.prototype;
    Job.prototype.dispatchEvent = function (event) {
      if (event.type === "progress") event.detail.etaSeconds = 100;
      return dispatchEvent.call(this, event);
    };`,
  );
  await openStudio(page);
  const icon = () => page.evaluate(() => document.getElementById("icon").getAttribute("href"));
  const before = { title: await page.title(), icon: await icon() };
  await set(page, 32, 80);
  const bell = page.getByLabel("Tell me when it is done");
  await expect(bell).toBeHidden();
  await paintButton(page).click();
  await bell.check();
  await expect.poll(() => held(page)).toBe(1);
  expect(await page.evaluate(() => window.asked)).toBe(1);
  await look(page, true);
  await expect.poll(() => page.title()).toMatch(/^[1-9]\d? % – Easel$/);
  expect(await icon()).toMatch(/^data:image\/png/);
  await expect.poll(() => page.title()).toBe("Done – Easel");
  expect(await page.evaluate(() => window.rung)).toEqual(["Easel: The picture is painted."]);
  expect(await held(page)).toBe(0);
  await look(page, false);
  expect(await page.title()).toBe(before.title);
  expect(await page.evaluate(() => new URL(document.getElementById("icon").href).pathname)).toBe(`/${before.icon}`);
  await expect(bell).toBeHidden();
});

test("a short run offers no bell, and nobody is asked anything", async ({ page }) => {
  await spy(page);
  await openStudio(page);
  await set(page, 32, 3);
  await paintButton(page).click();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  await expect(page.getByLabel("Tell me when it is done")).toBeHidden();
  expect(await page.evaluate(() => [window.asked, window.rung.length])).toEqual([0, 0]);
  expect(await held(page)).toBe(0);
});
