// bench.html: measures the visitor's own device and says the figures, with a text to pass on.

import { Stylizer } from "../../engine/stylizer.js";
import { canCopyWords, copyWords } from "../stage/clipboard.js";
import { fillPage, text } from "../text/index.js";
import { SIZES, measureAll } from "./measure.js";

/** @type {(id: string) => any} the element, whose kind bench.html says */
const $ = (id) => document.getElementById(id);

fillPage();
const address = new URLSearchParams(location.search);
const backend = /** @type {any} */ (address.get("backend") ?? "auto");
const kernels = address.get("kernels") ?? undefined;
const sizes = address.get("sizes")?.split(",").map(Number) ?? SIZES;
let opening = null;
let stopping = null;

$("start").onclick = () => (stopping ? stopping.abort() : run());
$("copy").onclick = async () => {
  const said = await copyWords($("report").value).then(() => text.benchCopied, () => text.benchUncopied);
  if (said === text.benchUncopied) $("report").select();
  $("status").textContent = said;
};
$("copy").hidden = !canCopyWords();

async function run() {
  stopping = new AbortController();
  const { signal } = stopping;
  $("start").textContent = text.stop;
  $("figures").tBodies[0].replaceChildren();
  $("results").hidden = true;
  $("error").hidden = true;
  $("status").textContent = text.benchRunning;
  try {
    opening ??= open(signal);
    const stylizer = await opening;
    await stylizer.prepare({ signal }); // the device's kernels are found
    const { backend: used, adapter, variants } = stylizer.device;
    const device = [used, adapter, variants].filter(Boolean).join(" · ");
    const lines = [device, navigator.userAgent];
    const report = () => ($("report").value = lines.join("\n"));
    $("device").textContent = device;
    report(); // what was measured before goes
    $("results").hidden = false;
    const tell = (measured) => {
      lines.push(text.benchLine(measured));
      $("figures").tBodies[0].append(rowOf(measured));
      report();
    };
    await measureAll(stylizer, sizes, tell, signal);
    $("status").textContent = text.benchDone;
  } catch (error) {
    if (error.name === "AbortError") $("status").textContent = text.benchStopped;
    else fail(error);
  } finally {
    stopping = null;
    $("start").textContent = text.benchStart;
  }
}

/** Opens the device; what could not be opened, or was stopped, is opened anew the next time. */
function open(signal) {
  return Stylizer.create({ backend, kernels, signal }).catch((error) => {
    opening = null;
    throw error;
  });
}

/** Says what went wrong. The next try begins with a new device: the one in use may have become the CPU. */
function fail({ message }) {
  opening?.then((stylizer) => stylizer.dispose()); // what could not be opened holds nothing
  opening = null;
  $("status").textContent = "";
  Object.assign($("error"), { hidden: false, textContent: message });
}

function rowOf(measured) {
  const row = document.createElement("tr");
  const words = [text.benchCase(measured), text.benchValue(measured.millis), text.benchValue(measured.teraflops)];
  for (const [i, content] of words.entries()) {
    const cell = document.createElement(i === 0 ? "th" : "td");
    if (i === 0) cell.scope = "row";
    cell.textContent = content;
    row.append(cell);
  }
  return row;
}
