// <easel-canvas> whose photo is changed while it paints: nothing of the old one is shown, or sent with a form, any more.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { FakeElement, bitmap } from "./fake-page.js";
import { FakeWorker, settle, workers } from "./fake-worker.js";

/** As much of an element as is asked for: attributes that it hears of, and the form's value. */
class PageElement extends FakeElement {
  sent = null;

  attachInternals() {
    return { form: null, setFormValue: (value) => (this.sent = value) };
  }
  attachShadow() {
    return new FakeElement();
  }
  getContext() {
    return { drawImage: () => {} };
  }
  /** As browsers do, also when nothing is changed by it. */
  setAttribute(name, value) {
    const before = this.getAttribute(name);
    super.setAttribute(name, value);
    const { observedAttributes } = /** @type {any} */ (this.constructor);
    if (observedAttributes?.includes(name)) /** @type {any} */ (this).attributeChangedCallback(name, before, value);
  }
}
Object.assign(globalThis, {
  HTMLElement: PageElement,
  Image: PageElement,
  CSSStyleSheet: class {
    replaceSync() {}
  },
  document: { createElement: (tag) => new PageElement(tag), baseURI: "https://example.org/" },
  createImageBitmap: async () => bitmap(),
  fetch: async () => ({ ok: true, blob: async () => new Blob(["a picture"]) }),
});
const { EaselCanvas } = await import("../../www/engine/element.js");

const detail = (iteration) => ({ iteration, iterations: 9, scale: { index: 0, count: 1, width: 3, height: 2 }, losses: {}, millisPerIteration: 1, preview: bitmap() });
const result = { blob: new Blob(["a painting"], { type: "image/png" }), width: 3, height: 2, report: {} };
const PHOTO = new Blob(["the photo"]);
let element;
let told;

beforeEach(() => {
  workers.length = 0;
  FakeWorker.answers = { open: () => ({ backend: "cpu", adapter: "CPU", limits: {} }) };
  told = [];
  element = new EaselCanvas();
  for (const type of ["progress", "finish", "error"]) element.addEventListener(type, () => told.push(type));
  element.setAttribute("photo", "cat.jpg");
  element.setAttribute("painting", "cafe.jpg");
});
afterEach(() => element.dispose());

/** The worker of a run that has shown something; of the attribute's photo, or of this file. */
async function painting(photo = null) {
  if (photo) element.photo = photo;
  const ended = element.start();
  await settle();
  await settle();
  const [worker] = workers;
  assert.equal(worker.of("start").length, 1);
  worker.say({ type: "progress", job: 1, detail: detail(1) });
  assert.equal(element.canvas.hidden, false);
  return { ended, worker };
}

for (const [how, before, change] of [
  ["a file", null, () => (element.photo = new Blob(["another"]))],
  ["an attribute", null, () => element.setAttribute("photo", "dog.jpg")],
  ["the attribute's address in place of a file", PHOTO, () => (element.photo = "cat.jpg")],
  ["a file taken away again", PHOTO, () => (element.photo = null)],
]) {
  test(`another photo cancels the run of the old one: ${how}`, async () => {
    const { ended, worker } = await painting(before);
    change();
    worker.say({ type: "progress", job: 1, detail: detail(2) });
    worker.say({ type: "finished", job: 1, detail: result });
    assert.equal(await ended, null, "as after cancel()");
    assert.deepEqual(worker.of("cancel").map(({ job }) => job), [1]);
    assert.deepEqual([element.canvas.hidden, element.sent], [true, null]);
    assert.deepEqual(told, ["progress"]);
  });
}

test("another photo cancels a run whose painter is still being opened", async () => {
  const ended = element.start();
  element.photo = PHOTO;
  await settle();
  await settle();
  assert.deepEqual([workers[0].of("start"), element.canvas.hidden], [[], true]);
  assert.equal(await ended, null);
});

for (const [how, before, again] of [
  ["an address", null, () => (element.photo = "cat.jpg")],
  ["a file", PHOTO, () => (element.photo = PHOTO)],
]) {
  test(`the same photo once more leaves the run alone: ${how}`, async () => {
    const { ended, worker } = await painting(before);
    again();
    assert.equal(element.canvas.hidden, false);
    worker.say({ type: "finished", job: 1, detail: result });
    assert.equal((await ended)?.width, 3);
    assert.deepEqual([element.canvas.hidden, element.sent.name], [false, "painting.png"]);
    assert.deepEqual(told, ["progress", "finish"]);
  });
}
