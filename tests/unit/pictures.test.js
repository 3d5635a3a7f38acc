// What holds memory is let go of, also when something goes wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { together } from "../../www/page/pictures/bitmaps.js";
import { fitToTravel, restore } from "../../www/page/pictures/recipe.js";
import { showBlob } from "../../www/page/pictures/thumb.js";
import { stemOf } from "../../www/page/stage/saving.js";

test("of pictures that are wanted together none stays open when one cannot be had", async () => {
  const closed = [];
  const picture = (name) => ({ name, close: () => closed.push(name) });
  const late = new Promise((resolve) => setImmediate(resolve, picture("late")));
  await assert.rejects(together([picture("first"), Promise.reject(new Error("damaged")), null, late]), /damaged/);
  assert.deepEqual(closed, ["first", "late"]);
  const pictures = await together([picture("a"), Promise.resolve(picture("b")), null]);
  assert.deepEqual(pictures.map((one) => one?.name), ["a", "b", undefined]);
  assert.deepEqual(closed, ["first", "late"]);
});

for (const end of ["onload", "onerror"]) {
  test(`a file shown as a small picture is let go of ${end}`, (context) => {
    const revoked = [];
    context.mock.method(URL, "createObjectURL", () => "blob:1");
    context.mock.method(URL, "revokeObjectURL", (url) => revoked.push(url));
    const image = {};
    showBlob(image, new Blob(["picture"]));
    assert.deepEqual([image.src, revoked], ["blob:1", []]);
    image[end]();
    assert.deepEqual(revoked, ["blob:1"]);
  });
}

test("paintings are named in a picture's file only when all are samples, by names every page knows", () => {
  const recipe = { config: { size: 64 } };
  const terrace = { name: "Caféterrasse am Abend" };
  assert.deepEqual(fitToTravel(recipe, [terrace, { name: "The Night Café" }]).paintings, ["Café Terrace at Night", "The Night Café"]);
  assert.deepEqual(fitToTravel(recipe, [terrace, { name: "grandmother.jpg", mask: new Blob() }]), { ...recipe, masked: true });
});

test("a mixture's weights come back in their ratio, also where the command line was given larger ones", async () => {
  for (const [weights, shares] of [[[2, 1], [1, 0.5]], [[1, 0.25], [1, 0.25]], [[0.5, 0.25], [0.5, 0.25]], [undefined, []]]) {
    let weighed = null;
    await restore({ config: {}, weights }, { write() {} }, { weigh: (given) => (weighed = given) });
    assert.deepEqual(weighed, shares);
  }
});

test("a file's name keeps the marks of its letters, in every script", () => {
  const names = {
    "हिन्दी.jpg": "हिन्दी",
    "ภาพที่ดี 2.png": "ภาพที่ดี-2",
    "cafe\u0301 au lait.jpg": "caf\u00e9-au-lait",
    "q\u0303.png": "q\u0303",
    "\u2764\ufe0f my cat!.jpeg": "my-cat",
    "...": "easel",
  };
  for (const [name, stem] of Object.entries(names)) assert.equal(stemOf(name), stem);
});
