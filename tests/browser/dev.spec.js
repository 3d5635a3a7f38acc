// `make dev` keeps dist/ like the sources. A stand-in for trunk, which takes its time and copies what it found when it began, shows when it is called.
import { expect, test } from "@playwright/test";
import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const DEV = fileURLToPath(new URL("dev.js", import.meta.url));
const TRUNK = `#!/usr/bin/env node
const fs = require("node:fs");
fs.cpSync("www", "stage", { recursive: true });
setTimeout(() => {
  fs.rmSync("dist", { recursive: true, force: true });
  fs.renameSync("stage", "dist");
  fs.appendFileSync("calls", process.argv.slice(2).join(" ") + "\\n");
}, 1500);
`;

let root;
let server;
let url;
const source = (path, text) => writeFile(join(root, path), text);
const calls = async () => (await readFile(join(root, "calls"), "utf8").catch(() => "")).split("\n").length - 1;
const served = async (path) => (await fetch(url + path)).text();

test.beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "easel-dev-"));
  for (const folder of ["src", "weights", "www/page"]) await mkdir(join(root, folder), { recursive: true });
  for (const file of ["Cargo.toml", "Trunk.toml", "src/lib.rs", "www/sw.js"]) await source(file, "");
  await source("www/index.html", '<link data-trunk rel="copy-dir" href="page" />\n<p>One</p>\n');
  await source("www/page/app.js", "// one\n");
  await source("trunk", TRUNK);
  await chmod(join(root, "trunk"), 0o755);
  server = spawn(process.execPath, [DEV], { cwd: root, env: { ...process.env, PATH: root + delimiter + process.env.PATH, PORT: "0" } });
  url = await new Promise((resolve, reject) => {
    server.stdout.on("data", (text) => {
      const found = /http:\S+/.exec(text);
      if (found) resolve(found[0]);
    });
    server.on("exit", (code) => reject(new Error(`make dev ended with ${code}`)));
  });
});

test.afterEach(async () => {
  server.removeAllListeners("exit");
  server.kill();
  await rm(root, { recursive: true });
});

test("the page's files are copied as they are saved, without a build", async () => {
  await source("www/page/app.js", "// two\n");
  await source("www/page/new.js", "// new\n");
  await source("www/index.html", '<link data-trunk rel="copy-dir" href="page" />\n<p>Two</p>\n');
  await expect.poll(() => served("page/app.js")).toBe("// two\n");
  await expect.poll(() => served("page/new.js")).toBe("// new\n");
  await expect.poll(() => served("")).toBe("<p>Two</p>\n");
  await rm(join(root, "www/page/new.js"));
  await expect.poll(async () => (await fetch(`${url}page/new.js`)).status).toBe(404);
  expect(await calls()).toBe(1);
});

test("a change of Rust has everything built again; what is saved meanwhile is not lost, and no service worker stays", async () => {
  await source("src/lib.rs", "// changed\n");
  // It is there for as long as a build takes.
  await expect.poll(() => readFile(join(root, "stage/page/app.js"), "utf8").catch(() => ""), { intervals: [50] }).toBe("// one\n");
  await source("www/page/app.js", "// during the build\n");
  await expect.poll(calls).toBe(2);
  await expect.poll(() => served("page/app.js")).toBe("// during the build\n");
  await expect.poll(() => served("sw.js")).toBe("self.registration.unregister();\n");
  expect(await readFile(join(root, "calls"), "utf8")).toBe("build --cargo-profile release\n".repeat(2));
});
