// Cuts what README shows closely out of its own pictures, pixel for pixel: www/gallery/close.jpg. Part of `make gallery`, and done in a second.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { PICTURES, GALLERY_WORK } = process.env;
if (!PICTURES || !GALLERY_WORK) throw new Error("Start this by `make gallery`.");
const work = join(GALLERY_WORK, "close");
mkdirSync(work, { recursive: true });

/** Of which pictures, and where: left, top, width and height in pixels. */
const CUTS = {
  hero: [330, 170, 400, 300],
  "preset-painterly": [100, 41, 270, 300],
  "preset-bold": [60, 41, 270, 300],
};

const shown = (name) => join(root, `www/gallery/${name}.jpg`);
const cuts = Object.entries(CUTS).map(([name, rectangle]) => {
  const out = join(work, `${name}.png`);
  execFileSync(PICTURES, ["crop", shown(name), out, ...rectangle], { stdio: "inherit" });
  return out;
});
execFileSync(PICTURES, ["strip", shown("close"), ...cuts], { stdio: "inherit" });
