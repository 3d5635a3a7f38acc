#!/usr/bin/env node
// What the modules of www/ load of each other: fails when that goes in a circle, from file to file or from room to room, when
// the engine reaches out of its folder, and when there is nothing where an import points (no bundler would say so). Part of `make check`.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Made from Rust: not in the source, and the one thing outside its folder that the engine may load. */
const PROGRAM = "easel.js";

/** Types in comments are no arrows: nothing is loaded for them. */
const COMMENT = /^\s*(?:\/\/|\/?\*).*$|\/\*.*?\*\//gm;
/** What is loaded with a module, and what it may load later. */
const AT_ONCE = /^(?:import|export)\b[^;"]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"/gm;
const LATER = /\bimport\("([^"]+)"|new URL\("([^"]+\.js)", import\.meta\.url\)/g;

/** The addresses a module's source names: those it is loaded with, or all. */
export function addresses(source, { later = true } = {}) {
  const code = source.replace(COMMENT, "");
  return [AT_ONCE, ...(later ? [LATER] : [])].flatMap((pattern) => [...code.matchAll(pattern)].map(([, one, other]) => one ?? other));
}

/**
 * What is wrong with a folder of modules, as sentences.
 * @param {Map<string, string>} modules sources by path
 * @returns {string[]}
 */
export function faults(modules) {
  const found = [];
  const files = new Map();
  for (const [path, source] of modules) {
    const arrows = new Set();
    for (const address of addresses(source)) {
      const target = join(dirname(path), address);
      if (!/^\.\.?\//.test(address)) found.push(`${path} imports ${address}: only relative addresses work without a bundler`);
      else if (target === PROGRAM) continue;
      else if (!modules.has(target)) found.push(`${path} imports ${target}, which does not exist`);
      else arrows.add(target);
      if (path.startsWith("engine/") && !target.startsWith("engine/")) found.push(`${path} imports ${target}: the engine stands alone`);
    }
    files.set(path, arrows);
  }
  const rooms = new Map();
  for (const [path, arrows] of files) {
    const room = dirname(path);
    if (!rooms.has(room)) rooms.set(room, new Set());
    for (const target of arrows) if (dirname(target) !== room) rooms.get(room).add(dirname(target));
  }
  for (const [what, graph] of Object.entries({ modules: files, folders: rooms })) {
    const circle = circleIn(graph);
    if (circle) found.push(`${what} import each other in a circle: ${circle.join(" → ")}`);
  }
  return found;
}

/** The first circle of a graph, its beginning repeated at its end; null when there is none. */
function circleIn(graph) {
  const clear = new Set();
  const visit = (node, path) => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (clear.has(node)) return null;
    for (const next of graph.get(node)) {
      const circle = visit(next, [...path, node]);
      if (circle) return circle;
    }
    clear.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const circle = visit(node, []);
    if (circle) return circle;
  }
  return null;
}

function main() {
  const folder = fileURLToPath(new URL("../../www", import.meta.url));
  const paths = readdirSync(folder, { recursive: true }).map((path) => path.replaceAll("\\", "/")).filter((path) => path.endsWith(".js"));
  const found = faults(new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")])));
  for (const fault of found) console.error(`www/: ${fault}.`);
  if (found.length > 0) process.exit(1);
  console.log(`www/: ${paths.length} modules, no import cycle, and the engine stands alone`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
