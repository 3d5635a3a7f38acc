#!/usr/bin/env node
// `make dev`: serves dist/ and keeps it like its sources while somebody works on them. What the page is written in is copied as soon
// as it is saved; after a change of Rust the program is built again, by the release profile, without the link-time optimisation that
// takes minutes in what ships. Reload the page to see either. To be started in the project's folder.
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import sirv from "sirv";

const port = Number(process.env.PORT ?? 8080);

/** What a change of needs a build; all other sources are in www/. */
const BUILT_FROM = ["src", "weights", "Cargo.toml", "Trunk.toml"];
/** A few hundred files are looked at in a few milliseconds, and unlike watching this works on every file system. */
const LOOK_EVERY_MILLIS = 300;
/** Kept copies would hide every change: whoever installed the real service worker on this address is rid of it. */
const NO_SERVICE_WORKER = "self.registration.unregister();\n";

/** All files in or at some paths, with the time of their last change. */
function times(paths) {
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      : path,
  );
  // A file may go between being listed and being looked at.
  return new Map(files.map((file) => [file, statSync(file, { throwIfNoEntry: false })?.mtimeMs]));
}

/** What differs: changed, new or gone. */
const differing = (before, now) => [...new Set([...before.keys(), ...now.keys()])].filter((file) => before.get(file) !== now.get(file));

/** Makes one file of dist/ what `trunk build` would make of its source. */
function copy(source) {
  const target = join("dist", source.slice(join("www", "/").length));
  if (!existsSync(source)) return rmSync(target, { force: true });
  mkdirSync(dirname(target), { recursive: true });
  if (target === join("dist", "index.html")) writeFileSync(target, readFileSync(source, "utf8").replace(/^.*<link data-trunk .*\n/gm, ""));
  else if (target === join("dist", "sw.js")) writeFileSync(target, NO_SERVICE_WORKER);
  else copyFileSync(source, target);
}

/** Builds dist/; resolves to whether that succeeded. */
function build() {
  const started = performance.now();
  return new Promise((resolve) => {
    const trunk = spawn("trunk", ["build", "--cargo-profile", "release"], { stdio: "inherit" });
    trunk.on("error", (error) => {
      console.error(`trunk could not be started: ${error.message}`);
      resolve(false);
    });
    trunk.on("close", (code) => {
      console.log(code === 0 ? `Built in ${((performance.now() - started) / 1000).toFixed(1)} s.` : "Not built; dist/ is as it was.");
      resolve(code === 0);
    });
  });
}

/** Where dist/ stands: the sources it was built from, and those that were copied. */
let built = times(BUILT_FROM);
let copied = times(["www"]);
let building = null;

async function rebuild() {
  const before = copied;
  const done = await build();
  copy(join("www", "sw.js"));
  // Trunk copied what was there when it began.
  if (done) differing(before, copied).forEach(copy);
  building = null;
}

function look() {
  const page = times(["www"]);
  const changed = differing(copied, page);
  copied = page;
  for (const file of changed) {
    copy(file);
    console.log(`${file} ${existsSync(file) ? "copied" : "removed"}.`);
  }
  if (building) return;
  const program = times(BUILT_FROM);
  if (differing(built, program).length === 0) return;
  built = program;
  building = rebuild();
}

if (!(await build())) process.exit(1);
copy(join("www", "sw.js"));
const files = sirv("dist", { dev: true });
const server = createServer((request, response) => files(request, response, () => response.writeHead(404).end()));
server.listen(port, "127.0.0.1", () => {
  console.log(`Easel is at http://127.0.0.1:${server.address().port}/`);
  setInterval(look, LOOK_EVERY_MILLIS);
});
