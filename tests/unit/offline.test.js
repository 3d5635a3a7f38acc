// The service worker among stand-ins of caches and network: what it keeps, what it lets go of, and what it repairs.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { beforeEach, test } from "node:test";
import { runInNewContext } from "node:vm";

const source = await readFile(new URL("../../www/sw.js", import.meta.url), "utf8");
const HERE = "https://example.org/easel/";
const FILES = "easel files /easel/";
const WEIGHTS = "easel weights /easel/";
const SHARED = "easel shared /easel/";
const hashOf = (content) => createHash("sha256").update(content).digest("base64");
const keyOf = (path, content) => `${HERE}${path}?${encodeURIComponent(hashOf(content))}`;

/** The browser's caches, by name and address. */
let held;
/** What of its caches the disk refuses: "open", "match" or "put". */
let refused;
/** What the host has, and the headers it sends with all of it. */
let site;
let headers;
let asked;

/** A disk that is full or damaged. */
function disk(action) {
  if (refused.includes(action)) throw new DOMException("The disk is full.", "UnknownError");
}

const caches = {
  async open(name) {
    disk("open");
    if (!held.has(name)) held.set(name, new Map());
    const entries = held.get(name);
    return {
      keys: async () => [...entries.keys()].map((url) => ({ url })),
      async match(key) {
        disk("match");
        return entries.get(key.url ?? key)?.clone();
      },
      delete: async (key) => entries.delete(key.url ?? key),
      async put(key, response) {
        disk("put");
        if (response.headers.get("vary") === "*") throw new TypeError("Vary header contains *");
        entries.set(key.url ?? key, response);
      },
    };
  },
  delete: async (name) => held.delete(name),
};

async function fetch(request) {
  const url = request.url ?? request;
  asked.push(url);
  const content = site.get(url.slice(HERE.length));
  return new Response(content, { status: content === undefined ? 404 : 200, headers });
}

/** A version of the site with its service worker, whose events can be fired; `pages` are told what it tells. */
function version(files, { weights = [], later = [], registration = { installing: null, waiting: null } } = {}) {
  const listeners = new Map();
  const told = [];
  const pages = [{ postMessage: (message) => told.push(message), focus: async () => told.push("focused"), url: `${HERE}?backend=cpu#settings` }];
  const self = {
    precache: { files: Object.fromEntries(Object.entries(files).map(([path, content]) => [path, hashOf(content)])), weights, later },
    registration: Object.assign(registration, { scope: HERE }),
    addEventListener: (type, listener) => listeners.set(type, listener),
    clients: { claim: async () => told.push("claimed"), matchAll: async () => pages, openWindow: async (address) => told.push(`opened ${address}`) },
  };
  runInNewContext(source, { self, precache: self.precache, importScripts() {}, caches, fetch, URL, Headers, Response: Answer, File });
  const fire = async (type, event = {}) => {
    const waits = [];
    let answer;
    listeners.get(type)({ ...event, waitUntil: (promise) => waits.push(promise), respondWith: (response) => (answer = response) });
    const response = await answer;
    await Promise.all(waits);
    return response;
  };
  return { fire, told, pages, say: (data) => fire("message", { data }) };
}

/** Node's own takes only whole addresses, as this one is. */
class Answer extends Response {
  static redirect = (url, status) => new Response(null, { status, headers: { location: url } });
}

const put = (files) => (site = new Map(Object.entries(files)));
const paths = (cache) => [...(held.get(cache)?.keys() ?? [])].map((url) => url.slice(HERE.length)).sort();

beforeEach(() => {
  held = new Map();
  asked = [];
  refused = [];
  headers = {};
});

test("a version that takes over keeps what a newer one on its way counts on, and that one tidies up", async () => {
  const [a, b, c] = [{ "app.js": "a", "base.css": "1" }, { "app.js": "b", "base.css": "1" }, { "app.js": "a", "base.css": "3" }];
  put(a);
  await version(a).fire("install");
  put(b);
  const next = { installing: null, waiting: null };
  const second = version(b, { registration: next });
  await second.fire("install");
  put(c);
  const third = version(c);
  await third.fire("install");
  assert.equal(asked.filter((url) => url.endsWith("app.js")).length, 2, "the third has the first one's");
  for (const stage of ["installing", "waiting"]) {
    Object.assign(next, { installing: null, waiting: null, [stage]: {} });
    await second.fire("activate");
    for (const [path, content] of Object.entries(c)) assert.ok(held.get(FILES).has(keyOf(path, content)), path);
  }
  await third.fire("activate");
  assert.deepEqual([...held.get(FILES).keys()].sort(), Object.entries(c).map(([path, content]) => keyOf(path, content)).sort());
});

test("a file that has gone from the cache is fetched again when a page asks at its start; without a connection nothing is the worse", async () => {
  const files = { "app.js": "a", "base.css": "1" };
  put(files);
  const worker = version(files, { weights: ["weights/a.bin"] });
  await worker.fire("install");
  const gone = keyOf("app.js", "a");
  for (const question of ["keep weights", "weights kept?"]) {
    held.get(FILES).delete(gone);
    site.delete("app.js");
    await worker.say(question);
    assert.ok(!held.get(FILES).has(gone));
    put(files);
    await worker.say(question);
    assert.equal(await held.get(FILES).get(gone).text(), "a");
  }
});

test("what a first painting fetched past the service worker is kept once it is there, and nothing that was not needed", async () => {
  put({ "app.js": "a", "weights/a.bin": "A", "weights/b.bin": "B", "weights/predictor.bin": "P" });
  const worker = version({ "app.js": "a" }, { weights: ["weights/a.bin", "weights/b.bin"], later: ["weights/predictor.bin"] });
  await worker.fire("install");
  await worker.say("weights kept?");
  assert.deepEqual([paths(WEIGHTS), worker.told], [[], []]);
  await worker.say("keep what was fetched");
  assert.deepEqual([paths(WEIGHTS), worker.told], [["weights/a.bin", "weights/b.bin"], ["weights kept"]]);
});

test("the page says so to the service worker that is active, whenever there is one; without any it goes on", async () => {
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  const { keepFetched } = await import("../../www/page/offline/updates.js");
  await keepFetched();
  const said = [];
  const active = { postMessage: (message) => said.push(message) };
  Object.assign(navigator, { serviceWorker: { ready: Promise.resolve({ active }) } });
  await keepFetched();
  assert.deepEqual(said, ["keep what was fetched"]);
});

test("a click on the notification of a run's end brings the page back, and opens it anew where its tab was closed", async () => {
  const { fire, told, pages } = version({});
  const click = () => fire("notificationclick", { notification: { close: () => told.push("closed") } });
  const bench = { postMessage() {}, focus: async () => told.push("another page"), url: `${HERE}bench.html` };
  pages.unshift(bench);
  await click();
  pages.pop();
  await click();
  assert.deepEqual(told, ["closed", "focused", "closed", `opened ${HERE}`]);
});

test("a host that says its files vary by everything has them kept all the same, its other headers with them", async () => {
  headers = { vary: "*", "cross-origin-embedder-policy": "require-corp", "content-security-policy": "default-src 'self'" };
  put({ "app.js": "a", "weights/a.bin": "A", "weights/b.bin": "B" });
  const worker = version({ "app.js": "a" }, { weights: ["weights/a.bin", "weights/b.bin"] });
  await worker.fire("install");
  const kept = held.get(FILES).get(keyOf("app.js", "a")).headers;
  assert.deepEqual(
    ["vary", "cross-origin-embedder-policy", "content-security-policy", "cache-control"].map((name) => kept.get(name)),
    [null, "require-corp", "default-src 'self'", "no-cache"],
  );
  const request = { method: "GET", url: `${HERE}weights/a.bin` };
  const response = await worker.fire("fetch", { request });
  assert.equal(await response.text(), "A");
  assert.deepEqual(paths(WEIGHTS), ["weights/a.bin"]);
  await worker.say("keep weights");
  assert.deepEqual(paths(WEIGHTS), ["weights/a.bin", "weights/b.bin"]);
});

test("without a connection a page is found under the name that hosts give it, too, and nothing else is", async () => {
  put({ "bench.html": "bench" });
  const worker = version({ "bench.html": "bench", "": "start" });
  put({ "bench.html": "bench", "": "start" });
  await worker.fire("install");
  site.clear();
  const get = (path, mode = "navigate") => worker.fire("fetch", { request: { method: "GET", mode, url: `${HERE}${path}` } });
  for (const path of ["bench", "bench?sizes=64", "bench.html"]) assert.equal(await (await get(path)).text(), "bench", path);
  assert.equal(await (await get("index.html?backend=cpu")).text(), "start");
  for (const response of [await get("other"), await get("bench", "cors")]) assert.equal(response, undefined);
});

test("a disk that is full or damaged is no reason not to answer: what cannot be read is fetched, and what cannot be kept is not", async () => {
  put({ "app.js": "a", "weights/a.bin": "A" });
  const worker = version({ "app.js": "a" }, { weights: ["weights/a.bin"] });
  await worker.fire("install");
  const text = async (path) => (await worker.fire("fetch", { request: { method: "GET", url: `${HERE}${path}` } })).text();
  for (const actions of [["open"], ["match"], ["put"], ["match", "put"]]) {
    refused = actions;
    assert.deepEqual([await text("app.js"), await text("weights/a.bin")], ["a", "A"], actions.join());
  }
  refused = ["open"];
  await worker.fire("activate");
  assert.deepEqual(worker.told.at(-1), "claimed");
});

test("a picture that is shared takes the place of those that no page took", async () => {
  const worker = version({ "app.js": "a" });
  const share = (form) => worker.fire("fetch", { request: { method: "POST", url: `${HERE}share`, formData: async () => form() } });
  const formOf = (...names) => () => {
    const form = new FormData();
    for (const name of names) form.append("pictures", new File([name], name));
    return form;
  };
  const names = () => [...(held.get(SHARED)?.values() ?? [])].map((response) => response.headers.get("x-name"));
  await share(formOf("old.png", "older.png"));
  assert.deepEqual(names(), ["old.png", "older.png"]);
  const response = await share(formOf("new.png"));
  assert.deepEqual([names(), response.headers.get("location")], [["new.png"], `${HERE}?shared`]);
  const failed = await share(() => {
    throw new Error("no room");
  });
  assert.deepEqual([names(), failed.headers.get("location")], [[], `${HERE}?shared=failed`]);
});
