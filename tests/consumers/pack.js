#!/usr/bin/env node
// Makes the npm packages: the engine, and the networks' weights. `make package` calls it with dist/, and leaves pkg/*.tgz; with --check it
// needs no dist/ and makes nothing: what is in www/ is looked at, and what is made from Rust is taken for there. Either way the
// packages' files are compared with those that are to be in them, and publint looks at each package.json. No network is needed.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, posix, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { addresses } from "../unit/www-imports.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(join(root, "tests/browser/package.json"));
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

/** Made from Rust. */
const PROGRAM = ["easel.js", "easel_bg.wasm"];
const LICENCES = ["LICENSE-MIT", "LICENSE-APACHE"];
/** In bytes, packed. */
const LIMITS = { "easel-engine": 3.6e6, "easel-weights": 16e6 };

/** Leaves the engine's package in a folder. `site` is dist/, or null: then the program is an empty file. */
function stageEngine(folder, site) {
  const source = join(site ?? join(root, "www"), "engine");
  cpSync(source, join(folder, "engine"), {
    recursive: true,
    filter: (path) => !/(?:package\.json|README\.md)$/.test(path),
  });
  for (const name of PROGRAM) {
    if (site) cpSync(join(site, name), join(folder, name));
    else writeFileSync(join(folder, name), "");
  }
  for (const name of LICENCES) cpSync(join(root, name), join(folder, name));
  cpSync(join(root, "www/engine/README.md"), join(folder, "README.md"));
  writeJson(join(folder, "package.json"), enginePackage());
}

/** The engine's own package.json, as it is a folder further up: beside the program. */
function enginePackage() {
  const own = readJson(join(root, "www/engine/package.json"));
  delete own.private; // there it keeps the unpacked engine from being published
  const moved = (value) => {
    if (typeof value === "string") return value.replace(/^\.\//, "./engine/");
    return Array.isArray(value)
      ? value.map(moved)
      : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, moved(inner)]));
  };
  const { exports, types, sideEffects } = own;
  const parts = {
    "./worker": "./engine/worker.js",
    "./easel_bg.wasm": "./easel_bg.wasm",
    "./package.json": "./package.json",
  };
  return { ...own, exports: { ...moved(exports), ...parts }, types: moved(types), sideEffects: moved(sideEffects) };
}

/** Leaves the weights' package in a folder. */
function stageWeights(folder) {
  cpSync(join(root, "weights"), folder, { recursive: true });
  const { version } = readJson(join(root, "www/engine/package.json"));
  const files = [
    "manifest.json",
    ...readdirSync(folder)
      .filter((name) => name.endsWith(".bin"))
      .sort(),
  ];
  const entries = files.map((file) => `  "${file}": new URL("./${file}", import.meta.url).href,\n`);
  const says =
    "// Where the networks' weights are: the address of each file by its name, as `Stylizer.create({ weights })` takes them; in the\n// form that bundlers know.\n";
  writeFileSync(join(folder, "index.js"), `${says}export const weights = {\n${entries.join("")}};\n`);
  writeFileSync(
    join(folder, "index.d.ts"),
    "/** The address of each of the networks' files by its name, as `Stylizer.create({ weights })` takes them. */\nexport const weights: Record<string, string>;\n",
  );
  writeJson(join(folder, "package.json"), {
    name: "easel-weights",
    version,
    description: "The networks' weights for easel-engine: VGG19 and one-pass style transfer, quantised",
    license: "CC-BY-4.0 AND Apache-2.0",
    type: "module",
    exports: { ".": { types: "./index.d.ts", default: "./index.js" }, "./*": "./*" },
    types: "./index.d.ts",
    sideEffects: false,
  });
}

/** What npm would put into a package, or has put: its files' names and its size in bytes, packed. */
function pack(folder, args) {
  const [{ files, size, filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--offline", ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  return { files: files.map(({ path }) => path).sort(), size, filename };
}

/** What publint has to say of a package, as sentences. */
async function faultsOf(folder) {
  const from = (path) => import(pathToFileURL(path).href);
  const { publint } = await from(require.resolve("publint"));
  const { formatMessage } = await from(require.resolve("publint/utils"));
  const { messages } = await publint({ pkgDir: folder, level: "suggestion", strict: true, pack: false });
  const own = readJson(join(folder, "package.json"));
  return messages.map((message) => `${own.name}: ${formatMessage(message, own)}`);
}

/** The engine's modules: those its two doors lead to. */
function modules() {
  const found = new Set();
  const visit = (path) => {
    if (found.has(path)) return;
    found.add(path);
    for (const address of addresses(readFileSync(join(root, "www", path), "utf8"))) {
      const target = posix.join(dirname(path), address);
      if (!PROGRAM.includes(target)) visit(target);
    }
  };
  ["engine/stylizer.js", "engine/element.js"].forEach(visit);
  return [...found];
}

/** Compares the files with those that are to be there: the engine's modules, and what files.txt lists. None is a stray one, none is missing. */
function differences(name, files) {
  const lines = readFileSync(new URL("files.txt", import.meta.url), "utf8").split("\n");
  const listed = lines.filter((line) => line.startsWith(`${name}/`)).map((line) => line.slice(name.length + 1));
  const wanted = name === "easel-engine" ? [...listed, ...modules()] : listed;
  const stray = files
    .filter((file) => !wanted.includes(file))
    .map((file) => `${name} has ${file}, which no module imports and tests/consumers/files.txt does not list`);
  const missing = wanted.filter((file) => !files.includes(file)).map((file) => `${name} lacks ${file}`);
  return [...stray, ...missing];
}

/** Makes or checks both packages; resolves to what is wrong with them. */
async function main({ site, out }) {
  const stage = mkdtempSync(join(tmpdir(), "easel-pack-"));
  const faults = [];
  try {
    const crate = readFileSync(join(root, "Cargo.toml"), "utf8").match(/^version = "(.*)"/m)[1];
    for (const [name, fill] of Object.entries({
      "easel-engine": (folder) => stageEngine(folder, site),
      "easel-weights": stageWeights,
    })) {
      const folder = join(stage, name);
      mkdirSync(folder);
      fill(folder);
      const { version } = readJson(join(folder, "package.json"));
      if (version !== crate) faults.push(`${name} is of version ${version}, Cargo.toml of ${crate}`);
      const { files, size, filename } = pack(folder, out ? ["--pack-destination", out] : ["--dry-run"]);
      faults.push(...differences(name, files), ...(await faultsOf(folder)));
      if (size > LIMITS[name])
        faults.push(`${name} has ${(size / 1e6).toFixed(2)} MB packed, over ${LIMITS[name] / 1e6} MB`);
      const what = name === "easel-engine" && !site ? "the program left out" : `${(size / 1e6).toFixed(2)} MB`;
      console.log(`${filename}: ${files.length} files, ${what}`);
    }
  } finally {
    rmSync(stage, { recursive: true });
  }
  return faults;
}

const [given] = process.argv.slice(2);
if (!given) throw new Error("Say which dist folder, or --check: pack.js dist");
const site = given === "--check" ? null : resolve(given);
const out = site ? join(root, "pkg") : null;
if (site && !(existsSync(join(site, PROGRAM[1])) && statSync(join(site, PROGRAM[1])).size > 0))
  throw new Error(`${site} holds no program: run make dist first.`);
if (out) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
}
const faults = await main({ site, out });
for (const fault of faults) console.error(`${fault}.`);
process.exitCode = faults.length > 0 ? 1 : 0;
