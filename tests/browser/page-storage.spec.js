// Browsers that keep nothing: the page works with less, and says what is missing.
import { copyFile, rm } from "node:fs/promises";
import { openBlank, test, expect } from "./helpers.js";
import { openStudio, paint, paintButton, saved, set } from "./studio.js";

const gallery = (page) => page.getByRole("region", { name: "Your pictures" });

for (const [how, sabotage] of [
  [
    "refused", // as Firefox does it, channels between tabs with it
    () => {
      const deny = () => { throw new DOMException("denied", "SecurityError"); };
      Object.defineProperty(window, "indexedDB", { get: deny });
      window.BroadcastChannel = /** @type {any} */ (class { constructor() { deny(); } });
    },
  ],
  [
    "silent",
    () => {
      const { open } = IDBFactory.prototype;
      IDBFactory.prototype.open = function (...name) {
        return Object.assign(open.apply(this, name), { addEventListener() {} });
      };
    },
  ],
]) {
  test(`storage ${how}: the page paints and saves all the same`, async ({ page }) => {
    await page.addInitScript(sabotage);
    await page.addInitScript(() => Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("denied", "SecurityError"); } }));
    await openStudio(page);
    await expect(page.getByText(/does not let Easel keep anything/)).toBeVisible();
    await set(page, 32, 2);
    await paint(page);
    expect((await saved(page)).bytes.length).toBeGreaterThan(100);
    // For as long as the page is open there is a gallery, too.
    await expect(gallery(page).getByRole("button", { name: /^Open/ })).toHaveCount(1);
    await gallery(page).getByRole("button", { name: "Paint again" }).click();
    await expect(gallery(page).getByRole("button", { name: /^Open/ })).toHaveCount(2);
  });
}

test("a full disk is said, and the picture can still be saved", async ({ page }) => {
  await page.addInitScript(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("no room", "QuotaExceededError");
    };
  });
  await openStudio(page);
  await set(page, 32, 2);
  await paint(page);
  await expect(page.getByText(/There is no room left to keep this picture/)).toBeVisible();
  expect((await saved(page)).bytes.length).toBeGreaterThan(100);
  await expect(paintButton(page)).toBeEnabled();
  // Something else is looked at: it is still there, until the page is closed.
  await page.getByLabel("Style strength").fill("1");
  await expect(page.getByRole("button", { name: "Save picture" })).toBeHidden();
  await expect(page.getByText(/There is no room left to keep this picture/)).toBeHidden();
  await gallery(page).getByRole("button", { name: /^Open/ }).click();
  await expect(gallery(page).getByText(/^not kept: gone when the page is closed · Classic/)).toBeVisible();
  expect((await saved(page)).bytes.length).toBeGreaterThan(100);
});

test("what was kept is damaged: it is passed over", async ({ page }) => {
  await openStudio(page);
  await page.evaluate(async () => {
    const { DATABASE } = await import("/page/offline/names.js");
    const db = await new Promise((resolve) => (indexedDB.open(DATABASE).onsuccess = ({ target }) => resolve(target.result)));
    const writing = db.transaction(["run", "results"], "readwrite");
    writing.objectStore("run").put({ photo: {}, paintings: null }, "job");
    writing.objectStore("results").put({ id: "1", date: 1 }, "1");
    await new Promise((resolve) => (writing.oncomplete = resolve));
    db.close();
  });
  await openStudio(page);
  await expect(gallery(page)).toBeHidden();
  await set(page, 32, 1);
  await paint(page);
  await expect(gallery(page).getByRole("button", { name: /^Open/ })).toHaveCount(1);
});

test("a page that is left writes the state of its run that waited in memory", async ({ page }) => {
  await openBlank(page);
  const written = () =>
    page.evaluate(async () => {
      const { Store } = await import("/page/gallery/store.js");
      const { blob, iteration } = (await (await Store.open()).get("run", "checkpoint")) ?? {};
      return { iteration, bytes: (await blob?.arrayBuffer())?.byteLength };
    });
  await page.evaluate(async () => {
    const { Store } = await import("/page/gallery/store.js");
    const { Unfinished } = await import("/page/gallery/unfinished.js");
    const unfinished = new Unfinished(await Store.open());
    await unfinished.begin({ photo: {}, paintings: [], recipe: { config: {} }, resumed: 0 });
    for (const iteration of [1, 2, 3]) await unfinished.checkpoint(new Blob([new Uint8Array(12e6)]), iteration);
  });
  expect((await written()).iteration).toBe(1);
  await page.reload();
  await expect.poll(written).toEqual({ iteration: 3, bytes: 12e6 });
});

test("a picture is kept though the photo's file has gone by the time it is painted", async ({ page }, testInfo) => {
  const path = testInfo.outputPath("mine.png");
  await copyFile(new URL("../data/c_content.png", import.meta.url), path);
  await openStudio(page);
  await page.locator("#photo").setInputFiles(path);
  await expect(page.getByRole("img", { name: "The chosen photo: mine.png" })).toBeVisible();
  await rm(path);
  await set(page, 32, 2);
  await paint(page);
  await expect(gallery(page).getByRole("button", { name: /^Open mine/ })).toHaveCount(1);
});
