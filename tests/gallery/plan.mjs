// What the gallery shows: every preset, and the experiments of Gatys et al. and of this project's forerunner.
// Pure data; gallery.mjs paints it.

/** Long side of most experiments' pictures, and their steps. */
const SIZE = 128;
const STEPS = 50;
/**
 * How all but the presets that say so themselves are optimised: by the defaults of the day these experiments were first made, so that they can
 * be compared. Today's are in curves.mjs.
 */
const STEADY = { learningRate: 0.02, averaging: 0.99, init: "content" };
const STYLE = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"];
const SHARES = [256, 64, 16, 4, 1];

/**
 * @typedef {object} Panel one picture of an experiment
 * @property {string} label what distinguishes it
 * @property {string} photo name of a sample photo
 * @property {Record<string, number>} paintings names of sample paintings, with weights
 * @property {Record<string, string | number>} settings as the command line takes them
 * @property {number} [noise] deviation of the noise added to the photo
 * @property {boolean} [hidden] painted and judged, but not in the strip
 */

/**
 * @param {number} size long side of most experiments; everything else goes by it
 * @param {{ name: string, title: string, settings: object }[]} presets those of src/settings/presets.json
 * @returns {Record<string, { title: string, panels: Panel[], single?: boolean, edges?: boolean, each?: boolean }>}
 */
export function experiments(size = SIZE, presets = []) {
  const cat = (label, settings, more = {}) => ({
    label,
    photo: "chelsea",
    paintings: { "cafe-terrace": 1 },
    settings: { ...STEADY, size, minSize: size, iterations: STEPS, ...settings },
    ...more,
  });
  const layers = (count) => STYLE.slice(0, count).map((layer, i) => `${layer}:${SHARES[i] / 341}`);
  const blend = (photo, a, b) =>
    [[1, 0], [0.7, 0.3], [0.5, 0.5], [0.3, 0.7], [0, 1]].map(([x, y]) => ({
      label: `${photo}: ${a} ${x * 100} : ${y * 100} ${b}`,
      photo,
      paintings: { [a]: x, [b]: y },
      settings: { ...STEADY, size, minSize: size, iterations: STEPS },
    }));
  const ends = (photo, a, b) =>
    [[1, 0], [0.5, 0.5], [0, 1]].map(([x, y]) => ({
      label: `${photo}: ${a} ${x * 100} : ${y * 100} ${b}`,
      photo,
      paintings: { [a]: x, [b]: y },
      settings: { ...STEADY, size: size * 0.75, minSize: size * 0.75, iterations: STEPS / 2 },
      hidden: true,
    }));
  const pyramid = (photo, painting) => {
    const panel = (label, settings, more) => ({
      label: `${photo}: ${label}`, photo, paintings: { [painting]: 1 }, settings: { ...STEADY, size: 2 * size, ...settings }, ...more,
    });
    return [
      panel("coarse to fine", { iterations: 30 }),
      panel("one scale, equal work", { minSize: 2 * size, iterations: 60 }, { hidden: true }),
      panel("one scale, equal work and content", { minSize: 2 * size, iterations: 60, contentWeight: 0.009 }),
    ];
  };
  const optimisers = (photo, painting) =>
    [["adam", 200], ["lbfgs", 100]].map(([optimizer, iterations]) => ({
      label: `${photo}: ${optimizer}, ${iterations} evaluations`,
      photo,
      paintings: { [painting]: 1 },
      settings: { preset: "classic", size: size * 0.75, optimizer, iterations },
    }));
  return {
    presets: {
      title: "Presets",
      single: true,
      // As a visitor gets them who chooses nothing but the look, four times as large as the experiments.
      panels: presets.map(({ name }) => ({ ...cat(name), settings: { preset: name, size: size * 4 } })),
    },
    blend: {
      title: "Two paintings blended",
      each: true,
      panels: [
        ...blend("chelsea", "cafe-terrace", "langlois-bridge"),
        cat("cafe-terrace alone", {}, { hidden: true }),
        ...ends("coffee", "night-cafe", "church-at-auvers"),
        ...ends("astronaut", "langlois-bridge", "night-cafe"),
      ],
    },
    photoreal: {
      title: "Photorealistic transfer",
      edges: true,
      panels: ["painterly", "photoreal"].map((preset) => ({
        label: preset,
        photo: "rocket",
        paintings: { "night-cafe": 1 },
        settings: { ...STEADY, preset, size: size * 1.25, minSize: size * 1.25, iterations: 60 },
      })),
    },
    ratio: {
      title: "Content weight to style weight",
      panels: [0.0015, 0.015, 0.15].map((contentWeight) => cat(`${contentWeight}`, { contentWeight })),
    },
    "content-layers": {
      title: "Content layer",
      panels: ["relu2_2", "relu3_2", "relu4_2", "relu5_1"].map((layer) => cat(layer, { contentLayers: layer })),
    },
    "style-layers": {
      title: "Style layers",
      panels: [1, 2, 3, 4, 5].map((count) => cat(count === 1 ? STYLE[0] : `… ${STYLE[count - 1]}`, { styleLayers: layers(count).join(",") })),
    },
    noise: {
      title: "A noisy photo",
      panels: [0, 2, 10].map((tvWeight) => cat(`total variation × ${tvWeight}`, { tvWeight }, { noise: 0.15 })),
    },
    "learning-rate": {
      title: "Learning rate",
      panels: [0.002, 0.02, 0.1].map((learningRate) => cat(`${learningRate}`, { learningRate })),
    },
    iterations: {
      title: "Iterations",
      panels: [10, 50, 200].map((iterations) => cat(`${iterations}`, { iterations })),
    },
    pyramid: { title: "Coarse to fine or one scale", panels: [...pyramid("chelsea", "cafe-terrace"), ...pyramid("coffee", "night-cafe")] },
    optimiser: {
      title: "Adam or L-BFGS",
      panels: [
        ...optimisers("chelsea", "cafe-terrace"),
        ...optimisers("astronaut", "church-at-auvers"),
        ...optimisers("coffee", "night-cafe"),
        ...optimisers("rocket", "langlois-bridge"),
      ],
    },
  };
}

export { SIZE };
