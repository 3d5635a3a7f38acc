// Paints the README's pictures in one pass, and two in full: the one that the page shows before its program is there, and the README's
// first. Part of `make gallery`.
//
// Those in full take long, 720 px a quarter of an hour on two cores and 1024 px twenty minutes, and are painted only where they are missing.
// GALLERY_FIRST is the page's long side.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { EASEL, PICTURES, GALLERY_WORK, GALLERY_DEVICE = "auto", GALLERY_FIRST = "720" } = process.env;
if (!EASEL || !PICTURES || !GALLERY_WORK) throw new Error("Start this by `make gallery`.");
const work = join(GALLERY_WORK, "instant");
mkdirSync(work, { recursive: true });

/** Long side of the pictures. */
const SIZE = 256;
const PHOTOS = ["coffee", "astronaut", "rocket"];
const PAINTINGS = ["great-wave", "composition-viii", "church-at-auvers", "poppies"];

const run = (program, args) => execFileSync(program, args, { stdio: ["ignore", "ignore", "inherit"] });
const sample = (kind, name) => join(root, `www/samples/${kind}-${name}.jpg`);
const shown = (name) => join(root, `www/gallery/${name}.jpg`);

/** A picture in one pass; `paintings` with weights, each perhaps with a mask. */
function instant(name, photo, paintings, more = []) {
  const out = join(work, `${name}.png`);
  const styles = paintings.flatMap(({ painting, weight = 1 }) => ["--style", `${sample("style", painting)}:${weight}`]);
  const masks = paintings.flatMap(({ mask }) => (mask ? ["--mask", mask] : []));
  run(EASEL, ["instant", "--content", sample("photo", photo), ...styles, ...masks, "--size", SIZE, "--out", out, ...more]);
  return out;
}
const strip = (name, pictures) => run(PICTURES, ["strip", shown(name), ...pictures]);

for (const photo of PHOTOS) {
  const painted = PAINTINGS.map((painting) => instant(`${photo}-${painting}`, photo, [{ painting }]));
  strip(`instant-${photo}`, [sample("photo", photo), ...painted]);
}

const [left, right] = ["left", "right"].map((side) => {
  const out = join(work, `${side}.png`);
  run(PICTURES, ["mask", side, out]);
  return out;
});
const halves = (photo, one, other) => instant(`${photo}-halves`, photo, [{ painting: one, mask: left }, { painting: other, mask: right }]);
const half = (photo, painting) => instant(`${photo}-half`, photo, [{ painting, mask: left }]);
strip("instant-masks", [halves("coffee", "great-wave", "poppies"), halves("astronaut", "church-at-auvers", "composition-viii"), half("chelsea", "cafe-terrace")]);

const mixes = [0, 0.25, 0.5, 0.75, 1].map((share) =>
  instant(`mix-${share}`, "chelsea", [{ painting: "great-wave", weight: 1 - share }, { painting: "church-at-auvers", weight: share }]),
);
strip("instant-blend", mixes);
strip(
  "instant-strength",
  [0, 0.5, 1, 1.5].map((strength) => instant(`strength-${strength}`, "chelsea", [{ painting: "composition-viii" }], ["--strength", strength])),
);

/** The cat painted in full. */
function full(name, painting, size) {
  const out = join(work, `${name}.png`);
  run(EASEL, ["stylize", "--device", GALLERY_DEVICE, "--content", cat, "--style", painting, "--size", size, "--preview-every", 0, "--out", out]);
  return out;
}
const cat = sample("photo", "chelsea");
const first = join(root, "www/samples/first.jpg");
if (!existsSync(first)) run(PICTURES, ["halves", cat, full("first", sample("style", "cafe-terrace"), GALLERY_FIRST), first]);
const wave = sample("style", "great-wave");
if (!existsSync(shown("hero"))) run(PICTURES, ["inset", shown("hero"), full("hero", wave, "1024"), cat, wave]);
