// The "how": preset, size, iterations, strength and the expert's knobs, read as a recipe and put back from one.

import { SETTINGS } from "../offline/names.js";
import { percent, text } from "../text/index.js";
import { Knobs } from "./knobs.js";
import { forget, remember, remembered } from "./remembered.js";
import { ITERATIONS, SIZES, STRENGTHS, STYLE_WEIGHTS, isWithin, wholeWithin } from "./sane.js";

/** The sizes on offer everywhere, and those only where they are known to fit. */
const USUAL = [64, 96, 128, 192, 256, 384, 512, 768, 1024];
const LARGE_PRINTS = [1536, 2048, 3072, 4096];
/** The form in which settings are remembered; what was remembered in another is forgotten. */
const MEMORY = 1;
/** The size that a device without a real GPU is offered first, and one with it. */
const SMALL = 256;
const LARGE = 512;
/** The iterations shown until the program says how many each look takes. */
const FIRST_ITERATIONS = 50;
/** Knobs that can be changed during a run. */
const LIVE = ["contentWeight", "tvWeight", "photorealWeight", "colour"];
/** Settings with controls of their own, or none. */
const SHOWN = ["preset", "size", "iterations", "styleWeight", "previewEvery", "reportEvery"];

/**
 * The controls of a run's settings. Fires `change` when any of them changes, with when those were chosen that come from
 * elsewhere (`at`) as `detail`, `strength` while that slider moves.
 *
 * A *recipe* is what a picture was painted with, as plain data: `{ program, version, config, strength, weights }`.
 * `config` is the partial StyleConfig, so that redoing it fills the same fields and leaves the same ones empty.
 */
export class Settings extends EventTarget {
  #size;
  #iterations;
  #strength;
  #strengthValue;
  #knobs = null;
  /** Whether the visitor chose the size, and the iterations: else both are only suggested. */
  #sized = false;
  #counted = false;
  /** How often the visitor has set anything, and for each setting by name at which of those times. */
  #touches = 0;
  #touched = new Map();
  #wasReset = 0; // when all were set to what they were at first
  /** A recipe's style weight, which may lie between the slider's steps or beyond its ends, until strength or look are changed. */
  #exact = null;
  #slow = false;

  /** @param {{ size: HTMLSelectElement, iterations: HTMLInputElement, strength: HTMLInputElement, strengthValue: HTMLOutputElement }} parts */
  constructor({ size, iterations, strength, strengthValue }) {
    super();
    this.#size = size;
    this.#iterations = iterations;
    this.#strength = strength;
    this.#strengthValue = strengthValue;
    for (const px of USUAL) this.#addSize(px);
    size.addEventListener("change", () => (this.#sized = true));
    // At once: the look's own number shall not take the place of one that is being typed.
    iterations.addEventListener("input", () => (this.#counted = true));
    for (const [name, control] of Object.entries({ size, iterations, strength })) this.#heed(control, () => name);
    for (const control of [size, iterations]) control.addEventListener("change", () => this.#changed());
    strength.addEventListener("input", () => {
      this.#exact = null;
      this.#showStrength();
      this.dispatchEvent(new Event("strength"));
    });
    strength.addEventListener("change", () => this.#remember());
  }

  /** Adds the knobs, once the program that defines them is there, and puts the last visit's settings beside what was chosen until then. */
  addKnobs(table, { preset, hint, more }) {
    if (this.#knobs) return;
    this.#knobs = new Knobs(table, { preset, hint, more, shown: SHOWN });
    preset.addEventListener("change", () => {
      this.#exact = null;
      this.#propose();
      this.#showStrength();
    });
    this.#heed(preset, () => "preset");
    this.#heed(more, ({ target }) => this.#knobs.nameOf(target));
    for (const element of [preset, more]) element.addEventListener("change", () => this.#changed());
    const last = remembered(SETTINGS);
    if (last?.version === MEMORY) this.adopt(last, { since: 0 });
  }

  /** Sets the size to what a device is good for and the iterations to what the look takes, unless the visitor chose them. */
  suggest({ slow }) {
    this.#slow = slow;
    if (this.#sized && this.#counted) return;
    this.#propose();
    this.#changed();
  }

  /** Whether it is known what the settings mean. */
  get known() {
    return this.#knobs !== null;
  }

  /** The long side that is set, in pixels. */
  get size() {
    return Number(this.#size.value);
  }

  /**
   * How strongly the paintings shape a picture in one pass, from the photo's own manner, 0, to beyond theirs, 1.5: a hundredth of the
   * style weight is nothing of it, a run's usual one all. A run that begins with such a picture takes it by the same rule.
   */
  get sketchStrength() {
    return Math.min(1.5, Math.max(0, 1 + Number(this.#strength.value) / 2));
  }

  /** Whose colours the picture has. */
  get colour() {
    return this.#knobs.read().colour ?? this.#knobs.base("colour");
  }

  /** What is made of the paintings' margins. */
  get frames() {
    return this.#knobs?.read().frames ?? this.#knobs?.base("frames");
  }

  /** A point in time, as `adopt` takes it. */
  get touches() {
    return this.#touches;
  }

  /** Everything as it was at the first visit. */
  reset() {
    this.#touched.clear();
    this.#wasReset = ++this.#touches;
    this.#sized = this.#counted = false;
    this.#knobs?.reset();
    this.#slide(0);
    this.suggest({ slow: this.#slow });
    forget(SETTINGS);
  }

  /**
   * Takes over settings that come from elsewhere, as far as they can be; what they do not name is as at the first visit.
   * @param {{ config?: unknown, strength?: unknown }} settings anything
   * @param {{ since?: number, at?: number }} [how] from when on what the visitor has set stays; and when they were chosen, for who hears of it
   * @returns {boolean} whether all of them could be
   */
  adopt({ config, strength }, { since = Infinity, at } = {}) {
    if (this.#wasReset > since) return true;
    const given = /** @type {Record<string, any>} */ (config !== null && typeof config === "object" ? config : {});
    const own = new Set([...this.#touched].filter(([, touch]) => touch > since).map(([name]) => name));
    const set = this.#knobs?.read() ?? {};
    const wanted = Object.entries(given).filter(([name]) => !own.has(name));
    const stays = Object.entries(set).filter(([name]) => own.has(name));
    const known = this.#knobs?.sane(Object.fromEntries([...wanted, ...stays])) ?? {};
    this.#knobs?.reset(known);
    const size = wholeWithin(given.size, SIZES);
    const iterations = wholeWithin(given.iterations, ITERATIONS);
    this.#take(size, iterations, own);
    const slides = isWithin(strength, STRENGTHS);
    if (!own.has("strength")) this.#slide(slides ? strength : 0);
    this.#showStrength(); // it is of the look
    this.#changed(at);
    const taken = { ...known, ...(size !== null && { size }), ...(iterations !== null && { iterations }) };
    return Object.keys(given).every((name) => name in taken || own.has(name)) && (slides || strength === undefined);
  }

  /** What the visitor has chosen, as `adopt` takes it: without what was only suggested. */
  get chosen() {
    const config = { ...this.#knobs.read(), ...this.#chosenHere };
    const exact = this.#exact === null ? NaN : Math.log10(this.#exact / this.#knobs.base("styleWeight"));
    return { config, strength: isWithin(exact, STRENGTHS) ? exact : Number(this.#strength.value) };
  }

  /** All sizes there are to choose, also those that are offered only where they fit. */
  get sizes() {
    return [...new Set([...this.#offered, ...LARGE_PRINTS])].sort((a, b) => a - b);
  }

  /** Marks the sizes that will not fit into memory; the largest are offered only where they do. */
  mark(tooLarge) {
    const chosen = Number(this.#size.value);
    for (const px of LARGE_PRINTS) {
      if (!tooLarge.has(px)) this.#addSize(px);
      else if (px !== chosen) this.#option(px)?.remove();
    }
    for (const option of this.#size.options) {
      const px = Number(option.value);
      option.textContent = tooLarge.has(px) ? text.sizeTooLarge(px) : text.size(px);
    }
  }

  get styleWeight() {
    return this.#exact ?? this.#knobs.base("styleWeight") * 10 ** Number(this.#strength.value);
  }

  /** The settings a run under way can take over, as they are now. */
  get live() {
    const config = this.#knobs.read();
    const entries = LIVE.map((name) => [name, config[name] ?? this.#knobs.base(name)]);
    return { styleWeight: this.styleWeight, ...Object.fromEntries(entries) };
  }

  /** Whose colours a recipe's picture has; where the program does not say what its look means, the painting's are likely. */
  colourOf({ config }) {
    return config.colour ?? this.#knobs?.base("colour", config.preset) ?? "style";
  }

  /** The settings as a recipe; throws a sentence when one of them cannot be. */
  read() {
    const iterations = Number(this.#iterations.value);
    if (wholeWithin(iterations, ITERATIONS) === null) throw new Error(text.badIterations);
    const config = { ...this.#knobs.read(), size: Number(this.#size.value), iterations, styleWeight: this.styleWeight };
    return { program: "Easel", version: 1, config: { seed: 0, ...config }, strength: Number(this.#strength.value) };
  }

  /**
   * Puts a recipe's settings into the controls; throws a sentence when it is none of ours. Out of a file comes anything: what cannot
   * be is left to the look.
   */
  write({ config, strength }) {
    const preset = config?.preset ?? "painterly";
    if (!this.#knobs.knows(preset)) throw new Error(text.unknownPreset(preset));
    this.#knobs.write({ ...this.#knobs.sane(config), preset });
    this.#take(wholeWithin(config.size, SIZES), wholeWithin(config.iterations, ITERATIONS));
    const styleWeight = isWithin(config.styleWeight, STYLE_WEIGHTS) ? config.styleWeight : null;
    const known = isWithin(strength, STRENGTHS) ? strength : null;
    const written = known ?? (styleWeight === null ? 0 : Math.max(STRENGTHS.min, Math.log10(styleWeight / this.#knobs.base("styleWeight"))));
    this.#slide(written, styleWeight);
    this.#changed();
  }

  /** What the visitor has chosen of the settings that have controls on the page itself. */
  get #chosenHere() {
    return { ...(this.#sized && { size: this.size }), ...(this.#counted && { iterations: Number(this.#iterations.value) }) };
  }

  /** Fills in what the visitor has not chosen: a look's own learning rate goes with its own number of steps. */
  #propose() {
    if (!this.#sized) this.#size.value = this.#slow ? SMALL : LARGE;
    if (!this.#counted) this.#iterations.value = this.#knobs?.base("iterations") ?? FIRST_ITERATIONS;
  }

  /**
   * Takes size and iterations that come from elsewhere, but for those named by `own`, which the visitor has set since; null is left to what is
   * suggested, and so is the number the look takes anyway.
   */
  #take(size, iterations, own = new Set()) {
    if (!own.has("size")) {
      this.#sized = size !== null;
      if (this.#sized) this.#chooseSize(size);
    }
    if (!own.has("iterations")) {
      this.#counted = iterations !== null && iterations !== this.#knobs?.base("iterations");
      if (this.#counted) this.#iterations.value = iterations;
    }
    this.#propose();
  }

  /** Notes what the visitor sets. */
  #heed(control, nameOf) {
    for (const type of ["input", "change"]) control.addEventListener(type, (event) => this.#touched.set(nameOf(event), ++this.#touches));
  }

  /** Moves the strength's slider; `exact` is the style weight it stands for, where that is known better. */
  #slide(strength, exact = null) {
    this.#strength.value = strength;
    const isBetween = Number(this.#strength.value) !== strength && isWithin(strength, STRENGTHS);
    this.#exact = exact ?? (isBetween && this.#knobs ? this.#knobs.base("styleWeight") * 10 ** strength : null);
    this.#showStrength();
  }

  #changed(at) {
    this.#remember();
    this.dispatchEvent(new CustomEvent("change", { detail: { at } }));
  }

  #remember() {
    if (this.#knobs) remember(SETTINGS, { version: MEMORY, ...this.chosen });
  }

  get #offered() {
    return [...this.#size.options].map(({ value }) => Number(value));
  }

  #option(px) {
    return [...this.#size.options].find(({ value }) => Number(value) === px);
  }

  /** Offers a size, in its place, if it is not there. */
  #addSize(px) {
    if (this.#option(px)) return;
    const after = [...this.#size.options].find(({ value }) => Number(value) > px) ?? null;
    this.#size.add(new Option(text.size(px), String(px)), after);
  }

  #chooseSize(px) {
    this.#addSize(px);
    this.#size.value = String(px);
  }

  #showStrength() {
    const times = this.#exact === null ? 10 ** Number(this.#strength.value) : this.#exact / this.#knobs.base("styleWeight");
    this.#strengthValue.textContent = `${percent(times)} %`;
  }
}
