// Where the engine's parts are said to be, and from where a worker is started.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorker, settle, workers } from "./fake-worker.js";
import { Blocked, failureOf, startWorker } from "../../www/engine/foreign.js";
import { takePlaces } from "../../www/engine/places.js";
import { Stylizer, Tools } from "../../www/engine/stylizer.js";

/** A page's address while a test runs. */
function at(t, address) {
  globalThis.location = new URL(address);
  globalThis.origin = globalThis.location.origin;
  t.after(() => {
    delete globalThis.location;
    delete globalThis.origin;
  });
}

test("left alone, everything lies beside the modules", async () => {
  assert.deepEqual(await takePlaces(), { worker: null, program: null, weights: null, vectors: null });
});

test("`assets` names everything at once, from the page's address on; a part named by itself is there instead", async (t) => {
  at(t, "https://page.example/some/path.html");
  assert.deepEqual(await takePlaces({ assets: "easel" }), {
    worker: "https://page.example/some/easel/engine/worker.js",
    program: "https://page.example/some/easel/easel_bg.wasm",
    weights: "https://page.example/some/easel/weights/",
    vectors: "https://page.example/some/easel/engine/vectors.json",
  });
  const { worker, program, weights } = await takePlaces({
    assets: new URL("https://cdn.example/"),
    workerURL: "/w.js",
    wasm: "p.wasm",
    weights: { "a.bin": "/a-1.bin" },
  });
  assert.deepEqual(
    { worker, program, weights },
    {
      worker: "https://page.example/w.js",
      program: "https://page.example/some/p.wasm",
      weights: { "a.bin": "https://page.example/a-1.bin" },
    },
  );
});

test("the program may be there already: bytes, a module, an answer to `fetch`", async () => {
  const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  assert.equal((await takePlaces({ wasm: bytes })).program, bytes);
  assert.equal((await takePlaces({ wasm: bytes.buffer })).program, bytes.buffer);
  const compiled = new WebAssembly.Module(bytes);
  assert.equal((await takePlaces({ wasm: compiled })).program, compiled);
  assert.deepEqual(new Uint8Array((await takePlaces({ wasm: new Response(bytes) })).program), bytes);
  await assert.rejects(takePlaces({ wasm: new Response("", { status: 404 }) }), /HTTP 404/);
});

test("an answer to `fetch` that the program is in does for several painters, also at once", async () => {
  const wasm = new Response(Uint8Array.of(0, 97, 115, 109));
  const [one, other] = await Promise.all([takePlaces({ wasm }), takePlaces({ wasm })]);
  const { program } = await takePlaces({ wasm });
  assert.deepEqual([one.program, other.program], [program, program]);
  assert.equal(program.byteLength, 4);
});

test("where another origin does not answer at all, that is said after a while, and no header is blamed", async (t) => {
  at(t, "https://page.example/");
  t.mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, { addEventListener() {}, removeEventListener() {} });
  const asked = [];
  t.mock.method(globalThis, "fetch", (_, { mode, signal }) => {
    asked.push(mode);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  let failure;
  failureOf("https://cdn.example/a.bin").then((error) => (failure = error));
  for (let second = 0; second < 60; second++) {
    await settle();
    t.mock.timers.tick(1000);
  }
  await settle();
  assert.match(failure?.message, /a\.bin could not be fetched: there is no connection/);
  assert.ok(!(failure instanceof Blocked), "it may be tried again");
  assert.deepEqual(asked, ["cors"]);
});

test("what is no address is said, and no worker is made; by what every browser has that runs the program", async (t) => {
  at(t, "https://page.example/");
  const { canParse } = URL;
  delete URL.canParse; // Safari has it since 17
  t.after(() => (URL.canParse = canParse));
  assert.equal((await takePlaces({ weights: "w" })).weights, "https://page.example/w/");
  workers.length = 0;
  for (const [options, says] of [
    [{ assets: "http://[" }, "assets cannot be http://[: say an address."],
    [{ assets: null }, "assets cannot be null: say an address."],
    [{ workerURL: 3 }, "workerURL cannot be 3: say an address."],
    [{ wasm: {} }, "wasm cannot be [object Object]: say an address."],
    [{ weights: { "a.bin": 7 } }, "weights, a.bin, cannot be 7: say an address."],
  ]) {
    await assert.rejects(Stylizer.create(options), { message: says });
    await assert.rejects(new Tools(options).settings(), { message: says });
  }
  assert.equal(workers.length, 0);
});

test("the worker is told where program and weights are", async () => {
  FakeWorker.answers = { open: () => ({ backend: "cpu" }) };
  const stylizer = await Stylizer.create({ wasm: "https://cdn.example/p.wasm", weights: "https://cdn.example/w" });
  const [begin] = workers.at(-1).of("begin");
  assert.deepEqual([begin.program, begin.weights], ["https://cdn.example/p.wasm", "https://cdn.example/w/"]);
  stylizer.dispose();
});

test("a worker of the page's own origin is started as it is; another's by one Blob that imports it and keeps what it is told meanwhile", async (t) => {
  at(t, "https://page.example/");
  const made = [];
  t.mock.method(globalThis, "Worker", function (address) {
    made.push(address);
  });
  startWorker("https://page.example/worker.js");
  startWorker("https://cdn.example/worker.js");
  startWorker("https://cdn.example/worker.js");
  assert.equal(made[0], "https://page.example/worker.js");
  assert.match(made[1], /^blob:/);
  assert.equal(made[2], made[1]);
  const source = await (await fetch(made[1])).text();
  // The Blob's module, with a module in place of the other origin's.
  const heard = [];
  const imported = new Promise((resolve) => setTimeout(resolve, 0)).then(
    () => (self.onmessage = (event) => heard.push(event)),
  );
  const self = { onmessage: null };
  const run = new Function(
    "self",
    "load",
    `with (self) { ${source.replace("const early", "var early").replace('import("https://cdn.example/worker.js")', "load()")} }`,
  );
  run(self, () => imported);
  self.onmessage("begin");
  self.onmessage("open");
  await imported;
  await null;
  self.onmessage("prepare");
  assert.deepEqual(heard, ["begin", "open", "prepare"]);
});
