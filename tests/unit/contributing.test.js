// CONTRIBUTING.md names files, words in files, commands and tests: each of them is there. Its code is run as a documentation test.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path) => readFileSync(join(root, path), "utf8");
const text = read("CONTRIBUTING.md");
const all = (pattern) => [...text.matchAll(pattern)].map(([, ...words]) => words);

/** Fails unless each of at least `least` things is there: a pattern that finds nothing would check nothing. */
function each(found, least, isThere) {
  assert.ok(found.length >= least, `only ${found.length} found`);
  for (const words of found) assert.ok(isThere(...words), `CONTRIBUTING.md names ${words.join(" in ")}, which is not there`);
}

test("files and folders", () => {
  each(all(/`((?:src|www|tests|weights|\.ci)(?:\/[\w.-]+)*)`/g), 20, (path) => existsSync(join(root, path)));
  each(all(/\]\(([^):]+)\)/g), 3, (path) => existsSync(join(root, path)));
});

test("words in files", () => {
  each(all(/`(\w+)` in `([\w./-]+\.\w+)`/g), 6, (word, path) => new RegExp(`\\b${word}\\b`).test(read(path)));
});

test("commands", () => {
  const makefile = read("Makefile");
  each(all(/(?:^|`)make ([a-z-]+)/gm), 8, (target) => new RegExp(`^${target}:`, "m").test(makefile));
  each(all(/cli --test native (\w+)/g), 2, (name) => read("tests/native.rs").includes(`mod ${name};`));
  each(all(/cli --test native gradients::(\w+)/g), 1, (name) => read("tests/gradients.rs").includes(`fn ${name}`));
  each(all(/\bnode (?:--test )?([\w./-]+)/g), 2, (path) => existsSync(join(root, path)));
  each(all(/playwright test ([\w.-]+)/g), 2, (path) => existsSync(join(root, "tests/browser", path)));
});
