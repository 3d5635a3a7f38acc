// Keeps Easel for use without a connection, and asks before changing to a new version.
//
// Nothing here is needed for painting: it starts after everything else, and where service workers are
// missing or refused the page is simply as online as any other.

import { text } from "../text/index.js";

/** A page left open for days asks for a new version when it is looked at again, at most this often. */
const HOUR = 3_600_000;

if ("serviceWorker" in navigator) {
  if (document.readyState === "complete") keep();
  else window.addEventListener("load", keep, { once: true });
}

async function keep() {
  const { serviceWorker } = navigator;
  let controlled = serviceWorker.controller !== null;
  let agreed = false;
  try {
    const registration = await serviceWorker.register(new URL("../../sw.js", import.meta.url), { updateViaCache: "none" });
    const ask = () =>
      offer(() => {
        agreed = true;
        // The new version may have taken over already, agreed to in another tab.
        if (registration.waiting) registration.waiting.postMessage("take over");
        else location.reload();
      });
    watch(registration, ask);
    serviceWorker.addEventListener("controllerchange", () => {
      if (agreed) location.reload();
      else if (controlled) ask();
      controlled = true; // the first version takes a page over without a word
    });
    serviceWorker.addEventListener("message", ({ data }) => data === "weights kept" && say(text.worksOffline));
    const { active } = await serviceWorker.ready;
    if (mayFetchAhead()) active.postMessage("keep weights");
  } catch {
    // Private windows, blocked storage, a site without its precache list: Easel paints all the same.
  }
}

/** Notices a new version that waits, now or later. */
function watch(registration, ask) {
  const look = () => registration.waiting && registration.active && ask();
  const follow = () => registration.installing?.addEventListener("statechange", look);
  look();
  follow();
  registration.addEventListener("updatefound", follow);
  let looked = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || Date.now() - looked < HOUR) return;
    looked = Date.now();
    registration.update().catch(() => {}); // no connection: another time
  });
}

/** The network's weights are fetched ahead of the first painting, but not where every megabyte counts. */
function mayFetchAhead() {
  const { saveData = false, type, effectiveType = "4g" } = navigator.connection ?? {};
  return !saveData && type !== "cellular" && effectiveType === "4g";
}

let notice = null;

/** Shows "Update ready" until the visitor reloads or puts it off; once. */
function offer(accept) {
  if (notice) return;
  notice = Object.assign(document.createElement("aside"), { className: "notice", ariaLabel: text.update });
  const sentence = document.createElement("p");
  sentence.setAttribute("role", "status");
  const button = (label, act, className = "") => {
    const element = Object.assign(document.createElement("button"), { type: "button", textContent: label, className });
    element.addEventListener("click", act);
    return element;
  };
  const later = button(text.later, () => notice.remove());
  notice.append(sentence, button(text.reload, accept, "primary"), later);
  document.body.append(notice);
  // Said only once the region is there, or screen readers would miss it.
  setTimeout(() => (sentence.textContent = text.updateReady));
}

/** One quiet line at the foot of the page. */
function say(sentence) {
  const line = document.createElement("p");
  line.id = "offline";
  line.textContent = sentence;
  document.getElementById("offline")?.remove();
  document.querySelector("footer")?.append(line);
}
