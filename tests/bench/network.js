// The work every contender does: VGG19 to relu5_1, a content loss at relu4_2, Gram losses at five
// layers, total variation, the gradient at the image, one step of Adam. Speed does not depend on the
// weights' values, so the others get random ones.

/** Input and output channels; "pool" is 2×2 maximum pooling. */
export const network = [
  [3, 64], [64, 64], "pool", [64, 128], [128, 128], "pool",
  [128, 256], [256, 256], [256, 256], [256, 256], "pool",
  [256, 512], [512, 512], [512, 512], [512, 512], "pool", [512, 512],
];
export const contentLayer = 9;
export const styleLayers = [0, 2, 4, 8, 12];
export const weightOf = { content: 5, style: 1e6, tv: 50 };
export const learningRate = 0.02;

/** Gaussian-like numbers with He's deviation, the same every time. */
export function random(count, fanIn, seed = 1) {
  let state = seed >>> 0;
  const uniform = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32) * 2 - 1;
  const deviation = Math.sqrt((2 / fanIn) * 3);
  return Float32Array.from({ length: count }, () => uniform() * deviation);
}
