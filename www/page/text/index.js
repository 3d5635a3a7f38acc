// Which language the page speaks, and its sentences in it.
//
// A translation is one file beside `en.js` and one line in `LANGUAGES`; it holds the engine's sentences, too. What the program
// in WebAssembly says (the settings' names and help, the looks' titles, what is wrong with a picture) stays English.

import { translate } from "../../engine/text.js";
import * as de from "./de.js";
import * as en from "./en.js";
import { formats } from "./formats.js";

/** The languages there are; the first is for everyone whose language is not among them. */
const LANGUAGES = { en, de };

/** @typedef {ReturnType<typeof formats> & { look: (preset: string) => string }} Words */

/** Whether a tag names a language. WebKitGTK without one set says "C", with which no number can be written. */
function isTag(tag) {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

/**
 * The language to speak and the locale to write numbers in.
 * @param {string | null} asked the language asked for in the address
 * @param {readonly string[]} preferred the visitor's, best first
 * @returns {{ language: keyof typeof LANGUAGES, locale: string }}
 */
export function choose(asked, preferred) {
  const spoken = (tag) => tag.toLowerCase().split("-")[0];
  const known = (tag) => Object.hasOwn(LANGUAGES, spoken(tag));
  const wanted = asked && known(asked) ? asked : null;
  const tags = preferred.filter(isTag);
  const language = spoken(wanted ?? tags.find(known) ?? "en");
  // Who asks for a language is taken to write numbers its way, in the visitor's own variety of it if there is one.
  const locale = wanted ? tags.find((tag) => spoken(tag) === language) ?? language : tags[0] ?? language;
  return { language: /** @type {keyof typeof LANGUAGES} */ (language), locale };
}

/** All sentences of a language, with numbers as a locale writes them. */
export function speak(language, locale) {
  const sentences = LANGUAGES[language].sentences({ ...formats(locale), look: (preset) => sentences.looks[preset]?.title ?? preset });
  return sentences;
}

const { language, locale } = choose(new URLSearchParams(globalThis.location?.search).get("lang"), globalThis.navigator?.languages ?? []);

translate(LANGUAGES[language].engine);

/** What the page says by itself. */
export const text = speak(language, locale);

/** How numbers are shown and read here. */
export const { print, parse, separator, percent } = formats(locale);

/** What a sample is called here. */
export const sampleName = (file) => LANGUAGES[language].samples[file];

/** What a sample is called everywhere: the name that travels inside pictures. */
export const commonName = (file) => en.samples[file];

/** The sample's file of this name, in whichever language the page spoke when it was written down. */
export const sampleNamed = (name) =>
  Object.values(LANGUAGES)
    .flatMap(({ samples }) => Object.entries(samples))
    .find(([, known]) => known === name)?.[0];

/** Puts the page's own words in place: `data-text` is the content, `data-label` the accessible name, `data-alt` what a picture shows, `data-content` a description. */
export function fillPage(root = document) {
  root.documentElement.lang = language;
  const fill = (name, put) => {
    for (const element of root.querySelectorAll(`[data-${name}]`)) put(element, text[element.getAttribute(`data-${name}`)]);
  };
  fill("text", (element, words) => (element.textContent = words));
  fill("label", (element, words) => element.setAttribute("aria-label", words));
  fill("alt", (element, words) => element.setAttribute("alt", words));
  fill("content", (element, words) => element.setAttribute("content", words));
}
