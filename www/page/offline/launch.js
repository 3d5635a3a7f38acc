// Pictures that come with the start: shared to the installed app, or opened with it from the file manager.

import { text } from "../text/index.js";
import { SHARED } from "./names.js";

/**
 * Calls back with every batch of pictures this start, or a later one, brings.
 * @template T
 * @param {() => T} choose called when they come: they are chosen then, however long it takes to read them
 * @param {(files: File[], chosen: T) => void} take gets what `choose` gave
 * @param {(sentence: string) => void} complain told when a shared picture got lost on the way
 */
export function onLaunch(choose, take, complain) {
  window.launchQueue?.setConsumer(async ({ files = [] }) => {
    if (files.length === 0) return;
    const chosen = choose();
    take(await Promise.all(files.map((handle) => handle.getFile())), chosen);
  });
  const here = new URL(location.href);
  const outcome = here.searchParams.get("shared");
  if (outcome === null) return;
  here.searchParams.delete("shared");
  history.replaceState(history.state, "", here);
  const chosen = choose();
  shared()
    .catch(() => [])
    .then((files) => {
      if (files.length > 0) take(files, chosen);
      if (outcome === "failed") complain(text.shareFailed);
    });
}

/** Takes the shared pictures out of their cache. */
async function shared() {
  if (!window.caches) return [];
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
