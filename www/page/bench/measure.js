// How fast a device paints: milliseconds a step takes, at several sizes and with both losses, as `easel bench` measures it natively.

/** Multiplications and additions of the convolutions, forward and back to the image, up to relu5_1, per pixel; counted as if done directly. */
const FLOP_PER_PIXEL = 1.44e6;
/** The first step makes the targets and compiles; the second fills what is reused. */
const WARM = 2;
/** Timed steps of a size. */
const STEPS = 9;
/** A size is left out where its steps would take longer than this by what the size before took. */
const LONGEST_MILLIS = 120_000;

/** @typedef {{ size: number, styleLoss: "gram" | "wasserstein" }} Case */
/** @typedef {Case & { millis: number | null, teraflops: number | null }} Measured null where it was left out */

/** The sizes that are measured unless others are asked for, in pixels. */
export const SIZES = [256, 512, 1024];
const LOSSES = /** @type {const} */ (["gram", "wasserstein"]);

/**
 * Measures one size after the other, each with both losses.
 * @param {import("../../engine/stylizer.js").Stylizer} stylizer
 * @param {readonly number[]} sizes rising
 * @param {(measured: Measured) => void} tell
 * @param {AbortSignal} [signal]
 */
export async function measureAll(stylizer, sizes, tell, signal) {
  /** @type {Map<string, Measured>} */
  const last = new Map();
  for (const one of sizes.flatMap((size) => LOSSES.map((styleLoss) => ({ size, styleLoss })))) {
    const before = last.get(one.styleLoss);
    const ratio = before ? (one.size / before.size) ** 2 : 1;
    const isTooLong = before && (before.millis === null || before.millis * ratio * (WARM + STEPS) > LONGEST_MILLIS);
    const millis = isTooLong ? null : median(await stepsOf(stylizer, one, signal));
    const teraflops = millis === null ? null : (FLOP_PER_PIXEL * one.size ** 2) / millis / 1e9;
    const measured = { ...one, millis, teraflops };
    last.set(one.styleLoss, measured);
    tell(measured);
  }
}

/**
 * The milliseconds of each step but the first ones. Throws when the device was lost meanwhile: its job would go on in another
 * worker, on the CPU perhaps, and the figure be one of both and of the pause between them.
 */
async function stepsOf(stylizer, { size, styleLoss }, signal) {
  const config = { styleLoss, size, minSize: size, iterations: WARM + STEPS, init: "content", previewEvery: 0, reportEvery: 1 };
  const job = stylizer.start({ content: picture(size, 7), styles: [{ image: picture(size, 3) }], config, signal });
  const ends = [];
  job.addEventListener("progress", () => ends.push(performance.now()));
  let lost = null;
  job.addEventListener("recovered", ({ detail }) => {
    lost = new Error(detail.reason);
    job.cancel();
  });
  await job.finished.catch((error) => {
    throw lost ?? error;
  });
  return ends.slice(1).map((end, i) => end - ends[i]).slice(WARM - 1);
}

/** The one in the middle. @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** A smooth colourful picture with some texture, the same every time: as `easel bench` makes it. */
function picture(size, period) {
  const image = new ImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    const [x, y] = [i % size, Math.floor(i / size)];
    for (const c of [0, 1, 2]) {
      image.data[4 * i + c] = 255 * (0.5 + 0.5 * Math.sin(Math.floor((x * (c + 1)) / period) * 0.7 + Math.floor(y / period) * 0.4));
    }
    image.data[4 * i + 3] = 255;
  }
  return image;
}
