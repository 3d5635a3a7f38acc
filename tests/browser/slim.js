#!/usr/bin/env node
// Takes comments and white space out of dist's scripts and stylesheet, which make up half of what a visitor would fetch. Files, names
// and imports stay as they are: nothing is bundled. Part of `make dist`, before precache.js, which hashes what comes of it.
import { transform } from "esbuild";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";

const dist = process.argv[2];
if (!dist) throw new Error("Say which dist folder: slim.js dist");

/** Licences of what is not ours stay in its files. */
const SETTINGS = { minifyWhitespace: true, legalComments: "inline", charset: "utf8", logLevel: "error" };
/** What came as small as it gets. */
const SLIM = /^mediabunny/;
const LOADERS = { ".js": "js", ".css": "css" };

const files = (await readdir(dist, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile() && extname(entry.name) in LOADERS && !SLIM.test(entry.name));
for (const { parentPath, path, name } of files) {
  const file = join(parentPath ?? path, name);
  const { code } = await transform(await readFile(file, "utf8"), { ...SETTINGS, loader: LOADERS[extname(name)] });
  await writeFile(file, code);
}
console.log(`${files.length} scripts and stylesheets without their comments`);
