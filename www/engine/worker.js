// The worker: one WebAssembly instance, one device, one job at a time.
//
// It only carries things: pictures in, steps pulled one by one, progress and pictures out. Between
// two steps it returns to the event loop, so that pause and cancel are heard.

import init, { Engine, checkLength, completeConfig, embedSettings, estimate, extractSettings, recolour, settings } from "../easel.js";
import { describeGpu, onDeviceLoss } from "./gpu.js";
import { bytesOf, decode, imageData, pixels, pngOf, takePictures } from "./pictures.js";
import { fetchWeights } from "./weights.js";

const started = init();
started.catch(() => {}); // whoever waits for it says so
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
  probe: () => engine.probe(),
  settings: () => started.then(settings),
  estimate: ({ width, height, config }) => started.then(() => estimate(width, height, config)),
  async embed({ blob, settings }) {
    await started;
    return new Blob([embedSettings(await bytesOf(blob), settings)], { type: blob.type });
  },
  async readSettings({ blob }) {
    await started;
    checkLength("The file", blob.size);
    return extractSettings(await bytesOf(blob)) ?? null;
  },
  async recolour({ picture, content, colour }) {
    await started;
    const { width, height, data } = await pixels(picture, "The picture");
    if (colour === "style") return pngOf(new ImageData(data, width, height));
    const photo = await pixels(content, "The photo", { wanted: { width, height } });
    return pngOf(imageData(recolour(width, height, data, photo.data)));
  },
  update({ job, changes }) {
    const state = jobs.get(job);
    if (!state) throw new Error("The job has ended: nothing can be changed any more. Start another.");
    return new Promise((resolve, reject) => {
      state.changes.push({ changes, resolve, reject });
      state.wake();
    });
  },
  async decode({ blob, name, maxSide }) {
    await started;
    return decode(blob, name, maxSide);
  },
};

self.onmessage = async ({ data }) => {
  const { type, request, job } = data;
  if (request) {
    try {
      const value = await answers[type](data);
      postMessage({ request, value }, value instanceof ImageBitmap ? [value] : []);
    } catch (error) {
      if (isFatal(error)) await die(error);
      else postMessage({ request, error: sentence(error) });
    }
    return;
  }
  if (type === "start") {
    const state = { cancelled: false, paused: data.paused ?? false, changes: [], wake: () => {} };
    jobs.set(job, state);
    queue = queue.then(() => perform(job, state, data));
    return;
  }
  const state = jobs.get(job);
  if (!state) return;
  if (type === "cancel") state.cancelled = true;
  else state.paused = type === "pause";
  state.wake();
};

async function perform(job, state, data) {
  try {
    const result = state.cancelled ? null : await paint(job, state, data);
    if (result) postMessage({ type: "finished", job, detail: result });
  } catch (error) {
    if (isFatal(error)) await die(error); // the next job waits for a device that works
    else postMessage({ type: "failed", job, detail: sentence(error) });
  } finally {
    jobs.delete(job);
    for (const { reject } of state.changes) reject(new Error("The job ended before this could be changed."));
  }
}

async function paint(job, state, { content, styles, init: initImage, config, resume, changes = "{}", lastScale = null, recovery = null }) {
  await started;
  completeConfig(config); // a bad setting is said before anything is fetched
  const pictures = await takePictures(content, styles, initImage);
  try {
    await prepare();
  } catch (error) {
    pictures.free();
    throw error;
  }
  const run = engine.start(pictures, config);
  try {
    if (resume) run.resume(await bytesOf(resume));
    if (changes !== "{}") run.update(changes);
    if (lastScale !== null) run.stopGrowing(lastScale);
    if (recovery) {
      const detail = { ...recovery, iteration: run.iteration, backend: engine.device.backend, shortened: lastScale !== null };
      postMessage({ type: "recovered", job, detail });
    }
    const saver = new Saver(job, run);
    while (!run.finished) {
      await nextTurn();
      if (state.paused && !state.cancelled) await saver.save();
      while (state.paused && !state.cancelled) {
        applyChanges(run, state);
        await new Promise((resolve) => (state.wake = resolve));
      }
      if (state.cancelled) return null;
      applyChanges(run, state);
      const progress = await run.step();
      await report(job, run, progress);
      await saver.saveNowAndThen();
    }
    const picture = await readPicture(run);
    return { blob: await pngOf(picture), width: picture.width, height: picture.height, report: run.report() };
  } finally {
    run.free();
  }
}

function applyChanges(run, state) {
  for (const { changes, resolve, reject } of state.changes.splice(0)) {
    try {
      run.update(changes);
      resolve();
    } catch (error) {
      reject(error);
    }
  }
}

/** What may be lost when everything ends suddenly, in milliseconds of work. */
const SAVE_EVERY_MS = 4000;

/** Sends a run's state out of the worker now and then, so that it can go on in another. */
class Saver {
  #job;
  #run;
  #saved = performance.now();

  constructor(job, run) {
    this.#job = job;
    this.#run = run;
  }

  async saveNowAndThen() {
    if (performance.now() - this.#saved >= SAVE_EVERY_MS) await this.save();
  }

  async save() {
    const bytes = await this.#run.checkpoint();
    if (!bytes) return;
    const { iteration, iterations } = this.#run;
    postMessage({ type: "checkpoint", job: this.#job, detail: { blob: new Blob([bytes]), iteration, iterations } });
    this.#saved = performance.now();
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
  return imageData(await run.picture());
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

// ---- dying

/** After a panic, or on a lost device, nothing here can be trusted: only a new worker helps. */
const isFatal = (error) => error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error?.name === "DeviceError";

/** WebAssembly ends at 4 GiB; within this of the end a request that fails is taken for one too many. */
const FULL_BYTES = 3.5 * 2 ** 30;

/** A device that fails is often one that is lost, which says why a moment later. */
const LOSS_MILLIS = 200;

/** Says why, and ends. It waits for nothing on the device: on a lost one a step may never come back. */
async function die(error) {
  let reason = sentence(error);
  if (error?.name === "DeviceError") await new Promise((resolve) => setTimeout(resolve, LOSS_MILLIS));
  if (error instanceof WebAssembly.RuntimeError) {
    const { memory } = await started;
    reason = memory.buffer.byteLength > FULL_BYTES ? "The painter ran out of memory." : `The painter's program failed (${reason}).`;
  }
  postMessage({ type: "died", detail: reason });
  self.close();
}

onDeviceLoss((reason) => die(new Error(reason)));

// A panic within Rust's own tasks ends nobody's promise: it comes here.
self.addEventListener("error", (event) => {
  if (!isFatal(event.error)) return; // the page hears of it and ends this worker
  event.preventDefault();
  die(event.error);
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  die(event.reason);
});

// Held for life; see `Link`. Not every insecure page has locks, and no browser needs the name to be secret.
const lock = `easel-${performance.timeOrigin}-${Math.random()}`;
if (navigator.locks) {
  navigator.locks.request(lock, () => {
    postMessage({ type: "alive", lock });
    return new Promise(() => {});
  });
} else {
  postMessage({ type: "alive", lock: null });
}
