// The worker: one WebAssembly instance, one device, one job at a time.
//
// It only carries things: pictures in, steps pulled one by one, progress and pictures out. Between
// two steps it returns to the event loop, so that pause and cancel are heard.

import init, { Engine, Pictures, checkHeader, checkLength, completeConfig, notAPicture, settings } from "./easel.js";
import { describeGpu } from "./gpu.js";
import { fetchWeights } from "./weights.js";

const started = init();
let engine = null;
let preparation = null;
const jobs = new Map();
let queue = Promise.resolve();

const answers = {
  async open({ backend }) {
    await started;
    const { name, subgroups } = await describeGpu();
    engine = await Engine.open(backend, name, subgroups);
    return engine.device;
  },
  prepare: () => prepare(),
  settings: () => started.then(settings),
  async decode({ blob, name, maxSide }) {
    await started;
    const bitmap = await decodeBlob(blob, name);
    const scale = maxSide / Math.max(bitmap.width, bitmap.height);
    if (scale >= 1) return bitmap;
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
    const small = await createImageBitmap(bitmap, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
    bitmap.close();
    return small;
  },
};

self.onmessage = async ({ data }) => {
  const { type, request, job } = data;
  if (request) {
    try {
      const value = await answers[type](data);
      postMessage({ request, value }, value instanceof ImageBitmap ? [value] : []);
    } catch (error) {
      postMessage({ request, error: sentence(error) });
    }
    return;
  }
  if (type === "start") {
    const state = { cancelled: false, paused: false, wake: () => {} };
    jobs.set(job, state);
    queue = queue.then(() => perform(job, state, data));
    return;
  }
  const state = jobs.get(job);
  if (!state) return;
  if (type === "cancel") state.cancelled = true;
  state.paused = type === "pause";
  state.wake();
};

async function perform(job, state, data) {
  try {
    const result = state.cancelled ? null : await paint(job, state, data);
    if (result) postMessage({ type: "finished", job, detail: result });
  } catch (error) {
    postMessage({ type: "failed", job, detail: sentence(error) });
  } finally {
    jobs.delete(job);
  }
}

async function paint(job, state, { content, styles, init: initImage, config }) {
  await started;
  completeConfig(config); // a bad setting is said before anything is fetched
  const pictures = await takePictures(content, styles, initImage);
  await prepare();
  const run = engine.start(pictures, config);
  try {
    while (!run.finished) {
      await nextTurn();
      while (state.paused && !state.cancelled) await new Promise((resolve) => (state.wake = resolve));
      if (state.cancelled) return null;
      const progress = await run.step();
      await report(job, run, progress);
    }
    const picture = await readPicture(run);
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    canvas.getContext("2d").putImageData(picture, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/png" });
    return { blob, width: picture.width, height: picture.height, report: run.report() };
  } finally {
    run.free();
  }
}

async function report(job, run, progress) {
  const { iteration } = progress;
  const previewDue = run.previewEvery > 0 && (iteration % run.previewEvery === 0 || run.finished || iteration === 1);
  if (!previewDue && iteration % run.reportEvery !== 0 && !run.finished) return;
  const preview = previewDue ? await createImageBitmap(await readPicture(run)) : null;
  postMessage({ type: "progress", job, detail: { ...progress, preview } }, preview ? [preview] : []);
}

async function readPicture(run) {
  const picture = await run.picture();
  const data = new ImageData(picture.rgba(), picture.width, picture.height);
  picture.free();
  return data;
}

async function takePictures(content, styles, initImage) {
  const { width, height, data } = await pixels(content, "The photo");
  const pictures = new Pictures(width, height, data);
  for (const { image, weight } of styles) {
    const { width, height, data } = await pixels(image, "The painting");
    pictures.addStyle(width, height, data, weight);
  }
  if (initImage) {
    const { width, height, data } = await pixels(initImage, "The picture to start from");
    pictures.setInit(width, height, data);
  }
  return pictures;
}

/** Pictures above this are brought down by the browser before they enter WebAssembly's memory. */
const MAX_WORKING_PIXELS = 16e6;

/** Any source as RGBA; what is transparent becomes white. */
async function pixels(source, what) {
  if (source instanceof ImageData) return source;
  const bitmap = source instanceof Blob ? await decodeBlob(source, what) : source;
  const scale = Math.min(1, Math.sqrt(MAX_WORKING_PIXELS / (bitmap.width * bitmap.height)));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/** Checks a file's length and header before the browser decodes it, upright. */
async function decodeBlob(blob, what) {
  checkLength(what, blob.size);
  checkHeader(what, new Uint8Array(await blob.arrayBuffer()));
  try {
    return await createImageBitmap(blob);
  } catch (error) {
    throw notAPicture(what, error.message.replace(/\.$/, ""));
  }
}

/** Loads the weights and compiles the kernels, once; after a failure the next call tries again. */
function prepare() {
  const report = (detail) => postMessage({ type: "status", detail });
  preparation ??= Promise.all([engine.warmUp(), fetchWeights(engine, report).then(() => report({ stage: "kernels" }))])
    .then(() => report({ stage: "ready" }))
    .catch((error) => {
      preparation = null;
      throw error;
    });
  return preparation;
}

/** Lets waiting messages in; unlike a timer it is not slowed down. */
const nextTurn = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

const sentence = (error) => String(error?.message ?? error);
