// The kept pictures in several tabs, in several copies of Easel on one origin, and after an update.
import { expect, openBlank, test } from "./helpers.js";
import { kept, openStudio, paint, set } from "./studio.js";

const gallery = (page) => page.getByRole("region", { name: "Your pictures" });
const pictures = (page) => gallery(page).getByRole("button", { name: /^Open/ });

/** A page with nothing but the gallery's modules, and what the tests do with them. */
async function openGallery(page, folder = "/") {
  await openBlank(page);
  await page.evaluate(async (folder) => {
    const { Store } = await import(`${folder}page/gallery/store.js`);
    const { Kept } = await import(`${folder}page/gallery/kept.js`);
    const { DATABASE } = await import(`${folder}page/offline/names.js`);
    window.store = await Store.open();
    window.gallery = new Kept(window.store);
    await window.gallery.load();
    window.database = DATABASE;
    const file = async (colour) => {
      const context = new OffscreenCanvas(8, 8).getContext("2d");
      context.fillStyle = colour;
      context.fillRect(0, 0, 8, 8);
      return context.canvas.convertToBlob();
    };
    /** Keeps a picture made of a photo and a painting that others are made of, too. */
    window.keep = async (name, step) => {
      const photo = { name: "photo", blob: await file(`rgb(${step % 3} 0 0)`) };
      const paintings = [{ name: "painting", weight: 1, mask: null, blob: await file(`rgb(0 ${step % 4} 9)`) }];
      return window.gallery.add({ picture: await file("blue"), name, recipe: { config: {} }, photo, paintings, seconds: 1, iteration: 1 });
    };
  }, folder);
}

test("two tabs keeping and deleting at once, 200 times each, lose nothing of either", async ({ page, context }) => {
  const other = await context.newPage();
  const tabs = [page, other];
  for (const tab of tabs) await openGallery(tab);
  const left = await Promise.all(
    tabs.map((tab, i) =>
      tab.evaluate(async (i) => {
        const name = `tab${i}`;
        const isWhole = async (result) => {
          const { photo, paintings } = await window.gallery.whole(result);
          return Boolean(photo.blob && paintings[0].blob);
        };
        // One or two at a time and of few files, so that what one tab deletes is often just what the other needs next.
        const mine = [];
        const lost = [];
        for (let step = 0; step < 200; step++) {
          mine.push(await window.keep(`${name}-${step}`, i === 0 ? step : 2 * step));
          for (const gone of mine.splice(0, mine.length - 1)) {
            const undo = await window.gallery.remove(gone);
            if (step % 9 !== 0) continue;
            await undo();
            mine.push(gone);
          }
          for (const result of mine) if (!(await isWhole(result))) lost.push(result.name);
        }
        return { lost, names: mine.map(({ name }) => name) };
      }, i),
    ),
  );
  expect(left.flatMap(({ lost }) => lost)).toEqual([]);
  const all = left.flatMap(({ names }) => names).sort();
  expect(all.length).toBeGreaterThanOrEqual(2);
  for (const tab of tabs) {
    await expect.poll(() => tab.evaluate(() => window.gallery.all.map(({ name }) => name).sort())).toEqual(all);
    const found = await tab.evaluate(async () => {
      await window.gallery.load();
      const whole = await Promise.all(window.gallery.all.map((result) => window.gallery.whole(result)));
      const files = whole.flatMap(({ photo, paintings }) => [photo.blob, paintings[0].blob]);
      await Promise.all(files.map((file) => createImageBitmap(file)));
      return whole.map(({ name }) => name).sort();
    });
    expect(found).toEqual(all);
  }
  // The last to go takes the files along.
  await page.evaluate(async () => {
    for (const result of window.gallery.all) await window.gallery.remove(result);
  });
  await expect.poll(() => other.evaluate(() => window.gallery.all.length)).toBe(0);
  expect((await kept(page)).pictures).toEqual([]);
  await other.close();
});

test("what one tab keeps or deletes the other shows; undo brings back the files, too", async ({ page, context }) => {
  await openStudio(page);
  const other = await context.newPage();
  await openStudio(other);
  await set(page, 32, 1);
  await paint(page);
  await expect(pictures(other)).toHaveCount(1);
  await pictures(other).click();
  await expect(other.getByRole("img", { name: "The painted picture" })).toBeVisible();
  await gallery(page).getByRole("button", { name: "Delete" }).click();
  await expect(gallery(other)).toBeHidden();
  expect((await kept(page)).pictures).toEqual([]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(pictures(other)).toHaveCount(1);
  expect((await kept(page)).pictures).toHaveLength(2);
  await gallery(page).getByRole("button", { name: "Paint again" }).click();
  await expect(pictures(other)).toHaveCount(2);
  await other.close();
});

test("two copies of Easel on one origin keep apart what they keep", async ({ page, context }) => {
  const other = await context.newPage();
  await other.route("**/copy/**", async (route) => route.fulfill({ response: await route.fetch({ url: route.request().url().replace("/copy/", "/") }) }));
  await openGallery(page);
  await openGallery(other, "/copy/");
  expect(await other.evaluate(() => window.database)).not.toBe(await page.evaluate(() => window.database));
  await page.evaluate(() => window.keep("mine", 1));
  await other.evaluate(() => window.keep("theirs", 1));
  const seen = (tab) =>
    tab.evaluate(async () => {
      const heard = window.gallery.all.map(({ name }) => name);
      await window.gallery.load();
      return [heard, window.gallery.all.map(({ name }) => name)];
    });
  expect(await seen(page)).toEqual([["mine"], ["mine"]]);
  expect(await seen(other)).toEqual([["theirs"], ["theirs"]]);
  // Each may have a run of its own under way.
  const begin = (tab, folder) =>
    tab.evaluate(async (folder) => {
      const { Unfinished } = await import(`${folder}page/gallery/unfinished.js`);
      return new Unfinished(window.store).begin({ photo: {}, paintings: [], recipe: {}, resumed: 0 });
    }, folder);
  expect(await begin(page, "/")).toBe("kept");
  expect(await begin(other, "/copy/")).toBe("kept");
  await other.close();
});

/** Leaves what an earlier version kept: two pictures of one photo, and a run that got nowhere twice. */
const leaveEarlier = (page) =>
  page.evaluate(async () => {
    const opening = indexedDB.open("easel", 1);
    opening.onupgradeneeded = () => ["results", "pictures", "run"].forEach((name) => opening.result.createObjectStore(name));
    const db = await new Promise((resolve) => (opening.onsuccess = () => resolve(opening.result)));
    const file = async (path) => (await fetch(path)).blob();
    const photo = await file("/samples/photo-chelsea.jpg");
    const painting = await file("/samples/style-night-cafe.jpg");
    const config = { preset: "classic", size: 32, iterations: 2 };
    const writing = db.transaction(["results", "pictures", "run"], "readwrite");
    writing.objectStore("pictures").put(photo, "p");
    writing.objectStore("pictures").put(painting, "q");
    for (const date of [1, 2]) {
      const sources = { photo: { name: "Chelsea", key: "p" }, paintings: [{ name: "Café", weight: 1, mask: null, key: "q" }] };
      const result = { id: `${date}`, date, name: "Chelsea", recipe: { config }, width: 451, height: 300, picture: photo, thumb: photo, ...sources, seconds: 1, iteration: 2 };
      writing.objectStore("results").put(result, `${date}`);
    }
    const job = { photo: { blob: photo, name: "Chelsea" }, paintings: [{ blob: painting, name: "Café", weight: 1, mask: null }], recipe: { config }, resumed: 2 };
    writing.objectStore("run").put(job, "job");
    await new Promise((resolve) => (writing.oncomplete = resolve));
    db.close();
  });
const databases = (page) => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));

test("what an earlier version kept is taken over", async ({ page }) => {
  await openBlank(page);
  await leaveEarlier(page);
  await page.goto("/?backend=cpu");
  await expect(pictures(page)).toHaveCount(2);
  await expect(page.getByText(/left unfinished, twice/)).toBeVisible();
  await pictures(page).first().click();
  await expect(page.getByRole("img", { name: "The painted picture" })).toBeVisible();
  expect(await kept(page)).toEqual({ results: ["1", "2"], pictures: ["p", "q"], run: ["job"] });
  await expect.poll(() => databases(page)).toEqual([await page.evaluate(async () => (await import("/page/offline/names.js")).DATABASE)]);
});

test("what an earlier version kept stays where there is no room to move it, for another visit", async ({ page }) => {
  await openBlank(page);
  await leaveEarlier(page);
  // Room for a few things, then none.
  await page.evaluate(async () => {
    const { put } = IDBObjectStore.prototype;
    let room = 4;
    IDBObjectStore.prototype.put = function (...values) {
      if (room-- <= 0) throw new DOMException("no room", "QuotaExceededError");
      return put.apply(this, values);
    };
    const { Store } = await import("/page/gallery/store.js");
    await Store.open();
  });
  expect((await kept(page)).results).toEqual(["1"]);
  expect(await databases(page)).toContain("easel");
  await page.goto("/?backend=cpu");
  await expect(pictures(page)).toHaveCount(2);
  await expect(page.getByText(/left unfinished, twice/)).toBeVisible();
  expect(await kept(page)).toEqual({ results: ["1", "2"], pictures: ["p", "q"], run: ["job"] });
});

test("another program's database of that name is left alone", async ({ page }) => {
  await openBlank(page);
  await page.evaluate(async () => {
    const opening = indexedDB.open("easel", 3);
    opening.onupgradeneeded = () => opening.result.createObjectStore("sketches").put("a line", "1");
    await new Promise((resolve) => (opening.onsuccess = resolve));
    opening.result.close();
  });
  await openStudio(page);
  const line = await page.evaluate(async () => {
    const db = await new Promise((resolve) => (indexedDB.open("easel").onsuccess = ({ target }) => resolve(target.result)));
    return new Promise((resolve) => (db.transaction("sketches").objectStore("sketches").get("1").onsuccess = ({ target }) => resolve(target.result)));
  });
  expect(line).toBe("a line");
});

test("the browser is asked to keep the pictures once there is one, and nobody waits for its answer", async ({ page }) => {
  await page.addInitScript(() => {
    window.asked = 0;
    StorageManager.prototype.persist = () => {
      window.asked += 1;
      return new Promise(() => {});
    };
  });
  await openStudio(page);
  await set(page, 32, 1);
  expect(await page.evaluate(() => window.asked)).toBe(0);
  for (const count of [1, 2]) {
    await paint(page);
    await expect(pictures(page)).toHaveCount(count);
    expect(await page.evaluate(() => window.asked)).toBe(1);
  }
});
