// What comes out of the database does not hang on it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { detached } from "../../www/page/gallery/detached.js";

test("every Blob is a copy, whole and of its type; all else is as it was", async () => {
  const [photo, mask] = [new Blob(["photo"], { type: "image/jpeg" }), new Blob(["mask"], { type: "image/png" })];
  const record = { photo: { blob: photo, name: "a" }, paintings: [{ blob: photo, mask }, { blob: mask, mask: null }], resumed: 0, gone: undefined };
  const copy = await detached(record);
  assert.deepEqual(copy, record);
  for (const [one, other] of [[copy.photo.blob, photo], [copy.paintings[0].mask, mask], [await detached(photo), photo]]) {
    assert.notEqual(one, other);
    assert.equal(one.type, other.type);
    assert.equal(await one.text(), await other.text());
  }
  assert.equal(await detached(undefined), undefined);
});

test("a Blob that cannot be read is an error, not an empty one", async () => {
  const lost = Object.assign(new Blob(["x"]), { arrayBuffer: () => Promise.reject(new DOMException("lost", "NotFoundError")) });
  await assert.rejects(detached({ photo: { blob: lost } }), { name: "NotFoundError" });
});
