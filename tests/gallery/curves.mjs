// How quickly a run gets where: the loss after each step, for the starts and steps that were the default and are. Writes www/gallery/curves.svg.
//
// Runs are kept (in GALLERY_WORK) and not made again. A loss is that of the picture a step begins with.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const work = join(process.env.GALLERY_WORK ?? join(root, "target/gallery"), "curves");
const STEPS = 40;
const PAIRS = [
  ["astronaut", "composition-viii"],
  ["chelsea", "great-wave"],
  ["coffee", "cafe-terrace"],
  ["rocket", "poppies"],
  ["astronaut", "summertime"],
  ["chelsea", "church-at-auvers"],
];
const BEFORE = ["--learning-rate", "0.02", "--averaging", "0.99"];
const WAYS = [
  { name: "from the photo, steps of 0.02 (the old default)", colour: "#888", flags: [...BEFORE, "--init", "content"] },
  { name: "from the one-pass picture, steps of 0.02", colour: "#2a78c2", flags: [...BEFORE, "--init", "instant"] },
  { name: "from the photo, steps of 0.1", colour: "#d99a2b", flags: ["--init", "content"] },
  { name: "from the one-pass picture, steps of 0.1 (the default)", colour: "#c2402a", flags: [] },
];

/**
 * The losses of a run.
 * @param {string} photo
 * @param {string} painting
 * @param {number} way
 */
function losses(photo, painting, way) {
  const log = join(work, `${photo}-${painting}-${way}.log`);
  if (!existsSync(log)) {
    const sample = (/** @type {string} */ name) => join(root, "www/samples", `${name}.jpg`);
    const args = ["stylize", "--device", "cpu", "--content", sample(`photo-${photo}`), "--style", sample(`style-${painting}`)];
    const { status, stderr } = spawnSync(
      process.env.EASEL ?? "easel",
      [...args, "--out", join(work, "out.png"), "--size", "128", "--iterations", `${STEPS}`, ...WAYS[way].flags],
      { encoding: "utf8", cwd: root },
    );
    if (status !== 0) throw new Error(stderr);
    writeFileSync(log, stderr);
  }
  return [...readFileSync(log, "utf8").matchAll(/ loss ([0-9.]+)/g)].map(([, value]) => Number(value));
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

mkdirSync(work, { recursive: true });
const runs = WAYS.map((_, way) => PAIRS.map(([photo, painting]) => losses(photo, painting, way)));
// Each pair's losses are divided by what the old default ends at, and the median pair is drawn.
const curves = runs.map((pairs) => Array.from({ length: STEPS }, (_, step) => median(pairs.map((run, i) => run[step] / runs[0][i][STEPS - 1]))));
const reached = runs.map((pairs) => median(pairs.map((run, i) => run.findIndex((loss) => loss <= runs[0][i][STEPS - 1]) + 1 || Infinity)));

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [640, 300, 46, 36];
const [LOW, HIGH] = [0.6, 10];
const x = (/** @type {number} */ step) => LEFT + ((step - 1) / (STEPS - 1)) * (WIDTH - LEFT - 12);
const y = (/** @type {number} */ loss) => 10 + (1 - Math.log(loss / LOW) / Math.log(HIGH / LOW)) * (HEIGHT - BOTTOM - 10);
const lines = [];
for (const tick of [0.7, 1, 2, 4, 8]) {
  lines.push(`<path d="M${LEFT} ${y(tick)}H${WIDTH - 12}" stroke="#8884"/><text x="${LEFT - 6}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`);
}
for (const step of [1, 10, 20, 30, 40]) lines.push(`<text x="${x(step)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${step}</text>`);
for (const [way, { name, colour }] of WAYS.entries()) {
  const path = curves[way].map((loss, i) => `${i ? "L" : "M"}${x(i + 1).toFixed(1)} ${y(Math.min(loss, HIGH)).toFixed(1)}`).join("");
  lines.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
  lines.push(`<text x="${WIDTH - 18}" y="${28 + 17 * way}" text-anchor="end" fill="${colour}">${name}</text>`);
}
lines.push(`<text x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 3}" text-anchor="middle">step</text>`);
writeFileSync(
  join(root, "www/gallery/curves.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#777">\n${lines.join("\n")}\n</svg>\n`,
);
console.log(WAYS.map(({ name }, way) => `${name}: reaches the old default's ${STEPS} steps in ${reached[way]} (median); ends at ${curves[way].at(-1)?.toFixed(3)} of its loss`).join("\n"));
