// Links that carry settings: what is in them, what is not, and what comes of bad ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shared, takeFragment } from "../../www/page/pictures/shared.js";
import { fragmentOf, isShared, readFragment } from "../../www/page/settings/link.js";
import { layout } from "../../www/page/stage/pair.js";
import { nextSize } from "../../www/page/stage/further.js";
import { sampleName } from "../../www/page/text/index.js";

const link = {
  config: { preset: "bold", size: 512, seed: 7, tvWeight: 0.1, styleLayers: [{ layer: "relu1_1", weight: 1 / 3 }], init: "noise" },
  strength: -0.7,
  photo: "photo-coffee.jpg",
  paintings: [{ file: "style-great-wave.jpg", weight: 0.25 }, { file: "style-poppies.jpg", weight: 1 }],
};

test("what goes into a link comes out of it", () => {
  const fragment = fragmentOf(link);
  assert.ok(fragment.length < 400, String(fragment.length));
  assert.ok(isShared(`#${fragment}`));
  assert.deepEqual(readFragment(`#${fragment}`), link);
  const bare = { config: {}, strength: 0, photo: null, paintings: [] };
  assert.deepEqual(readFragment(fragmentOf(bare)), bare);
});

test("other fragments are no links of ours; damaged ones are read as far as they go, or not at all", () => {
  for (const other of ["", "#", "#gallery", "#size=512"]) assert.equal(isShared(other), false, other);
  for (const bad of ["#easel=2&size=5", `#easel=1&seed=${"9".repeat(9000)}`]) assert.equal(readFragment(bad), null);
  const { config, strength, paintings } = readFragment("#easel=1&size={&strength=much&painting=&painting=a*b*-&__proto__=1");
  assert.equal(config.size, "{");
  assert.ok(Number.isNaN(strength));
  assert.deepEqual(paintings.map(({ file }) => file), ["", "a*b"]);
  assert.equal(Object.getPrototypeOf({}), Object.prototype);
  assert.deepEqual(readFragment("#easel=1&painting=a%0Ab*0.5").paintings, [{ file: "a\nb", weight: 0.5 }]);
});

const chosen = { config: { preset: "bold", size: 512 }, strength: 0 };
const painting = (file, more = {}) => ({ name: sampleName(file) ?? file, weight: 1, mask: null, ...more });

test("samples are named, the visitor's own pictures are not", () => {
  const own = shared(chosen, { name: "me at the beach.jpg" }, [painting("my drawing.png")]);
  assert.equal(own.complete, false);
  assert.doesNotMatch(decodeURIComponent(own.fragment), /beach|drawing/);
  const mixed = shared(chosen, { name: sampleName("photo-coffee.jpg") }, [painting("style-poppies.jpg"), painting("my drawing.png")]);
  assert.deepEqual([mixed.complete, readFragment(mixed.fragment).paintings, readFragment(mixed.fragment).photo], [false, [], "photo-coffee.jpg"]);
  const samples = shared(chosen, { name: sampleName("photo-coffee.jpg") }, [painting("style-poppies.jpg", { weight: 0.5 })]);
  assert.equal(samples.complete, true);
  assert.deepEqual(readFragment(samples.fragment).paintings, [{ file: "style-poppies.jpg", weight: 0.5 }]);
  const masked = shared(chosen, { name: sampleName("photo-coffee.jpg") }, [painting("style-poppies.jpg", { mask: new Blob() })]);
  assert.equal(masked.complete, false);
});

test("a link is taken out of the address, once", () => {
  const replaced = [];
  const history = { state: null, replaceState: (_state, _title, address) => replaced.push(address) };
  const at = (hash) => /** @type {any} */ ({ location: { hash, pathname: "/easel/", search: "?lang=de" }, history });
  assert.equal(takeFragment(at("#easel=1&size=64")), "#easel=1&size=64");
  assert.equal(takeFragment(at("#top")), null);
  assert.deepEqual(replaced, ["/easel/?lang=de"]);
});

test("before and after are laid out beside each other, wide ones above each other, within what can be drawn", () => {
  assert.deepEqual(layout({ width: 100, height: 150 }), { size: { width: 203, height: 150 }, each: { width: 100, height: 150 }, after: { x: 103, y: 0 } });
  assert.deepEqual(layout({ width: 300, height: 100 }), { size: { width: 300, height: 206 }, each: { width: 300, height: 100 }, after: { x: 0, y: 106 } });
  const { size } = layout({ width: 4096, height: 4096 });
  assert.ok(size.width * size.height <= 16_000_000 && size.width * size.height > 15_900_000);
});

test("the next size is a run's next scale, as far as there are sizes", () => {
  assert.deepEqual([128, 181, 256, 362, 512, 724].map(nextSize), [181, 256, 362, 512, 724, 1024]);
  assert.equal(nextSize(4096), null);
});
