// The check of www/'s imports finds what it is there for, and only that.
import assert from "node:assert/strict";
import { test } from "node:test";
import { faults } from "./www-imports.js";

const of = (modules) => faults(new Map(Object.entries(modules)));

test("arrows that point down are fine", () => {
  const modules = {
    "stylizer.js": 'export * from "./engine/stylizer.js";\n',
    "sw.js": 'importScripts("precache.js");\n',
    "engine/stylizer.js": 'import { Job } from "./job.js";\nexport { Job };\nnew Worker(new URL("./worker.js", import.meta.url));\n',
    "engine/job.js": "export class Job {}\n",
    "engine/worker.js": 'import init, {\n  Engine,\n} from "../easel.js";\n',
    "page/app.js": 'import { Run } from "./session/run.js";\nregister(new URL("../sw.js", import.meta.url));\n',
    "page/session/run.js": '/** @param {import("../app.js").App} app */\nimport { Job } from "../../engine/stylizer.js";\n',
  };
  assert.deepEqual(of(modules), []);
});

test("a circle of modules is named", () => {
  const modules = {
    "page/app.js": 'import "./run.js";\n',
    "page/run.js": 'import {\n  text,\n} from "./text.js";\n',
    "page/text.js": 'export { x } from "./size.js";\n',
    "page/size.js": 'const later = () => import("./run.js");\n',
  };
  assert.deepEqual(of(modules), ["modules import each other in a circle: page/run.js → page/text.js → page/size.js → page/run.js"]);
});

test("so is a circle of folders whose modules go in none", () => {
  const modules = {
    "page/stage/saving.js": 'import "../pictures/encode.js";\n',
    "page/stage/notice.js": "",
    "page/pictures/encode.js": "",
    "page/pictures/mask.js": 'import "../stage/notice.js";\n',
  };
  assert.deepEqual(of(modules), ["folders import each other in a circle: page/stage → page/pictures → page/stage"]);
});

test("the engine reaches for nothing but itself and the program", () => {
  const modules = {
    "engine/element.js": 'import { text } from "../page/text.js";\n',
    "page/text.js": "",
  };
  assert.deepEqual(of(modules), ["engine/element.js imports page/text.js: the engine stands alone"]);
});

test("an import that leads nowhere is found", () => {
  assert.deepEqual(of({ "page/app.js": 'import { Run } from "./run.js";\n' }), ["page/app.js imports page/run.js, which does not exist"]);
  assert.deepEqual(of({ "page/app.js": 'import { openDB } from "idb";\n' }), ["page/app.js imports idb: only relative addresses work without a bundler"]);
});
