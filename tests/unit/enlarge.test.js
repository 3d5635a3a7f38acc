// A small painting made large: its size, what it keeps, and what it takes of the photo.
import assert from "node:assert/strict";
import { test } from "node:test";
import { enlarge, fitted } from "../../www/page/pictures/enlarge.js";

/** A grey picture, by the light at each point of a unit square. */
function picture(width, height, light) {
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    const value = light(((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height);
    data.fill(value, 4 * i, 4 * i + 3);
  }
  return { width, height, data };
}

/** The same picture smaller by a whole factor: means of squares. */
function smaller({ width, height, data }, by) {
  const [w, h] = [width / by, height / by];
  const result = { width: w, height: h, data: new Uint8ClampedArray(4 * w * h).fill(255) };
  for (let i = 0; i < w * h; i++) {
    for (const channel of [0, 1, 2]) {
      let sum = 0;
      for (let y = 0; y < by; y++) for (let x = 0; x < by; x++) sum += data[4 * ((Math.floor(i / w) * by + y) * width + (i % w) * by + x) + channel];
      result.data[4 * i + channel] = Math.round(sum / by ** 2);
    }
  }
  return result;
}

const error = (a, b) => Math.sqrt(a.data.reduce((sum, value, i) => sum + (value - b.data[i]) ** 2, 0) / a.data.length);
const grey = (width, height) => picture(width, height, () => 128);
/** Coarse forms with fine edges. */
const forms = (x, y) => 128 + 60 * Math.sign(Math.sin(9 * x + 4 * y)) + 20 * Math.sin(60 * x) * Math.sin(50 * y);

test("sizes are rounded as the painter rounds them", () => {
  // The cases of `fit` in src/picture/pixels.rs, and of the scales in src/run/schedule.rs.
  for (const [width, height, long, ...size] of [[400, 300, 96, 96, 72], [300, 400, 96, 72, 96], [1000, 3, 64, 64, 1], [300, 200, 181, 181, 121], [300, 200, 256, 256, 171]]) {
    assert.deepEqual(Object.values(fitted({ width, height }, long)), size);
  }
});

test("what is even stays even, to the edges; a slope stays one", async () => {
  const even = await enlarge(picture(7, 5, () => 77), grey(29, 21));
  assert.deepEqual([even.width, even.height], [29, 21]);
  assert.ok(even.data.every((value, i) => value === (i % 4 === 3 ? 255 : 77)));
  const slope = (x) => 40 + 160 * x;
  const steep = await enlarge(picture(16, 8, slope), grey(61, 30));
  for (let x = 8; x < 53; x++) assert.ok(Math.abs(steep.data[4 * (15 * 61 + x)] - slope((x + 0.5) / 61)) < 1.5, String(x));
});

test("colours are their own", async () => {
  const small = picture(8, 8, () => 0);
  for (let i = 0; i < 64; i++) small.data.set([200, 100, 50], 4 * i);
  const { data } = await enlarge(small, grey(20, 20));
  assert.deepEqual([...data.slice(0, 4)], [200, 100, 50, 255]);
});

test("where the painting is the photo, the photo's detail comes back", async () => {
  const photo = picture(96, 64, forms);
  const painting = smaller(photo, 4);
  const [plain, guided] = [await enlarge(painting, grey(96, 64)), await enlarge(painting, photo)];
  assert.ok(error(guided, photo) < 0.5 * error(plain, photo), `${error(guided, photo)} ${error(plain, photo)}`);
});

test("where it has nothing of the photo, it takes nothing", async () => {
  const photo = picture(96, 64, forms);
  const other = picture(24, 16, (x, y) => 128 + 90 * Math.cos(31 * y - 17 * x));
  const inverse = picture(24, 16, (x, y) => 255 - forms(x, y));
  for (const painting of [other, inverse, grey(24, 16)]) {
    const [plain, guided] = [await enlarge(painting, grey(96, 64)), await enlarge(painting, photo)];
    // The photo's own detail is of this much.
    const detail = error(await enlarge(smaller(photo, 4), grey(96, 64)), photo);
    assert.ok(error(guided, plain) < 0.2 * detail, `${error(guided, plain)} of ${detail}`);
  }
});

test("a large one is made in pieces", async () => {
  let pieces = 0;
  await enlarge(picture(181, 121, forms), picture(512, 342, forms), async () => void (pieces += 1));
  // Five planes of 342 rows, by sixteen at most.
  assert.ok(pieces > 100, String(pieces));
});
