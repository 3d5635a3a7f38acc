// What a run will take, said before it starts; and how fast this device proved to be, remembered.

import { FETCHED, SPEEDS, WEIGHTS } from "../offline/names.js";
import { text } from "../text/index.js";
import { remember, remembered } from "./remembered.js";

/** The first steps also set things up: they say little about the speed. From then on every tenth is enough. */
const WARM = 3;
const EVERY = 10;

const nameOf = ({ backend, adapter }) => `${backend}: ${adapter}`;

/** The line under the settings, what Paint says below its name, and the marks in the list of sizes. */
export class Estimate {
  #place;
  #download;
  #measure;
  #note;
  #settings;
  #paintings;
  #asked = 0;
  #stylizer = null;
  #timing = false;

  /**
   * @param {{ place: HTMLElement, download: HTMLElement, measure: HTMLButtonElement, note: HTMLElement, settings: import("./settings.js").Settings,
   *   paintings: () => { mask?: Blob | null }[] }} parts
   */
  constructor({ place, download, measure, note, settings, paintings }) {
    this.#place = place;
    this.#download = download;
    this.#measure = measure;
    this.#note = note;
    this.#settings = settings;
    this.#paintings = paintings;
  }

  /** A device was opened: tell it how fast it was the last time. */
  set stylizer(stylizer) {
    this.#stylizer = stylizer;
    stylizer.millisPerMegapixel ??= remembered(SPEEDS)?.[nameOf(stylizer.device)] ?? null;
  }

  /**
   * What a run would take; null where nothing can be painted.
   * @param {{ width: number, height: number, config: object, paintings: number, masked: number }} run
   */
  async of(run) {
    return this.#stylizer?.estimate(run) ?? null;
  }

  /**
   * Says what a run with the present settings takes.
   * @param {{ width?: number, height?: number } | null} photo
   */
  async show(photo) {
    const stylizer = this.#stylizer;
    if (!stylizer || !photo) return;
    const asked = ++this.#asked;
    try {
      const { config } = this.#settings.read();
      const all = this.#paintings();
      const counts = { paintings: Math.max(1, all.length), masked: all.filter(({ mask }) => mask).length };
      const of = (size) => stylizer.estimate({ ...photo, ...counts, config: { ...config, size } });
      const [chosen, ...others] = await Promise.all([of(config.size), ...this.#settings.sizes.map(of)]);
      if (asked !== this.#asked) return;
      this.#settings.mark(new Set(this.#settings.sizes.filter((_, i) => !others[i].fits)));
      this.#place.textContent = `${text.estimate(chosen)}. ${chosen.seconds === null ? text.estimateTimeLater : ""}`;
      this.#place.classList.toggle("warning", !chosen.fits);
      this.#note.textContent = text.takes({ seconds: chosen.seconds, size: config.size });
      this.#showMeasure(chosen.seconds === null);
    } catch {
      // A setting that cannot be is said when the run starts.
      if (asked === this.#asked) this.#place.textContent = this.#note.textContent = "";
    }
  }

  /** Lets the button measure, and show what comes of it for the photo chosen by then. */
  wireMeasure(status, photo) {
    this.#measure.onclick = () => {
      if (this.#timing) return;
      status.attempt(async () => {
        status.say(text.measuring);
        await this.#time();
        await this.show(photo());
        status.say(text.measured);
      });
    };
  }

  /** Whether a run is on, which measures by itself, and would be measured along. */
  set held(held) {
    this.#measure.disabled = held;
  }

  /** Times a few steps now. The button is not disabled meanwhile, so that who waits at it keeps the focus. */
  async #time() {
    this.#timing = true;
    this.#measure.setAttribute("aria-busy", "true");
    try {
      const { millisPerMegapixel } = await this.#stylizer.probe();
      this.#learned(millisPerMegapixel);
    } finally {
      this.#timing = false;
      this.#measure.removeAttribute("aria-busy");
    }
  }

  /** Shows the button where there is something to measure; the focus goes along when it leaves. */
  #showMeasure(shown) {
    const isFocused = document.activeElement === this.#measure;
    this.#measure.hidden = !shown;
    if (isFocused && !shown) document.getElementById("size").focus();
  }

  /** Learns the speed from a run's progress, which the stylizer has looked at. */
  learn({ iteration }) {
    if (!this.#stylizer || iteration % EVERY !== WARM) return;
    this.#learned(this.#stylizer.millisPerMegapixel);
  }

  #learned(millisPerMegapixel) {
    if (!(millisPerMegapixel > 0)) return;
    this.#stylizer.millisPerMegapixel = millisPerMegapixel;
    remember(SPEEDS, { ...remembered(SPEEDS), [nameOf(this.#stylizer.device)]: millisPerMegapixel });
  }

  /** Says once how much the first run fetches: not when it is there already. */
  async showDownload() {
    this.#download.hidden = remembered(FETCHED) === true || (await weightsKept());
  }

  /** The network is there. */
  fetched() {
    remember(FETCHED, true);
    this.#download.hidden = true;
  }
}

/** Whether the service worker has put the network's files into their cache, in which the sketch's small one may lie alone. */
async function weightsKept() {
  try {
    if (!(await caches.has(WEIGHTS))) return false;
    return (await (await caches.open(WEIGHTS)).keys()).some(({ url }) => url.includes("/vgg19-"));
  } catch {
    return false;
  }
}
