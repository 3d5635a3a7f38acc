// Every language says the same things, in words and numbers a visitor there reads and types.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { samples } from "../../www/page/pictures/samples.js";
import { exact, valueOf } from "../../www/page/settings/knobs.js";
import { formats } from "../../www/page/text/formats.js";
import * as languages from "../../www/page/text/index.js";

const folder = (path) => fileURLToPath(new URL(`../../www/${path}`, import.meta.url));
const names = readdirSync(folder("page/text"))
  .filter((file) => /^[a-z]{2}\.js$/.test(file))
  .map((file) => file.slice(0, 2));
const modules = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await import(`../../www/page/text/${name}.js`)])));

/** Words that show what is done with the numbers. */
const words = Object.fromEntries(["number", "whole", "count", "percent", "megabytes", "memory", "centimetres", "duration", "day", "look"].map((name) => [name, (value) => `<${name} ${value}>`]));
const sentences = Object.fromEntries(names.map((name) => [name, modules[name].sentences(words)]));

/** Arguments for every sentence that takes some; several sets where it says different things. */
const recipe = { config: { preset: "bold", size: 1048, iterations: 2049, seed: 3050 }, enlarged: 1049, masked: true, changed: true };
const ARGUMENTS = {
  weights: [[1051, 2052]],
  done: [[1053]],
  stoppedSmall: [[{ from: 1047, to: 2047 }]],
  tabProgress: [[0.42]],
  figures: [[{ iteration: 1054, iterations: 2055, scale: { index: 1055, count: 2056, width: 1057, height: 1058 }, losses: { total: 1059 }, etaSeconds: 1060 }]],
  chart: [[1061, 1062, 1063]],
  recovered: [[{ reason: "REASON.", iteration: 1064, shortened: true }], [{ reason: "REASON.", iteration: 1064, shortened: false }]],
  nextRun: [["NAME"]],
  estimate: [[{ bytes: 1065, seconds: 1066, fits: false }], [{ bytes: 1065, seconds: null, fits: true }]],
  takes: [[{ seconds: 1066, size: 2057 }], [{ seconds: null, size: 2057 }]],
  size: [[1067]],
  sizeTooLarge: [[1068]],
  device: [[{ backend: "cpu", adapter: "ADAPTER", variants: "VARIANTS" }, false], [{ backend: "webgpu", adapter: "ADAPTER", variants: "KERNELS" }, true], [{ backend: "webgpu", adapter: "ADAPTER", variants: "KERNELS" }, false]],
  chosenPhoto: [["NAME"]],
  weightOf: [["NAME"]],
  remove: [["NAME"]],
  whereOf: [["NAME", true], ["NAME", false]],
  maskTitle: [["NAME"]],
  maskShare: [[0], [0.001], [0.42]],
  useSample: [["NAME"]],
  onePhoto: [["NAME"]],
  unreadable: [["NAME"]],
  benchCase: [[{ size: 1075, styleLoss: "LOSS" }]],
  benchValue: [[1076], [null]],
  benchLine: [[{ size: 1078, styleLoss: "LOSS", millis: 1079, teraflops: 1080 }], [{ size: 1078, styleLoss: "LOSS", millis: null, teraflops: null }]],
  mixOf: [[["NAME", "OTHER"]]],
  useMix: [[["NAME", "OTHER"]]],
  mixIn: [["NAME"]],
  takeOut: [["NAME"]],
  noSketch: [["REASON"]],
  sampleMissing: [["FILE", 404], ["FILE", 0]],
  keptName: [[{ name: "NAME", date: 1069 }]],
  keptDetails: [
    [{ recipe, width: 1070, height: 1071, iteration: 1072, iterations: 1073, seconds: 1074, unkept: true }],
    [{ recipe, width: 1070, height: 1071, iteration: 1073, iterations: 1073, seconds: 1074 }],
  ],
  openKept: [["NAME"]],
  removed: [["NAME"]],
  photoMeanwhile: [["NAME"]],
  carriesSettings: [["NAME", recipe], ["NAME", { config: {} }]],
  otherSettings: [["REASON"]],
  unknownPreset: [["NAME"]],
};

/** What stands in for something else in a sentence, each once. */
const placeholders = (sentence) => [...new Set(sentence.match(/<\w+ [^>]*>|\{\w+\}|\b[A-Z]{4,}\b|\b404\b/g))].sort();

test("what goes on is written alike: no space before the dots", () => {
  for (const name of names) assert.doesNotMatch(JSON.stringify([sentences[name], modules[name].engine]), /\s…/, name);
});

test("the languages have the same keys, kinds and arities", () => {
  const shape = (value) => {
    if (typeof value === "function") return `function of ${value.length}`;
    return value !== null && typeof value === "object" ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, shape(value[key])])) : typeof value;
  };
  assert.ok(names.length >= 2);
  for (const name of names) {
    assert.deepEqual(shape(sentences[name]), shape(sentences.en), name);
    assert.deepEqual(Object.keys(modules[name].samples).sort(), Object.keys(modules.en.samples).sort(), name);
  }
});

test("every sentence names in every language what it names in English", () => {
  const spoken = Object.entries(sentences.en).filter(([, value]) => typeof value === "function");
  assert.deepEqual(spoken.map(([key]) => key).sort(), Object.keys(ARGUMENTS).sort(), "ARGUMENTS lists every sentence with parameters");
  for (const [key] of spoken) {
    for (const given of ARGUMENTS[key]) {
      const english = sentences.en[key](...given);
      assert.doesNotMatch(english, /undefined|null|NaN|\[object/, key);
      for (const name of names) {
        const said = sentences[name][key](...given);
        assert.deepEqual(placeholders(said), placeholders(english), `${name}: ${said}`);
        assert.doesNotMatch(said, /\b(?:10[4-7]\d|20[4-5]\d)\b(?!>)/, `${name}: a number is not written the visitor's way: ${said}`);
      }
    }
  }
});

test("the engine's sentences are there in every language, with what is put into them", () => {
  for (const name of names) {
    const { engine } = modules[name];
    assert.deepEqual(Object.keys(engine), Object.keys(modules.en.engine), name);
    for (const [key, sentence] of Object.entries(engine)) {
      assert.deepEqual(placeholders(sentence), placeholders(modules.en.engine[key]), `${name}: ${sentence}`);
      if (name !== "en") assert.notEqual(sentence, modules.en.engine[key], `${name}.${key}`);
    }
  }
});

test("no sentence is left untranslated or empty", () => {
  const flat = (value) => (typeof value === "string" ? [value] : typeof value === "object" ? Object.values(value).flatMap(flat) : []);
  const SAME = new Set(["Pause", "Look", "Easel", "Adam", "L-BFGS"]);
  for (const name of names) {
    for (const [key, value] of Object.entries(sentences[name])) {
      for (const [i, word] of flat(value).entries()) {
        assert.ok(word.trim(), `${name}.${key}`);
        if (name !== "en" && !SAME.has(word)) assert.notEqual(word, flat(sentences.en[key])[i], `${name}.${key}`);
      }
    }
  }
});

test("German says Sie, to visitors and to other sites' authors", () => {
  const said = JSON.stringify([sentences.de, modules.de.engine]);
  assert.match(said, /Wählen Sie/);
  assert.doesNotMatch(said, /\b(?:du|dein\w*|dir|dich|nimm|wähle|prüfe|lade|versuche)\b/i);
});

test("nothing is promised of pasted paintings: what is pasted is the photo", () => {
  for (const [name, word] of /** @type {const} */ ([["en", /paste/i], ["de", /einfügen/i]])) {
    assert.match(sentences[name].photoHint, word);
    assert.doesNotMatch(sentences[name].paintingHint, word);
  }
});

test("index.html names sentences there are, and has no words of its own but those replaced", () => {
  const html = readFileSync(folder("index.html"), "utf8");
  const named = [...html.matchAll(/data-(?:text|label|content)="(\w+)"/g)].map(([, key]) => key);
  assert.ok(named.length > 50);
  for (const key of named) assert.equal(typeof sentences.en[key], "string", key);
  const words = html.replace(/<!--.*?-->/gs, "").matchAll(/<(\w+)([^>]*)>([^<]*\p{L}{2}[^<]*)/gu);
  for (const [, tag, attributes, content] of words) assert.match(`${attributes} ${tag}`, /data-text=|^.*img$/, content.trim());
});

test("every sample has a name in every language, and is found again by each of them", () => {
  const files = [...samples.photos, ...samples.paintings].sort();
  assert.deepEqual(Object.keys(modules.en.samples).sort(), files);
  for (const name of names) {
    for (const file of files) assert.equal(languages.sampleNamed(modules[name].samples[file]), file);
  }
  assert.equal(languages.sampleNamed("mine.jpg"), undefined);
});

test("the language is the one asked for, else the visitor's first there is, else English; numbers are the visitor's", () => {
  const chosen = (asked, ...preferred) => Object.values(languages.choose(asked, preferred)).join(" ");
  assert.equal(chosen(null, "de-AT", "en"), "de de-AT");
  assert.equal(chosen(null, "fr-FR", "de", "en"), "de fr-FR");
  assert.equal(chosen(null, "fr-FR"), "en fr-FR");
  assert.equal(chosen(null), "en en");
  assert.equal(chosen(null, "C"), "en en", "no language at all, says WebKitGTK");
  assert.equal(chosen("de", "en-US"), "de de");
  assert.equal(chosen("en", "de-DE", "en-GB"), "en en-GB");
  assert.equal(chosen("xx", "de-DE"), "de de-DE");
  assert.equal(chosen("toString", "en"), "en en");
});

test("numbers, amounts and durations as they are written in each place", () => {
  const [en, de] = [formats("en-US"), formats("de-DE")];
  assert.deepEqual([en.number(1234.5678), de.number(1234.5678)], ["1,235", "1.235"]);
  assert.deepEqual([en.number(0.0123456), de.number(0.0123456)], ["0.01235", "0,01235"]);
  assert.deepEqual([en.megabytes(13_020_000), de.megabytes(13_020_000)], ["13.0 MB", "13,0 MB"]);
  assert.deepEqual([en.memory(39.6e6), de.memory(1.26e9)], ["40 MB", "1,3 GB"]);
  assert.deepEqual([en.centimetres(1024), de.centimetres(1024)], ["8.7 cm", "8,7 cm"]);
  assert.deepEqual([en.count(12345), de.count(12345), en.whole(12345)], ["12345", "12345", "12,345"]);
  assert.deepEqual([en.percent(0.01), en.percent(1), en.percent(0.316), de.percent(1.995)], ["1", "100", "32", "200"]);
  assert.deepEqual([11.6, 200, 3900, 7199].map(en.duration), ["12 s", "3 min 20 s", "1 h 5 min", "2 h 0 min"]);
  assert.match(de.day(Date.UTC(2026, 10, 24, 12)), /^24\.11\.2026/);
});

test("numbers are read as the visitor types them, and with a point everywhere", () => {
  for (const [locale, read] of Object.entries({
    "en-US": { "0.02": 0.02, "1e-3": 0.001, " 7 ": 7, "-2": -2, "0,02": NaN, "1,234.5": NaN, "": NaN, zwei: NaN },
    "de-DE": { "0,02": 0.02, "0.02": 0.02, "1,5e-3": 0.0015, ",5": 0.5, "1.234,5": NaN, "1,2,3": NaN },
    "fr-FR": { "0,02": 0.02 },
    "sv-SE": { "\u22120,5": -0.5 },
    "ar-EG": { "٠٫٠٢": 0.02, "0.02": 0.02 },
  })) {
    const { parse } = formats(locale);
    for (const [word, value] of Object.entries(read)) assert.equal(parse(word), value, `${locale}: “${word}”`);
  }
});

test("what a field shows is read back exactly", () => {
  for (const locale of ["en-US", "de-DE", "fr-CH", "ar-EG"]) {
    const { parse, print } = formats(locale);
    for (const value of [0, 1, 0.0123, 1e-7, 4294967295, 0.1 + 0.2, -3.5, 1e21]) assert.equal(parse(print(value)), value, `${locale}: ${print(value)}`);
  }
  assert.equal(formats("de-DE").print(0.02), "0,02");
});

test("layers with their weights are read with either separator, whatever the decimal one", () => {
  const layers = [{ layer: "relu1_1", weight: 1 / 3 }, { layer: "relu3_1", weight: 2 }];
  assert.deepEqual(valueOf("layers", exact(layers)), layers);
  for (const word of ["relu1_1:0.5, relu3_1:2", "relu1_1:0.5;relu3_1:2", "relu1_1:0.5,relu3_1:2"]) {
    assert.deepEqual(valueOf("layers", word), [{ layer: "relu1_1", weight: 0.5 }, { layer: "relu3_1", weight: 2 }], word);
  }
  assert.deepEqual(valueOf("layers", "relu1_1"), [{ layer: "relu1_1", weight: 1 }]);
  assert.equal(valueOf("number", "much"), "much");
});

for (const page of ["index.html", "bench.html"]) test(`what ${page} says before any script runs is what the English sentences say`, () => {
  const html = readFileSync(folder(page), "utf8");
  const text = languages.speak("en", "en");
  const written = (words) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  let said = 0;
  for (const [tag, attributes, content] of html.matchAll(/<\w+\b([^>]*)>([^<]*)/g)) {
    for (const [, kind, key] of attributes.matchAll(/\sdata-(text|label|alt|content)="(\w+)"/g)) {
      const attribute = { label: "aria-label", alt: "alt", content: "content" }[kind];
      const found = attribute ? attributes.match(new RegExp(`\\s${attribute}="([^"]*)"`))?.[1] : content;
      assert.equal(found, written(text[key]), tag);
      said += 1;
    }
  }
  assert.equal(said, html.match(/\sdata-(text|label|alt|content)=/g).length);
});
