// WebKitGTK, by the WebDriver protocol that its WebKitWebDriver speaks: a few HTTP requests, for which fetch is enough.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PATIENCE, Tab, until, WINDOW } from "./tab.js";

/** The key under which the protocol hands out elements. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

class WebKitTab extends Tab {
  #session;
  #log;
  #remove;

  /** `session(method, path, body)` sends a command; `log` is the file with the console; `remove` tidies up. */
  constructor(session, { log, downloads, remove }) {
    super(downloads);
    this.#session = session;
    this.#log = log;
    this.#remove = remove;
  }

  goto(address) {
    return this.#session("POST", "/url", { url: address });
  }

  reload() {
    return this.#session("POST", "/refresh", {});
  }

  /** A function given to the protocol as text, its outcome as one value, so that errors keep their messages. */
  async evaluate(fn, ...args) {
    const script = `const done = arguments[arguments.length - 1];
      Promise.resolve([...arguments].slice(0, -1)).then((args) => (${fn})(...args))
        .then((value) => done({ value: value ?? null }), (error) => done({ error: String(error) }));`;
    const { value, error } = await this.#session("POST", "/execute/async", { script, args });
    if (error) throw new Error(error);
    return value;
  }

  /** Controls that are not shown have no name: asked for it, the driver fails. So it does when one is taken out while it counts them. */
  async named(name) {
    const controls = await this.#session("POST", "/elements", { using: "css selector", value: "button, input, select" }).catch((error) => {
      if (!/stale element/.test(error.message)) throw error;
      return []; // they are asked for again
    });
    for (const { [ELEMENT]: id } of controls) {
      const label = await this.#session("GET", `/element/${id}/computedlabel`).catch(() => null);
      if (label === name) return id;
    }
    return null;
  }

  click(control) {
    return this.#session("POST", `/element/${control}/click`, {});
  }

  async type(control, text) {
    await this.#session("POST", `/element/${control}/clear`, {});
    await this.#session("POST", `/element/${control}/value`, { text });
  }

  give(control, path) {
    return this.#session("POST", `/element/${control}/value`, { text: path });
  }

  /** The protocol knows no way: without a network means here that the host has been stopped. */
  async unplug() {}

  async close() {
    await this.#session("DELETE", "");
    for (const line of readFileSync(this.#log, "utf8").split("\n")) {
      if (/CONSOLE .*ERROR/.test(line)) this.errors.push(line);
      if (line.startsWith("REQUEST ")) this.requests.push(line.slice("REQUEST ".length));
    }
    await this.#remove();
  }
}

/** Removes a folder; a process that is still ending may write into it once more. */
const tidy = (folder) => rm(folder, { recursive: true, maxRetries: 20 });

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a screen that nobody sees and the driver. Each tab is a browser of its own, with nothing of the one before. */
export async function startWebKit() {
  const here = (path) => fileURLToPath(new URL(path, import.meta.url));
  const driverPath = execFileSync("./browser.sh", ["webkit"], { cwd: here(".."), encoding: "utf8" }).trim();
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", `${WINDOW.width}x${WINDOW.height}x24`, "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const [display] = await once(screen.stdio[3], "data", { signal: AbortSignal.timeout(PATIENCE) });
  const port = await freePort();
  const home = await mkdtemp(join(tmpdir(), "easel-webkit-"));
  const downloads = join(home, "downloads");
  await mkdir(downloads);
  const env = {
    ...process.env,
    LC_ALL: "C", // no language: pages are told so, and must do with it
    DISPLAY: `:${String(display).trim()}`,
    HOME: downloads, // what is downloaded lands there, and nothing else shall
    XDG_CACHE_HOME: join(home, "cache"),
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "data"),
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", // as for Chromium: containers and root have no sandbox
  };
  const driver = spawn(driverPath, [`--port=${port}`], { env, stdio: "ignore" });
  const command = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(2 * PATIENCE) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`WebKitWebDriver, ${method} ${path}: ${value.error} ${value.message}`);
    return value;
  };
  await until(() => command("GET", "/status").then(({ ready }) => ready, () => false), "WebKitWebDriver");
  return {
    async open() {
      // Lines shall be in the file as soon as they are printed.
      const run = 'exec stdbuf -oL "$0" "$@" > "$1/console" 2>&1';
      const folder = await mkdtemp(join(home, "tab-"));
      const options = { binary: "/bin/sh", args: ["-c", run, here("webkit-window.py"), folder, `${WINDOW.width}`, `${WINDOW.height}`] };
      const timeouts = { script: PATIENCE, pageLoad: PATIENCE };
      const { sessionId } = await command("POST", "/session", { capabilities: { alwaysMatch: { timeouts, "webkitgtk:browserOptions": options } } });
      const session = (method, path, body) => command(method, `/session/${sessionId}${path}`, body);
      return new WebKitTab(session, { log: join(folder, "console"), downloads, remove: () => tidy(folder) });
    },
    async close() {
      driver.kill();
      screen.kill();
      await tidy(home);
    },
  };
}
