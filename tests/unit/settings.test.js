// The expert's settings for people: all are grouped and named in every language; those that come from elsewhere are looked at first.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { GROUPS, grouped, wordsOfLook } from "../../www/page/settings/groups.js";
import { saneConfig, wholeWithin } from "../../www/page/settings/sane.js";
import { formats } from "../../www/page/text/formats.js";
import { sentences as de } from "../../www/page/text/de.js";
import { sentences as en } from "../../www/page/text/en.js";

const source = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
/** The settings of the table in Rust. */
const table = [...source("src/settings/table.rs").matchAll(/^ {4}"(\w+)" \w+: /gm)].map(([, name]) => name);
/** Those with controls of their own, or none. */
const elsewhere = source("www/page/settings/settings.js").match(/SHOWN = \[(.*?)\]/s)[1].match(/\w+/g);
/** The words of the settings that are one of a few: of `Init`, say. */
const choices = Object.fromEntries(
  [...source("src/settings/choices.rs").matchAll(/^ {4}(\w+) \{\n(.*?)^ {4}\}/gms)].map(([, type, body]) => [
    type[0].toLowerCase() + type.slice(1),
    [...body.matchAll(/= "([\w-]+)"/g)].map(([, word]) => word),
  ]),
);
choices.pooling = ["max", "average"];
choices.tile = ["none", "x", "y", "both"];
const languages = { en: en(/** @type {any} */ (formats("en"))), de: de(/** @type {any} */ (formats("de"))) };

test("every setting of the table is in one group, and has a name and a line of help in every language", () => {
  assert.ok(table.length > 20, "the table is read");
  const wanted = table.filter((name) => !elsewhere.includes(name)).sort();
  assert.deepEqual(Object.values(GROUPS).flat().sort(), wanted);
  for (const [language, { knobs, groups }] of Object.entries(languages)) {
    assert.deepEqual(Object.keys(knobs).sort(), wanted, language);
    assert.deepEqual(Object.keys(groups), Object.keys(GROUPS), language);
    const titles = Object.values(knobs).map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length, language);
    for (const { help } of Object.values(knobs)) assert.match(help, /\.$/, language);
  }
});

test("every look has a name and a line of help in every language", () => {
  const presets = JSON.parse(source("src/settings/presets.json")).map(({ name }) => name);
  for (const [language, { looks }] of Object.entries(languages)) {
    assert.deepEqual(Object.keys(looks), presets, language);
    const titles = Object.values(looks).map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length, language);
    for (const { help } of Object.values(looks)) assert.match(help, /\.$/, language);
  }
  assert.deepEqual(wordsOfLook({ name: "new", title: "New", help: "Says the table" }), { title: "New", help: "Says the table.", foreign: true });
});

test("every word that a setting can be is called something in every language", () => {
  for (const [language, { choices: words }] of Object.entries(languages)) {
    for (const [name, called] of Object.entries(words)) {
      assert.deepEqual(Object.keys(called).sort(), choices[name].filter((word) => word !== "image").sort(), `${language}: ${name}`);
    }
  }
});

test("a setting nobody has grouped yet is shown all the same", () => {
  const groups = grouped([{ name: "seed" }, { name: "band" }]);
  assert.deepEqual(groups.map(([group, knobs]) => [group, knobs.map(({ name }) => name)]), [["picture", ["seed"]], ["style", []], ["detail", []], ["optimiser", ["band"]]]);
});

const KNOBS = [
  { name: "seed", values: { kind: "integer", min: 0, max: 10, optional: false } },
  { name: "tvWeight", values: { kind: "number", min: 0, max: 1e12 } },
  { name: "init", values: { kind: "choice", of: ["content", "image"] } },
  { name: "styleLayers", values: { kind: "layers" } },
];
const sane = (config) => saneConfig(config, KNOBS, ["bold"]);

test("of settings from elsewhere what can be used is", () => {
  const good = { preset: "bold", seed: 10, tvWeight: 0.5, init: "content", styleLayers: [{ layer: "relu1_1", weight: 0 }] };
  assert.deepEqual(sane(good), good);
  const { preset, ...knobs } = good;
  assert.equal(preset, "bold");
  assert.deepEqual(sane({ ...knobs, preset: "nobody", unknown: 3 }), knobs);
});

test("and what cannot be used is left out, whatever it is", () => {
  for (const nothing of [null, undefined, 3, "text", [], { preset: 5 }]) assert.deepEqual(sane(nothing), {});
  for (const seed of [-1, 11, 1.5, "7", null, NaN, Infinity, [3], {}]) assert.deepEqual(sane({ seed }), {}, String(seed));
  for (const init of ["image", "toString", 0, null]) assert.deepEqual(sane({ init }), {}, String(init));
  for (const styleLayers of [[], "relu1_1", [{}], [null], [{ layer: "relu1_1", weight: "1" }], [{ layer: "<b>", weight: 1 }]]) assert.deepEqual(sane({ styleLayers }), {});
  for (const size of [15.5, "64", null, 0, 1e9]) assert.equal(wholeWithin(size, { min: 16, max: 4096 }), null);
});
