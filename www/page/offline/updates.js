// Keeps Easel for use without a connection, and asks before changing to a new version.
//
// Nothing here is needed for painting: it starts after everything else, and where service workers are
// missing or refused the page is simply as online as any other.

import { text } from "../text/index.js";

/** A page left open for days asks for a new version when it is looked at again, at most this often. */
const HOUR = 3_600_000;
/** A version that was put off is offered again after so long; at the next visit in any case. */
const DAY = 24 * HOUR;
/**
 * A version that was agreed to and has not taken over by then, in milliseconds, is given way to by loading the page again: Chromium now and then
 * takes an idle worker for busy and keeps it for five minutes, unless a page of its goes.
 */
const PATIENCE = 3_000;

if ("serviceWorker" in navigator) {
  if (document.readyState === "complete") keep();
  else window.addEventListener("load", keep, { once: true });
}

async function keep() {
  let agreed = false;
  try {
    const { serviceWorker } = navigator;
    let controlled = serviceWorker.controller !== null;
    const registration = await serviceWorker.register(new URL("../../sw.js", import.meta.url), { updateViaCache: "none" });
    const takeOver = () => {
      agreed = true;
      // The new version may have taken over already, agreed to in another tab or not a moment ago.
      if (!registration.waiting) return location.reload();
      registration.waiting.postMessage("take over");
      setTimeout(() => location.reload(), PATIENCE);
    };
    const offer = new Offer(takeOver);
    watch(registration, offer);
    serviceWorker.addEventListener("controllerchange", () => {
      if (agreed) location.reload();
      else if (controlled) offer.insist(serviceWorker.controller);
      controlled = true; // the first version takes a page over without a word
    });
    serviceWorker.addEventListener("message", ({ data }) => data === "weights kept" && say(text.worksOffline));
    const { active } = await serviceWorker.ready;
    active.postMessage(mayFetchAhead(navigator.connection) ? "keep weights" : "weights kept?");
  } catch {
    // Private windows, blocked storage, a site without its precache list: Easel paints all the same.
  }
}

/**
 * Once the networks are there: what was fetched before the service worker was at its post has not passed it. It comes out of the browser's own
 * cache now. Nobody need wait for it.
 */
export async function keepFetched() {
  try {
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage("keep what was fetched");
  } catch {
    // As above: nothing is kept here.
  }
}

/** Milliseconds since a time, by a clock that goes on while the device sleeps, and may be set back. */
const since = (then) => Math.abs(Date.now() - then);

/** Notices a new version that waits, now or later. */
function watch(registration, offer) {
  const look = () => registration.active && offer.make(registration.waiting);
  const follow = () => registration.installing?.addEventListener("statechange", look);
  look();
  follow();
  registration.addEventListener("updatefound", follow);
  let asked = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    offer.again();
    if (since(asked) < HOUR) return;
    asked = Date.now();
    registration.update().catch(() => {}); // no connection: another time
  });
}

/**
 * The network's weights are fetched ahead of the first painting only where the browser says that the connection is neither
 * metered nor slow. Others say nothing: there the first painting fetches them, and they are kept all the same.
 * @param {{ saveData?: boolean, type?: string, effectiveType?: string }} [connection]
 */
function mayFetchAhead({ saveData = true, type, effectiveType } = {}) {
  return !saveData && effectiveType === "4g" && [undefined, "wifi", "ethernet"].includes(type);
}

/** "A new version is ready", until the visitor reloads or puts it off. */
class Offer {
  #accept;
  #notice = null;
  /** The newest version there is, and when it was put off. */
  #version = null;
  #putOffAt = -Infinity;

  /** @param {() => void} accept what reloading means */
  constructor(accept) {
    this.#accept = accept;
  }

  /**
   * Offers a version that this page is not of.
   * @param {ServiceWorker | null} version null: there is none
   */
  make(version) {
    if (!version) return;
    if (version !== this.#version) this.#putOffAt = -Infinity;
    this.#version = version;
    this.again();
  }

  /** Offers a version that was agreed to elsewhere and serves this page too: put off or not, the page is better reloaded. */
  insist(version) {
    this.#putOffAt = -Infinity;
    this.make(version);
  }

  /** Offers what was put off, if it is time. */
  again() {
    if (!this.#version || this.#notice || since(this.#putOffAt) < DAY) return;
    this.#notice = this.#show();
  }

  #putOff() {
    const viewport = /** @type {HTMLElement | null} */ (document.querySelector("#viewport"));
    if (this.#notice.contains(document.activeElement)) viewport?.focus({ preventScroll: true }); // its button goes
    this.#notice.remove();
    this.#notice = null;
    this.#putOffAt = Date.now();
    setTimeout(() => this.again(), DAY);
  }

  #show() {
    const notice = Object.assign(document.createElement("aside"), { className: "notice", ariaLabel: text.update });
    const sentence = document.createElement("p");
    sentence.setAttribute("role", "status");
    const button = (label, act, className = "") => {
      const element = Object.assign(document.createElement("button"), { type: "button", textContent: label, className });
      element.addEventListener("click", act);
      return element;
    };
    notice.append(sentence, button(text.reload, this.#accept, "primary"), button(text.later, () => this.#putOff()));
    document.body.append(notice);
    // Said only once the region is there, or screen readers would miss it.
    setTimeout(() => (sentence.textContent = text.updateReady));
    return notice;
  }
}

/** One quiet line at the foot of the page. */
function say(sentence) {
  const line = document.createElement("p");
  line.id = "offline";
  line.textContent = sentence;
  document.getElementById("offline")?.remove();
  document.querySelector("footer")?.append(line);
}
