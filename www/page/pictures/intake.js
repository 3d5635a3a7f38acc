// How pictures come in: picked, taken with the camera, dropped, pasted, or from the samples.

import { sampleName, text } from "../text/index.js";
import { sample, thumbnail } from "./samples.js";

/** Where what is pasted as text goes. */
const FIELDS = "input[type=number], input[type=text], textarea";

/** Whether a dialog is open: it is about the photo there is, and what lands behind it would take that away. */
const isAsked = () => document.querySelector("dialog[open]") !== null;

/** Listens to the inputs, the window and the clipboard; `take(files, role)` gets what comes, `complain` a sentence where nothing does. */
export function wireIntake({ photo, camera, painting, veil }, take, complain) {
  const picked = (role) => (event) => {
    const files = [...event.target.files];
    event.target.value = ""; // the same file can be chosen again
    if (files.length > 0) take(files, role);
  };
  photo.addEventListener("change", picked("photo"));
  camera.addEventListener("change", picked("photo"));
  painting.addEventListener("change", picked("painting"));
  document.addEventListener("paste", ({ clipboardData, target }) => {
    // A spreadsheet's cell comes as text and as a picture of it.
    const isText = clipboardData.types.includes("text/plain") && /** @type {Element} */ (target).closest?.(FIELDS);
    const files = [...clipboardData.files];
    if (files.length > 0 && !isText && !isAsked()) take(files, "photo");
  });

  // Browsers hand a picture that is dragged within the page over as a file: a thumbnail would be taken as the photo, or as the only painting.
  document.addEventListener("dragstart", (event) => {
    if (/** @type {Element} */ (event.target).nodeName === "IMG") event.preventDefault();
  });
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  window.addEventListener("dragenter", (event) => {
    // Behind a dialog it would be inert: nobody would hear that the files have left it.
    if (holdsFiles(event) && !isAsked()) veil.hidden = false;
  });
  veil.addEventListener("dragleave", (event) => {
    if (!veil.contains(event.relatedTarget)) veil.hidden = true;
  });
  // A drag that ends before the veil is entered leaves what lies beneath it. While anything is dragged no pointer moves.
  for (const type of ["pointermove", "pointerdown"]) veil.addEventListener(type, () => (veil.hidden = true));
  window.addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  window.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault(); // or the browser would leave the page for the file
    veil.hidden = true;
    if (isAsked()) return;
    const role = /** @type {Element} */ (event.target).closest?.("[data-role]")?.getAttribute("data-role") ?? "photo";
    const files = [...event.dataTransfer.files];
    // A picture dragged from a page that may not read it itself is announced, and not handed over.
    if (files.length > 0) take(files, role);
    else complain(text.notHandedOver);
  });
}

/** Fills a group with buttons for the samples; `use(load, name)` gets the chosen one's name and what fetches it. */
export function fillSamples(group, files, use) {
  for (const file of files) {
    const name = sampleName(file);
    const button = Object.assign(document.createElement("button"), { type: "button", className: "sample", title: name });
    button.setAttribute("aria-label", text.useSample(name));
    button.append(Object.assign(document.createElement("img"), { src: thumbnail(file), alt: "", loading: "lazy" }));
    button.onclick = () => use(() => sample(file), name);
    group.append(button);
  }
}
