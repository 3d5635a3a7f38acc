// A page closed in the middle of a run: the next one goes on.
import { test, expect } from "./helpers.js";
import { alterEngine, figures, kept, keptStep, openStudio, paint, paintButton, pauseAt, set, settingsOf } from "./studio.js";

const continuing = (page) => page.getByText("Continuing where the page was closed.");

/** Starts a run and pauses it, once it has got somewhere, and that is kept. */
async function begin(page, iterations = 5000, from = 4) {
  await set(page, 32, iterations);
  await page.getByText("More settings").click();
  await page.locator("#knob-seed").fill("11");
  await page.getByLabel("Style strength").fill("0.3");
  await page.getByRole("button", { name: "Add The Night Café to the mix" }).click();
  await paintButton(page).click();
  await pauseAt(page, from);
  await expect.poll(() => keptStep(page)).toBeGreaterThanOrEqual(from);
  expect((await kept(page)).run).toContain("job");
}

/** Ends a run that is too long to be waited for. */
async function stop(page) {
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.getByText(/^Stopped/)).toBeVisible();
}

test("after a reload the run goes on to its planned end, with its settings", async ({ page }) => {
  await openStudio(page);
  await begin(page, 60);
  const settings = await settingsOf(page);
  await page.reload();
  await expect(continuing(page)).toBeVisible();
  await expect(page.locator("#run")).toBeVisible();
  expect((await figures(page)).iteration).toBeGreaterThan(4); // not from the start again
  expect(await settingsOf(page)).toEqual(settings);
  await expect(page.getByLabel("Weight of The Night Café")).toBeVisible();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  await expect(page.getByText(/^Iteration 60 of 60/)).toBeVisible();
  await expect.poll(async () => (await kept(page)).run).toEqual([]);
  await page.reload();
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
});

test("a page that ends the moment its picture is kept leaves one picture, and no run", async ({ page }) => {
  // The last it does on the disk is to keep the picture.
  await page.addInitScript(() => {
    let ended = false;
    const end = () => {
      ended = true;
      location.reload();
    };
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (names, mode, ...more) {
      if (ended) throw new DOMException("The page has ended.", "AbortError");
      const change = transaction.call(this, names, mode, ...more);
      if (mode === "readwrite" && names.includes("results")) change.addEventListener("complete", end);
      return change;
    };
  });
  await openStudio(page);
  await set(page, 32, 2);
  const reloaded = page.waitForEvent("load");
  await paintButton(page).click();
  await reloaded;
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Your pictures" }).getByRole("button", { name: /^Open/ })).toHaveCount(1);
  expect((await kept(page)).run).toEqual([]);
});

test("a closed tab's run goes on in the next, and can be discarded", async ({ page, context }) => {
  await openStudio(page);
  await begin(page);
  await page.close();
  const next = await context.newPage();
  await next.goto("/?backend=cpu");
  await expect(continuing(next)).toBeVisible();
  await expect(next.locator("#run")).toBeVisible();
  await next.getByRole("button", { name: "Discard" }).click();
  await expect(next.getByText("The unfinished picture was discarded.")).toBeVisible();
  await expect.poll(async () => (await kept(next)).run).toEqual([]);
  await expect(next.getByRole("region", { name: "Your pictures" })).toBeHidden();
  await next.reload();
  await expect(next.getByText("Ready. Press Paint.")).toBeVisible();
  await next.close();
});

test("a page that crashes in mid-run loses a few steps, not the run", async ({ page, context }) => {
  await openStudio(page);
  await set(page, 32, 5000);
  await paintButton(page).click();
  // Nobody pauses: what is kept was kept on the way.
  await expect.poll(async () => (await kept(page)).run).toEqual(expect.arrayContaining(["checkpoint", "job"]));
  const crashed = page.waitForEvent("crash");
  page.goto("chrome://crash").catch(() => {});
  await crashed;
  const next = await context.newPage();
  await next.goto("/?backend=cpu");
  await expect(continuing(next)).toBeVisible();
  await expect(next.locator("#run")).toBeVisible();
  expect((await figures(next)).iteration).toBeGreaterThan(1);
  await stop(next);
  await next.close();
});

test("a run that never gets anywhere is not taken up for ever", async ({ page }) => {
  await openStudio(page);
  await begin(page);
  await page.evaluate(async () => {
    const { DATABASE } = await import("/page/offline/names.js");
    const db = await new Promise((resolve) => (indexedDB.open(DATABASE).onsuccess = ({ target }) => resolve(target.result)));
    const store = db.transaction("run", "readwrite").objectStore("run");
    store.put(2, "resumed");
    await new Promise((resolve) => (store.transaction.oncomplete = resolve));
    db.close();
    history.replaceState(null, "", "#easel=1&seed=7");
  });
  await page.reload();
  await expect(page.getByText(/left unfinished, twice/)).toBeVisible();
  await expect(paintButton(page)).toBeEnabled();
  // Nothing is painted: a link that was opened with the page counts.
  await expect(page.getByText(/^The link’s settings are in place/)).toBeVisible();
  await expect(page.locator("#knob-seed")).toHaveValue("7");
  await page.getByRole("button", { name: "Go on", exact: true }).click();
  await expect(page.locator("#run")).toBeVisible();
  await stop(page);
});

test("while one tab paints, another neither takes its run nor overwrites it", async ({ page, context }) => {
  await openStudio(page);
  await begin(page);
  const other = await context.newPage();
  await openStudio(other);
  await expect(continuing(other)).toBeHidden();
  await set(other, 32, 5000);
  await paintButton(other).click();
  await expect(other.getByText(/Another tab is painting/)).toBeVisible();
  await stop(other);
  expect((await kept(other)).run).toEqual(expect.arrayContaining(["checkpoint", "job"]));
  await other.close();
});

test("a damaged state makes the run start over, and says so", async ({ page }) => {
  await openStudio(page);
  await begin(page);
  await page.evaluate(async () => {
    const { DATABASE } = await import("/page/offline/names.js");
    const db = await new Promise((resolve) => (indexedDB.open(DATABASE).onsuccess = ({ target }) => resolve(target.result)));
    const store = db.transaction("run", "readwrite").objectStore("run");
    store.put({ blob: new Blob(["nonsense"]), iteration: 5 }, "checkpoint");
    await new Promise((resolve) => (store.transaction.oncomplete = resolve));
    db.close();
  });
  await page.reload();
  await expect(page.getByText(/this picture starts over/)).toBeVisible();
  await expect(page.locator("#run")).toBeVisible();
  await stop(page);
});

test("stopped before its first step a run is not lost: it is offered, also after another reload", async ({ page }) => {
  await openStudio(page);
  await begin(page);
  const step = await keptStep(page);
  await alterEngine(
    page,
    `const start = Stylizer.prototype.start;
    Stylizer.prototype.start = function (options) {
      const job = start.call(this, options);
      if (!window.began) job.pause();
      window.began = true;
      return job;
    };`,
  );
  for (let visit = 0; visit < 2; visit++) {
    await page.reload();
    await expect(continuing(page)).toBeVisible();
    await page.waitForFunction(() => window.began);
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await expect(page.getByText("Stopped before the first brush stroke.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Discard" })).toBeVisible();
    expect(await keptStep(page)).toBe(step);
  }
  await page.getByRole("button", { name: "Go on", exact: true }).click();
  await expect(page.locator("#run")).toBeVisible();
  expect((await figures(page)).iteration).toBeGreaterThan(step);
  await stop(page);
});

test("a picture the app is opened with stays beside a run that goes on, and it is asked about", async ({ page }) => {
  await openStudio(page);
  await begin(page);
  await page.addInitScript(() => {
    const getFile = async () => {
      const canvas = new OffscreenCanvas(40, 30);
      canvas.getContext("2d").fillRect(0, 0, 20, 20);
      return new File([await canvas.convertToBlob()], "opened.png", { type: "image/png" });
    };
    Object.defineProperty(window, "launchQueue", { value: { setConsumer: (consume) => consume({ files: [{ getFile }] }) } });
  });
  await page.reload();
  await expect(page.getByText(/^“opened.png” is the photo now. What shall become/)).toBeVisible();
  await page.getByRole("button", { name: "Keep painting" }).click();
  await expect(page.getByAltText("The chosen photo: opened.png")).toBeVisible();
  await expect(page.locator("#run")).toBeVisible();
  await stop(page);
  await expect(page.getByRole("button", { name: /^Open Chelsea the cat/ })).toBeVisible();
});

test("while a run is taken up the gallery rests, and what was opened before it was found makes room for it", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 1);
  await paint(page);
  await begin(page);
  await alterEngine(
    page,
    `const create = Stylizer.create;
    Stylizer.create = async (options) => {
      await new Promise((resolve) => (window.release = resolve));
      return create.call(Stylizer, options);
    };`,
  );
  await page.addInitScript(() => {
    const { request } = LockManager.prototype;
    LockManager.prototype.request = async function (...how) {
      if (how[0].startsWith("easel run")) await new Promise((resolve) => (window.find = resolve));
      return request.apply(this, how);
    };
  });
  await page.evaluate(() => history.replaceState(null, "", "#easel=1&seed=7"));
  await page.reload();
  const gallery = page.locator("#gallery");
  await page.getByRole("button", { name: /^Open Chelsea the cat/ }).click();
  await expect(page.getByRole("button", { name: "Save picture" })).toBeVisible();
  await page.evaluate(() => window.find());
  await expect(gallery).toHaveJSProperty("inert", true);
  await expect(page.getByRole("button", { name: "Save picture" })).toBeHidden();
  await expect(page.getByText("Paint again")).toBeHidden();
  await page.evaluate(() => window.release());
  await expect(page.getByText(/^Continuing where the page was closed. .* Open the link again/)).toBeVisible();
  await expect(page.locator("#run")).toBeVisible();
  await stop(page);
  await expect(page.getByText(/^Continuing/)).toBeHidden();
  await expect(gallery).toHaveJSProperty("inert", false);
});
