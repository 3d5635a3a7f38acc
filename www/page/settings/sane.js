// Settings that come from elsewhere than this page's own controls: out of the browser's memory, or out of an address.
//
// They may be of another version, or made up. What can be used is, and the rest is left out, so that nobody is met with a page
// that cannot paint.

/** The sizes there can be: long sides, in pixels. */
export const SIZES = { min: 16, max: 4096 };
/** The iterations there can be. */
export const ITERATIONS = { min: 1, max: 5000 };
/** The strengths there can be: the slider's decades. */
export const STRENGTHS = { min: -2, max: 2 };
/** The style weights there can be: more than the slider's ends stand for. */
export const STYLE_WEIGHTS = { min: 0, max: 1e15 };

/** @typedef {{ name: string, values: { kind: string, min?: number, max?: number, optional?: boolean, of?: readonly string[] } }} Knob */

/** Whether a value is a number within a range. */
export const isWithin = (value, { min, max }) => typeof value === "number" && value >= min && value <= max;

/** A number within a range, and whole; else null. */
export const wholeWithin = (value, range) => (isWithin(value, range) && Number.isInteger(value) ? value : null);

/** Layers are the program's; what it says of unknown ones it says when the run starts. */
const isLayers = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((entry) => typeof entry?.layer === "string" && /^relu\d_\d$/.test(entry.layer) && isWithin(entry.weight, { min: 0, max: 1e12 }));

/** @param {Knob["values"]} values */
function isValue({ kind, min = -Infinity, max = Infinity, of = [] }, value) {
  if (kind === "choice") return of.includes(value) && value !== "image"; // that one needs a picture
  if (kind === "layers") return isLayers(value);
  return isWithin(value, { min, max }) && (kind !== "integer" || Number.isInteger(value));
}

/**
 * What of a partial StyleConfig can be used.
 * @param {unknown} config anything
 * @param {Knob[]} knobs
 * @param {string[]} presets
 * @returns {Record<string, any>} the preset, where it is known, and those of the knobs that have a value they can have
 */
export function saneConfig(config, knobs, presets) {
  if (config === null || typeof config !== "object") return {};
  const given = /** @type {Record<string, any>} */ (config);
  const values = knobs.filter(({ name, values }) => isValue(values, given[name])).map(({ name }) => [name, given[name]]);
  return { ...(presets.includes(given.preset) && { preset: given.preset }), ...Object.fromEntries(values) };
}
