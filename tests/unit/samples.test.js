// The pictures that come with the page: all are offered and credited, and showing them costs little.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { samples, thumbnail } from "../../www/page/pictures/samples.js";
import { formats } from "../../www/page/text/formats.js";
import { sentences as de } from "../../www/page/text/de.js";
import { sentences as en } from "../../www/page/text/en.js";

const folder = (path) => fileURLToPath(new URL(`../../www/${path}`, import.meta.url));
const jpegs = (path) => readdirSync(folder(path)).filter((name) => name.endsWith(".jpg")).sort();
const offered = [...samples.photos, ...samples.paintings].sort();

test("what is in the folder is offered: four photos and ten paintings", () => {
  assert.deepEqual(jpegs("samples"), ["first.jpg", ...offered]); // the one before any script runs
  assert.deepEqual([samples.photos, samples.paintings].map((files) => new Set(files).size), [4, 10]);
});

test("each has a thumbnail of 160 px and at most 8 kB", () => {
  assert.deepEqual(jpegs("samples/thumbnails"), offered);
  for (const path of offered.map((file) => folder(thumbnail(file)))) {
    assert.ok(statSync(path).size <= 8000, path);
    const bytes = readFileSync(path);
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0])); // a baseline JPEG's: length, precision, height, width
    assert.deepEqual([bytes.readUInt16BE(frame + 5), bytes.readUInt16BE(frame + 7)], [160, 160], path);
  }
});

test("each is credited: in the folder's README, and its maker on the page in every language", () => {
  const rows = [...readFileSync(folder("samples/README.md"), "utf8").matchAll(/^\| (\S+\.jpg) \| (.+) \| (public domain|CC0) \|$/gm)];
  assert.deepEqual(rows.map(([, file]) => file).sort(), offered);
  for (const [, file, what] of rows) {
    const parts = what.split(", ");
    const maker = samples.paintings.includes(file) ? parts[0] : parts.at(-1);
    for (const { credits } of [en(formats("en")), de(formats("de"))]) assert.ok(credits.includes(maker), `${maker} in: ${credits}`);
  }
});
