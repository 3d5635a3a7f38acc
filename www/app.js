// The page: choosing pictures, starting a job, showing it form, keeping the result.

import { Stylizer } from "./stylizer.js";
import { Knobs } from "./knobs.js";
import { Paintings } from "./paintings.js";
import { samples, text } from "./text.js";

const $ = (id) => document.getElementById(id);
const canvas = $("canvas");
const buttons = { paint: $("paint"), pause: $("pause"), stop: $("stop"), save: $("save") };
const paintings = new Paintings($("paintings"));

const SIZES = [64, 96, 128, 192, 256, 384, 512, 768, 1024];
/** What a device without a real GPU is offered first. */
const SMALL = { size: 128, iterations: 100 };
const LARGE = { size: 512, iterations: 200 };
/** Settings with controls of their own, or none. */
const SHOWN = ["preset", "size", "iterations", "styleWeight", "previewEvery", "reportEvery"];

let photo = null; // { blob, name }
let opening = null; // Promise<Stylizer>
let knobs = null; // Knobs, once the program is there
let job = null;
let result = null; // { blob } to save; a null blob means what the canvas shows
let touched = false; // whether the visitor chose a size or iterations

start();

async function start() {
  for (const size of SIZES) $("size").append(new Option(text.size(size), size));
  fillSamples($("photo-samples"), samples.photos, (blob, name) => setPhoto(blob, name));
  fillSamples($("painting-samples"), samples.paintings, (blob, name) => paintings.add(blob, name));
  wire();
  suggest(LARGE);
  open().catch(() => {}); // the device line says it; Paint tries again
  await attempt(async () => {
    const [first] = samples.photos;
    await setPhoto(await sample(first.file), first.name);
    const [painting] = samples.paintings;
    paintings.add(await sample(painting.file), painting.name);
    say(text.ready);
  });
}

/** Opens the device once; after a failure or the worker's death the next call tries again. */
function open() {
  opening ??= Stylizer.create({ backend: new URLSearchParams(location.search).get("backend") ?? "auto" }).then(
    async (stylizer) => {
      const places = { preset: $("preset"), hint: $("preset-hint"), more: $("more"), shown: SHOWN };
      knobs ??= new Knobs(await stylizer.settings(), places);
      const { device } = stylizer;
      const software = /swiftshader|llvmpipe|software|basic render/i.test(device.adapter);
      $("device").textContent = text.device(device, software);
      if (device.backend === "cpu" || software) suggest(SMALL);
      stylizer.addEventListener("status", ({ detail }) => showStatus(detail));
      stylizer.addEventListener("stopped", () => (opening = null));
      return stylizer;
    },
    (error) => {
      opening = null;
      $("device").textContent = `${text.noDevice} ${error.message}`;
      throw error;
    },
  );
  return opening;
}

function suggest({ size, iterations }) {
  if (touched) return;
  $("size").value = size;
  $("iterations").value = iterations;
}

function wire() {
  $("panel").addEventListener("submit", (event) => {
    event.preventDefault();
    paint();
  });
  buttons.pause.onclick = togglePause;
  buttons.stop.onclick = () => job?.cancel();
  buttons.save.onclick = save;
  for (const id of ["size", "iterations"]) $(id).addEventListener("change", () => (touched = true));
  $("strength").addEventListener("input", showStrength);
  $("photo").addEventListener("change", ({ target }) => takeFiles([...target.files].slice(0, 1), "photo"));
  $("painting").addEventListener("change", ({ target }) => takeFiles([...target.files], "painting"));
  wireDrop();
  document.addEventListener("paste", ({ clipboardData }) => {
    const files = [...clipboardData.files];
    if (files.length > 0) takeFiles(files.slice(0, 1), "photo");
  });
}

function wireDrop() {
  const veil = $("drop-veil");
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  window.addEventListener("dragenter", (event) => {
    if (holdsFiles(event)) veil.hidden = false;
  });
  veil.addEventListener("dragleave", (event) => {
    if (!veil.contains(event.relatedTarget)) veil.hidden = true;
  });
  window.addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  window.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    veil.hidden = true;
    const role = event.target.closest?.("[data-role]")?.dataset.role ?? "photo";
    takeFiles([...event.dataTransfer.files], role);
  });
}

/** Takes picked, dropped or pasted files: one photo, or any number of paintings. */
function takeFiles(files, role) {
  return attempt(async () => {
    for (const file of role === "photo" ? files.slice(0, 1) : files) {
      if (role === "photo") {
        await setPhoto(file, file.name);
      } else {
        const bitmap = await (await open()).decode(file, { name: `${text.thePainting} “${file.name}”`, maxSide: 64 });
        bitmap.close();
        paintings.add(file, file.name);
      }
    }
    if (!job) say(text.ready);
  });
}

async function setPhoto(blob, name) {
  const stylizer = await open();
  const bitmap = await stylizer.decode(blob, { name: `${text.thePhoto} “${name}”` });
  photo = { blob, name };
  const thumb = $("photo-thumb");
  thumb.src = URL.createObjectURL(blob);
  thumb.onload = () => URL.revokeObjectURL(thumb.src);
  thumb.alt = `The chosen photo: ${name}`;
  if (!job) {
    show(bitmap, text.unpainted);
    result = null;
    refresh();
  }
}

async function paint() {
  if (job) return;
  hideError();
  await attempt(async () => {
    setRunning(true);
    say(text.preparing);
    const stylizer = await open();
    const settings = readSettings();
    const begun = performance.now();
    job = stylizer.start({ content: photo.blob, styles: paintings.styles, config: settings });
    job.addEventListener("progress", ({ detail }) => showProgress(detail));
    refresh();
    const { blob } = await job.finished;
    result = { blob };
    $("progress").value = 1;
    say(text.done((performance.now() - begun) / 1000));
  });
  job = null;
  setRunning(false);
}

function readSettings() {
  const iterations = Number($("iterations").value);
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > 5000) throw new Error(text.badIterations);
  if (paintings.styles.length === 0) throw new Error(text.needPainting);
  return {
    ...knobs.read(),
    size: Number($("size").value),
    iterations,
    styleWeight: knobs.base("styleWeight") * 10 ** Number($("strength").value),
    previewEvery: 1,
  };
}

function togglePause() {
  if (!job) return;
  const paused = buttons.pause.getAttribute("aria-pressed") !== "true";
  buttons.pause.setAttribute("aria-pressed", String(paused));
  if (paused) job.pause();
  else job.resume();
  say(paused ? text.paused : text.painting);
}

async function save() {
  await attempt(async () => {
    // After Stop there is no finished file: what the canvas shows is the picture at its own resolution.
    const blob = result?.blob ?? (await new Promise((resolve) => canvas.toBlob(resolve, "image/png")));
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: outputName() });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(text.saved);
  });
}

const outputName = () => `${photo.name.replace(/\.[^.]*$/, "").replaceAll(/[^\p{L}\p{N}]+/gu, "-")}-painted.png`;

// ---- showing

function show(bitmap, description) {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  canvas.setAttribute("aria-label", description);
  canvas.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
  bitmap.close();
}

function showProgress(detail) {
  if (detail.preview) {
    show(detail.preview, text.painted);
    result = { blob: null };
  }
  $("progress").value = detail.iteration / detail.iterations;
  $("figures").textContent = text.figures(detail);
  if (detail.iteration === 1) say(text.painting);
  refresh();
}

function showStatus({ stage, loadedBytes, totalBytes }) {
  if (stage === "weights") {
    if (job) say(text.weights(loadedBytes, totalBytes));
    $("progress").value = loadedBytes / totalBytes;
  } else {
    if (job) say(stage === "kernels" ? text.kernels : text.firstStep);
    $("progress").removeAttribute("value");
  }
}

function showStrength() {
  const percent = 100 * 10 ** Number($("strength").value);
  $("strength-value").textContent = `${percent < 10 ? percent.toFixed(0) : Number(percent.toPrecision(2))} %`;
}

function setRunning(running) {
  $("progress").hidden = false;
  if (running) {
    $("progress").value = 0;
    $("figures").textContent = "";
    result = null;
  }
  buttons.pause.setAttribute("aria-pressed", "false");
  document.body.classList.toggle("running", running);
  refresh(running);
}

function refresh(running = job !== null) {
  buttons.paint.disabled = running || !photo;
  buttons.pause.disabled = !job;
  buttons.stop.disabled = !job;
  buttons.save.disabled = !result;
}

function fillSamples(group, list, use) {
  for (const { file, name } of list) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "sample" });
    button.setAttribute("aria-label", text.useSample(name));
    button.title = name;
    button.append(Object.assign(document.createElement("img"), { src: `samples/${file}`, alt: "", loading: "lazy" }));
    button.onclick = () => attempt(async () => use(await sample(file), name));
    group.append(button);
  }
}

async function sample(file) {
  const response = await fetch(`samples/${file}`);
  if (!response.ok) throw new Error(`The sample ${file} could not be fetched (HTTP ${response.status}).`);
  return response.blob();
}

// ---- saying

/** Runs an action; what goes wrong is said in the page, and the page goes on. */
async function attempt(action) {
  try {
    hideError();
    await action();
  } catch (error) {
    if (error.name === "AbortError") {
      say(result ? text.stopped : text.stoppedEarly);
    } else {
      $("error").textContent = error.message;
      $("error").hidden = false;
      say("");
    }
  }
}

function hideError() {
  $("error").hidden = true;
  $("error").textContent = "";
}

function say(sentence) {
  $("status").textContent = sentence;
}
