// <easel-canvas> as it is used: nothing of an old photo is shown, or sent with a form, any more, and what is its author's stays so.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { FakeElement, bitmap } from "./fake-page.js";
import { FakeWorker, settle, workers } from "./fake-worker.js";

/** As much of an element as is asked for: attributes that it hears of, and the form's value. */
class PageElement extends FakeElement {
  sent = null;
  isConnected = false;

  attachInternals() {
    return { form: null, setFormValue: (value) => (this.sent = value) };
  }
  attachShadow() {
    return (this.shadow = new FakeElement());
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
const { text } = await import("../../www/engine/text.js");

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

/** The parts: the photo before, and the canvas. */
const showing = () => element.shadow.children;

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

/** From now on painters open only once that is asked for. */
function held(context) {
  const waiting = [];
  const { hear } = FakeWorker.prototype;
  context.mock.method(FakeWorker.prototype, "hear", function (message) {
    if (message.type === "open") waiting.push(() => hear.call(this, message));
    else hear.call(this, message);
  });
  return async () => {
    for (const open of waiting.splice(0)) open();
    await settle();
    await settle();
  };
}

/** What it has come to by now; undefined while it goes on. */
const soFar = (ended) => Promise.race([ended, settle()]);

for (const [how, end, freed] of [
  ["cancel()", () => element.cancel(), false],
  ["another photo", () => (element.photo = PHOTO), false],
  ["a form's reset", () => element.formResetCallback(), false],
  ["dispose()", () => element.dispose(), true],
]) {
  test(`a run whose painter is still being opened ends at once: ${how}`, async (context) => {
    const open = held(context);
    const ended = element.start();
    await settle();
    assert.equal(await soFar(ended), undefined);
    end();
    assert.equal(await soFar(ended), null);
    assert.equal(workers[0].ended, freed, "nobody else wants it");
    await open();
    const again = element.start();
    await settle();
    await open();
    assert.deepEqual(workers.map((worker) => worker.of("start").length), freed ? [0, 1] : [1]);
    element.cancel();
    assert.equal(await again, null);
    assert.deepEqual(told, []);
  });
}

test("no more workers are made for a painter that nobody uses any more", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  FakeWorker.answers = {};
  context.mock.method(FakeWorker.prototype, "hear", function ({ type }) {
    if (type === "open") this.say({ type: "died", detail: "It fell over." });
  });
  const ended = element.start();
  await settle();
  element.dispose();
  context.mock.timers.tick(60_000);
  await settle();
  assert.equal(workers.length, 1);
  assert.equal(await soFar(ended), null);
});

test("what is painted is as it was when start() was called, whatever is set while the painter opens", async (context) => {
  const open = held(context);
  const style = { image: PHOTO, weight: 2 };
  element.painting = [style];
  element.styleWeight = 3;
  const ended = element.start();
  await settle();
  style.weight = 4;
  element.painting = "poppies.jpg";
  element.styleWeight = 5;
  await open();
  const [{ styles, config }] = workers[0].of("start");
  assert.deepEqual([styles, JSON.parse(config)], [[{ image: PHOTO, weight: 2, mask: null }], { styleWeight: 3 }]);
  element.cancel();
  await ended;
});

test("who gives up a painter that is being opened leaves it to the others", async (context) => {
  const open = held(context);
  const other = new EaselCanvas();
  other.setAttribute("photo", "cat.jpg");
  other.setAttribute("painting", "cafe.jpg");
  const [mine, theirs] = [element.start(), other.start()];
  await settle();
  element.dispose();
  assert.deepEqual([await soFar(mine), await soFar(theirs)], [null, undefined]);
  await open();
  assert.deepEqual(workers.map(({ ended, told }) => [ended, told.filter(({ type }) => type === "start").length]), [[false, 1]]);
  other.dispose();
  assert.deepEqual([await soFar(theirs), workers[0].ended], [null, true]);
});

/** What screen readers call the picture. */
const label = () => element.canvas.getAttribute("aria-label");

test("while another picture of the photo is shown the form sends none, and after a failure it is still none that is being painted", async () => {
  const first = await painting();
  assert.equal(label(), text.beingPainted);
  first.worker.say({ type: "finished", job: 1, detail: result });
  await first.ended;
  const again = element.start();
  await settle();
  await settle();
  assert.equal(element.sent.name, "painting.png", "what is still seen");
  first.worker.say({ type: "progress", job: 2, detail: detail(1) });
  assert.deepEqual([element.sent, label()], [null, text.beingPainted]);
  first.worker.say({ type: "failed", job: 2, detail: "It did not work." });
  assert.equal(await again, null);
  assert.deepEqual([element.sent, label(), told.at(-1)], [null, text.painted, "error"]);
});

/** As browsers do it; also to move an element, which is put in again before anything else happens. */
const put = (connected) => {
  element.isConnected = connected;
  if (connected) element.connectedCallback();
  else element.disconnectedCallback();
};

test("an element that is moved paints on, and one that is taken out does not", async () => {
  put(true);
  const { ended, worker } = await painting();
  put(false);
  put(true);
  await settle();
  assert.deepEqual([worker.of("cancel"), element.canvas.hidden, label()], [[], false, text.beingPainted]);
  worker.say({ type: "finished", job: 1, detail: result });
  assert.equal((await ended)?.width, 3);
  put(false);
  put(true);
  assert.deepEqual([element.sent.name, label()], ["painting.png", text.painted]);
  const again = element.start();
  await settle();
  put(false);
  assert.equal(await soFar(again), null);
  assert.deepEqual(worker.of("cancel").map(({ job }) => job), [2]);
  assert.equal(label(), text.painted, "what was seen stays");
});

test("a run begun right after the element was taken out is not cancelled by that", async () => {
  put(true);
  const { ended } = await painting();
  put(false);
  const again = element.start();
  assert.deepEqual([await ended, await soFar(again)], [null, undefined]);
  element.cancel();
});

test("an element that is moved goes on showing a photo that was drawn, whose maker may have closed it by now", async (context) => {
  const photo = Object.assign(new ImageBitmap(), { [Symbol.toStringTag]: "ImageBitmap" });
  put(true);
  element.photo = photo;
  await settle();
  assert.deepEqual([showing()[0].hidden, element.canvas.hidden], [true, false]);
  context.mock.method(globalThis, "createImageBitmap", () => Promise.reject(new Error("It was closed.")));
  put(false);
  put(true);
  await settle();
  assert.deepEqual([showing()[0].hidden, element.canvas.hidden], [true, false]);
});

test("an element without a photo shows none", () => {
  element = new EaselCanvas();
  put(true);
  assert.deepEqual([...showing().map(({ hidden }) => hidden), label()], [true, true, text.unpainted]);
});

test("an address that its author made is never let go of; one that was made here is, once", (context) => {
  const revoked = [];
  context.mock.method(URL, "createObjectURL", () => "blob:ours");
  context.mock.method(URL, "revokeObjectURL", (url) => revoked.push(url));
  const [shown] = showing();
  const theirs = "blob:https://example.org/theirs";
  for (const photo of [theirs, new URL(theirs)]) {
    element.photo = photo;
    assert.equal(shown.src, theirs);
    shown.onload();
    shown.onerror();
  }
  element.photo = "cat.jpg";
  assert.deepEqual(revoked, []);
  element.photo = PHOTO;
  assert.deepEqual([shown.src, revoked], ["blob:ours", []]);
  shown.onload();
  element.photo = theirs;
  assert.deepEqual(revoked, ["blob:ours"]);
});

test("an image of a file in memory is drawn, since its address may be no more", async () => {
  const [shown] = showing();
  const image = { src: "blob:https://example.org/gone", currentSrc: "", decode: async () => {}, [Symbol.toStringTag]: "HTMLImageElement" };
  element.photo = image;
  await settle();
  assert.deepEqual([shown.hidden, element.canvas.hidden, label()], [true, false, text.unpainted]);
  element.photo = { ...image, src: "https://example.org/cat.jpg" };
  assert.deepEqual([shown.hidden, shown.src], [false, "https://example.org/cat.jpg"]);
});

test("an image of a file in memory that would load once it is seen is drawn, too", async () => {
  const image = { src: "blob:https://example.org/cat", currentSrc: "", loading: "lazy", [Symbol.toStringTag]: "HTMLImageElement" };
  element.photo = Object.assign(image, { decode: () => (image.loading === "lazy" ? new Promise(() => {}) : Promise.resolve()) });
  await settle();
  assert.equal(element.canvas.hidden, false);
});

test("what was set before the element was defined counts as set since", async () => {
  // As an element that becomes one of ours: its own properties lie before those of its class.
  const before = { photo: PHOTO, painting: "poppies.jpg", alt: "A cat", assets: "https://cdn.example/easel/", styleWeight: 2, init: new Blob(["a start"]) };
  for (const [name, value] of Object.entries(before)) Object.defineProperty(element, name, { value, writable: true, enumerable: true, configurable: true });
  element.connectedCallback();
  for (const [name, value] of Object.entries(before)) assert.deepEqual([name, Object.hasOwn(element, name), element[name]], [name, false, value]);
  const attributes = ["painting", "alt", "assets", "style-weight", "init"].map((name) => element.getAttribute(name));
  assert.deepEqual(attributes, ["poppies.jpg", "A cat", "https://cdn.example/easel/", "2", null]);
  const { worker } = await painting();
  assert.equal(worker.of("begin")[0].program, "https://cdn.example/easel/easel_bg.wasm");
  element.assets = undefined;
  assert.deepEqual([element.assets, element.getAttribute("assets")], [null, null]);
  const [{ content, config }] = worker.of("start");
  assert.deepEqual([content, JSON.parse(config).styleWeight], [PHOTO, 2]);
});

test("no painting given is none, so that the attribute's counts; what is no picture is said", async () => {
  element.painting = PHOTO;
  element.painting = undefined;
  assert.equal(element.painting, "cafe.jpg");
  const { worker } = await painting();
  assert.equal(worker.of("start")[0].styles.length, 1);
  let said;
  element.addEventListener("error", ({ detail }) => (said = detail.message));
  element.painting = [null];
  assert.equal(await element.start(), null);
  assert.match(said, /^The painting must be a Blob/);
});

test("a painter is let go of once its last element has taken another", async () => {
  const other = new EaselCanvas();
  other.setAttribute("photo", "cat.jpg");
  other.setAttribute("painting", "cafe.jpg");
  const begin = async (one, backend) => {
    one.backend = backend;
    one.start();
    await settle();
    await settle();
    return workers.map(({ ended }) => ended);
  };
  assert.deepEqual(await begin(element, "cpu"), [false]);
  assert.deepEqual(await begin(other, "cpu"), [false], "they share it");
  assert.deepEqual(await begin(element, "webgpu"), [false, false], "the other element still uses it");
  assert.deepEqual(await begin(other, "webgpu"), [true, false]);
  other.dispose();
  assert.deepEqual(workers.map(({ ended }) => ended), [true, false]);
});

test("an element that a page drops without a word is collected, and its painter freed", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const painted = async () => {
    const dropped = new EaselCanvas();
    Object.assign(dropped, { photo: PHOTO, painting: PHOTO });
    const ended = dropped.start();
    await settle();
    await settle();
    workers[0].say({ type: "finished", job: 1, detail: result });
    assert.equal(await ended, result);
    return new WeakRef(dropped);
  };
  const dropped = await painted();
  for (let i = 0; i < 100 && !workers[0].ended; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    collect();
  }
  assert.equal(dropped.deref(), undefined);
  assert.equal(workers[0].ended, true);
});
