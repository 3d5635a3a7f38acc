// A recorded WebM that left its length open gets it; any other is left alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { withDuration } from "../../www/page/stage/webm.js";

/** How a recording of Firefox begins, up to its first picture, and something for the pictures. */
const recorded = Buffer.from(
  "1a45dfa3010000000000001f4286810142f7810142f2810442f381084282847765626d42878102428581021853806701ffffffffffffff114d9b7401000000000000001549" +
    "a96601000000000000492ad7b1830f424044898800000000000000004d809851546d7578696e674170704c69625765624d2d302e302e31574199515477726974696e67417070",
  "hex",
);
const AT = recorded.indexOf(Buffer.from("448988", "hex")) + 3;
const film = Buffer.concat([recorded, Buffer.alloc(5000, 0x44)]);
const blobOf = (bytes) => new Blob([bytes], { type: "video/webm" });

test("the length is put where room was left for it, and nothing else changes", async () => {
  const done = await withDuration(blobOf(film), 90_000);
  const bytes = Buffer.from(await done.arrayBuffer());
  assert.equal(bytes.readDoubleBE(AT), 90_000);
  bytes.fill(0, AT, AT + 8);
  assert.deepEqual(bytes, film);
  assert.equal(done.type, "video/webm");
});

test("a film that says its length keeps it, and what is no such film stays as it is", async () => {
  const known = Buffer.from(film);
  known.writeDoubleBE(1234, AT);
  for (const bytes of [known, Buffer.alloc(5000, 1), Buffer.alloc(0)]) {
    const blob = blobOf(bytes);
    assert.equal(await withDuration(blob, 90_000), blob);
  }
});
