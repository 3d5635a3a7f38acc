// Every sentence the page says by itself, in one place.

const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** A duration for people: "12 s", "3 min 20 s", "1 h 5 min". */
export function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`;
}

export const text = {
  ready: "Ready. Press Paint.",
  preparing: "Preparing the paints…",
  weights: (loaded, total) => `Fetching the network once: ${megabytes(loaded)} of ${megabytes(total)}`,
  kernels: "Compiling for this GPU…",
  firstStep: "Setting up the first brush stroke…",
  painting: "Painting…",
  paused: "Paused. Press Pause again to go on.",
  stopped: "Stopped. The picture so far can be saved.",
  stoppedEarly: "Stopped before the first brush stroke.",
  done: (seconds) => `Done in ${duration(seconds)}.`,
  saved: "Saved.",
  figures: ({ iteration, iterations, scale, losses, etaSeconds }) =>
    `Iteration ${iteration} of ${iterations} · ${scale.width} × ${scale.height} px · loss ${number.format(losses.total)} · ${duration(etaSeconds)} left`,
  device: ({ backend, adapter }, software) =>
    backend === "cpu"
      ? "Without WebGPU, Easel paints on the CPU: it works, slowly. Small sizes are suggested."
      : software
        ? `Paints with WebGPU on a software adapter (${adapter}). Small sizes are suggested.`
        : `Paints with WebGPU on ${adapter}.`,
  noDevice: "Easel could not start.",
  painted: "The painted picture",
  unpainted: "Not painted yet",
  size: (px) => `${px} px`,
  weightOf: (name) => `Weight of ${name}`,
  remove: (name) => `Remove ${name}`,
  useSample: (name) => `Use ${name}`,
  thePhoto: "The photo",
  thePainting: "The painting",
  needPainting: "There is no painting to take the style from. Add at least one.",
  badIterations: "Iterations must be a whole number from 1 to 5000.",
};

export const samples = {
  photos: [
    { file: "photo-chelsea.jpg", name: "Chelsea the cat" },
    { file: "photo-coffee.jpg", name: "a cup of coffee" },
    { file: "photo-astronaut.jpg", name: "Eileen Collins" },
    { file: "photo-rocket.jpg", name: "a rocket launch" },
  ],
  paintings: [
    { file: "style-cafe-terrace.jpg", name: "Café Terrace at Night" },
    { file: "style-church-at-auvers.jpg", name: "The Church at Auvers" },
    { file: "style-night-cafe.jpg", name: "The Night Café" },
    { file: "style-langlois-bridge.jpg", name: "The Langlois Bridge" },
  ],
};
