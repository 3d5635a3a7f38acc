// How pictures come in: picked, taken with the camera, dropped, pasted, or from the samples.

import { text } from "../text/text.js";

/** Listens to the inputs, the window and the clipboard; `take(files, role)` gets what comes. */
export function wireIntake({ photo, camera, painting, veil }, take) {
  const picked = (role) => (event) => {
    const files = [...event.target.files];
    event.target.value = ""; // the same file can be chosen again
    if (files.length > 0) take(files, role);
  };
  photo.addEventListener("change", picked("photo"));
  camera.addEventListener("change", picked("photo"));
  painting.addEventListener("change", picked("painting"));
  document.addEventListener("paste", ({ clipboardData }) => {
    const files = [...clipboardData.files];
    if (files.length > 0) take(files, "photo");
  });

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
    take([...event.dataTransfer.files], role);
  });
}

/** Shows a chosen picture, small. */
export function showThumb(image, blob, alt) {
  Object.assign(image, { hidden: false, alt, src: URL.createObjectURL(blob) });
  image.onload = () => URL.revokeObjectURL(image.src);
}

/** Fills a group with buttons for the samples; `use(blob, name)` gets the chosen one. */
export function fillSamples(group, list, use) {
  for (const { file, name } of list) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "sample", title: name });
    button.setAttribute("aria-label", text.useSample(name));
    button.append(Object.assign(document.createElement("img"), { src: `samples/${file}`, alt: "", loading: "lazy" }));
    button.onclick = () => use(() => sample(file), name);
    group.append(button);
  }
}

/** A sample's file. */
export async function sample(file) {
  const response = await fetch(`samples/${file}`);
  if (!response.ok) throw new Error(text.sampleMissing(file, response.status));
  return response.blob();
}
