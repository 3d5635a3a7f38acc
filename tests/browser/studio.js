// The page as the tests drive it: on the CPU, small, short.
import { expect } from "./helpers.js";

/** Opens the page and waits until it can paint. */
export async function openStudio(page, address = "/?backend=cpu") {
  await page.goto(address);
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
}

/** Chooses a size, on offer or not, and the iterations. */
export async function set(page, size, iterations, preset = "classic") {
  await page.evaluate((px) => {
    const select = document.getElementById("size");
    if (![...select.options].some((option) => option.value === String(px))) select.append(new Option(`${px} px`, px));
  }, size);
  await page.getByLabel("Size", { exact: true }).selectOption(String(size));
  await page.getByLabel("Iterations", { exact: true }).fill(String(iterations));
  if (preset) await page.getByLabel("Look", { exact: true }).selectOption(preset);
}

export const paintButton = (page) => page.getByRole("button", { name: "Paint", exact: true });

/** Paints to the end. */
export async function paint(page) {
  await paintButton(page).click();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  await expect(paintButton(page)).toBeEnabled();
}

/** Presses a button from within the page, as soon as a run under way has got to an iteration: a click from here might come too late. */
async function pressAt(page, id, iteration) {
  const there = ({ id, iteration }) => {
    if (Number(document.getElementById("figures").textContent.match(/\d+/)?.[0] ?? 0) < iteration) return false;
    document.getElementById(id).click();
    return true;
  };
  await page.waitForFunction(there, { id, iteration }, { timeout: 60_000 });
}

/** Pauses a run under way as soon as it has got to an iteration. */
export async function pauseAt(page, iteration) {
  await pressAt(page, "pause", iteration);
  await expect(page.getByText(/^Paused/)).toBeVisible();
}

/** Stops a run under way as soon as it has got to an iteration. */
export const stopAt = (page, iteration) => pressAt(page, "stop", iteration);

/** Adds a line to the engine the page loads: to make one of its answers slow, or none. */
export async function alterEngine(page, line) {
  await page.route("**/engine/stylizer.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()}\n${line}\n` });
  });
}

/** The bytes of what a click downloads, and the file's name. */
export async function downloaded(page, click) {
  const download = page.waitForEvent("download");
  await click();
  const file = await download;
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), name: file.suggestedFilename() };
}

export const saved = (page) => downloaded(page, () => page.getByRole("button", { name: "Save picture", exact: true }).click());

/** The iteration and the loss the page shows. */
export async function figures(page) {
  const [, iteration, loss] = (await page.locator("#figures").textContent()).match(/^Iteration (\d+) .*loss ([\d.,]+)/);
  return { iteration: Number(iteration), loss: Number(loss.replaceAll(",", "")) };
}

/** PNG dimensions from its header. */
export const dimensions = (bytes) => [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];

/** All of the panel's settings, by id. */
export const settingsOf = (page) =>
  page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll("#panel select, #panel input:not([type=file], [type=checkbox]), #strength")]
        .filter(({ id }) => id)
        .map(({ id, value }) => [id, value]),
    ),
  );

/** The step of the checkpoint that is kept of an unfinished run; null without one. */
export const keptStep = (page) =>
  page.evaluate(async () => {
    const answer = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error) }));
    const { DATABASE } = await import("/page/offline/names.js");
    const db = await answer(indexedDB.open(DATABASE));
    const checkpoint = await answer(db.transaction("run").objectStore("run").get("checkpoint"));
    db.close();
    return checkpoint?.iteration ?? null;
  });

/** What the page keeps in IndexedDB: keys by store. */
export const kept = (page) =>
  page.evaluate(async () => {
    const { DATABASE } = await import("/page/offline/names.js");
    const db = await new Promise((resolve, reject) => {
      const request = indexedDB.open(DATABASE);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const names = [...db.objectStoreNames];
    const keys = await Promise.all(
      names.map((name) => new Promise((resolve) => (db.transaction(name).objectStore(name).getAllKeys().onsuccess = ({ target }) => resolve(target.result)))),
    );
    db.close();
    return Object.fromEntries(names.map((name, i) => [name, keys[i]]));
  });
