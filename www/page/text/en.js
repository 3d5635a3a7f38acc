// Every sentence the page says, in English. A translation has the same keys with the same parameters (see de.js).

import { text as engine } from "../../engine/text.js";

/** The engine speaks English by itself. */
export { engine };

const settingsLine = ({ config }, count, look) => `${look(config.preset)}, ${count(config.size)} px, ${count(config.iterations)} iterations, seed ${count(config.seed ?? 0)}`;

/**
 * @param {import("./index.js").Words} words how numbers are written, and what looks are called
 */
export const sentences = ({ number, whole, count, megabytes, memory, duration, day, look }) => ({
  // ---- on the page from the start; `data-text`, `data-label` and `data-content` in index.html name these
  title: "Easel – turn a photo into a painting",
  description: "Turn a photo into a painting, on your own device. Nothing is uploaded.",
  headline: "Turn a photo into a painting",
  promise: "Computed on your own device. Nothing is uploaded.",
  thePicture: "The picture",
  progress: "Progress",
  paint: "Paint",
  pause: "Pause",
  stop: "Stop",
  goodEnough: "Good enough",
  larger: "Larger",
  save: "Save picture",
  share: "Share",
  format: "File format",
  colours: "Colours",
  coloursStyle: "The painting’s",
  coloursPhoto: "The photo’s",
  timelapseSave: "Save timelapse",
  yourPhoto: "Your photo",
  photo: "Photo",
  camera: "Camera",
  photoHint: "Choose, drop or paste a picture.",
  photoSamples: "Samples to try",
  paintings: "The paintings",
  styleMix: "Style mix",
  paintingLabel: "Painting",
  paintingHint: "Add one or several; mix them with the sliders.",
  paintingSamples: "Sample paintings",
  maskHint: "Brush over what this painting shall shape. The rest of the photo takes nothing from it.",
  maskKeys: "Arrow keys move the brush, Space paints, plus and minus change its size, E erases.",
  maskPicture: "The photo, to brush on",
  maskSize: "Brush size",
  maskEraser: "Eraser",
  maskUndo: "Undo",
  maskReady: "Or begin with",
  maskLeft: "Left half",
  maskRight: "Right half",
  maskTop: "Top half",
  maskBottom: "Bottom half",
  maskMiddle: "Middle",
  maskFill: "Fill",
  maskInvert: "Invert",
  maskEverywhere: "Everywhere",
  maskDone: "Done",
  maskCancel: "Cancel",
  how: "How it is painted",
  look: "Look",
  sizeLabel: "Size",
  longSide: "long side",
  iterations: "Iterations",
  strength: "Style strength",
  timelapse: "Record a timelapse",
  bell: "Tell me when it is done",
  moreSettings: "More settings",
  emptyField: "An empty field keeps what the look says.",
  gallery: "Your pictures",
  galleryHint: "Kept on this device only.",
  again: "Paint again",
  keptDelete: "Delete",
  openingDevice: "Looking for a graphics device…",
  credits:
    "Sample paintings: Vincent van Gogh, Katsushika Hokusai, Utagawa Hiroshige, Wassily Kandinsky, Pierre-Auguste Renoir and Mary Cassatt (public domain). " +
    "Sample photos: Stefan van der Walt and Rachel Michetti (CC0), NASA and SpaceX (public domain). Network: VGG19, Visual Geometry Group, Oxford (CC BY 4.0).",
  dropPhoto: "Drop here as the photo",
  dropPainting: "Drop here as a painting",
  compare: "Before and after",
  before: "Photo",
  after: "Painting",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  zoomFit: "Fit",
  viewport: "The picture. Plus and minus zoom, 0 fits, arrow keys move.",
  dismiss: "Dismiss",
  update: "New version",
  updateReady: "A new version of Easel is ready. Reload to use it, when it suits you.",
  reload: "Reload",
  later: "Later",
  worksOffline: "Easel now works without a connection.",

  // ---- a run
  ready: "Ready. Press Paint.",
  preparing: "Preparing the paints…",
  weights: (loaded, total) => `Fetching the network once: ${megabytes(loaded)} of ${megabytes(total)}`,
  kernels: "Compiling for this GPU…",
  firstStep: "Setting up the first brush stroke…",
  painting: ["Painting…", "Painting… a quarter done", "Painting… half done", "Painting… three quarters done"],
  paused: "Paused. Press Pause again to go on.",
  stopped: "Stopped. The picture so far can be saved.",
  stoppedSmall: ({ from, to }) => `Stopped: painted at ${count(from)} px and enlarged to ${count(to)} px. Go on?`,
  stoppedEarly: "Stopped before the first brush stroke.",
  done: (seconds) => `Done in ${duration(seconds)}.`,
  saved: "Saved.",
  savedPlain: "Saved, but without the settings it was painted with: they could not be put into the file.",
  shared: "Shared.",
  tabProgress: (share) => `${whole(Math.floor(100 * share))} % – Easel`,
  tabDone: "Done – Easel",
  bellDone: "The picture is painted.",
  bellFailed: "The picture could not be painted to its end.",
  bellRefused: "The browser shows no notifications for this page; its settings say so.",
  figures: ({ iteration, iterations, scale, losses, etaSeconds }) =>
    [
      `Iteration ${count(iteration)} of ${count(iterations)}`,
      `${count(scale.width)} × ${count(scale.height)} px${scale.count > 1 ? `, scale ${count(scale.index + 1)} of ${count(scale.count)}` : ""}`,
      `loss ${number(losses.total)}`,
      etaSeconds > 0 ? `${duration(etaSeconds)} left` : "",
    ]
      .filter(Boolean)
      .join(" · "),
  chart: (first, last, iterations) =>
    `Loss by iteration, on a logarithmic scale: from ${number(first)} to ${number(last)} after ${count(iterations)} iterations.`,
  chartEmpty: "Loss by iteration: nothing yet.",
  recovering: "The painter stopped; it is being started anew…",
  recovered: ({ reason, iteration, shortened }) =>
    `The painter had to start anew (${reason.replace(/\.$/, "")}); it goes on from iteration ${count(iteration)}${shortened ? ", and ends at a smaller size" : ""}.`,
  cannotUpdate: "This setting counts from the next run on.",
  nextRun: (name) => `“${name}” takes part from the next run on.`,
  recolouring: "Changing the colours…",
  recoloured: { style: "In the painting’s colours.", luminance: "In the photo’s colours." },
  makingTimelapse: "Making the timelapse…",
  timelapseSaved: "Timelapse saved.",
  noFilm: "This browser could not make a film. Save the picture instead, or try another browser.",

  // ---- before a run
  estimate: ({ bytes, seconds, fits }) =>
    [seconds === null ? "" : `About ${duration(seconds)}`, `${memory(bytes)} of memory`, fits ? "" : "more than this device is likely to have"]
      .filter(Boolean)
      .join(" · "),
  takes: ({ seconds, size }) => [seconds === null ? "" : `about ${duration(seconds)}`, `${count(size)} px`].filter(Boolean).join(", "),
  estimateTimeLater: "How long it takes is known after the first steps.",
  measure: "Measure now",
  measuring: "Measuring this device…",
  measured: "Measured.",
  firstDownload: `The first run fetches the network once: ${megabytes(13e6).replace(" ", "\u00a0")}.`,
  size: (px) => `${count(px)} px`,
  sizeTooLarge: (px) => `${count(px)} px – will not fit`,
  device: ({ backend, adapter }, software) =>
    backend === "cpu"
      ? "Without WebGPU, Easel paints on the CPU: it works, slowly. Small sizes are suggested."
      : software
        ? `Paints with WebGPU on a software adapter (${adapter}). Small sizes are suggested.`
        : `Paints with WebGPU on ${adapter}.`,
  noDevice: "Easel could not start.",
  otherVersion: "This page is of another version than the program it has just loaded. Reload it to paint; pictures you chose have to be chosen again.",
  tryAgain: "Try again",
  painted: engine.painted,
  unpainted: engine.unpainted,
  chosenPhoto: (name) => `The chosen photo: ${name}`,
  weightOf: (name) => `Weight of ${name}`,
  remove: (name) => `Remove ${name}`,
  where: "Where…",
  whereOf: (name, masked) => `Where… ${name}: ${masked ? "a part of the photo" : "everywhere"}`,
  everywhere: "everywhere",
  aPart: "a part of it",
  maskTitle: (name) => `Where “${name}” applies`,
  maskShare: (share) => (share === 0 ? "Nothing is marked yet." : `${share < 0.01 ? "Less than 1" : whole(100 * share)} % of the photo.`),
  maskEmpty: "Nothing is marked yet. Brush over a part of the photo, or choose Everywhere.",
  masksCleared: "The new photo has another shape, so the paintings apply everywhere again.",
  useSample: (name) => `Use ${name}`,
  thePhoto: "The photo",
  thePainting: "The painting",
  needPhoto: "There is no photo yet. Choose one.",
  needPainting: "There is no painting to take the style from. Add at least one.",
  badIterations: "Iterations must be a whole number from 1 to 5000.",
  sampleMissing: (file, status) => `The sample ${file} could not be fetched (HTTP ${status}). Check the connection and try again.`,

  // ---- kept pictures and settings
  keptName: ({ name, date }) => `${name}, ${day(date)}`,
  keptDetails: ({ recipe, width, height, iteration, iterations = recipe.config.iterations, seconds }) =>
    [
      settingsLine(recipe, count, look),
      `${count(width)} × ${count(height)} px`,
      iteration < iterations ? "stopped early" : `painted in ${duration(seconds)}`,
      recipe.enlarged ? `painted at ${count(recipe.enlarged)} px and enlarged` : "",
      recipe.masked ? "paintings kept to parts of the photo" : "",
      recipe.changed ? "settings were changed on the way" : "",
    ]
      .filter(Boolean)
      .join(" · "),
  openKept: (name) => `Open ${name}`,
  deleted: "The picture was deleted.",
  notDeleted: "The picture could not be deleted. Reload the page and try again.",
  undo: "Undo",
  carriesSettings: (name, recipe) =>
    `“${name}” carries the settings it was painted with: ${settingsLine(recipe, count, look)}.${recipe.masked ? " Where its paintings applied is not among them." : ""}`,
  restore: "Restore its settings",
  useAsPhoto: "Use it as the photo",
  useAsPainting: "Use it as a painting",
  restored: "The settings are restored.",
  otherSettings: (reason) => `Its settings could not be restored. ${reason}`,
  unknownPreset: (name) => `This version knows no look named “${name}”.`,

  // ---- going on after a reload
  continuing: "Continuing where the page was closed.",
  unfinished: "A picture was left unfinished, twice. Go on with it?",
  goOn: "Go on",
  discard: "Discard",
  discarded: "The unfinished picture was discarded.",
  failedHalfway: "The picture so far is not lost.",
  inputsGone: "The photo or a painting of this picture is no longer kept. Choose them again.",
  startedOver: "The saved state could not be used, so this picture starts over.",

  // ---- storage
  storageMissing: "This browser does not let Easel keep anything: pictures stay until the page is closed, and a run cannot go on after a reload.",
  storageFull: "There is no room left to keep this picture: save it now, or delete others below.",
  shareFailed: "A shared picture could not be taken over: there may be no room left on this device. Make room and share it again, or choose it here.",
  checkpointFull: "There is no room left to keep the state of this run: it could not go on after a reload.",
  otherTab: "Another tab is painting: this run could not go on after a reload.",
});

/** The samples' names, by their files'. */
export const samples = {
  "photo-chelsea.jpg": "Chelsea the cat",
  "photo-coffee.jpg": "a cup of coffee",
  "photo-astronaut.jpg": "Eileen Collins",
  "photo-rocket.jpg": "a rocket launch",
  "style-cafe-terrace.jpg": "Café Terrace at Night",
  "style-great-wave.jpg": "The Great Wave off Kanagawa",
  "style-composition-viii.jpg": "Composition VIII",
  "style-moulin-de-la-galette.jpg": "Bal du moulin de la Galette",
  "style-poppies.jpg": "Poppies",
  "style-church-at-auvers.jpg": "The Church at Auvers",
  "style-inokashira-snow.jpg": "Inokashira in Snow",
  "style-summertime.jpg": "Summertime",
  "style-night-cafe.jpg": "The Night Café",
  "style-langlois-bridge.jpg": "The Langlois Bridge",
};
