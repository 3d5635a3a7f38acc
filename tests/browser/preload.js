#!/usr/bin/env node
// Lets dist/index.html say which modules it needs; so a browser asks for all of them at once, and not for each when it has read
// the one before. Part of `make dist`, before precache.js; Node alone is enough for it.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { addresses } from "../unit/www-imports.js";

const dist = process.argv[2];
if (!dist) throw new Error("Say which dist folder: preload.js dist");

const index = join(dist, "index.html");
const html = readFileSync(index, "utf8");
const entries = [...html.matchAll(/<script type="module" src="([^"]+)"/g)].map(([, path]) => path);
const modules = new Set();
const visit = (path) => {
  if (modules.has(path)) return;
  modules.add(path);
  const source = readFileSync(join(dist, path), "utf8");
  for (const address of addresses(source, { later: false })) visit(posix.join(dirname(path), address));
};
entries.forEach(visit);

const links = [...modules].map((path) => `<link rel="modulepreload" href="${path}" />`);
writeFileSync(index, html.replace("</head>", `${links.join("\n")}\n</head>`));
console.log(`${modules.size} modules are asked for at once`);
