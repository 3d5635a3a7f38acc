// Presets and the expert's settings, built from the program's own table.

import { parse, print, separator, text } from "../text/index.js";
import { grouped, wordOf, wordsOf, wordsOfLook } from "./groups.js";
import { saneConfig } from "./sane.js";

/**
 * The "Look" choice and the "More" panel.
 *
 * A field left empty keeps what the preset says, which its placeholder shows.
 */
export class Knobs {
  #table;
  #preset;
  #hint;
  #fields = new Map();

  /**
   * @param {{ knobs: any[], presets: any[], defaults: Record<string, any> }} table what `Stylizer.settings()` gives
   * @param {{ preset: HTMLSelectElement, hint: HTMLElement, more: HTMLElement, shown: string[] }} places
   *   `shown` names the settings the page has controls for elsewhere
   */
  constructor(table, { preset, hint, more, shown }) {
    this.#table = table;
    this.#preset = preset;
    this.#hint = hint;
    for (const look of table.presets) {
      const { title, foreign } = wordsOfLook(look);
      preset.append(Object.assign(new Option(title, look.name), { lang: foreign ? "en" : "" }));
    }
    for (const [group, knobs] of grouped(table.knobs.filter(({ name }) => !shown.includes(name)))) {
      const place = Object.assign(document.createElement("fieldset"), { className: "knobs" });
      place.append(Object.assign(document.createElement("legend"), { textContent: text.groups[group] }));
      for (const knob of knobs) {
        const { row, input } = field(knob);
        place.append(row);
        this.#fields.set(knob.name, { knob, input });
      }
      more.append(place);
    }
    preset.addEventListener("change", () => this.#showPreset());
    this.#showPreset();
  }

  /** A setting's value under a preset, the chosen one if none is named. */
  base(name, preset = this.#preset.value) {
    return this.#entry(preset).settings[name] ?? this.#table.defaults[name];
  }

  /** What the visitor chose, as a partial StyleConfig. */
  read() {
    const config = { preset: this.#preset.value };
    for (const [name, { knob, input }] of this.#fields) {
      const word = input.value.trim();
      if (word !== "") config[name] = valueOf(knob.values.kind, word);
    }
    return config;
  }

  /** The name of the setting that a field is for. */
  nameOf(field) {
    for (const [name, { input }] of this.#fields) if (input === field) return name;
    return null;
  }

  /** Whether there is a preset of this name. */
  knows(preset) {
    return this.#table.presets.some(({ name }) => name === preset);
  }

  /** Every field empty under the first preset, but for what a partial StyleConfig names. */
  reset(config = {}) {
    this.write({ preset: this.#table.defaults.preset, ...config });
  }

  /** What of a partial StyleConfig the fields can show and the program takes. */
  sane(config) {
    const knobs = [...this.#fields.values()].map(({ knob }) => knob);
    return saneConfig(config, knobs, this.#table.presets.map(({ name }) => name));
  }

  /** Puts a partial StyleConfig into the fields; what it does not name is left to the preset. */
  write(config) {
    this.#preset.value = config.preset;
    this.#showPreset();
    for (const [name, { input }] of this.#fields) input.value = name in config ? exact(config[name]) : "";
  }

  #entry(preset = this.#preset.value) {
    return this.#table.presets.find(({ name }) => name === preset);
  }

  #showPreset() {
    const { help, foreign } = wordsOfLook(this.#entry());
    Object.assign(this.#hint, { textContent: help, lang: foreign ? "en" : "" });
    for (const [name, { knob, input }] of this.#fields) {
      if (knob.values.kind === "choice") input.options[0].textContent = wordOf(name, this.base(name));
      else input.placeholder = short(this.base(name));
    }
  }
}

/** A row for a setting; experts find its name in the program when they point at it. */
function field(knob) {
  const { name, values } = knob;
  const { title, help, foreign } = wordsOf(knob);
  const id = `knob-${name}`;
  const row = Object.assign(document.createElement("div"), { className: "setting", title: name });
  if (foreign) row.lang = "en";
  const label = Object.assign(document.createElement("label"), { htmlFor: id, textContent: title });
  const hint = Object.assign(document.createElement("p"), { className: "hint", id: `${id}-hint`, textContent: help });
  let input;
  if (values.kind === "choice") {
    input = document.createElement("select");
    input.append(new Option("", ""), ...values.of.filter((word) => word !== "image").map((word) => new Option(wordOf(name, word), word)));
  } else {
    input = Object.assign(document.createElement("input"), { type: "text", inputMode: values.kind === "layers" ? "text" : "decimal" });
  }
  input.id = id;
  input.setAttribute("aria-describedby", hint.id);
  row.append(label, input, hint);
  return { row, input };
}

/** The value a field's word means. */
export function valueOf(kind, word) {
  if (kind === "choice") return word;
  if (kind === "layers") {
    // A comma is the end of an entry only where the next layer begins: it may be a decimal one.
    return word.split(/[,;]\s*(?=\p{L}|$)/u).map((entry) => {
      const [layer, weight = "1"] = entry.trim().split(":");
      return { layer, weight: parse(weight) };
    });
  }
  // What is no number goes on as it is: the program says what is wrong with it.
  const value = parse(word);
  return Number.isNaN(value) ? word : value;
}

/** A value as a field shows it: what `valueOf` reads back to the same value. */
export function exact(value) {
  if (Array.isArray(value)) return value.map(({ layer, weight }) => `${layer}:${exact(weight)}`).join(separator);
  return typeof value === "number" ? print(value) : String(value ?? "");
}

/** A value as a placeholder shows it, shortened. */
function short(value) {
  if (Array.isArray(value)) return exact(value.map(({ layer, weight }) => ({ layer, weight: Number(weight.toPrecision(3)) })));
  return exact(value);
}
