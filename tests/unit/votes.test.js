// What the blind-pair page asks and counts (tests/judge/pairs.js): a plain script, as pages opened from a folder load no modules.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const context = vm.createContext({});
vm.runInContext(readFileSync(new URL("../judge/pairs.js", import.meta.url), "utf8"), context);
const { Votes } = context;
/** The same in this realm, where arrays are equal to arrays. */
const plain = (/** @type {unknown} */ value) => JSON.parse(JSON.stringify(value));

const pairs = [
  { photo: "cat", painting: "wave", looks: ["a", "b", "c"] },
  { photo: "cup", painting: "wave", looks: ["a", "b", "c"] },
];
const vote = (photo, looks, liked) => ({ photo, painting: "wave", looks, liked });

test("every match is asked once before any is asked again, whatever its sides", () => {
  const votes = [];
  for (let i = 0; i < 12; i++) votes.push({ ...Votes.next(pairs, votes), liked: null });
  const keys = votes.map((one) => Votes.key(one));
  assert.equal(new Set(keys.slice(0, 6)).size, 6);
  assert.equal(new Set(keys.slice(6)).size, 6);
});

test("sides go by lot", () => {
  const [one, other] = [0.1, 0.9].map((side) => {
    const lots = [0, side];
    return plain(Votes.next(pairs, [], () => lots.shift()).looks);
  });
  assert.deepEqual(one, [...other].reverse());
});

test("no difference is half a win for both, and the best share comes first", () => {
  const votes = [vote("cat", ["a", "b"], "b"), vote("cup", ["b", "a"], null), vote("cat", ["c", "a"], "a")];
  assert.deepEqual(plain(Votes.results(pairs, votes)), [
    { look: "b", wins: 1.5, of: 2, share: 0.75 },
    { look: "a", wins: 1.5, of: 3, share: 0.5 },
    { look: "c", wins: 0, of: 1, share: 0 },
  ]);
});

test("looks without a vote have no share and come last", () => {
  assert.deepEqual(plain(Votes.results(pairs, [vote("cat", ["b", "c"], "c")])).at(-1), { look: "a", wins: 0, of: 0, share: null });
});

test("what was kept and is no vote is left out", () => {
  assert.deepEqual(plain(Votes.read(null)), []);
  assert.deepEqual(plain(Votes.read("{")), []);
  assert.deepEqual(plain(Votes.read('{"a":1}')), []);
  const good = vote("cat", ["a", "b"], "a");
  assert.deepEqual(plain(Votes.read(JSON.stringify([null, good, { looks: ["a", "b"], liked: "z" }, 3]))), [good]);
});
