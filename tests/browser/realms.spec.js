// Values from another window, a frame's, are as good as the page's own; and what is fetched ahead is there when it is wanted.
import { expect, openBlank, test } from "./helpers.js";

const CONFIG = { size: 24, iterations: 1, preset: "classic" };

test("pictures, addresses and checkpoints may be of another window's", async ({ page }) => {
  await openBlank(page);
  const seen = await page.evaluate(async (config) => {
    const { Stylizer } = await import("/stylizer.js");
    const frame = document.body.appendChild(document.createElement("iframe"));
    const { contentWindow: other, contentDocument: paper } = frame;
    const canvas = Object.assign(paper.createElement("canvas"), { width: 24, height: 16 });
    const paint = (canvas) => {
      const context = canvas.getContext("2d");
      context.fillStyle = "white"; // as masks, too, they are to leave some room
      context.fillRect(0, 0, 12, 12);
      return canvas;
    };
    paint(canvas);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve));
    const foreign = new other.Blob([await blob.arrayBuffer()], { type: blob.type });
    const image = paper.createElement("img");
    image.src = canvas.toDataURL();
    const pictures = {
      blob: foreign,
      file: new other.File([foreign], "picture.png", { type: "image/png" }),
      bitmap: await other.createImageBitmap(canvas),
      data: new other.ImageData(new other.Uint8ClampedArray(24 * 16 * 4).fill(255), 24, 16),
      canvas,
      offscreen: paint(new other.OffscreenCanvas(24, 16)),
      image,
      url: new other.URL(canvas.toDataURL()),
    };
    const own = Object.entries(pictures).filter(([, picture]) =>
      [Blob, ImageBitmap, ImageData, HTMLElement, OffscreenCanvas, URL].some((kind) => picture instanceof kind),
    );
    const stylizer = await Stylizer.create({ backend: "cpu" });
    const painted = {};
    for (const [name, picture] of Object.entries(pictures)) {
      const job = stylizer.start({ content: picture, styles: [{ image: picture, mask: picture }], config });
      const { width } = await job.finished;
      const instant = await stylizer.instant({
        content: picture,
        styles: [{ vector: new other.Float32Array(100) }],
        size: 24,
      });
      painted[name] = [width, instant.width];
    }
    const whole = { content: pictures.url, styles: [{ image: pictures.url }], config: { ...config, iterations: 60 } };
    const job = stylizer.start(whole);
    await new Promise((resolve) => job.addEventListener("progress", resolve, { once: true }));
    job.pause();
    const { blob: checkpoint, iteration } = await job.checkpoint();
    job.cancel();
    const resume = new other.Blob([await checkpoint.arrayBuffer()]);
    const resumed = stylizer.start({ ...whole, resume });
    const [first] = await Promise.all([
      new Promise((resolve) =>
        resumed.addEventListener("progress", ({ detail }) => resolve(detail.iteration), { once: true }),
      ),
      resumed.finished,
    ]);
    stylizer.dispose();
    return { own, painted, resumed: first - iteration };
  }, CONFIG);
  expect(seen.own).toEqual([]);
  expect(seen.painted).toEqual(
    Object.fromEntries(
      ["blob", "file", "bitmap", "data", "canvas", "offscreen", "image", "url"].map((name) => [name, [24, 24]]),
    ),
  );
  expect(seen.resumed).toBe(1);
});

test("what is preloaded is everything that painting asks for: worker, program and networks", async ({ page }) => {
  await openBlank(page);
  const asked = [];
  page.context().on("request", (request) => asked.push(new URL(request.url()).pathname));
  const during = async (action) => {
    asked.length = 0;
    await page.evaluate(action);
    return [...new Set(asked)].filter((path) => /wasm$|weights|worker/.test(path));
  };
  const ahead = await during(async () => (await import("/stylizer.js")).preload());
  const needed = await during(async () => {
    const { Stylizer } = await import("/stylizer.js");
    const stylizer = await Stylizer.create({ backend: "cpu" });
    const image = new ImageData(24, 16);
    await stylizer.start({ content: image, styles: [{ image }], config: { size: 24, iterations: 1 } }).finished;
    await stylizer.instant({ content: image, styles: [{ image }], size: 24 });
    stylizer.dispose();
  });
  expect(needed.length).toBeGreaterThan(6);
  expect(ahead.sort()).toEqual(needed.sort());
});
