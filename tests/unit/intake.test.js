// How pictures come into the page: what is dropped and pasted, and what is no picture brought in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeElement, fakePage, parts } from "./fake-page.js";

fakePage();
const { wireIntake } = await import("../../www/page/pictures/intake.js");
const { text } = await import("../../www/page/text/index.js");

/** A page that pictures come into: `asked` is the dialog that is open, `taken` what was taken, `said` what was complained of, `veil` lies over it while files are dragged. */
function intake(context) {
  const [page, view] = [new EventTarget(), new EventTarget()];
  const { photo, camera, painting, veil } = parts("photo", "camera", "painting", "veil");
  const at = { asked: /** @type {any} */ (null), taken: /** @type {string[]} */ ([]), said: /** @type {string[]} */ ([]), veil };
  const before = { document: globalThis.document, window: globalThis.window };
  context.after(() => Object.assign(globalThis, before));
  Object.assign(globalThis, { document: Object.assign(page, { querySelector: (/** @type {string} */ what) => (what === "dialog[open]" ? at.asked : null) }), window: view });
  wireIntake(/** @type {any} */ ({ photo, camera, painting, veil }), (files, role) => at.taken.push(`${files} ${role}`), (sentence) => at.said.push(sentence));
  const send = (to, type, carried, target = {}) => {
    const event = Object.assign(new Event(type, { cancelable: true }), carried);
    Object.defineProperty(event, "target", { value: { closest: () => null, ...target } });
    to.dispatchEvent(event);
    return event;
  };
  const drag = (type, files = ["dropped"]) => send(view, type, { dataTransfer: { types: ["Files"], files } });
  const dragOut = (nodeName) => send(page, "dragstart", {}, { nodeName });
  const paste = (types, target = {}) => send(page, "paste", { clipboardData: { types, files: ["pasted"] } }, target);
  return Object.assign(at, { drag, dragOut, paste });
}

test("files dragged over a dialog leave no veil behind it, nor do those dropped or pasted there take its photo away", (context) => {
  const at = intake(context);
  for (const dialog of [new FakeElement("dialog"), null]) {
    Object.assign(at, { asked: dialog, taken: [] });
    at.veil.hidden = true;
    at.drag("dragenter");
    assert.equal(at.veil.hidden, dialog !== null);
    assert.ok(at.drag("drop").defaultPrevented, "the browser stays on the page");
    at.paste(["Files"]);
    assert.deepEqual(at.taken, dialog ? [] : ["dropped photo", "pasted photo"]);
  }
});

test("the veil goes with the next move of the pointer, where a drag ended before the veil was entered", (context) => {
  const at = intake(context);
  for (const type of ["pointermove", "pointerdown"]) {
    at.drag("dragenter");
    assert.equal(at.veil.hidden, false);
    at.veil.dispatchEvent(new Event(type));
    assert.equal(at.veil.hidden, true);
  }
});

test("what is pasted into a field as text is no photo, though a picture of it comes along", (context) => {
  const at = intake(context);
  const field = { closest: () => new FakeElement("input") };
  at.paste(["text/plain", "text/html", "Files"], field);
  assert.deepEqual(at.taken, []);
  at.paste(["Files"], field); // a field has no use for it
  at.paste(["text/plain", "Files"]);
  assert.deepEqual(at.taken, ["pasted photo", "pasted photo"]);
});

test("a picture that another site announces and does not hand over is complained of, and nothing is taken", (context) => {
  const at = intake(context);
  at.drag("drop", []);
  assert.deepEqual([at.taken, at.said], [[], [text.notHandedOver]]);
  at.drag("drop");
  assert.deepEqual([at.taken, at.said.length], [["dropped photo"], 1]);
});

test("the page's own pictures are not dragged, for they would come back as files: a thumbnail as the photo, or as the only painting", (context) => {
  const at = intake(context);
  assert.ok(at.dragOut("IMG").defaultPrevented);
  for (const other of ["A", "#text"]) assert.ok(!at.dragOut(other).defaultPrevented, "what else is dragged brings no file");
});
