// How the expert's settings are put together for people: which belong together, and what they are called.
//
// The table they come from is the program's, in Rust and in English. The names and the help that the page shows are the
// languages' (text/*.js); a setting that has none there yet is shown as the table has it.

import { text } from "../text/index.js";

/** The groups in their order, with the settings' names in the program. */
export const GROUPS = {
  picture: ["colour", "photorealWeight", "tile", "init", "seed"],
  style: ["contentWeight", "styleScale", "frames", "styleLoss", "turns", "styleLayers"],
  detail: ["minSize", "firstIterations", "tvWeight", "contentLoss", "contentLayers", "pooling"],
  optimiser: ["optimizer", "learningRate", "averaging", "band"],
};

/**
 * The settings of a table by group; one that nobody has put in a group yet is in the last.
 * @template {{ name: string }} K
 * @param {K[]} knobs
 * @returns {[group: keyof typeof GROUPS, knobs: K[]][]}
 */
export function grouped(knobs) {
  const names = Object.values(GROUPS).flat();
  const rest = knobs.filter(({ name }) => !names.includes(name));
  const groups = /** @type {[keyof typeof GROUPS, string[]][]} */ (Object.entries(GROUPS));
  return groups.map(([group, members], i) => {
    const own = members.map((name) => knobs.find((knob) => knob.name === name)).filter(Boolean);
    return [group, i === groups.length - 1 ? [...own, ...rest] : own];
  });
}

/**
 * What a setting is called, and what it does in a sentence.
 * @param {{ name: string, unit: string, help: string }} knob
 * @returns {{ title: string, help: string, foreign: boolean }} `foreign`: in the table's English
 */
export function wordsOf({ name, unit, help }) {
  const known = text.knobs[name];
  return known ? { ...known, foreign: false } : { title: name, help: `${help}${unit && ` (${unit})`}.`, foreign: true };
}

/**
 * What a look is called, and what it is in a sentence.
 * @param {{ name: string, title: string, help: string }} preset
 * @returns {{ title: string, help: string, foreign: boolean }} `foreign`: in the table's English
 */
export function wordsOfLook({ name, title, help }) {
  const known = text.looks[name];
  return known ? { ...known, foreign: false } : { title, help: `${help}.`, foreign: true };
}

/** What a setting's value that is a word is called. */
export const wordOf = (name, value) => text.choices[name]?.[value] ?? String(value ?? "");
