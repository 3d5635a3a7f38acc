// The kept pictures, where the browser gives less than was asked for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Kept } from "../../www/page/gallery/kept.js";
import { FakeCanvas, bitmap, fakePage } from "./fake-page.js";

const nowhere = /** @type {any} */ ({ lasts: false, all: async () => [] });

test("without a channel between tabs, or where it is refused with all storage, there is a list all the same", async () => {
  const refused = class {
    constructor() {
      throw new DOMException("The operation is insecure.", "SecurityError");
    }
  };
  for (const BroadcastChannel of [undefined, refused]) {
    Object.assign(globalThis, { BroadcastChannel });
    const kept = new Kept(nowhere);
    await kept.load();
    assert.deepEqual(kept.all, []);
  }
});

test("a picture of which there is no small one is not kept where it could not be seen", async (t) => {
  fakePage();
  Object.assign(globalThis, { BroadcastChannel: undefined, createImageBitmap: async () => bitmap() });
  t.mock.method(FakeCanvas.prototype, "toBlob", (callback) => callback(null));
  const changes = [];
  const kept = new Kept({ ...nowhere, change: async (names) => changes.push(names), askToLast() {} });
  const blob = new Blob(["picture"]);
  await assert.rejects(kept.add(/** @type {any} */ ({ picture: blob, photo: { blob, name: "a" }, paintings: [] })), /thumbnail/);
  assert.deepEqual(changes, []);
});
