// A use of every name in www/stylizer.d.ts and www/element.d.ts; `make check` compiles it, nothing runs it.
import { Stylizer, Tools, preload, translate, type Job, type Picture, type StyleConfig } from "../../../www/stylizer.js";
import { EaselCanvas } from "../../../www/element.js";

const photo: Picture = new ImageData(8, 8);
const config: StyleConfig = { preset: "bold", size: 256, iterations: 200, styleLayers: [{ layer: "relu3_1", weight: 1 }], init: photo };

const { signal } = new AbortController();
translate({ painted: "Das gemalte Bild" });
const stylizer: Stylizer = await Stylizer.create({ backend: "auto", millisPerMegapixel: 900, signal });
await Stylizer.create({ assets: "https://host/easel/", workerURL: new URL("https://host/worker.js"), wasm: await fetch("easel_bg.wasm"), weights: "/weights/" });
await Stylizer.create({ wasm: new Uint8Array(8), weights: { "manifest.json": new URL("https://host/manifest.json") } });
const backend: "webgpu" | "cpu" = stylizer.device.backend;
stylizer.addEventListener("status", ({ detail }) => detail.stage === "weights" && detail.loadedBytes / detail.totalBytes);
stylizer.addEventListener("stopped", ({ detail }) => detail.message);
await stylizer.prepare({ signal });
await preload({ assets: "/easel/", signal });
const { defaults } = await stylizer.settings();
const bitmap: ImageBitmap = await stylizer.decode(new Blob(), { name: "cat.jpg", maxSide: 64, signal });
const { millisPerMegapixel } = await stylizer.probe({ signal });
const { bytes, seconds, fits } = await stylizer.estimate({ width: 640, height: 480, config: defaults, signal });

const job: Job = stylizer.start({ content: photo, styles: [{ image: bitmap, weight: 2, mask: photo }], config, resume: new Blob(), signal });
for await (const { fraction, preview } of job) preview?.close() ?? fraction?.toFixed(2);
stylizer.start({ content: new Image(), styles: [{ image: "cafe.jpg", mask: new OffscreenCanvas(8, 8) }, { image: new URL("http://host/") }] });
const quick: ImageBitmap = await stylizer.instant({ content: photo, styles: [{ image: bitmap, mask: photo }], size: 256, strength: 0.5, colour: "match" });
await stylizer.instant({ content: quick, styles: [{ vector: [1, 2] }, { vector: new Float32Array(100), weight: 2 }], lane: null, signal });
job.addEventListener("progress", ({ detail }) => [detail.scale.width, detail.losses.total.toFixed(), detail.preview?.close()]);
job.addEventListener("checkpoint", ({ detail }) => detail.blob.size + detail.iteration);
job.addEventListener("recovered", ({ detail }) => `${detail.reason} ${detail.backend}`);
job.pause();
job.resume();
await job.update({ styleWeight: 2, weights: [1, 0.5] });
const { blob, width, report } = await job.finished;
const begun: boolean = report.config.init === "image" && report.device.backend === "cpu" && report.config.size === 256;
job.cancel();
const saved: number | undefined = (await job.checkpoint())?.iteration;
const kept: Blob = await stylizer.embed(blob, report.config);
const read: Record<string, unknown> | null = await stylizer.readSettings(kept);
const plain: Blob = await stylizer.recolour({ picture: blob, content: kept, colour: "luminance" });
stylizer.dispose();
const tools: Tools = new Tools({ assets: "/easel/" });
const reread: Record<string, unknown> | null = await tools.readSettings(await tools.embed(kept, {}));
await tools.preload();
tools.dispose();
{
  using held = new Tools();
  await using painter = await Stylizer.create();
  using run = painter.start({ content: photo, styles: [{ image: photo }] });
  await held.settings({ signal });
  await run.update({ styleWeight: 1 }, { signal });
}

const element = document.createElement("easel-canvas");
element.photo = plain;
element.photo = new OffscreenCanvas(8, 8);
element.painting = ["a.jpg"].join(" ");
element.painting = [plain, { image: plain, weight: 2, mask: photo }];
element.styleWeight = 2;
element.styleLayers = [{ layer: "relu3_1", weight: 1 }];
element.size = undefined;
element.assets = "/easel/";
element.name = element.alt + element.backend + (element.form?.id ?? "");
element.addEventListener("finished", ({ detail }) => detail.blob.size);
const child = document.createElement("easel-painting");
child.image = photo;
child.mask = "mask.png";
child.weight = 2;
EaselCanvas.places = { assets: "https://host/easel/" };
element.dispose();
element.addEventListener("progress", ({ detail }) => detail.iteration);
element.addEventListener("finish", ({ detail }) => detail.blob.size);
element.addEventListener("error", ({ detail }) => detail.message);
const painted: Blob | undefined = (await element.start())?.blob;
element.job?.pause();
element.cancel();
element.canvas.toBlob(() => {});

// @ts-expect-error there is no such backend
await Stylizer.create({ backend: "gpu" });
// @ts-expect-error a painting is needed
stylizer.start({ content: photo });
// @ts-expect-error only the stylizer says so of its device
report.device.software;
// @ts-expect-error a painting or its numbers, not both
stylizer.instant({ content: photo, styles: [{ image: photo, vector: [1] }] });
// @ts-expect-error VGG19 has no such layer
config.styleLayers = [{ layer: "relu6_1", weight: 1 }];
// @ts-expect-error sizes are numbers
element.size = "large";
// @ts-expect-error sizes are numbers
config.size = "large";

export default { backend, begun, millisPerMegapixel, bytes, seconds, fits, width, saved, read, reread, painted };
