// A site may import the engine where it makes its pages, in Node: nothing throws, and nothing is begun.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

/** Runs a module in a Node of its own, where no test has left a stand-in for anything of a browser's. */
const run = (source) =>
  execFileSync(process.execPath, ["--input-type=module", "-e", source], { cwd: import.meta.dirname, encoding: "utf8" });

for (const door of ["stylizer.js", "element.js", "engine/stylizer.js", "engine/element.js"]) {
  test(`${door} can be imported on a server`, () => {
    // Anything left to do would keep the process alive.
    const says = run(`const names = Object.keys(await import("../../www/${door}")); console.log(names.join());`);
    assert.match(says, door.endsWith("element.js") ? /^EaselCanvas,EaselPainting\n$/ : /\bStylizer\b.*\bTools\b/);
  });
}

test("a painter made on a server is refused by a rejection, and tools can be made there and thrown away", () => {
  const says = run(`
    const { Stylizer, Tools } = await import("../../www/stylizer.js");
    new Tools().dispose();
    await Stylizer.create().then(() => console.log("opened"), (error) => console.log(error instanceof Error));`);
  assert.equal(says, "true\n");
});
