// The worker: one WebAssembly instance, one device, one job at a time, and pictures in one pass.
//
// It only carries things: pictures in, steps pulled one by one (loop.js), progress and pictures out. Between two steps it
// returns to the event loop, so that pause and cancel are heard; before whatever may keep it from listening it says
// what that is, so that the page can tell when it hangs (watchdog.js).

import { Engine, checkLength, completeConfig, embedSettings, estimate, extractSettings, program, recolour, settings } from "../easel.js";
import { describeGpu, watchDevices } from "./gpu.js";
import { Orders, pull } from "./loop.js";
import { paintInstant, rank, readVector } from "./onepass.js";
import { bytesOf, decode, imageData, pixels, pngOf, takePictures } from "./pictures.js";
import { loadProgram } from "./program.js";
import { close, release } from "./sources.js";
import { say, text, translate } from "./text.js";
import { Tuning, wrongDevice } from "./tuning.js";
import { VERSION } from "./version.js";
import { fetchAhead, fetchInstant, fetchWeights, weightsAt } from "./weights.js";

/**
 * Where the program is, or one that was compiled already: the page's first message says it.
 * @type {import("./places.js").Places["program"]}
 */
let given = null;
/** @type {ReturnType<typeof loadProgram> | null} */
let loading = null;

/** The program, loaded once; after a failure whoever needs it next tries again: the connection may be back. */
function started() {
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function load() {
  doing("program", { what: "load" }); // whatever is asked for meanwhile waits for it, too
  try {
    const exports = await loadProgram(given);
    if (!(given instanceof WebAssembly.Module)) handOver();
    return exports;
  } finally {
    doing("program", null);
  }
}

/** @type {Engine} */
let engine;
/**
 * What finds the device's kernels; null where they are known.
 * @type {Tuning | null}
 */
let tuning = null;
let software = false;
/** @type {Promise<void> | null} */
let tuned = null;
/** @type {Promise<void> | null} */
let preparation = null;
const jobs = /** @type {Map<number, Orders>} */ (new Map());
let queue = Promise.resolve();

/** @type {Record<string, (message: any) => any>} */
const answers = {
  async open({ backend, kernels }) {
    await started();
    const gpu = await describeGpu();
    const tuner = new Tuning(gpu.name);
    /** @type {import("./tuning.js").Known} */
    const known = kernels || backend === "cpu" ? { kernels } : await tuner.recall();
    if (known.wrong && backend === "webgpu") throw wrongDevice(known.wrong);
    ({ software } = gpu);
    engine = await Engine.open(known.wrong ? "cpu" : backend, gpu.name, gpu.subgroups, software, known.kernels, known.gigaflops);
    tuning = known.kernels || engine.device.backend === "cpu" ? null : tuner;
    return device();
  },
  prepare: () => prepare(),
  preload: () => Promise.all([started(), fetchAhead()]).then(() => null),
  probe: () => engine.probe(),
  settings: () => started().then(settings),
  estimate: ({ width, height, config, paintings, masked }) =>
    started().then(() => estimate(width, height, config, paintings, masked, engine?.kernels, engine?.largestBuffer)),
  async embed({ blob, settings }) {
    await started();
    return new Blob([embedSettings(await bytesOf(blob), settings)], { type: blob.type });
  },
  async readSettings({ blob }) {
    await started();
    checkLength(text.file, blob.size);
    return extractSettings(await bytesOf(blob)) ?? null;
  },
  async recolour({ picture, content, colour, tile }) {
    if (!["style", "luminance"].includes(colour)) throw new Error(say("badColour", { value: JSON.stringify(colour) }));
    await started();
    const { width, height, data } = await pixels(picture, text.picture);
    if (colour === "style") return pngOf(new ImageData(data, width, height));
    const photo = await pixels(content, text.photo, { wanted: { width, height } });
    return pngOf(imageData(recolour(width, height, data, photo.data, tile)));
  },
  styleVector: (data) => readVector(engine, data).finally(() => close(data.picture)),
  instant: (data) => paintInstant(engine, data).finally(() => release(data)),
  suggest: (data) => rank(engine, data).finally(() => release(data)),
  update: ({ job, changes }) => order(job, "changes", { changes }),
  checkpoint: ({ job }) => (jobs.get(job)?.begun ? order(job, "checkpoints", {}) : null),
  async decode({ blob, name, maxSide }) {
    await started();
    return decode(blob, name, maxSide);
  },
};

/**
 * Says what is about to be done, and by null that it is over: until then this worker may be silent.
 * @param {unknown} task
 * @param {object | null} what
 */
const doing = (task, what) => postMessage({ type: "doing", task, what: null, ...what });

/** What a request may take; the others wait for a job's next step. */
const allowances = /** @type {Record<string, string | null>} */ ({
  open: "open",
  prepare: "prepare",
  preload: "prepare",
  probe: "probe",
  styleVector: "instant",
  instant: "instant",
  suggest: "instant",
  update: null,
  checkpoint: null,
});

self.onmessage = async ({ data }) => {
  postMessage({ type: "heard" });
  const { type, request, job } = data;
  if (request) {
    const { [type]: what = "pictures" } = allowances;
    if (what) doing(request, { what });
    try {
      const value = await answers[type](data);
      postMessage({ request, value }, bitmapsOf(value));
    } catch (error) {
      if (isFatal(error)) await die(error);
      else postMessage({ request, error: sentence(error) });
    } finally {
      if (what) doing(request, null);
    }
    return;
  }
  if (type === "begin") {
    translate(data.text);
    weightsAt(data.weights);
    given = data.program;
    started().catch(() => {}); // whoever waits for it says so
    return;
  }
  if (type === "leave") {
    await tuning?.leave();
    return self.close();
  }
  if (type === "start") {
    const orders = new Orders();
    orders.paused = data.paused ?? false;
    jobs.set(job, orders);
    queue = queue.then(() => perform(job, orders, data));
    return;
  }
  const orders = jobs.get(job);
  if (!orders) return;
  if (type === "cancel") return orders.cancel();
  orders.paused = type === "pause";
  orders.wake();
};

/**
 * Has a job's loop do something between two steps; resolves when it is done.
 * @param {number} job
 * @param {"changes" | "checkpoints"} kind
 * @param {any} what
 */
function order(job, kind, what) {
  const orders = jobs.get(job);
  if (!orders) throw new Error(text.ended);
  return new Promise((resolve, reject) => {
    orders[kind].push({ ...what, resolve, reject });
    orders.wake();
  });
}

/**
 * @param {number} job
 * @param {Orders} orders
 * @param {Task} data
 */
async function perform(job, orders, data) {
  let end = null;
  try {
    const result = orders.cancelled ? null : await paint(job, orders, data);
    if (result) end = { type: "finished", job, detail: result };
  } catch (error) {
    if (isFatal(error)) await die(error); // the next job waits for a device that works
    else end = { type: "failed", job, detail: { message: sentence(error), code: codeOf(error) } };
  } finally {
    release(data); // a job that was cancelled before its turn took none
    jobs.delete(job);
    orders.end();
    // Before the end is told: whoever hears of that may ask for a picture at once, and is to find this worker free.
    doing("job", null);
    if (end) postMessage(end);
  }
}

/** @typedef {import("./sources.js").Inputs & { changes: string, lastScale: number | null, recovery: object | null, paused: boolean }} Task */

/**
 * @param {number} job
 * @param {Orders} orders
 * @param {Task} data
 */
async function paint(job, orders, data) {
  const { styles, config, resume, changes, lastScale, recovery } = data;
  doing("job", { what: "load" });
  await started();
  const { init } = completeConfig(config); // a bad setting is said before anything is fetched
  doing("job", { what: "pictures" });
  let pictures = await takePictures(data).finally(() => release(data));
  const networks = init === "instant" && !resume ? haveInstant() : false;
  try {
    doing("job", { what: "prepare" });
    await prepare();
  } catch (error) {
    pictures.free();
    throw error;
  }
  // The next in the queue does not wait for what a cancelled one would have had.
  if ((await Promise.race([networks, orders.cancelling])) && !orders.cancelled) pictures = await engine.headStart(pictures, config);
  if (orders.cancelled) {
    pictures.free();
    return null;
  }
  const run = engine.start(pictures, config);
  try {
    if (resume) run.resume(await bytesOf(resume).catch(useless));
    if (changes !== "{}") run.update(changes);
    const planned = run.iterations;
    if (lastScale !== null) run.stopGrowing(lastScale);
    if (recovery) {
      const shortened = run.iterations < planned; // not where the largest scale had been got to
      const detail = { ...recovery, iteration: run.iteration, backend: engine.device.backend, shortened };
      postMessage({ type: "recovered", job, detail });
    }
    const ended = await pull(run, orders, {
      tell: (type, detail, transfer = []) => postMessage({ type, job, detail }, transfer),
      doing: (what) => doing("job", what),
      preview: async () => createImageBitmap(await readPicture(run)),
      paintings: styles.length,
    });
    if (!ended) return null;
    doing("job", { what: "pictures" });
    const picture = await readPicture(run);
    return { blob: await pngOf(picture), width: picture.width, height: picture.height, report: run.report() };
  } finally {
    run.free();
  }
}

/** Gives the page the compiled program, for a second worker. Where a browser does not pass it on, that compiles its own. */
function handOver() {
  try {
    postMessage({ type: "program", detail: program() });
  } catch (error) {
    if (error.name !== "DataCloneError") throw error;
  }
}

/** @param {import("../easel.js").Run} run */
async function readPicture(run) {
  return imageData(await run.picture());
}

/** Loads the one-pass networks; false where they cannot be had: a run starts from the photo then, and takes a little longer. */
async function haveInstant() {
  const outcomes = await Promise.allSettled([fetchInstant(engine, "transformer"), fetchInstant(engine, "predictor")]);
  return outcomes.every(({ status }) => status === "fulfilled");
}

/** What is said of the device. */
const device = () => ({ ...engine.device, software: software && engine.device.backend !== "cpu" });

/** Finds the device's kernels, where they are not known, and compiles them. */
async function tune() {
  if (tuning) {
    doing("tuning", { what: "prepare" }); // the page, too, ends this worker with care then
    await tuning.find(engine).finally(() => doing("tuning", null));
    postMessage({ type: "device", detail: device() });
  }
  tuning = null;
  await engine.warmUp();
}

/** Loads the weights and compiles the kernels, once; after a failure the next call tries again. */
function prepare() {
  const report = (/** @type {object} */ detail) => postMessage({ type: "status", detail });
  // A network that cannot be had does not end the trying of kernels: the next call waits for the same.
  tuned ??= tune().catch((error) => {
    tuned = null;
    throw error;
  });
  preparation ??= Promise.all([tuned, fetchWeights(engine, report).then(() => report({ stage: "kernels" }))])
    .then(() => report({ stage: "ready" }))
    .catch((error) => {
      preparation = null;
      throw error;
    });
  return preparation;
}

/** @param {any} value an answer */
const bitmapsOf = (value) => (Array.isArray(value) ? value.map(({ bitmap }) => bitmap) : [value]).filter((part) => part instanceof ImageBitmap);

const sentence = (/** @type {any} */ error) => String(error?.message ?? error);

/** A state whose file is gone is as good as one that is damaged. @returns {never} */
const useless = (/** @type {any} */ error) => {
  throw Object.assign(new Error(sentence(error)), { name: "CheckpointError" });
};

/** The word for what a page may answer to by itself. */
const codeOf = (/** @type {any} */ error) => (error?.name === "CheckpointError" ? "checkpoint" : undefined);

// ---- dying

/** After a panic, or on a lost device, nothing here can be trusted: only a new worker helps. */
const isFatal = (/** @type {any} */ error) => error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error?.name === "DeviceError";

/** WebAssembly ends at 4 GiB; within this of the end a request that fails is taken for one too many. */
const FULL_BYTES = 3.5 * 2 ** 30;

/** A device that fails is often one that is lost, which says why a moment later; where everything is busy, a long moment. */
const LOSS_MILLIS = 1500;

/**
 * Says why, and ends. It waits for nothing on the device: on a lost one a step may never come back.
 * @param {any} error
 * @param {{ memory?: boolean }} [cause]
 */
async function die(error, { memory: full = false } = {}) {
  let reason = sentence(error);
  if (error?.name === "DeviceError") await new Promise((resolve) => setTimeout(resolve, LOSS_MILLIS));
  if (error instanceof WebAssembly.RuntimeError) {
    const { memory } = await started();
    full = memory.buffer.byteLength > FULL_BYTES;
    reason = full ? text.outOfMemory : say("programFailed", { reason });
  }
  await tuning?.lost();
  postMessage({ type: "died", detail: reason, memory: full });
  self.close();
}

watchDevices((reason, cause) => die(new Error(reason), cause));

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
const alive = (/** @type {string | null} */ lock) => postMessage({ type: "alive", lock, version: VERSION });
const lock = `easel-${performance.timeOrigin}-${Math.random()}`;
if (navigator.locks) {
  const hold = () => {
    alive(lock);
    return new Promise(() => {});
  };
  navigator.locks.request(lock, hold).catch(() => alive(null)); // a frame without an origin of its own gets none
} else {
  alive(null);
}
