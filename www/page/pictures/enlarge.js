// A small painting made large, with the photo as its guide.
//
// Enlarged by itself a painting of 128 pixels is a blur at 512. But the photo is there at any size, and much of what a painting
// shows it shows where the photo does. So wherever the small painting's light follows the small photo's, the large one takes the photo's
// fine detail, as strongly as it follows; where it goes its own way nothing is added. (A guided filter's upsampling: He, Sun
// and Tang 2013, He and Sun 2015, here on top of Lanczos' of the painting itself, and of its light only.)

/** Lanczos' kernel reaches three samples to each side. */
const LOBES = 3;
/** What is fitted at once is a square of so many pixels to each side of its middle, in the small picture. */
const RADIUS = 2;
/** The variance, of 255² at most, below which the photo has no detail to follow. */
const FLAT = 12;
/** So long the page may wait for a piece of the work, in milliseconds. */
const PATIENCE_MS = 8;

/** @typedef {{ width: number, height: number, data: Uint8ClampedArray }} Pixels RGBA, as an ImageData has them */
/** @typedef {{ width: number, height: number, values: Float32Array }} Plane one number a pixel, row by row */

/**
 * The width and height, in pixels, whose longer one is `long` and whose ratio is the picture's: as the painter rounds them.
 * @param {{ width: number, height: number }} picture
 * @param {number} long
 */
export function fitted({ width, height }, long) {
  const short = Math.max(1, Math.round((Math.min(width, height) * long) / Math.max(width, height)));
  return width >= height ? { width: long, height: short } : { width: short, height: long };
}

/**
 * A painting enlarged to the size of a photo of the same shape. The work is done in pieces: the page stays alive meanwhile.
 * @param {Pixels} painting
 * @param {Pixels} photo what it was painted of; larger than the painting
 * @param {() => Promise<void>} [breathe] called after each piece: lets others have their turn
 * @returns {Promise<Pixels>} opaque
 */
export async function enlarge(painting, photo, breathe = breather()) {
  const { width, height } = photo;
  const light = plane(photo, lightOf);
  const small = await resized(light, painting, breathe);
  const follows = await resized(following(small, plane(painting, lightOf)), photo, breathe);
  // From here on `light` holds what the painting gets of the photo's detail.
  const coarse = await resized(small, photo, breathe);
  for (let i = 0; i < light.values.length; i++) light.values[i] = (light.values[i] - coarse.values[i]) * follows.values[i];
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (const channel of [0, 1, 2]) {
    const { values } = await resized(plane(painting, (rgba, at) => rgba[at + channel]), photo, breathe);
    for (let i = 0; i < values.length; i++) data[4 * i + channel] = values[i] + light.values[i];
    await breathe();
  }
  return { width, height, data };
}

/** Rec. 709's luma. */
const lightOf = (rgba, at) => 0.2126 * rgba[at] + 0.7152 * rgba[at + 1] + 0.0722 * rgba[at + 2];

/**
 * @param {Pixels} pixels
 * @param {(rgba: Uint8ClampedArray, at: number) => number} of
 * @returns {Plane}
 */
function plane({ width, height, data }, of) {
  const values = new Float32Array(width * height);
  for (let i = 0; i < values.length; i++) values[i] = of(data, 4 * i);
  return { width, height, values };
}

/**
 * How strongly one plane follows another of its size around each pixel: the slope of the line through both, from 0 to 1.
 * @param {Plane} guide
 * @param {Plane} other
 * @returns {Plane}
 */
function following(guide, other) {
  const { width, height } = guide;
  const product = (a, b) => ({ width, height, values: a.values.map((value, i) => value * b.values[i]) });
  const [g, o, gg, go] = [guide, other, product(guide, guide), product(guide, other)].map((each) => means(each).values);
  const slope = (value, i) => {
    const covariance = go[i] - value * o[i];
    const variance = gg[i] - value * value;
    return Math.min(1, Math.max(0, covariance / (variance + FLAT)));
  };
  // The windows of a pixel's neighbours count for it, too.
  return means({ width, height, values: g.map(slope) });
}

/**
 * The mean around each pixel, as far as the picture reaches.
 * @param {Plane} plane
 * @returns {Plane}
 */
function means({ width, height, values }) {
  const along = (from, count, length, stride, step) => {
    const to = new Float32Array(from.length);
    for (let line = 0; line < count; line++) {
      const first = line * stride;
      for (let at = 0; at < length; at++) {
        const [low, high] = [Math.max(0, at - RADIUS), Math.min(length - 1, at + RADIUS)];
        let sum = 0;
        for (let k = low; k <= high; k++) sum += from[first + k * step];
        to[first + at * step] = sum / (high - low + 1);
      }
    }
    return to;
  };
  return { width, height, values: along(along(values, height, width, width, 1), width, height, 1, width) };
}

/**
 * A plane at another size, by Lanczos' kernel: widened when the plane shrinks, so that nothing flickers.
 * @param {Plane} plane
 * @param {{ width: number, height: number }} size
 * @param {() => Promise<void>} breathe
 * @returns {Promise<Plane>}
 */
async function resized({ width, height, values }, size, breathe) {
  const across = taps(width, size.width);
  const wide = new Float32Array(size.width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < size.width; x++) {
      const { first, weights } = across[x];
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * values[y * width + first + k];
      wide[y * size.width + x] = sum;
    }
    if (y % 16 === 0) await breathe();
  }
  const result = new Float32Array(size.width * size.height);
  for (const [y, { first, weights }] of taps(height, size.height).entries()) {
    const row = result.subarray(y * size.width, (y + 1) * size.width);
    for (let k = 0; k < weights.length; k++) {
      const [weight, from] = [weights[k], (first + k) * size.width];
      for (let x = 0; x < row.length; x++) row[x] += weight * wide[from + x];
    }
    if (y % 16 === 0) await breathe();
  }
  return { width: size.width, height: size.height, values: result };
}

/**
 * For each of `to` samples: which of `from` it is made of. Beyond the edges there is nothing, and what is there weighs more.
 * @param {number} from
 * @param {number} to
 */
function taps(from, to) {
  const step = from / to;
  const spread = Math.max(1, step);
  const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  const kernel = (x) => (Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0);
  return Array.from({ length: to }, (_, i) => {
    const middle = (i + 0.5) * step - 0.5;
    const first = Math.max(0, Math.ceil(middle - LOBES * spread));
    const last = Math.min(from - 1, Math.floor(middle + LOBES * spread));
    const weights = Float32Array.from({ length: last - first + 1 }, (_, k) => kernel((first + k - middle) / spread));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** Lets others have their turn when it is time. */
function breather() {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < PATIENCE_MS) return;
    await /** @type {Promise<void>} */ (new Promise((resolve) => setTimeout(resolve)));
    last = performance.now();
  };
}
