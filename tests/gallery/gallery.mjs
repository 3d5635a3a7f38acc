// Paints the gallery: `make gallery`. What it paints is in plan.mjs.
//
// Paintings are kept (in GALLERY_WORK) with their settings and are not painted again while these stay the same;
// GALLERY_FORCE=1 paints all. With another GALLERY_SIZE everything, strips included, goes there too. Where a
// strip and its results in results.json already belong to the plan, nothing of it is painted at all.
// GALLERY_ONLY=blend,noise paints only some experiments.
import { createHash } from "node:crypto";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { experiments, SIZE } from "./plan.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { EASEL, PICTURES, GALLERY_WORK, GALLERY_FORCE, GALLERY_ONLY } = process.env;
const size = Number(process.env.GALLERY_SIZE || SIZE);
if (!EASEL || !PICTURES || !GALLERY_WORK) throw new Error("Start this by `make gallery`.");
if (!Number.isInteger(size) || size % 4 || size < 64) throw new Error("GALLERY_SIZE must be a multiple of 4 and at least 64.");
const whole = size === SIZE;
const work = join(GALLERY_WORK, `${size}`);
const shown = whole ? join(root, "www/gallery") : join(work, "pictures");
const resultsFile = whole ? join(root, "tests/gallery/results.json") : join(work, "results.json");
const device = process.env.GALLERY_DEVICE || "auto";
for (const folder of [work, shown]) mkdirSync(folder, { recursive: true });

const sample = (kind, name) => join(root, `www/samples/${kind}-${name}.jpg`);
const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const run = (program, args) => execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

const presets = JSON.parse(readFileSync(join(root, "src/settings/presets.json"), "utf8"));

const digest = (text) => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** What decides how a painting looks: of a preset what it says, too. */
function essence({ photo, paintings, settings, noise = 0 }) {
  const preset = presets.find(({ name }) => name === settings.preset);
  return JSON.stringify([photo, paintings, settings, noise, ...(preset ? [digest(JSON.stringify(preset.settings))] : [])]);
}
const place = (panel) => join(work, digest(essence(panel)));

/** Its photo's file, made first if it is a noisy one. */
function photoOf({ photo, noise, settings }) {
  if (!noise) return sample("photo", photo);
  const file = join(work, `${photo}-noise-${noise}.png`);
  if (!existsSync(file)) run(PICTURES, ["noise", sample("photo", photo), file, `${settings.size}`, `${noise}`]);
  return file;
}

const styleFlags = (paintings) => Object.entries(paintings).flatMap(([name, weight]) => ["--style", `${sample("style", name)}:${weight}`]);

/** Content and style distance to the photo without noise and to these paintings, by the fixed measure. */
function judge(panel, file, paintings = panel.paintings) {
  const told = run(EASEL, ["compare", "--device", device, "--json", "--content", sample("photo", panel.photo), ...styleFlags(paintings), "--image", file]);
  const { content, style, roughness } = JSON.parse(told);
  return { content, style, roughness };
}

/** Paints a panel unless that is done; returns its file and what is known of it. */
function paint(panel) {
  const [picture, notes] = [".png", ".json"].map((ending) => place(panel) + ending);
  if (!GALLERY_FORCE && existsSync(picture) && existsSync(notes)) return { picture, ...JSON.parse(readFileSync(notes, "utf8")) };
  console.error(`Painting ${panel.label} …`);
  const flags = Object.entries(panel.settings).flatMap(([name, value]) => [`--${kebab(name)}`, `${value}`]);
  const begun = Date.now();
  const args = ["stylize", "--device", device, "--content", photoOf(panel), ...styleFlags(panel.paintings), ...flags, "--preview-every", "0", "--out", picture];
  const { status, stderr } = spawnSync(EASEL, args, { encoding: "utf8", stdio: ["ignore", "inherit", "pipe"] });
  if (status !== 0) throw new Error(`${panel.label}: ${stderr.trim().split("\n").at(-1)}`);
  const seconds = Math.round((Date.now() - begun) / 1000);
  const line = /^(\d+)\/\d+ .* loss ([\d.]+) \(content ([\d.]+), style ([\d.]+),/;
  const trace = stderr.split("\n").flatMap((text) => (line.test(text) ? [line.exec(text).slice(1).map(Number)] : []));
  const known = { essence: essence(panel), seconds, trace, ...judge(panel, picture) };
  writeFileSync(notes, JSON.stringify(known));
  return { picture, ...known };
}

/** One experiment: its panels painted, judged and laid out. */
function perform(name, { title, panels, single, edges, each }) {
  const done = panels.map((panel) => {
    const { picture, seconds, content, style, roughness } = paint(panel);
    const result = { label: panel.label, settings: panel.settings, seconds, content, style, roughness };
    if (panel.hidden) result.hidden = true;
    if (edges) result.edges = Number(run(PICTURES, ["edges", sample("photo", panel.photo), picture]));
    const names = Object.keys(panel.paintings);
    if (each && names.length > 1) {
      result.styleEach = Object.fromEntries(names.map((painting) => [painting, judge(panel, picture, { [painting]: 1 }).style]));
    }
    return { result, picture };
  });
  if (single) {
    panels.forEach((panel, i) => run(PICTURES, ["strip", join(shown, `${name.replace(/s$/, "")}-${panel.label}.jpg`), done[i].picture]));
  } else {
    const visible = done.filter((_, i) => !panels[i].hidden).map(({ picture }) => picture);
    const before = [...new Set(panels.filter((panel) => panel.noise).map(photoOf))];
    run(PICTURES, ["strip", join(shown, `${name}.jpg`), ...before, ...visible]);
  }
  return { title, essence: panels.map(essence), panels: done.map(({ result }) => result) };
}

/** The claims made of the experiments, each with its numbers. */
function claims(all) {
  const found = {};
  const { blend, optimiser } = experiments(size);
  if (all.blend) {
    const [ends, alone] = [blend.panels[0], blend.panels.find((panel) => panel.label.endsWith("alone"))];
    found.blend100IsSingle = run(PICTURES, ["same", `${place(ends)}.png`, `${place(alone)}.png`]).trim() === "true";
    found.blendHalfLiesBetween = all.blend.panels
      .filter(({ label }) => label.includes(" 50 : 50 "))
      .map(({ label, styleEach }) => {
        const [photo] = label.split(":");
        const at = (mix) => all.blend.panels.find((p) => p.label.startsWith(photo) && p.label.includes(mix)).styleEach;
        const [first, last] = [at(" 100 : 0 "), at(" 0 : 100 ")];
        const between = Object.keys(styleEach).every((name) => {
          const [low, high] = [first[name], last[name]].sort((x, y) => x - y);
          return low < styleEach[name] && styleEach[name] < high;
        });
        return { label, between, first, half: styleEach, last };
      });
  }
  if (all.pyramid) {
    found.coarseToFine = ["chelsea", "coffee"].map((photo) => {
      const own = all.pyramid.panels.filter(({ label }) => label.startsWith(photo));
      return Object.fromEntries(own.map(({ label, content, style }) => [label, { content, style }]));
    });
  }
  if (all.optimiser) {
    found.lbfgs = [0, 2, 4, 6].map((i) => {
      const [adam, lbfgs] = optimiser.panels.slice(i, i + 2).map((panel) => paint(panel).trace);
      const [, total, , gram] = adam.at(-1);
      const reached = (at, goal) => lbfgs.find((entry) => entry[at] <= goal)?.[0] ?? null;
      return { photo: optimiser.panels[i].photo, adamTotal: total, adamGram: gram, evaluationsToTotal: reached(1, total), evaluationsToGram: reached(3, gram) };
    });
  }
  return found;
}

/** The results as a table for people. */
function table(all) {
  const rows = Object.values(all).flatMap(({ title, panels }) =>
    panels.map(({ label, content, style, roughness, edges, seconds }) => {
      const numbers = [content.toFixed(2), style.toFixed(4), roughness.toFixed(4), edges?.toFixed(2) ?? "", seconds];
      return `| ${[title, label, ...numbers].join(" | ")} |`;
    }),
  );
  const head = ["Experiment", "Picture", "content", "style", "roughness", "edges kept", "seconds"];
  return `# Measured by \`make gallery\`\n\nContent, style and roughness as \`easel compare\` prints them, less is nearer.\n\n| ${head.join(" | ")} |\n|${" --- |".repeat(head.length)}\n${rows.join("\n")}\n`;
}

const before = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, "utf8")) : {};
const all = { ...before.experiments };
const found = { ...before.claims };
for (const [name, experiment] of Object.entries(experiments(size, presets))) {
  if (GALLERY_ONLY && !GALLERY_ONLY.split(",").includes(name)) continue;
  const strips = experiment.single ? experiment.panels.map(({ label }) => `${name.replace(/s$/, "")}-${label}`) : [name];
  const there = strips.every((strip) => existsSync(join(shown, `${strip}.jpg`)));
  const same = JSON.stringify(all[name]?.essence) === JSON.stringify(experiment.panels.map(essence));
  if (there && same && !GALLERY_FORCE) continue;
  console.error(experiment.title);
  all[name] = perform(name, experiment);
  Object.assign(found, claims({ [name]: all[name] }));
  // After each, so that an interruption loses little.
  writeFileSync(resultsFile, `${JSON.stringify({ size, experiments: all, claims: found }, null, 1)}\n`);
  writeFileSync(resultsFile.replace(/json$/, "md"), table(all));
}
console.error(`Done: ${shown}, ${resultsFile}`);
