// The README's first picture: one that is large enough to show strokes, with its photo and painting in the corner.
//
// It is kept (in GALLERY_WORK) and not made again: it takes some twenty minutes on two cores.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const work = process.env.GALLERY_WORK ?? join(root, "target/gallery");
const [photo, painting] = ["photo-chelsea", "style-great-wave"].map((name) => join(root, "www/samples", `${name}.jpg`));
const picture = join(work, "hero.png");

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, ...args) {
  const { status } = spawnSync(program, args, { stdio: "inherit", cwd: root });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed`);
}

mkdirSync(work, { recursive: true });
if (!existsSync(picture)) run(process.env.EASEL ?? "easel", "stylize", "--content", photo, "--style", painting, "--size", "1024", "--out", picture);
run(process.env.PICTURES ?? "pictures", "inset", join(root, "www/gallery/hero.jpg"), picture, photo, painting);
