// What is remembered of paintings: which are known again, and that a failure is not.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import "./fake-worker.js";
import { Vectors, checkedVector } from "../../www/engine/vectors.js";

const vector = (value) => Array(100).fill(value);
const hash = (words) => createHash("sha256").update(words).digest("hex");

/** Vectors with a list, and a reader that counts. */
function open(t, list = {}) {
  const asked = [];
  t.mock.method(globalThis, "fetch", async (address) => (asked.push(String(address)), list instanceof Response ? list.clone() : Response.json(list)));
  let reads = 0;
  const read = async () => Float32Array.from(vector(++reads));
  const vectors = new Vectors();
  return { vectors, asked, read, of: (source, picture = source) => vectors.of(source, picture, read) };
}

test("a file is known by its bytes, whatever brought it, and looked at once also when several ask", async (t) => {
  const { of, asked } = open(t);
  const [one, again] = await Promise.all([of(new Blob(["cafe"])), of("cafe.jpg", new Blob(["cafe"]))]);
  assert.equal(one, again);
  assert.notEqual(await of(new Blob(["bridge"])), one);
  assert.equal(await of(new URL("http://host/cafe"), new Blob(["cafe"])), one);
  assert.equal(asked.length, 1, "the list is fetched once");
  assert.match(asked[0], /engine\/vectors\.json$/);
});

test("what is on the list is not read; what on the list is no vector is", async (t) => {
  const { of } = open(t, { [hash("cafe")]: vector(7), [hash("short")]: [1, 2], [hash("words")]: Array(100).fill("1") });
  assert.deepEqual(await of(new Blob(["cafe"])), vector(7));
  assert.equal((await of(new Blob(["short"])))[0], 1);
  assert.equal((await of(new Blob(["words"])))[0], 2);
});

test("with its margins a painting is another one, which is not on the list", async (t) => {
  const { vectors, read, asked } = open(t, { [hash("cafe")]: vector(7) });
  const of = (source, frames) => vectors.of(source, source, read, frames);
  const file = new Blob(["cafe"]);
  const kept = await of(file, "keep");
  assert.deepEqual([kept[0], asked.length], [1, 0], "the list was made without margins");
  assert.deepEqual(await of(file, "crop"), vector(7));
  assert.equal(await of(new Blob(["cafe"]), "keep"), kept);
  const bitmap = new ImageBitmap();
  const [cropped, whole] = [await of(bitmap), await of(bitmap, "keep")];
  assert.notEqual(cropped, whole);
  assert.equal(await of(bitmap, "crop"), cropped);
});

test("a list that cannot be had is done without, and asked for again", async (t) => {
  for (const answer of [new Response("<html>"), Response.json({ error: "Try again later." }, { status: 503 })]) {
    const { of, asked } = open(t, answer);
    assert.equal((await of(new Blob(["cafe"])))[0], 1);
    assert.equal((await of(new Blob(["bridge"])))[0], 2);
    assert.equal(asked.length, 2);
  }
});

test("a bitmap is known as itself; canvases and pixels may have changed since", async (t) => {
  const { of, asked } = open(t);
  const bitmap = new ImageBitmap();
  assert.equal(await of(bitmap, new ImageBitmap()), await of(bitmap, new ImageBitmap()));
  assert.notEqual(await of(new ImageBitmap()), await of(bitmap));
  const pixels = new ImageData(1, 1);
  assert.notEqual(await of(pixels), await of(pixels));
  assert.deepEqual(asked, [], "only files can be on the list");
});

test("where nothing can be hashed a file is known as itself", async (t) => {
  t.mock.getter(globalThis, "crypto", () => ({}));
  const { of } = open(t);
  const blob = new Blob(["cafe"]);
  assert.equal(await of(blob), await of(blob));
  assert.notEqual(await of(new Blob(["cafe"])), await of(blob));
});

test("what is too long for any picture is left to the reader's refusal", async (t) => {
  const { vectors } = open(t);
  const huge = new Blob(["cafe"]);
  Object.defineProperties(huge, { size: { value: 1e9 }, arrayBuffer: { value: () => assert.fail("a gigabyte was read") } });
  await assert.rejects(vectors.of(huge, huge, () => Promise.reject(new Error("Too large."))), /Too large/);
});

test("a painting that could not be read is read again the next time", async (t) => {
  const { vectors, of } = open(t);
  const blob = new Blob(["cafe"]);
  await assert.rejects(vectors.of(blob, blob, () => Promise.reject(new Error("No network."))), /No network/);
  assert.equal((await of(blob))[0], 1);
});

test("a caller's vector is copied, and refused when it is none", () => {
  const given = vector(0.5);
  const taken = checkedVector(given);
  given[0] = 9;
  assert.equal(taken[0], 0.5);
  for (const bad of [null, "1", [1], vector(NaN), vector("1"), { length: 100 }]) assert.throws(() => checkedVector(bad), /100 numbers/);
});
