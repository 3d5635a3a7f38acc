// What a site does with Easel, the same for every bundler: paints a small picture, and one in one pass while it does.
import { Stylizer } from "easel-engine";
import { EaselCanvas } from "easel-engine/element";

/** A picture with something in it. */
function picture(hue) {
  const canvas = new OffscreenCanvas(48, 32);
  const context = canvas.getContext("2d");
  context.fillStyle = `hsl(${hue} 80% 50%)`;
  context.fillRect(8, 8, 24, 16);
  return canvas.transferToImageBitmap();
}

/** Paints with the element, which is told where things are as the README says. */
async function paintElement(options) {
  EaselCanvas.places = options;
  const element = document.createElement("easel-canvas");
  const settings = { backend: "cpu", size: 32, iterations: 1, preset: "classic" };
  Object.assign(element, settings, { photo: picture(200), painting: picture(20) });
  const failed = new Promise((_, reject) => element.addEventListener("error", ({ detail }) => reject(detail)));
  const { width, height } = await Promise.race([element.start(), failed]);
  element.dispose();
  return [width, height];
}

async function paint(options) {
  const stylizer = await Stylizer.create({ backend: "cpu", ...options });
  try {
    const styles = [{ image: picture(20) }];
    const job = stylizer.start({
      content: picture(200),
      styles,
      config: { size: 32, iterations: 3, preset: "classic" },
    });
    const iterations = [];
    job.addEventListener("progress", ({ detail }) => iterations.push(detail.iteration));
    const bitmap = await stylizer.instant({ content: picture(200), styles, size: 32 });
    const { width, height, blob } = await job.finished;
    const element = await paintElement(options);
    return { job: [width, height], instant: [bitmap.width, bitmap.height], type: blob.type, iterations, element };
  } finally {
    stylizer.dispose();
  }
}

/** Leaves what came of it in `window.result`. */
export function paintInto(options) {
  paint(options).then(
    (result) => (window.result = result),
    (error) => (window.result = { error: String(error?.stack ?? error) }),
  );
}
