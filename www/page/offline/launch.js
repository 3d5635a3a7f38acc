// Pictures that come with the start: shared to the installed app, or opened with it from the file manager.

import { text } from "../text/index.js";
import { SHARED } from "./names.js";

/**
 * Calls back with every batch of pictures this start, or a later one, brings.
 * @template T
 * @param {() => T} choose called when they come: they are chosen then, however long it takes to read them
 * @param {(files: File[], chosen: T) => void} take gets what `choose` gave
 * @param {(sentence: string) => void} complain told when a picture got lost on the way
 */
export function onLaunch(choose, take, complain) {
  window.launchQueue?.setConsumer(async ({ files = [] }) => {
    if (files.length === 0) return;
    const chosen = choose();
    const { there, lost } = await read(files, (handle) => handle.getFile());
    if (there.length > 0) take(there, chosen);
    if (lost.length > 0) complain(text.unreadable(lost[0].name));
  });
  const here = new URL(location.href);
  const outcome = here.searchParams.get("shared");
  if (outcome === null) return;
  here.searchParams.delete("shared");
  history.replaceState(history.state, "", here);
  const chosen = choose();
  shared()
    .catch(() => ({ there: [], lost: [SHARED] }))
    .then(({ there, lost }) => {
      if (there.length > 0) take(there, chosen);
      if (outcome === "failed" || lost.length > 0) complain(text.shareFailed);
    });
}

/** Reads what can be read; one that cannot be takes none of the others along. */
async function read(all, one) {
  const outcomes = await Promise.allSettled(all.map(async (it) => one(it)));
  return {
    there: outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : [])),
    lost: all.filter((_, i) => outcomes[i].status === "rejected"),
  };
}

/** Takes the shared pictures out of their cache. */
async function shared() {
  if (!window.caches) return { there: [], lost: [] };
  const cache = await caches.open(SHARED);
  const requests = await cache.keys();
  const pictures = await read(requests, async (request) => {
    const response = await cache.match(request);
    const blob = await response.blob();
    return new File([blob], decodeURIComponent(response.headers.get("X-Name")), { type: blob.type });
  });
  await Promise.allSettled(requests.map((request) => cache.delete(request)));
  return pictures;
}
