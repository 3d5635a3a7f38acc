// The engine's sentences can be had in another language.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorker, workers } from "./fake-worker.js";
import { Recovery } from "../../www/engine/recovery.js";
import { Stylizer, translate } from "../../www/engine/stylizer.js";
import { say, text } from "../../www/engine/text.js";
import { Death } from "../../www/engine/link.js";

test("words in braces are filled in, and none is left over where the engine fills them", () => {
  assert.equal(say("notServed", { file: "a.bin", status: 404 }), "The network file a.bin could not be fetched (HTTP 404). Try again, or reinstall the weights folder.");
  assert.equal(say("badWeight", { value: "$&" }), "A painting's weight cannot be $&: use a number from 0 to 1000.");
});

test("another language takes the sentences' place, in workers too; what it leaves out stays", async (t) => {
  const english = { ...text };
  t.after(() => translate(english));
  translate({ noPainting: "Es fehlt ein Gemälde.", badSettings: 3, unknown: "?" });
  FakeWorker.answers = { open: () => ({ backend: "cpu" }) };
  const stylizer = await Stylizer.create();
  t.after(() => stylizer.dispose());
  await assert.rejects(stylizer.start({ content: new Blob(), styles: [] }).finished, /Es fehlt ein Gemälde/);
  assert.equal(text.badSettings, english.badSettings);
  assert.equal("unknown" in text, false);
  assert.equal(workers.at(-1).told[0].type, "begin", "before anything is asked of it");
  assert.deepEqual(workers.at(-1).told[0].text, text);
});

test("a want of memory is known as one in any language", () => {
  const plans = [new Death("Der Speicher reicht nicht.", { memory: true }), new Error("out of memory"), new Error("lost")].map((error) => {
    const recovery = new Recovery();
    recovery.plan(error, "auto", { idle: false });
    return recovery.plan(error, "auto", { idle: false });
  });
  assert.deepEqual(plans.map(({ shorten, backend }) => [shorten, backend]), [[true, "auto"], [true, "auto"], [false, "cpu"]]);
});
