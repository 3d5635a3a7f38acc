// Pictures that come with the start: shared to the installed app, or opened with it from the file manager.

import { SHARED } from "./caches.js";

/**
 * Calls back with every batch of pictures this start, or a later one, brings.
 * @param {(files: File[]) => void} take
 */
export function onLaunch(take) {
  window.launchQueue?.setConsumer(async ({ files = [] }) => {
    const opened = await Promise.all(files.map((handle) => handle.getFile()));
    if (opened.length > 0) take(opened);
  });
  shared().then((files) => files.length > 0 && take(files));
}

/** Takes the shared pictures out of their cache. */
async function shared() {
  const here = new URL(location.href);
  if (!here.searchParams.has("shared") || !window.caches) return [];
  here.searchParams.delete("shared");
  history.replaceState(history.state, "", here);
  const cache = await caches.open(SHARED);
  const files = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    const blob = await response.blob();
    files.push(new File([blob], decodeURIComponent(response.headers.get("X-Name")), { type: blob.type }));
    await cache.delete(request);
  }
  return files;
}
