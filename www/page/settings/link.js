// A link that carries settings, and the names of samples: whoever opens it can paint the same.
//
// It is all in the address's fragment, which browsers keep to themselves: no server sees it. The visitor's own pictures are no part of
// it, nor are their names. What comes out of a link was written by anybody: it goes through `Settings.adopt`, which takes what can be.

/** The form in which settings travel; links of other forms are not read. */
const FORM = "1";
const KEY = "easel";
/** Longer than any link made here. */
const LONGEST = 8000;

/**
 * @typedef {{ config: Record<string, any>, strength: number, photo: string | null, paintings: { file: string, weight: number }[] }} Shared
 *   `photo` and `paintings` are samples' files; null and none where they are the visitor's own
 */

/**
 * The fragment that carries settings, without its "#".
 * @param {Shared} shared
 */
export function fragmentOf({ config, strength, photo, paintings }) {
  const fields = new URLSearchParams({ [KEY]: FORM });
  if (photo) fields.set("photo", photo);
  for (const { file, weight } of paintings) fields.append("painting", `${file}*${Number(weight.toPrecision(4))}`);
  if (strength !== 0) fields.set("strength", String(strength));
  for (const [name, value] of Object.entries(config)) fields.set(name, typeof value === "string" ? value : JSON.stringify(value));
  return fields.toString();
}

/** Whether a fragment is meant to carry settings. */
export const isShared = (fragment) => new URLSearchParams(fragment.replace(/^#/, "")).has(KEY);

/**
 * What a fragment carries, as far as it can be read: nothing of it is checked but its form.
 * @param {string} fragment with or without its "#"
 * @returns {Shared | null} null when it is of another form
 */
export function readFragment(fragment) {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  if (fragment.length > LONGEST || fields.get(KEY) !== FORM) return null;
  const config = [];
  const paintings = [];
  for (const [name, word] of fields) {
    if (name === "painting") {
      const [, file, weight] = word.match(/^(.*?)(?:\*([\d.e-]+))?$/s);
      paintings.push({ file, weight: Number(weight ?? 1) });
    } else if (![KEY, "photo", "strength"].includes(name)) {
      config.push([name, valueOf(word)]);
    }
  }
  return { config: Object.fromEntries(config), strength: Number(fields.get("strength") ?? 0), photo: fields.get("photo"), paintings };
}

/** A value as it was before it was a word. */
function valueOf(word) {
  try {
    return JSON.parse(word);
  } catch {
    return word;
  }
}
