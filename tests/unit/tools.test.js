// Saving and reopening need no device.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { FakeWorker, settle, workers } from "./fake-worker.js";
import { Stylizer, Tools } from "../../www/engine/stylizer.js";

const picture = new Blob(["a picture"]);
const answers = { readSettings: () => '{"size":7}', embed: ({ blob }) => blob, recolour: ({ picture }) => picture, settings: () => ({ knobs: [] }), decode: () => "a bitmap" };

test("pictures are read and written where no device can be opened", async (t) => {
  const open = () => {
    throw new Error("WebGPU is not there");
  };
  FakeWorker.answers = { ...answers, open };
  await assert.rejects(Stylizer.create({ backend: "webgpu" }), /WebGPU/);
  const tools = new Tools();
  t.after(() => tools.dispose());
  workers.length = 0;
  assert.deepEqual(await tools.readSettings(picture), { size: 7 });
  assert.equal(await tools.embed(picture, {}), picture);
  assert.equal(await tools.recolour({ picture, content: picture, colour: "luminance" }), picture);
  assert.equal(await tools.decode(picture), "a bitmap");
  assert.deepEqual(await tools.settings(), { knobs: [] });
  assert.equal(workers.length, 1, "one worker does it all");
  assert.deepEqual(workers[0].of("open"), []);
  workers[0].say({ type: "died", detail: "It died." });
  assert.deepEqual(await tools.readSettings(picture), { size: 7 });
  assert.equal(workers.length, 2);
  tools.dispose();
  assert.equal(workers[1].ended, true);
  await assert.rejects(tools.embed(picture, {}), /Create a new one/);
});

test("what is no number is not embedded as nothing", async (t) => {
  workers.length = 0;
  FakeWorker.answers = answers;
  const tools = new Tools();
  t.after(() => tools.dispose());
  await tools.embed(picture, { size: 7, config: { tvWeight: NaN, styleWeight: -Infinity } });
  const [{ settings }] = workers[0].of("embed");
  assert.deepEqual(JSON.parse(settings), { size: 7, config: { tvWeight: "NaN", styleWeight: "-Infinity" } });
});

test("a stylizer whose device was given up still reads and writes; one disposed of does not", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  workers.length = 0;
  FakeWorker.answers = { ...answers, open: () => ({ backend: "cpu" }) };
  const stylizer = await Stylizer.create();
  let stopped = null;
  stylizer.addEventListener("stopped", ({ detail }) => (stopped = detail));
  for (let i = 0; i < 4; i++) {
    workers.at(-1).say({ type: "died", detail: "It died." });
    await settle();
    mock.timers.tick(4000);
    await settle();
  }
  assert.match(stopped.message, /given up/);
  await assert.rejects(stylizer.probe(), /given up/);
  assert.deepEqual(await stylizer.readSettings(picture), { size: 7 });
  stylizer.dispose();
  assert.equal(workers.at(-1).ended, true);
  await assert.rejects(stylizer.readSettings(picture), /disposed/);
});
