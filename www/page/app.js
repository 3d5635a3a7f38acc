// The page: brings the pictures, the settings, the run and the results together.

import { Results } from "./gallery/results.js";
import { Store } from "./gallery/store.js";
import { Unfinished } from "./gallery/unfinished.js";
import { onLaunch } from "./offline/launch.js";
import { bitmapOf } from "./pictures/decode.js";
import { toBlob } from "./pictures/encode.js";
import { fillSamples, sample, showThumb, wireIntake } from "./pictures/intake.js";
import { MaskEditor } from "./pictures/mask.js";
import { Paintings } from "./pictures/paintings.js";
import { fitToTravel, restore } from "./pictures/recipe.js";
import { Device } from "./session/device.js";
import { Run } from "./session/run.js";
import { Estimate } from "./settings/estimate.js";
import { Settings } from "./settings/settings.js";
import { Actions } from "./stage/actions.js";
import { Finished } from "./stage/finished.js";
import { Notice } from "./stage/notice.js";
import { Status } from "./stage/status.js";
import { Timelapse } from "./stage/timelapse.js";
import { Viewer } from "./stage/viewer.js";
import { fillPage, nameLooks, samples, text } from "./text/text.js";

const $ = (id) => document.getElementById(id);
/** Elements by part name: `parts({ box: "viewport" }).box` is `#viewport`. */
const parts = (ids) => Object.fromEntries(Object.entries(ids).map(([part, id]) => [part, $(id)]));

/** Pictures on their way in: a run waits for them. */
const arriving = new Set();

/** A run that got nowhere this often after a reload is not taken up again without asking. */
const MOST_RESUMES = 2;

fillPage();
const device = new Device($("device"));
const open = () => device.open();
const zoom = { zoomIn: "zoom-in", zoomOut: "zoom-out", zoomFit: "zoom-fit" };
const viewer = new Viewer(parts({ box: "viewport", before: "before", after: "canvas", divider: "divider", slider: "compare", ...zoom }));
const status = new Status(parts({ sentence: "status", progress: "progress", run: "run", figures: "figures", chart: "chart", error: "error" }));
const attempt = (action) => status.attempt(action);
const notice = new Notice($("offer"), $("viewport"));
const paintings = new Paintings($("paintings"), $("masks-note"));
const masks = new MaskEditor($("mask"), async (blob, maxSide) => (await open()).decode(blob, { maxSide }));
const settings = new Settings(parts({ size: "size", iterations: "iterations", strength: "strength", strengthValue: "strength-value" }));
const estimate = new Estimate({ place: $("estimate"), download: $("download"), measure: $("measure"), settings });
const takeAway = { row: "finished", save: "save", format: "format", share: "share", film: "film", colours: "colours" };
const finished = new Finished(parts(takeAway), { open, status });
const actions = new Actions(parts({ form: "panel", paint: "paint", pause: "pause", stop: "stop" }));

let photo = null; // { blob, name, width, height }
let run = null;
let results = null; // Results, once storage is there
let unfinished = null; // Unfinished, likewise
let storageNote = ""; // what is missing for good

start();

async function start() {
  wire();
  settings.suggest({ slow: false });
  estimate.showDownload();
  open().catch(() => {}); // the device line says it; Paint tries again
  const store = await Store.open();
  storageNote = store.lasts ? "" : text.storageMissing;
  $("storage").textContent = storageNote;
  unfinished = new Unfinished(store);
  wireResults(store);
  results.load();
  onLaunch(
    (files) => takeFiles(files, "photo"),
    (sentence) => notice.show(sentence, {}),
  );
  const left = await unfinished.find();
  if (left) await takeUp(left);
  else await takeFirstSamples();
}

/** Something to paint at once: a sample photo and a sample painting. */
async function takeFirstSamples() {
  await attempt(async () => {
    const [first] = samples.photos;
    // What was dropped or picked meanwhile stays.
    if (!photo) await setPhoto(await sample(first.file), first.name, { sampled: true, stillWanted: () => photo === null });
    const [painting] = samples.paintings;
    if (paintings.all.length === 0) paintings.add(await sample(painting.file), painting.name);
    if (!run) status.say(text.ready);
  });
  if (!photo) notice.show(text.noDevice, { [text.tryAgain]: takeFirstSamples });
}

function wire() {
  device.addEventListener("opened", ({ detail: { stylizer, table, slow } }) => {
    nameLooks(table.presets);
    results?.describe();
    settings.addKnobs(table, parts({ preset: "preset", hint: "preset-hint", more: "more" }));
    settings.suggest({ slow });
    estimate.stylizer = stylizer;
    estimate.show(photo);
  });
  device.addEventListener("status", ({ detail }) => showStage(detail));
  actions.addEventListener("paint", () =>
    attempt(async () => {
      await open(); // which settings there are is known only then
      await Promise.all(arriving);
      await paint({ recipe: settings.read() });
    }),
  );
  actions.addEventListener("stop", () => run?.cancel());
  actions.addEventListener("pause", ({ detail: paused }) => {
    run?.job?.[paused ? "pause" : "resume"]();
    if (paused) status.say(text.paused);
    else status.repeat();
  });
  estimate.wireMeasure(status, () => photo);
  $("timelapse-row").hidden = !Timelapse.possible;
  wireIntake(parts({ photo: "photo", camera: "camera", painting: "painting", veil: "drop-veil" }), takeFiles);
  fillSamples($("photo-samples"), samples.photos, (fetched, name) => bring(async () => setPhoto(await fetched(), name, { sampled: true })));
  fillSamples($("painting-samples"), samples.paintings, (fetched, name) => bring(async () => addPainting(await fetched(), name)));
  settings.addEventListener("change", () => {
    estimate.show(photo);
    changeRun();
  });
  settings.addEventListener("strength", () => changeRun());
  paintings.addEventListener("where", ({ detail }) =>
    attempt(async () => {
      if (!photo) throw new Error(text.needPhoto);
      paintings.confine(detail, await masks.edit(photo.blob, detail));
    }),
  );
  for (const type of ["mix", "change"]) paintings.addEventListener(type, () => changeRun());
  finished.addEventListener("picture", async ({ detail }) => viewer.showPainting(await createImageBitmap(detail)));
}

function wireResults(store) {
  results = new Results(store, parts({ section: "gallery", list: "kept", details: "kept-details", actions: "kept-actions", again: "again", remove: "delete" }));
  results.addEventListener("open", ({ detail }) => attempt(() => reopen(detail)));
  results.addEventListener("again", ({ detail }) =>
    attempt(async () => {
      await takeInputs(detail);
      settings.write(detail.recipe);
      $("viewport").focus(); // the gallery rests during a run
      await paint({ recipe: settings.read() });
    }),
  );
  results.addEventListener("deleted", ({ detail: undo }) => {
    finished.hide();
    attempt(showChosen);
    notice.show(text.deleted, { [text.undo]: () => attempt(undo) });
  });
}

// ---- pictures and settings that come in

/** As `attempt`; a run that is started meanwhile begins afterwards. */
function bring(action) {
  const coming = attempt(action).finally(() => arriving.delete(coming));
  arriving.add(coming);
  return coming;
}

/** Takes picked, dropped or pasted files: one photo, or any number of paintings. */
function takeFiles(files, role) {
  return bring(async () => {
    const stylizer = await open();
    for (const file of role === "photo" ? files.slice(0, 1) : files) {
      const recipe = await stylizer.readSettings?.(file).catch(() => null);
      if (recipe?.config) offerSettings(recipe, file, role);
      else await take(file, role);
    }
  });
}

async function take(file, role) {
  if (role === "photo") {
    await setPhoto(file, file.name);
  } else {
    const bitmap = await (await open()).decode(file, { name: `${text.thePainting} “${file.name}”`, maxSide: 64 });
    bitmap.close();
    addPainting(file, file.name);
  }
  if (!run) status.say(text.ready);
}

/** A picture painted here tells how: its settings can be had back, or it is taken like any other. */
function offerSettings(recipe, file, role) {
  notice.show(text.carriesSettings(file.name, recipe), {
    [text.restore]: () =>
      attempt(async () => {
        await restore(recipe, settings, paintings);
        status.say(text.restored);
      }),
    [role === "photo" ? text.useAsPhoto : text.useAsPainting]: () => attempt(() => take(file, role)),
  });
}

/** Takes a photo. Samples are known to be good: they need not wait for the program that checks pictures. */
async function setPhoto(blob, name, { sampled = false, stillWanted = () => true } = {}) {
  const decode = async () => (await open()).decode(blob, { name: `${text.thePhoto} “${name}”` });
  const bitmap = await (sampled ? createImageBitmap(blob) : decode());
  if (!stillWanted()) return;
  photo = { blob, name, width: bitmap.width, height: bitmap.height };
  showThumb($("photo-thumb"), blob, text.chosenPhoto(name));
  masks.cancel(); // it is about the photo before
  paintings.fit(photo);
  estimate.show(photo);
  if (run) {
    bitmap.close();
    return;
  }
  viewer.showPhoto(bitmap);
  finished.hide();
  results?.leave();
  status.clear();
  refresh();
}

/** The chosen photo, as yet unpainted, in place of whatever is shown. */
async function showChosen() {
  viewer.showPhoto(await bitmapOf(photo.blob));
}

function addPainting(blob, name) {
  paintings.add(blob, name);
  if (run && !run.paintings.some((painting) => painting.blob === blob)) status.say(text.nextRun(name));
}

/** Photo and paintings of an earlier run. */
async function takeInputs({ photo: earlier, paintings: used, recipe }) {
  if (![earlier, ...used].every(({ blob }) => blob)) throw new Error(text.inputsGone);
  await setPhoto(earlier.blob, earlier.name);
  paintings.set(used.map((painting, i) => ({ ...painting, weight: recipe.weights?.[i] ?? painting.weight })));
}

/** Shows a kept picture as if it had just been painted. */
async function reopen(result) {
  if (run) return;
  status.clear();
  status.say("");
  viewer.look();
  if (result.photo.blob) viewer.showPhoto(await bitmapOf(result.photo.blob));
  viewer.showPainting(await createImageBitmap(result.picture));
  await finished.show({ ...result, colour: result.photo.blob ? settings.colourOf(result.recipe) : "luminance" });
}

// ---- a run

/**
 * Paints what is chosen. `fresh` is false when a run is taken up again: what was kept of it stays until
 * there is something newer.
 */
async function paint({ recipe, checkpoint = null, resumed = 0, fresh = true }) {
  if (run) return;
  if (!photo) throw new Error(text.needPhoto);
  if (paintings.all.length === 0) throw new Error(text.needPainting);
  const live = settings.live;
  const current = new Run({ photo, paintings: paintings.all, recipe, live, checkpoint, timelapse: $("timelapse").checked });
  run = current;
  finished.hide();
  results?.leave();
  if (fresh) notice.hide();
  $("storage").textContent = storageNote;
  status.begin();
  status.say(text.preparing);
  refresh();
  try {
    const stylizer = await open();
    await showChosen();
    viewer.look();
    follow(current.start(stylizer), current, { resumed, fresh });
    refresh();
    const { blob } = await current.job.finished;
    viewer.showPainting(await createImageBitmap(blob));
    notice.hide();
    await conclude(current, blob, text.done(current.seconds));
  } catch (error) {
    await fail(current, error, { resumed, fresh });
  } finally {
    if (run === current) run = null;
    status.end();
    refresh();
    estimate.show(photo);
  }
}

/** Shows and keeps what a job reports. */
function follow(job, current, { resumed, fresh }) {
  job.addEventListener("progress", ({ detail }) => {
    if (detail.iteration === 1) estimate.fetched();
    if (detail.preview) {
      viewer.showPainting(detail.preview);
      current.timelapse?.add(viewer.canvas);
    }
    status.progress(detail, { quiet: actions.paused });
    estimate.learn(detail);
  });
  job.addEventListener("checkpoint", async ({ detail }) => {
    if (!(await unfinished?.checkpoint(detail.blob, detail.iteration, { now: actions.paused }))) $("storage").textContent = text.checkpointFull;
  });
  job.addEventListener("recovered", async ({ detail }) => {
    notice.show(text.recovered(detail), {});
    device.describe(await open());
  });
  // A run taken up again goes on as it was when it ended, not as it was at its last checkpoint.
  const { photo, paintings, recipe } = current;
  if (recipe.changed && current.checkpoint) current.change(current.live, recipe.strength, () => {});
  unfinished?.begin({ photo, paintings, recipe, resumed }, { fresh }).then((outcome) => {
    const said = { "other tab": text.otherTab, "no room": text.checkpointFull }[outcome];
    if (said) $("storage").textContent = said;
  });
}

/** The run is over: its picture can be taken away, and is kept. */
async function conclude(current, picture, sentence) {
  const { photo, paintings, timelapse, iteration, seconds } = current;
  const recipe = fitToTravel(current.recipe, paintings);
  await timelapse?.add(viewer.canvas, { last: true });
  status.say(sentence);
  const shown = { picture, photo, paintings, recipe, name: photo.name, seconds, iteration };
  await finished.show({ ...shown, timelapse, colour: settings.colourOf(recipe) });
  try {
    await results?.add(shown);
  } catch {
    $("storage").textContent = text.storageFull;
  }
  await unfinished?.end();
}

/** The run was stopped, or failed: what there is of a picture is kept, and where it can go on it may. */
async function fail(current, error, { resumed, fresh }) {
  const { iteration, checkpoint, recipe, discarded } = current;
  if (error.name === "AbortError") {
    if (discarded || iteration === 0) {
      viewer.clear();
      status.say(discarded ? text.discarded : text.stoppedEarly);
      await unfinished?.end();
    } else {
      await conclude(current, await toBlob(viewer.canvas), text.stopped);
    }
    return;
  }
  if (iteration === 0 && checkpoint && !fresh) {
    run = null;
    notice.show(text.startedOver, {});
    await paint({ recipe, resumed, fresh: false });
    return;
  }
  status.fail(error.message);
  if (iteration === 0 && fresh) await unfinished?.end();
  if (iteration === 0) return;
  await unfinished?.flush();
  const goOn = () => attempt(() => paint({ recipe, checkpoint, fresh: false }));
  notice.show(text.failedHalfway, { [text.goOn]: goOn, [text.discard]: () => unfinished?.end() });
}

/** Goes on with the run a page before left behind. */
async function takeUp({ checkpoint, resumed, recipe, ...inputs }) {
  const discard = async () => {
    if (run) {
      run.discarded = true;
      run.cancel();
    } else {
      await unfinished.end();
      status.say(text.discarded);
    }
  };
  const goOn = () => paint({ recipe, checkpoint, resumed: resumed + 1, fresh: false });
  await attempt(async () => {
    await open();
    try {
      await takeInputs({ ...inputs, recipe });
      settings.write(recipe);
    } catch (error) {
      // Kept by another version, or damaged: it will not get better by the next visit.
      await unfinished.end();
      await takeFirstSamples();
      throw error;
    }
    if (resumed >= MOST_RESUMES) {
      notice.show(text.unfinished, { [text.goOn]: () => attempt(goOn), [text.discard]: discard });
      return;
    }
    notice.show(text.continuing, { [text.discard]: discard });
    await goOn();
  });
}

/** Lets a run take over what was changed on the page, as far as it can. */
function changeRun() {
  const current = run;
  if (!current?.job?.update) return;
  attempt(async () => {
    const recipe = settings.read();
    const changes = current.changes(recipe, settings.live, paintings.all);
    if (!changes) status.say(text.cannotUpdate);
    else current.change(changes, recipe.strength, (error) => (error ? status.fail(error.message) : unfinished?.change(current.recipe)));
  });
}

// ---- showing

function showStage({ stage, loadedBytes, totalBytes }) {
  if (stage === "ready") estimate.fetched();
  if (!run) return;
  if (stage === "weights") status.prepare(text.weights(loadedBytes, totalBytes), loadedBytes / totalBytes);
  else if (stage === "kernels") status.prepare(text.kernels);
  else if (stage === "recovering") status.say(text.recovering);
  else if (run.iteration === 0) status.prepare(text.firstStep);
}

/** What can be done now. */
function refresh() {
  actions.show({ ready: photo !== null, running: run !== null, begun: Boolean(run?.job) });
  $("gallery").inert = run !== null;
}
