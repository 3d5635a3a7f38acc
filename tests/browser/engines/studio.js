// The page as these tests drive it: on the CPU, small, with the look that takes the shortest steps.
import assert from "node:assert/strict";
import { until } from "./tab.js";

/** Opens the page and waits until it can paint. */
export async function openStudio(tab, site) {
  await tab.goto(`${site.url}?backend=cpu`);
  await tab.says(/Ready\. Press Paint\./);
  await tab.says(/paints on the CPU/); // once the program is there, and all settings with it
}

/** Opens an otherwise empty page of the site. */
export async function openBlank(tab, site) {
  const answer = (response) => response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>blank</title>");
  site.intercept = (path, response) => path === "/blank.html" && (answer(response), true);
  await tab.goto(`${site.url}blank.html`);
}

/** Sets the look, the size (on offer or not) and the iterations. */
export async function set(tab, { size, iterations }) {
  await tab.evaluate((px) => {
    const choose = (id, value) => {
      const select = document.getElementById(id);
      if (![...select.options].some((option) => option.value === value)) select.append(new Option(`${value} px`, value));
      select.value = value;
      select.dispatchEvent(new Event("input", { bubbles: true }));
      select.dispatchEvent(new Event("change", { bubbles: true }));
    };
    choose("preset", "classic");
    choose("size", String(px));
  }, size);
  await tab.fill("Iterations", iterations);
}

/** The step the page shows; 0 while there is none. */
export const iteration = (tab) => tab.evaluate(() => Number(document.getElementById("figures").textContent.match(/^Iteration (\d+) /)?.[1] ?? 0));

/** Starts a run too long to end by itself, and waits until it has got somewhere. */
export async function beginLongRun(tab, steps = 3) {
  await set(tab, { size: 32, iterations: 5000 });
  await tab.press("Paint");
  let shown = "";
  const reached = async () => {
    shown = await tab.evaluate(() => ["status", "figures", "error"].map((id) => document.getElementById(id).textContent).join(" "));
    return (await iteration(tab)) >= steps;
  };
  await until(reached, () => `iteration ${steps} in the page, which says: ${shown}`);
}

/** Paints to the end. */
export async function paint(tab, settings) {
  await set(tab, settings);
  await tab.press("Paint");
  await tab.says(/^Done in/m);
  await tab.find("Paint"); // the page rests
}

/** Ends a run in its middle: the page has then a picture to save. */
export async function stop(tab) {
  await tab.press("Stop");
  await tab.says(/Stopped\. The picture so far can be saved\./);
  await tab.find("Paint");
}

/** Saves the picture, a PNG, and resolves to its file and its size. */
export async function savedPicture(tab) {
  const { name, bytes } = await tab.downloaded(() => tab.press("Save picture"));
  assert.equal(bytes.toString("latin1", 0, 8), "\x89PNG\r\n\x1a\n");
  assert.equal(bytes.toString("latin1", bytes.length - 8, bytes.length - 4), "IEND");
  return { name, bytes, size: [bytes.readUInt32BE(16), bytes.readUInt32BE(20)] };
}

/** The step of the checkpoint that is kept of an unfinished run, in whichever database; null without one. */
export const keptStep = (tab) =>
  tab.evaluate(async () => {
    const answer = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error) }));
    let step = null;
    for (const { name } of await indexedDB.databases()) {
      const db = await answer(indexedDB.open(name));
      if (db.objectStoreNames.contains("run")) step ??= (await answer(db.transaction("run").objectStore("run").get("checkpoint")))?.iteration ?? null;
      db.close();
    }
    return step;
  });
