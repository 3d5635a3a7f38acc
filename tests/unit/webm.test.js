// A recorded WebM gets its duration; what is built otherwise is left alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { withDuration } from "../../www/page/stage/webm.js";

const OPEN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const header = [0x1a, 0x45, 0xdf, 0xa3, 0x84, 0x42, 0x86, 0x81, 0x01];
const segment = [0x18, 0x53, 0x80, 0x67, ...OPEN];
const scale = [0x2a, 0xd7, 0xb1, 0x83, 0x0f, 0x42, 0x40];
const cluster = [0x1f, 0x43, 0xb6, 0x75, ...OPEN, 0xe7, 0x81, 0x00];
const info = (size, ...children) => [0x15, 0x49, 0xa9, 0x66, ...size, ...children];
const bytesOf = async (blob) => [...new Uint8Array(await blob.arrayBuffer())];
const film = (...parts) => new Blob([new Uint8Array(parts.flat())], { type: "video/webm" });

const seconds90 = [0x44, 0x89, 0x88, ...new Uint8Array(new Float64Array([90_000]).buffer).reverse()];
const longer = [0x01, 0, 0, 0, 0, 0, 0, scale.length + seconds90.length];

for (const [how, size] of [
  ["one byte", [0x87]],
  ["four bytes", [0x10, 0, 0, 0x07]],
  ["eight bytes", [0x01, 0, 0, 0, 0, 0, 0, 0x07]],
]) {
  test(`the duration is put in; the size of Info took ${how}`, async () => {
    const done = await withDuration(film(header, segment, info(size, ...scale), cluster), 90_000);
    assert.deepEqual(await bytesOf(done), [...header, ...segment, ...info(longer, ...seconds90, ...scale), ...cluster]);
    assert.equal(done.type, "video/webm");
  });
}

test("an element before Info is passed over", async () => {
  const empty = [0xec, 0x82, 0, 0];
  const done = await withDuration(film(header, segment, empty, info([0x87], ...scale), cluster), 90_000);
  assert.deepEqual(await bytesOf(done), [...header, ...segment, ...empty, ...info(longer, ...seconds90, ...scale), ...cluster]);
});

for (const [what, ...parts] of [
  ["a film that has a duration", header, segment, info([0x92], ...scale, ...seconds90), cluster],
  ["a segment of a fixed size, which would be wrong afterwards", header, [0x18, 0x53, 0x80, 0x67, 0x8c], info([0x87], ...scale)],
  ["a film that ends before its head does", header, segment],
  ["something else", [0, 0, 0, 0x18, 0x66, 0x74, 0x79, 0x70]],
  ["nothing", []],
]) {
  test(`left alone: ${what}`, async () => {
    const blob = film(...parts);
    assert.equal(await withDuration(blob, 90_000), blob);
  });
}
