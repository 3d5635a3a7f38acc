// The service worker: the page from its own cache, the networks' weights from another, so that Easel opens
// and paints without a connection.
//
// What to keep is told by precache.js, made with the site: every file with its SHA-256. A file is kept under
// its path and hash, so an update fetches only what has changed, and the version in use keeps its own files until the
// visitor agrees to change. Weights are kept under their names, which carry hashes: an update leaves them
// alone. Classic rather than a module, for browsers whose service workers cannot import.

/* global precache */
importScripts("precache.js");

const scope = new URL(self.registration.scope);
// Other sites, and other copies of Easel, may share the origin: caches are named after the folder.
const FILES = `easel files ${scope.pathname}`;
const WEIGHTS = `easel weights ${scope.pathname}`;
const SHARED = `easel shared ${scope.pathname}`;

const absolute = (path) => new URL(path, scope).href;
/** The address of each file of this version, and the key under which it is kept. */
const files = new Map(Object.entries(precache.files).map(([path, hash]) => [absolute(path), `${absolute(path)}?${encodeURIComponent(hash)}`]));
/** What painting takes, and what comes after all else because some paintings only need it. */
const needed = precache.weights.map(absolute);
const later = precache.later.map(absolute);
const weights = new Set([...needed, ...later]);

self.addEventListener("install", (event) => event.waitUntil(keepFiles()));

self.addEventListener("activate", (event) => event.waitUntil(dropOld().catch(() => {}).then(() => self.clients.claim())));

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting(); // only ever sent when the visitor has agreed
  if (event.data === "keep weights") event.waitUntil(Promise.all([repaired(), keepWeights()]));
  if (event.data === "weights kept?") event.waitUntil(Promise.all([repaired(), tellIfKept()]));
  if (event.data === "keep what was fetched") event.waitUntil(keep(needed).then(tellIfKept));
});

// The page rings at a run's end, see page/away/bell.js; a click brings it back, anew where it was closed meanwhile.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: "window" }).then(bringBack));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === "POST" && url.href === absolute("share")) {
    event.respondWith(takeShared(request));
    return;
  }
  if (request.method !== "GET") return;
  url.hash = "";
  if (request.mode === "navigate") url.search = ""; // "?backend=cpu" opens the same page
  if (url.href === absolute("index.html")) url.href = scope.href;
  // Some hosts redirect page.html to page.
  if (request.mode === "navigate" && files.has(`${url.href}.html`)) url.href += ".html";
  if (weights.has(url.href)) event.respondWith(weight(url.href, event));
  else if (files.has(url.href)) event.respondWith(file(url.href, request));
});

/** Brings the start page back from among the pages there are: none of the others paints. */
function bringBack(pages) {
  const page = pages.find(({ url }) => [scope.href, absolute("index.html")].includes(url.replace(/[?#].*/, "")));
  return page ? page.focus() : self.clients.openWindow(scope.href);
}

/** Fetches what is not kept yet; a file that is not the one listed fails the whole update, to be tried again later. */
async function keepFiles() {
  const cache = await caches.open(FILES);
  const there = new Set((await cache.keys()).map(({ url }) => url));
  const missing = [...files].filter(([, key]) => !there.has(key));
  await Promise.all(
    missing.map(async ([url, key]) => {
      const integrity = `sha256-${decodeURIComponent(new URL(key).search.slice(1))}`;
      const response = await fetch(url, { cache: "no-cache", integrity });
      if (response.status !== 200) throw new Error(`${url}: HTTP ${response.status}`);
      await cache.put(key, kept(response));
    }),
  );
}

/** Every page asks at its start: what has gone from the cache since it was filled is fetched again, if it can be. */
const repaired = () => keepFiles().catch(() => {});

/**
 * The response as it is kept. Hosts may redirect page.html to page, and a browser would refuse to show such a response again; and it is
 * asked for with every page, since a browser that took it from its own memory might mix an old version's files with a new one's. What is told
 * by its hash varies by nothing, and a cache refuses what says that it varies by all.
 */
function kept(response) {
  const headers = new Headers(response.headers);
  headers.set("cache-control", "no-cache");
  headers.delete("vary");
  return new Response(response.body, { status: response.status, headers });
}

/** What this version does not need goes; but not while a newer one is on its way, which may count on it and drops what is left itself. */
async function dropOld() {
  const { installing, waiting } = self.registration;
  if ([installing, waiting].some((version) => version && version !== self.serviceWorker)) return;
  const drop = async (name, wanted) => {
    const cache = await caches.open(name);
    const keys = await cache.keys();
    await Promise.all(keys.filter(({ url }) => !wanted.has(url)).map((key) => cache.delete(key)));
  };
  await drop(FILES, new Set(files.values()));
  await drop(WEIGHTS, weights);
}

/** What is kept under a key; nothing where a cache cannot be opened or read: the disk is full, or damaged. */
async function found(name, key) {
  try {
    return await (await caches.open(name)).match(key);
  } catch {
    return undefined;
  }
}

async function file(url, request) {
  return (await found(FILES, files.get(url))) ?? fetch(request); // browsers may clear caches
}

/** A shard: the kept copy, unless the page asks past it because it was damaged; only whole answers are kept. */
async function weight(url, event) {
  const { request } = event;
  const there = request.cache === "reload" ? undefined : await found(WEIGHTS, url);
  if (there) return there;
  const response = await fetch(request);
  if (response.status !== 200) return response;
  const copy = kept(response.clone());
  const keep = async () => (await caches.open(WEIGHTS)).put(url, copy);
  // A full disk, or a visitor who leaves halfway, is no reason not to answer.
  event.waitUntil(keep().then(tellIfKept).catch(() => {}));
  return response;
}

/** Fetches the shards that are missing, and tells the pages before those that can wait. */
async function keepWeights() {
  await keep(needed);
  await tellIfKept();
  await keep(later);
}

/** Fetches shards that are missing, one by one behind everything else. */
async function keep(shards) {
  try {
    const cache = await caches.open(WEIGHTS);
    for (const url of shards) {
      if (await cache.match(url)) continue;
      const response = await fetch(url, { priority: "low" });
      if (response.status !== 200) return;
      await cache.put(url, kept(response));
    }
  } catch {
    // No connection, no room: the next start tries again.
  }
}

/** Tells the pages once all shards that painting takes are there, however they came. */
async function tellIfKept() {
  const kept = new Set((await (await caches.open(WEIGHTS)).keys()).map(({ url }) => url));
  if (!needed.every((url) => kept.has(url))) return;
  for (const page of await self.clients.matchAll()) page.postMessage("weights kept");
}

/** Pictures shared to the installed app wait in a cache for the page, see page/offline/launch.js; it is told when one cannot, for want of room say. */
async function takeShared(request) {
  let outcome = "";
  try {
    await caches.delete(SHARED); // those of another time, that no page took
    const form = await request.formData();
    const cache = await caches.open(SHARED);
    for (const [i, picture] of form.getAll("pictures").entries()) {
      if (!(picture instanceof File)) continue;
      const headers = { "Content-Type": picture.type, "X-Name": encodeURIComponent(picture.name) };
      await cache.put(absolute(`shared/${Date.now()}-${i}`), new Response(picture, { headers }));
    }
  } catch {
    outcome = "=failed";
  }
  return Response.redirect(`${scope.href}?shared${outcome}`, 303);
}
