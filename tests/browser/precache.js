#!/usr/bin/env node
// Writes dist/precache.js, what the service worker keeps: every file the page may need with its SHA-256, and the
// names of the networks' shards, which are kept apart: those it cannot paint without, and the predictor's, which only paintings need
// whose vectors are not in engine/vectors.json. Before that, dist/engine/version.js: by it a page tells that the worker
// it starts is of another build. Part of `make dist`; Node alone is enough for it.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const dist = process.argv[2];
if (!dist) throw new Error("Say which dist folder: precache.js dist");

/** Not needed without a connection: what is read by people, shops and compilers, and the service worker itself. */
const LEFT_OUT = /^(sw|precache)\.js$|(\.(md|d\.ts|map)|LICENSE|package\.json)$|^icons\/(wide|narrow)\.jpg$/;
const SHARD = /^weights\/.*\.bin$/;

const paths = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(join(dist, "/").length).replaceAll("\\", "/"))
  .filter((path) => !/(^|\/)\./.test(path) && !LEFT_OUT.test(path))
  .sort();

const digest = (bytes, encoding) => createHash("sha256").update(bytes).digest(encoding);
const read = (path) => readFileSync(join(dist, path));

/** Of the files of the engine and its program. */
const VERSION = "engine/version.js";
const engine = paths.filter((path) => /^(engine\/.*\.js|easel(_bg)?\.(js|wasm))$/.test(path) && path !== VERSION);
const version = digest(engine.map((path) => `${path} ${digest(read(path), "hex")}\n`).join(""), "hex").slice(0, 16);
writeFileSync(join(dist, VERSION), read(VERSION).toString().replace(/^(export const VERSION ?=).*$/m, `$1"${version}";`));

const files = {};
for (const path of paths) {
  if (SHARD.test(path)) continue;
  // The page is asked for by its folder: some hosts redirect index.html.
  files[path === "index.html" ? "./" : encodeURI(path)] = digest(read(path), "base64");
}
const { instant } = JSON.parse(read("weights/manifest.json"));
const predictor = new Set(instant?.predictor.shards.map(({ file }) => `weights/${file}`));
const shards = paths.filter((path) => SHARD.test(path));
const list = {
  files,
  weights: shards.filter((path) => !predictor.has(path)).map(encodeURI),
  later: shards.filter((path) => predictor.has(path)).map(encodeURI),
};
writeFileSync(join(dist, "precache.js"), `self.precache = ${JSON.stringify(list, null, 1)};\n`);
console.log(`${Object.keys(files).length} files and ${shards.length} shards are kept for use without a connection`);
