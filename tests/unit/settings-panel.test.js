// The controls of a run's settings: what is suggested, what was chosen, what comes back from a recipe or the last visit, and what a run will take.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FakeElement, FakeSelect, fakePage, parts } from "./fake-page.js";

fakePage();
const { SETTINGS, WEIGHTS } = await import("../../www/page/offline/names.js");
const { Estimate } = await import("../../www/page/settings/estimate.js");
const { Settings } = await import("../../www/page/settings/settings.js");

const presets = JSON.parse(readFileSync(new URL("../../src/settings/presets.json", import.meta.url), "utf8"));
const seed = { name: "seed", help: "The seed.", values: { kind: "integer", min: 0, max: 1000 } };
const styleLayers = { name: "styleLayers", help: "The layers.", values: { kind: "layers" } };
const table = { knobs: [seed, styleLayers], presets, defaults: { preset: "painterly", iterations: 50, styleWeight: 2, seed: 0 } };

/** A slider that knows no values between its steps. */
class Slider extends FakeElement {
  #value = "0";
  #steps;

  constructor(steps) {
    super("input");
    this.#steps = steps;
  }
  get value() {
    return this.#value;
  }
  set value(value) {
    this.#value = String(this.#steps ? Number((Math.round(value / this.#steps) * this.#steps).toFixed(6)) : value);
  }
}

/** A panel of settings: `load` brings the program, `change` does as the visitor does; `last` is what the last visit left. */
function panel({ last = null, loaded = true, steps = 0 } = {}) {
  const memory = new Map(last ? [[SETTINGS, JSON.stringify(last)]] : []);
  globalThis.localStorage = /** @type {any} */ ({ getItem: (key) => memory.get(key) ?? null, setItem: (key, value) => memory.set(key, value), removeItem: (key) => memory.delete(key) });
  const [size, preset] = [new FakeSelect(), new FakeSelect()];
  const [iterations, strength] = [new FakeElement("input"), new Slider(steps)];
  const { strengthValue, hint, more } = parts("strengthValue", "hint", "more");
  const settings = new Settings(/** @type {any} */ ({ size, iterations, strength, strengthValue }));
  const controls = { size, preset, iterations, strength };
  const at = {
    settings,
    strengthValue,
    load() {
      settings.addKnobs(table, /** @type {any} */ ({ preset, hint, more }));
      settings.suggest({ slow: false });
    },
    change(name, value, types = ["input", "change"]) {
      controls[name].value = value;
      for (const type of types) controls[name].dispatchEvent(new Event(type));
    },
    get iterations() {
      return String(iterations.value);
    },
    remembered: () => JSON.parse(memory.get(SETTINGS)),
    get config() {
      return settings.read().config;
    },
  };
  settings.suggest({ slow: false });
  if (loaded) at.load();
  return at;
}

test("a look takes its own number of steps, until the visitor says another", () => {
  const at = panel();
  assert.equal(at.config.iterations, 50);
  at.change("size", 96); // that is no number of steps
  for (const [look, steps] of /** @type {[string, number][]} */ ([["texture", 200], ["strokes", 40], ["classic", 200], ["bold", 50], ["photoreal", 200]])) {
    at.change("preset", look);
    assert.deepEqual([at.config.iterations, at.config.size], [steps, 96], look);
  }
  assert.deepEqual(at.settings.chosen.config, { preset: "photoreal", size: 96 });
  at.change("iterations", 7);
  at.change("preset", "bold");
  assert.equal(at.config.iterations, 7);
  at.settings.reset();
  assert.deepEqual([at.config.iterations, at.config.size], [50, 512]);
  at.change("preset", "strokes");
  assert.equal(at.config.iterations, 40);
});

test("a number of steps that is still being typed is the visitor's", () => {
  const at = panel({ loaded: false });
  at.change("iterations", 12, ["input"]);
  at.load();
  assert.deepEqual([at.config.iterations, at.config.size], [12, 512]);
});

test("a look from the last visit, from a link or a recipe brings its steps, unless others came with it", () => {
  const last = (config) => panel({ last: { version: 1, config, strength: 0 } });
  assert.equal(last({ preset: "texture" }).config.iterations, 200);
  assert.equal(last({ preset: "texture", iterations: 9 }).config.iterations, 9);
  assert.equal(last({ preset: "texture", size: 96 }).config.iterations, 200);
  const at = panel();
  at.settings.write({ config: { preset: "strokes", size: 64, iterations: 40, styleWeight: 2 } });
  at.change("preset", "classic"); // the forty were only what strokes take anyway
  assert.equal(at.config.iterations, 200);
  at.settings.write({ config: { preset: "strokes", size: 64, iterations: 3, styleWeight: 2 } });
  at.change("preset", "classic");
  assert.equal(at.config.iterations, 3);
});

test("what is chosen before the program is there goes beside what the last visit left", () => {
  const last = { version: 1, config: { preset: "bold", seed: 12, size: 256, iterations: 9 }, strength: 0.5 };
  const at = panel({ last, loaded: false });
  at.change("size", 96);
  at.load();
  assert.deepEqual(at.settings.chosen, { config: { preset: "bold", seed: 12, size: 96, iterations: 9 }, strength: 0.5 });
  at.change("preset", "gentle");
  assert.deepEqual(at.remembered().config, { preset: "gentle", seed: 12, size: 96, iterations: 9 });
});

test("a number that is being typed when the program is there stays as it is, also while the field is empty", () => {
  const last = { version: 1, config: { preset: "bold", iterations: 9 }, strength: 0.5 };
  for (const typed of ["", "5"]) {
    const at = panel({ last, loaded: false });
    at.change("iterations", typed, ["input"]);
    at.load();
    assert.equal(at.iterations, typed);
    at.change("iterations", `${typed}0`, ["input"]);
    at.change("preset", "texture");
    assert.equal(at.iterations, `${typed}0`);
  }
});

test("what the visitor has set since a link was opened stays, whatever the link says", () => {
  const at = panel({ loaded: false });
  at.change("strength", 1);
  const opened = at.settings.touches;
  at.change("iterations", 12);
  at.load();
  at.change("preset", "texture");
  const link = { config: { preset: "bold", size: 96, iterations: 9, seed: 4 }, strength: 0.5 };
  assert.equal(at.settings.adopt(link, { since: opened }), true);
  assert.deepEqual(at.settings.chosen, { config: { preset: "texture", size: 96, iterations: 12, seed: 4 }, strength: 0.5 });
  const again = at.settings.touches;
  at.change("strength", -1);
  at.settings.adopt(link, { since: again });
  assert.deepEqual(at.settings.chosen, { config: link.config, strength: -1 });
  at.settings.adopt(link);
  assert.deepEqual(at.settings.chosen, link);
  const late = at.settings.touches;
  at.settings.reset();
  const { chosen } = at.settings;
  at.settings.adopt(link, { since: late });
  assert.deepEqual(at.settings.chosen, chosen, "all was set to what it was at first");
  at.settings.adopt(link, { since: at.settings.touches });
  assert.deepEqual(at.settings.chosen, link);
});

test("a recipe's style weight comes back to the last bit, until strength or look are changed", () => {
  const recipe = (styleWeight, more = {}) => ({ config: { preset: "painterly", size: 64, iterations: 2, styleWeight }, ...more });
  const at = panel();
  for (const [weight, share] of [[6, "300 %"], [2000, /^100.?000 %$/], [0, "0 %"]]) {
    at.settings.write(recipe(weight));
    assert.deepEqual([at.settings.styleWeight, at.settings.live.styleWeight, at.config.styleWeight], [weight, weight, weight]);
    assert.match(at.strengthValue.textContent, new RegExp(share));
  }
  assert.equal(at.settings.read().strength, -2); // as near to nothing as the slider goes
  at.settings.write({ ...recipe(6), strength: 0.5 }); // as the page saves what it was given with 3
  assert.equal(at.settings.styleWeight, 6);
  // It is in links, and there on the next visit, too.
  const { config, strength } = at.settings.chosen;
  const other = panel({ steps: 0.1 });
  assert.equal(other.settings.adopt({ config, strength }), true);
  assert.ok(Math.abs(other.settings.styleWeight - 6) < 1e-9, `${other.settings.styleWeight}`);
  at.change("strength", "1");
  assert.equal(at.settings.styleWeight, 20);
  at.settings.write(recipe(6));
  at.change("preset", "classic");
  assert.equal(at.settings.styleWeight, 1e6 * 10 ** at.settings.read().strength);
  at.settings.write(recipe(6));
  at.settings.reset();
  assert.deepEqual([at.settings.styleWeight, at.strengthValue.textContent], [2, "100 %"]);
});

test("of a recipe out of a file what cannot be is left to the look, and the page can paint", () => {
  for (const [given, expected, strength] of /** @type {[Record<string, any>, Record<string, any>, number?][]} */ ([
    [{}, {}],
    [{ size: 100_000, iterations: 7 }, { iterations: 7 }],
    [{ size: 96, iterations: 0.5 }, { size: 96 }],
    [{ size: "96", iterations: null }, {}],
    [{ seed: "x", styleLayers: [null] }, {}],
    [{ seed: 3, styleLayers: [{ layer: "relu1_1", weight: 2 }] }, { seed: 3, styleLayers: [{ layer: "relu1_1", weight: 2 }] }],
    [{ styleWeight: "x" }, {}],
    [{ styleWeight: -1 }, {}],
    [{ styleWeight: 6 }, { styleWeight: 6 }, 50],
  ])) {
    const at = panel();
    at.settings.write({ config: { preset: "bold", ...given }, strength });
    assert.deepEqual(at.config, { seed: 0, preset: "bold", size: 512, iterations: 50, styleWeight: 2, ...expected }, JSON.stringify(given));
    assert.doesNotMatch(at.strengthValue.textContent, /NaN/);
    assert.deepEqual(at.settings.sizes.filter((size) => !(size >= 16 && size <= 4096)), []);
  }
  const at = panel();
  at.settings.write(/** @type {any} */ ({ config: { preset: "bold" }, strength: "much" }));
  assert.equal(at.settings.read().strength, 0);
});

// ---- what a run will take

/** The line about it, with a device that says what the test says. */
function estimator({ probe = async () => ({ millisPerMegapixel: 5 }) } = {}) {
  const { place, download, note, size } = parts("place", "download", "note", "size");
  const measure = new FakeElement("button");
  Object.assign(place, { classList: { toggle() {} } });
  Object.assign(globalThis.document, { activeElement: null, getElementById: () => size });
  const settings = { read: () => ({ config: { size: 64 } }), sizes: [], mark() {} };
  const estimate = new Estimate(/** @type {any} */ ({ place, download, measure, note, settings, paintings: () => [] }));
  const device = { backend: "cpu", adapter: "CPU" };
  const stylizer = { device, millisPerMegapixel: null, probe, estimate: async () => ({ bytes: 1, fits: true, seconds: stylizer.millisPerMegapixel }) };
  const kept = [];
  globalThis.localStorage = /** @type {any} */ ({ getItem: () => null, setItem: (_, text) => kept.push(text) });
  Object.assign(estimate, { stylizer });
  const attempts = [];
  estimate.wireMeasure({ say() {}, attempt: (action) => attempts.push(action()) }, () => ({ width: 3, height: 2 }));
  return { estimate, stylizer, kept, measure, size, download, attempts };
}

test("after measuring the focus leaves the button that goes, and whatever else has it keeps it", async () => {
  const elsewhere = new FakeElement("input");
  for (const moved of [false, true]) {
    const at = estimator();
    at.measure.focus();
    /** @type {any} */ (at.measure).onclick();
    /** @type {any} */ (at.measure).onclick(); // once is enough
    if (moved) elsewhere.focus();
    assert.equal(at.attempts.length, 1);
    await at.attempts[0];
    assert.equal(at.measure.hidden, true);
    assert.equal(document.activeElement, moved ? elsewhere : at.size);
  }
});

test("the speed that is remembered is the stylizer's, which knows a coarse scale from a large one", () => {
  const { estimate, stylizer, kept } = estimator();
  stylizer.millisPerMegapixel = 300;
  estimate.learn(/** @type {any} */ ({ iteration: 3, millisPerIteration: 20, scale: { width: 100, height: 100 } }));
  assert.equal(stylizer.millisPerMegapixel, 300);
  assert.deepEqual(kept.map((text) => Object.values(JSON.parse(text))), [[300]]);
});

test("nothing is measured while a run is on", () => {
  const at = estimator();
  for (const running of [true, false]) {
    at.estimate.held = running;
    assert.equal(/** @type {any} */ (at.measure).disabled, running);
  }
});

test("that the network is fetched once is said where only the sketch's is kept", async () => {
  for (const [files, hidden] of /** @type {[string[], boolean][]} */ ([[[], false], [["transformer-1.bin"], false], [["transformer-1.bin", "vgg19-0-2.bin"], true]])) {
    const at = estimator();
    const cache = { keys: async () => files.map((file) => ({ url: `https://host/easel/weights/${file}` })) };
    globalThis.caches = /** @type {any} */ ({ has: async (name) => name === WEIGHTS, open: async () => cache });
    await at.estimate.showDownload();
    assert.equal(at.download.hidden, hidden, files.join());
  }
});
