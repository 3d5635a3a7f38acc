// Firefox, by Puppeteer over WebDriver BiDi.
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";
import { PATIENCE, Tab, WINDOW } from "./tab.js";

class FirefoxTab extends Tab {
  #page;
  #context;

  constructor(context, page, downloads) {
    super(downloads);
    this.#context = context;
    this.#page = page;
    page.on("console", (message) => message.type() === "error" && this.errors.push(message.text()));
    page.on("pageerror", (error) => this.errors.push(error.message));
    page.on("request", (request) => this.requests.push(request.url()));
  }

  goto(address) {
    return this.#page.goto(address);
  }

  reload() {
    return this.#page.reload();
  }

  evaluate(fn, ...args) {
    return this.#page.evaluate(fn, ...args);
  }

  /** Firefox adds to a file input's name what is chosen: there its label, of the plain name, leads to it. */
  async named(name) {
    const found = await this.#page.$(`::-p-aria([name="${name}"])`);
    return found?.evaluateHandle((element) => element.control ?? element) ?? null;
  }

  click(control) {
    return control.click();
  }

  async type(control, text) {
    await control.focus();
    await control.evaluate((element) => element.select());
    await this.#page.keyboard.type(text);
  }

  give(control, path) {
    return control.uploadFile(path);
  }

  unplug() {
    return this.#page.setOfflineMode(true);
  }

  close() {
    return this.#context.close();
  }
}

/** Starts Firefox. Each tab it opens has storage of its own. */
export async function startFirefox() {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const executablePath = execFileSync("./browser.sh", ["firefox"], { cwd, encoding: "utf8" }).trim();
  const downloads = await mkdtemp(join(tmpdir(), "easel-firefox-"));
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath,
    headless: true,
    defaultViewport: WINDOW,
    protocolTimeout: PATIENCE,
    extraPrefsFirefox: {
      "browser.download.folderList": 2, // the folder named next
      "browser.download.dir": downloads,
      "ui.prefersReducedMotion": 1, // colours on their way are no colours to judge
    },
  });
  return {
    async open() {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      return new FirefoxTab(context, page, downloads);
    },
    async close() {
      await browser.close();
      await rm(downloads, { recursive: true });
    },
  };
}
