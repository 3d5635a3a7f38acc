#!/usr/bin/env node
// Finds import cycles in src/: among files, and among rooms (a folder or single file right below src/). `make check` runs it.
//
// Rust compiles circles of modules without a word, and a reader then has to understand all of them at once. The rule:
// - A file depends on the file that *defines* what it names, wherever it is re-exported on the way: `crate::room::Name` leads to
//   src/room/name.rs if that is where `Name` is, `super::Name` likewise.
// - `mod` declarations, and re-exports (`pub use`) of names a file does not use itself, are no dependencies: a folder's mod.rs may list
//   its files, which may take from it what it defines. As soon as mod.rs itself uses what such a file defines, it is a circle.
// - `use path::*` depends on all that can be reached by it.
// - What stands under `#[cfg(test)]`, in comments or in strings is left out. Methods and fields are not named by paths, hence not seen.
// Works on text, without a compiler: comments and strings are blanked, then `use` trees and paths are read.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Comments, strings and characters, in the order in which they must be looked for; `'a` alone is a lifetime. */
const NOT_CODE = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|\bb?r(#*)"[\s\S]*?"\1|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\\n]|\\(?:u\{[^}]*\}|x..|.))'/g;
const TEST_ONLY = /#\[cfg\(test\)\]/g;
const TOKEN = /[A-Za-z_][A-Za-z0-9_]*|::|[{}();*,.]/g;
const DEFINES = /\b(?:fn|struct|enum|union|trait|type|const|static|macro_rules!)\s+(?:mut\s+)?([A-Za-z_][A-Za-z0-9_]*)/g;
const PATH_WORDS = new Set(["crate", "self", "super"]);

const blank = (text) => text.replace(/[^\n]/g, " ");

/** The code alone: what is no code, or only for tests, becomes blanks, so that lines keep their numbers. */
export function codeOf(text) {
  let code = text.replace(NOT_CODE, blank);
  for (let found; (found = TEST_ONLY.exec(code)); ) {
    const end = endOfItem(code, TEST_ONLY.lastIndex);
    code = code.slice(0, found.index) + blank(code.slice(found.index, end)) + code.slice(end);
  }
  return code;
}

/** Where the item beginning at `from` ends: after its braces, or its semicolon if that comes first. */
function endOfItem(code, from) {
  let depth = 0;
  for (let at = from; at < code.length; at += 1) {
    if ("{([".includes(code[at])) depth += 1;
    if ("})]".includes(code[at])) depth -= 1;
    if (depth === 0 && (code[at] === ";" || code[at] === "}")) return at + 1;
  }
  return code.length;
}

/** What one file says: its modules, what it brings in, the paths it names, what it defines. Paths are lists of words. */
function read(text) {
  const code = codeOf(text);
  const lineAt = lineCounter(code);
  const tokens = [...code.matchAll(TOKEN)].map((match) => ({ word: match[0], line: lineAt(match.index) }));
  const said = { children: [], uses: [], paths: [], defines: new Set([...code.matchAll(DEFINES)].map((match) => match[1])) };
  const mentions = new Set();
  /** Inline modules around the current token, and at which depth of braces each began. */
  const inside = [];
  let depth = 0;
  let shared = false;
  for (let at = 0; at < tokens.length; at += 1) {
    const { word, line } = tokens[at];
    const next = tokens[at + 1]?.word;
    const within = inside.map(({ name }) => name);
    if (word === "{") depth += 1;
    else if (word === "}") {
      depth -= 1;
      if (inside.at(-1)?.depth === depth) inside.pop();
    } else if (word === "pub") {
      shared = true;
      // pub(crate), pub(in path)
      if (next === "(") while (tokens[at].word !== ")") at += 1;
      continue;
    } else if (word === "mod" && tokens[at + 2]?.word === ";") {
      said.children.push({ name: next, within });
      at += 2;
    } else if (word === "mod" && tokens[at + 2]?.word === "{") {
      inside.push({ name: next, depth });
      said.children.push({ name: next, within, inline: true });
      at += 1;
    } else if (word === "use") {
      const tree = readTree(tokens, at + 1);
      for (const leaf of tree.leaves) said.uses.push({ ...leaf, within, line, shared });
      at = tree.end;
    } else if (/^\w/.test(word)) {
      const first = at;
      const path = [word];
      while (tokens[at + 1]?.word === "::" && /^\w/.test(tokens[at + 2]?.word ?? "")) {
        path.push(tokens[at + 2].word);
        at += 2;
      }
      // `.name` is a method or a field.
      if (tokens[first - 1]?.word !== ".") mentions.add(word);
      if (path.length > 1) said.paths.push({ path, within, line });
    }
    shared = false;
  }
  // A re-export counts as a dependency where the file uses the name itself.
  for (const use of said.uses) use.counts = !use.shared || mentions.has(use.name);
  return said;
}

/** Reads a `use` tree up to its semicolon into leaves: a path and the name it gets. */
function readTree(tokens, from) {
  const leaves = [];
  let at = from;
  const branch = (prefix) => {
    let path = prefix;
    for (; ; at += 1) {
      const word = tokens[at]?.word;
      if (word === "{") {
        at += 1;
        while (tokens[at] && tokens[at].word !== "}") {
          branch(path);
          if (tokens[at]?.word === ",") at += 1;
        }
        at += 1;
        return;
      }
      if (word === "as") {
        leaves.push({ path, name: tokens[at + 1].word });
        at += 2;
        return;
      }
      if (word === "::") continue;
      if (word === "*") {
        leaves.push({ path: [...path, "*"], name: "*" });
        at += 1;
        return;
      }
      if (word === undefined || !/^\w/.test(word)) {
        // `self` at the end of a tree is the tree's own module.
        const whole = path.length > 1 && path.at(-1) === "self" ? path.slice(0, -1) : path;
        if (whole.length) leaves.push({ path: whole, name: whole.at(-1) });
        return;
      }
      path = [...path, word];
    }
  };
  branch([]);
  return { leaves, end: at };
}

function lineCounter(text) {
  let line = 1;
  let counted = 0;
  return (index) => {
    for (; counted < index; counted += 1) if (text[counted] === "\n") line += 1;
    return line;
  };
}

/** The crate whose root is one of `files` (a Map from path to text): its modules by their paths, "" being the root. */
function modulesOf(files, root) {
  const modules = new Map();
  const add = (path, file, folder) => {
    const said = read(files.get(file));
    modules.set(path, { file, said, within: "" });
    for (const { name, within, inline } of said.children) {
      const child = [path, ...within, name].filter(Boolean).join("::");
      if (inline) modules.set(child, { file, said, within: [...within, name].join("::") });
      else {
        const inFolder = posix.join(folder, ...within, name);
        const found = [`${inFolder}.rs`, `${inFolder}/mod.rs`].find((candidate) => files.has(candidate));
        if (!found) throw new Error(`${file}: no file for \`mod ${name};\``);
        add(child, found, inFolder);
      }
    }
  };
  add("", root, posix.dirname(root));
  return modules;
}

/** The dependencies within one crate: `{ from, to, line, path }`, files all. */
function dependencies(modules) {
  const edges = [];
  for (const [at, { file, said, within }] of modules) {
    const here = (place) => place.within.join("::") === within;
    const point = ({ path, line }, seen) => {
      for (const to of resolve(modules, at, path, seen)) if (to !== file) edges.push({ from: file, to, line, path: path.join("::") });
    };
    for (const use of said.uses.filter((use) => here(use) && use.counts)) point(use, new Set([use]));
    for (const path of said.paths.filter(here)) point(path, new Set());
  }
  return edges;
}

/**
 * The files that define what `path` names in module `at`; none for what comes from other crates.
 * `seen`: the `use` declarations on the way, none of which leads on to itself.
 */
function resolve(modules, at, path, seen) {
  let module = at;
  let rest = path;
  if (path[0] === "crate") module = "";
  if (path[0] === "crate" || path[0] === "self") rest = path.slice(1);
  for (; rest[0] === "super"; rest = rest.slice(1)) module = parent(module);
  return rest.length ? lookUp(modules, module, rest, PATH_WORDS.has(path[0]), seen) : [];
}

/** As `resolve`, from a module on. `inCrate`: the path is known to lead into this crate, not to another. */
function lookUp(modules, module, [name, ...rest], inCrate, seen) {
  const { file, said, within } = modules.get(module);
  const child = module ? `${module}::${name}` : name;
  const own = said.uses.filter((use) => use.within.join("::") === within && !seen.has(use));
  const follow = (use, path) => resolve(modules, module, path, new Set([...seen, use]));
  if (name === "*") {
    const through = own.filter((use) => use.shared).flatMap((use) => follow(use, use.path));
    return said.defines.size ? [file, ...through] : through;
  }
  // A module that is only brought in is not yet a use of what it defines.
  if (modules.has(child)) return rest.length ? lookUp(modules, child, rest, true, seen) : [];
  const named = own.find((use) => use.name === name);
  if (named) return follow(named, [...named.path, ...rest]);
  if (said.defines.has(name)) return [file];
  for (const use of own.filter((use) => use.name === "*")) {
    const found = follow(use, [...use.path.slice(0, -1), name, ...rest]);
    if (found.length) return found;
  }
  // Made by a macro, say.
  return inCrate ? [file] : [];
}

const parent = (module) => module.split("::").slice(0, -1).join("::");

/** A shortest circle through each knot of nodes that reach one another, as lists of edges. */
export function circles(edges) {
  const out = new Map();
  for (const edge of edges) if (edge.from !== edge.to) out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
  const found = [];
  const covered = new Set();
  for (const start of [...out.keys()].sort()) {
    if (covered.has(start)) continue;
    const circle = shortest(out, start);
    if (!circle) continue;
    found.push(circle);
    for (const { from } of circle) covered.add(from);
  }
  return found;
}

/** The shortest way from `start` back to it, or nothing. */
function shortest(out, start) {
  const came = new Map();
  const queue = [start];
  for (const node of queue) {
    for (const edge of out.get(node) ?? []) {
      if (came.has(edge.to)) continue;
      came.set(edge.to, edge);
      if (edge.to !== start) {
        queue.push(edge.to);
        continue;
      }
      const way = [edge];
      while (way[0].from !== start) way.unshift(came.get(way[0].from));
      return way;
    }
  }
  return null;
}

/** The room a file of src/ is in. A program's root is in none: `lib.rs` only lists the rooms. */
const roomOf = (file) => file.split("/").slice(0, file.startsWith("bin/") ? 2 : 1).join("/").replace(/\.rs$/, "");

/**
 * All circles in a tree of sources.
 * @param {Map<string, string>} files path below src/ → text
 * @returns {{ count: number, files: object[][], rooms: object[][] }} the number of files that belong to a program, and the circles
 */
export function check(files) {
  const roots = [...files.keys()].filter((file) => /^(lib|main)\.rs$|^bin\/[^/]+(\.rs|\/main\.rs)$/.test(file));
  if (!roots.length) throw new Error("There is no lib.rs or main.rs to begin with.");
  const crates = roots.map((root) => modulesOf(files, root));
  const edges = crates.flatMap(dependencies);
  const between = edges.map((edge) => ({ ...edge, file: edge.from, from: roomOf(edge.from), to: roomOf(edge.to) }));
  const reached = new Set(crates.flatMap((modules) => [...modules.values()].map(({ file }) => file)));
  return { count: reached.size, files: circles(edges), rooms: circles(between) };
}

/** Every .rs file below `folder`. */
export function sources(folder) {
  const entries = readdirSync(folder, { recursive: true }).map((path) => path.replaceAll("\\", "/"));
  return new Map(entries.filter((path) => path.endsWith(".rs")).map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

function main() {
  const folder = join(dirname(fileURLToPath(import.meta.url)), "../../src");
  if (!existsSync(folder)) throw new Error(`There is no ${relative(".", folder)}.`);
  const { count, files, rooms } = check(sources(folder));
  const tell = (kind, found) => {
    for (const circle of found) {
      console.error(`A circle of ${kind}:`);
      for (const { from, to, line, path, file = from } of circle) console.error(`  ${from} → ${to}   (src/${file}:${line}: ${path})`);
    }
  };
  tell("files", files);
  tell("rooms", rooms);
  if (files.length || rooms.length) process.exit(1);
  console.log(`src/: ${count} files, no import cycle`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
