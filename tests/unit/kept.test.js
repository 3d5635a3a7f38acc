// The kept pictures, where the browser gives less than was asked for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Kept } from "../../www/page/gallery/kept.js";

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
