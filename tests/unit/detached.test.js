// What comes out of the database does not hang on it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { detached } from "../../www/page/gallery/detached.js";
import { Kept } from "../../www/page/gallery/kept.js";

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

/** A Blob out of a database: it cannot be read any more once its record is deleted. */
function hanging(content, record) {
  const lost = () => Promise.reject(new DOMException("lost", "NotFoundError"));
  return Object.assign(new Blob([content]), { arrayBuffer: () => (record.deleted ? lost() : new Blob([content]).arrayBuffer()) });
}

/** A list with one kept picture, in a store that holds nothing else. */
async function keptOne() {
  Object.assign(globalThis, { BroadcastChannel: undefined }); // Node would wait for it
  const record = { deleted: false };
  const blob = (content) => hanging(content, record);
  const result = { id: "1", date: 1, recipe: { config: {} }, picture: blob("picture"), thumb: blob("thumb"), photo: { name: "a", key: "photo" } };
  const paintings = [{ name: "b", weight: 1, mask: blob("mask"), key: "painting" }, { name: "c", weight: 1, mask: null, key: "painting" }];
  const written = [];
  const store = {
    lasts: false,
    all: async () => [{ ...result, paintings }],
    get: async (_, key) => new Blob([key]),
    change: (_, action) =>
      action({ all: async () => [], keys: async () => [], put: async (_, key, value) => written.push(value), delete: async () => (record.deleted = true) }),
  };
  const kept = new Kept(/** @type {any} */ (store));
  await kept.load();
  return { kept, record, written };
}
/** All that a kept picture has of its own. */
const read = ({ picture, paintings: [{ mask }] }) => Promise.all([picture, mask].map(async (blob) => new TextDecoder().decode(await blob.arrayBuffer())));

test("a deleted picture that is put back has its masks again", async () => {
  const { kept, written } = await keptOne();
  const undo = await kept.remove(kept.all[0]);
  assert.deepEqual(kept.all, []);
  await undo();
  assert.deepEqual(await read(written.at(-1)), ["picture", "mask"]);
  assert.equal(written.at(-1).paintings[1].mask, null);
});

test("a kept picture that is painted again may be deleted meanwhile", async () => {
  const { kept, record } = await keptOne();
  const whole = await kept.whole(kept.all[0]);
  record.deleted = true;
  assert.deepEqual(await read(whole), ["picture", "mask"]);
  assert.deepEqual([await whole.photo.blob.text(), await whole.paintings[1].blob.text(), whole.paintings[0].name], ["photo", "painting", "b"]);
});

test("a kept picture with a mask that is lost opens all the same", async () => {
  const { kept, record } = await keptOne();
  record.deleted = true;
  const whole = await kept.whole(kept.all[0]);
  assert.equal(whole.picture, kept.all[0].picture);
  assert.equal(await whole.photo.blob.text(), "photo");
});
