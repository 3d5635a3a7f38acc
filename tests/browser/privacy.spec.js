// What SECURITY.md promises about privacy: pictures never leave the device, nobody is told anything, and nothing
// runs that is not one of the site's own files.
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { test, expect, openBlank } from "./helpers.js";

const dist = resolve(fileURLToPath(new URL(".", import.meta.url)), process.env.EASEL_DIST ?? "../../dist");
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => resolve(entry.parentPath, entry.name).slice(dist.length + 1));
const read = (name) => readFileSync(resolve(dist, name), "utf8");

/** Everything that goes out of the page or its workers. */
function watch(page) {
  const out = { requests: [], sockets: [] };
  page.context().on("request", (request) => {
    if (/^https?:/.test(request.url())) out.requests.push({ url: request.url(), method: request.method(), body: request.postData() });
  });
  page.on("websocket", (socket) => out.sockets.push(socket.url()));
  return out;
}

test("a whole session only asks for the site's own files: nothing is sent, no cookie is set", async ({ page, baseURL }) => {
  const out = watch(page);
  await page.goto("/?backend=cpu");
  await openBlank(page);
  const names = await page.evaluate(async () => {
    const { Stylizer } = await import("/stylizer.js");
    const canvas = new OffscreenCanvas(40, 40);
    canvas.getContext("2d").fillRect(5, 5, 20, 25);
    const image = await canvas.convertToBlob();
    const stylizer = await Stylizer.create({ backend: "cpu" });
    const job = stylizer.start({ content: image, styles: [{ image }], config: { preset: "classic", size: 32, iterations: 2 } });
    const { blob } = await job.finished;
    const saved = await stylizer.embed(blob, { seed: 1 });
    await stylizer.readSettings(saved);
    await stylizer.decode(saved);
    stylizer.dispose();
    return document.cookie;
  });
  expect(names).toBe("");
  expect(await page.context().cookies()).toEqual([]);
  expect(out.sockets).toEqual([]);
  const paths = out.requests.map(({ url }) => decodeURIComponent(new URL(url).pathname).slice(1));
  // The worker's requests are seen too, or this would say nothing.
  expect(paths.filter((path) => /^weights\/.*\.bin$/.test(path)).length).toBeGreaterThanOrEqual(4);
  expect(out.requests.filter(({ method, body }) => method !== "GET" || body)).toEqual([]);
  expect(out.requests.filter(({ url }) => !url.startsWith(baseURL))).toEqual([]);
  expect(paths.filter((path) => path !== "" && path !== "blank.html" && path !== "favicon.ico" && !files.includes(path))).toEqual([]);
  // Nor does anything hide in an address.
  const queries = out.requests.map(({ url }) => new URL(url).search).filter((query) => query.length > 40);
  expect(queries).toEqual([]);
});

test("nothing that ships could send anything, run text as a program, or come from elsewhere", () => {
  const scripts = files.filter((name) => name.endsWith(".js"));
  expect(scripts).toContain("engine/worker.js");
  expect(scripts).toContain("easel.js");
  const forbidden = /\beval\s*\(|new Function\s*\(|sendBeacon|new WebSocket|new EventSource|XMLHttpRequest|RTCPeerConnection|document\.write|method:\s*["'](POST|PUT)/;
  for (const name of scripts) expect(read(name).match(forbidden)?.[0], name).toBeUndefined();
  for (const name of scripts.concat(files.filter((file) => file.endsWith(".css")))) {
    const imports = [...read(name).matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']|url\(\s*["']?([^"')]+)/g)].map(([, module, url]) => module ?? url);
    expect(imports.filter((address) => /^(https?:)?\/\//.test(address)), name).toEqual([]);
  }
  for (const name of files.filter((file) => file.endsWith(".html"))) {
    const html = read(name).replace(/<!--[\s\S]*?-->/g, "");
    for (const [tag] of html.matchAll(/<script\b[^>]*>/g)) expect(tag, name).toMatch(/\ssrc="(?!https?:|\/\/)[^"]+"/);
    expect(html.match(/\son[a-z]+\s*=|javascript:|<(iframe|object|embed|base)\b/i)?.[0], name).toBeUndefined();
    for (const [, tag, address] of html.matchAll(/<(\w+)\b[^>]*?\s(?:src|href|action)="((?:https?:)?\/\/[^"]*)"/g)) expect(`${tag} ${address}`, name).toMatch(/^a /);
  }
});
