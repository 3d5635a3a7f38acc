// "Tell me when it is done": a notification at the end of a long run, for whoever has gone elsewhere.
//
// The browser is asked for its permission only by the visitor's own click, and nothing is sent anywhere: the notification is
// the page's own.

import { text } from "../text/index.js";

/** A run shorter than this, in seconds, is waited for. */
const LONG = 60;

/**
 * A check box that is offered while a long run is on.
 *
 * Its row is hidden where there are no notifications, or where they were refused for good.
 */
export class Bell {
  #row;
  #box;
  #home;
  #page;
  #ask;
  #ring;
  #say;

  /**
   * @param {{ row: HTMLElement, box: HTMLInputElement, home: HTMLElement }} parts `home` gets the focus when the box
   *   that had it is hidden
   * @param {object} outside
   * @param {Document} outside.page
   * @param {typeof Notification | undefined} outside.notifications
   * @param {(title: string, options: NotificationOptions) => Promise<void>} [outside.ring] shows one
   * @param {(sentence: string) => void} outside.say
   */
  constructor({ row, box, home }, { page, notifications, ring = ringHere, say }) {
    this.#row = row;
    this.#box = box;
    this.#home = home;
    this.#page = page;
    this.#ask = notifications;
    this.#ring = ring;
    this.#say = say;
    box.addEventListener("change", () => this.#changed());
  }

  /** @param {number} etaSeconds how long a run will still take; offered once for long, the bell stays until the run is over */
  offer(etaSeconds) {
    if (etaSeconds > LONG && this.#ask && this.#ask.permission !== "denied") this.#row.hidden = false;
  }

  /**
   * The run is over.
   * @param {string | null} sentence what to tell whoever is not looking; null when there is nothing to tell
   */
  async end(sentence) {
    const wanted = !this.#row.hidden && this.#box.checked && this.#page.hidden && this.#ask?.permission === "granted";
    this.#hide();
    if (!wanted || !sentence) return;
    // Some browsers have notifications and show none; nothing depends on it.
    await this.#ring("Easel", { body: sentence, icon: "icons/icon-192.png", tag: "easel" }).catch(() => {});
  }

  async #changed() {
    if (!this.#box.checked || this.#ask?.permission === "granted") return;
    const answer = await this.#ask?.requestPermission();
    if (answer === "granted") return;
    this.#box.checked = false;
    if (answer === "denied") this.#hide();
    this.#say(text.bellRefused);
  }

  #hide() {
    if (this.#page.activeElement === this.#box) this.#home.focus({ preventScroll: true });
    this.#row.hidden = true;
  }
}

async function ringHere(title, options) {
  try {
    const notification = new Notification(title, options);
    notification.onclick = () => {
      window.focus();
      notification.close();
    };
  } catch {
    // Phones let only service workers ring.
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.showNotification(title, options);
  }
}
