// What the measurements in browsers share: a server of dist/, and Chromium.
import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json", ".css": "text/css", ".jpg": "image/jpeg", ".svg": "image/svg+xml" };
const ARGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

/**
 * Serves dist/, and this folder under /bench/.
 * @returns {Promise<{ url: string, close: () => void }>} `url` without a slash at its end
 */
export async function serve() {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const base = path.startsWith("/bench/") ? join(here("."), path.slice(7)) : join(here("../../dist"), path);
    const file = path.endsWith("/") ? join(base, "index.html") : base;
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Starts Chromium with more flags than the usual ones. */
export function launch(...flags) {
  const executablePath = execFileSync(here("../browser/browser.sh"), ["chromium"], { encoding: "utf8" }).trim();
  return chromium.launch({ executablePath, args: [...ARGS, ...flags] });
}
