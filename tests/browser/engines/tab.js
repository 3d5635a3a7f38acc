// A tab as these tests use it, whatever the browser: a few gestures, and waiting.
//
// Firefox and WebKitGTK are driven by different protocols, yet are to pass the same tests. What differs is in firefox.js
// and webkit.js, each with the primitives named below; what can be made of them is here, once.
import assert from "node:assert/strict";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** No wait is longer, in milliseconds: what takes a minute does not come. */
export const PATIENCE = 60_000;

/** What a window shows, in CSS pixels: the whole page of Easel, so that nothing lies under its bar of buttons. */
export const WINDOW = { width: 1280, height: 1600 };

/**
 * Asks until the answer is true, and resolves to it.
 * @param {() => Promise<any>} ask
 * @param {string | (() => string)} what what is waited for, said when it does not come
 */
export async function until(ask, what) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) assert.fail(`After ${PATIENCE / 1000} s still not there: ${typeof what === "string" ? what : what()}`);
    await sleep(50);
  }
}

/**
 * What an engine brings:
 * - `goto(address)`, `reload()`: resolve when the page has loaded
 * - `evaluate(fn, ...args)`: the value of a function called in the page; it must not use anything outside itself
 * - `named(name)`: the visible control with that accessible name, as the engine computes it; null if there is none
 * - `click(control)`, `type(control, text)` (in place of what is there), `give(control, path)` (a file)
 * - `unplug()`: takes the network away as far as the driver can
 * - `close()`; afterwards `errors` and `requests` are complete
 */
export class Tab {
  /** Errors on the page's console, and those nobody caught. */
  errors = [];
  /** The addresses asked for, as far as the engine tells; of workers' not all do. */
  requests = [];
  #downloads;

  /** @param {string} downloads the folder where the browser puts what is downloaded */
  constructor(downloads) {
    this.#downloads = downloads;
  }

  /** Waits for a control. */
  find(name) {
    return until(() => this.named(name), `a control named “${name}”`);
  }

  async press(name) {
    await this.click(await this.find(name));
  }

  async fill(name, text) {
    await this.type(await this.find(name), String(text));
  }

  async upload(name, path) {
    await this.give(await this.find(name), path);
  }

  /** Waits until the page shows a text. */
  async says(pattern) {
    let shown = "";
    const look = async () => pattern.test((shown = await this.evaluate(() => document.body.innerText)));
    await until(look, () => `${pattern} in the page, which shows:\n${shown}`);
  }

  /** The name and the bytes of the file that an action downloads. */
  async downloaded(action) {
    await action();
    // While it is being written it has another name, or none at a moment; beside it Firefox keeps an empty file of the right one. It
    // is there when it was the same at two looks.
    let before = "";
    const arrived = async () => {
      const names = await readdir(this.#downloads);
      if (names.length !== 1 || /\.(part|wkdownload)$/.test(names[0])) return null;
      const bytes = await readFile(join(this.#downloads, names[0])).catch(() => Buffer.alloc(0));
      const now = `${names[0]} ${bytes.length}`;
      const isSame = now === before;
      before = now;
      return isSame && bytes.length > 0 && { name: names[0], bytes };
    };
    const file = await until(arrived, "a downloaded file");
    await rm(join(this.#downloads, file.name));
    return file;
  }
}
