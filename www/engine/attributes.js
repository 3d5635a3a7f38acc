// The settings as attributes and properties of the element: `style-weight="2"` is `element.styleWeight = 2`.
//
// Only their names are here. What they may be, and what they are where nothing is said, the program knows, whose sentences say more.

import { isA } from "./kinds.js";

/** Every setting's name in JavaScript; a test compares them with the program's. */
export const SETTINGS = /** @type {const} */ ([
  "preset",
  "size",
  "minSize",
  "iterations",
  "firstIterations",
  "contentWeight",
  "styleWeight",
  "tvWeight",
  "photorealWeight",
  "contentLayers",
  "contentLoss",
  "styleLayers",
  "styleLoss",
  "turns",
  "pooling",
  "optimizer",
  "learningRate",
  "averaging",
  "init",
  "colour",
  "styleScale",
  "frames",
  "tile",
  "band",
  "seed",
  "previewEvery",
  "reportEvery",
]);

const attributeOf = (/** @type {string} */ name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * What cannot be said by an attribute: pictures that are no addresses.
 * @type {WeakMap<Element, Map<string, unknown>>}
 */
const given = new WeakMap();

/**
 * What an attribute's words stand for: numbers, lists and null are what they look like.
 * @param {string} words
 */
function valueOf(words) {
  if (!/^\s*(?:[-+.\d]|\[|null\s*$)/.test(words)) return words;
  try {
    return JSON.parse(words.replace(/^\s*\+/, "").replace(/^(\s*-?)\./, "$10."));
  } catch {
    return words; // the program says what is wrong with it
  }
}

/**
 * A setting of an element; undefined where nothing is said.
 * @param {Element} element
 * @param {string} name
 */
function settingOf(element, name) {
  const words = element.getAttribute(attributeOf(name));
  return words === null ? given.get(element)?.get(name) : valueOf(words);
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value undefined: as the preset has it
 */
function set(element, name, value) {
  given.get(element)?.delete(name);
  element.removeAttribute(attributeOf(name));
  if (value === undefined) return;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    element.setAttribute(
      attributeOf(name),
      typeof value === "string" ? value : (JSON.stringify(value) ?? String(value)),
    );
    return;
  }
  keep(element, name, value);
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value
 */
function keep(element, name, value) {
  const own = given.get(element) ?? new Map();
  given.set(element, own.set(name, value));
}

/**
 * The settings that an element has, for `Stylizer.start`.
 * @param {Element} element
 */
export function configOf(element) {
  const said = SETTINGS.map((name) => [name, settingOf(element, name)]);
  return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}

/**
 * Gives a class of elements a property for each setting.
 * @param {object} prototype
 */
export function defineSettings(prototype) {
  for (const name of SETTINGS) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      /** @this {Element} */
      get() {
        return settingOf(this, name);
      },
      /** @this {Element} @param {unknown} value */
      set(value) {
        set(this, name, value);
      },
    });
  }
}

/**
 * Hands what was set on an element before it was defined to the properties it has since, which it would hide for good.
 * @param {Element} element
 * @param {readonly string[]} names
 */
export function takeUp(element, names) {
  const own = /** @type {Record<string, any>} */ (/** @type {unknown} */ (element));
  for (const name of names.filter((name) => Object.hasOwn(own, name))) {
    const value = own[name];
    delete own[name];
    own[name] = value;
  }
}

/**
 * A picture that an element was given, or the address in its attribute.
 * @param {Element} element
 * @param {string} attribute
 * @returns {import("./types.js").Picture | null}
 */
export const pictureOf = (element, attribute) =>
  /** @type {any} */ (given.get(element)?.get(attribute)) ?? element.getAttribute(attribute);

/**
 * An address becomes an attribute, any other picture is kept beside them.
 * @param {Element} element
 * @param {string} attribute
 * @param {import("./types.js").Picture | null | undefined} picture
 */
export function setPicture(element, attribute, picture) {
  given.get(element)?.delete(attribute);
  element.removeAttribute(attribute);
  if (typeof picture === "string" || isA(picture, "URL")) element.setAttribute(attribute, String(picture));
  else if (picture) keep(element, attribute, picture);
}
