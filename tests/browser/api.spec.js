// The JS API on both backends.
import { PLAINEST } from "./faults.js";
import { test, expect, file, openBlank, stylize } from "./helpers.js";

const wide = { content: "tests/data/d_content.png", styles: ["tests/data/c_style.png"] };

test("CPU: the loss falls, the PNG decodes, keeps the aspect ratio and differs from the photo", async ({ page }) => {
  await openBlank(page);
  const { events, png, said, report, device, previews } = await stylize(page, {
    ...wide,
    backend: "cpu",
    config: { size: 96, iterations: 12, previewEvery: 4 },
  });
  expect(events.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  const losses = events.map((event) => event.losses.total);
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(losses.at(-1)).toBeLessThan(0.75 * losses[0]);
  expect(png).toMatchObject({ type: "image/png", width: 96, ...said });
  expect(Math.abs(png.height - (96 * 53) / 75)).toBeLessThanOrEqual(1);
  expect(png.difference).toBeGreaterThan(4);
  expect(previews).toBe(4);
  const [first] = events;
  expect(first).toMatchObject({ iterations: 12, scale: { index: 0, count: 1, width: 96, height: png.height } });
  for (const key of ["total", "content", "style", "tv"]) expect(first.losses[key]).toEqual(expect.any(Number));
  expect(first.millisPerIteration).toBeGreaterThan(0);
  expect(first.etaSeconds).toBeGreaterThan(0);
  expect(device.backend).toBe("cpu");
  expect(report).toMatchObject({ config: { size: 96, iterations: 12, init: "instant" }, device: { backend: "cpu" } });
  expect(Object.keys(report).sort()).toEqual(["config", "device", "passes", "scales", "timings"]); // as types.d.ts says
  expect(Object.keys(report.device).sort()).toEqual(["adapter", "backend", "limits"]);
  expect(report.scales[0].last.total).toBeCloseTo(losses.at(-1), 3);
});

for (const [name, kernels, jobs] of [
  ["odd sizes", undefined, [{ ...wide, config: { size: 47, iterations: 3 } }]],
  [
    "upright, two paintings, average pooling; two scales with averaging",
    PLAINEST,
    [
      { content: "tests/data/c_content.png", styles: ["tests/data/a_style.png", "tests/data/d_style.png"], config: { size: 36, iterations: 3, pooling: "average" } },
      { ...wide, config: { size: 40, minSize: 28, iterations: 2, firstIterations: 2, averaging: 0.9 } },
    ],
  ],
]) {
  test(`WebGPU and CPU agree at every iteration: ${name}`, async ({ page }) => {
    await openBlank(page);
    for (const job of jobs) {
      const gpu = await stylize(page, { backend: "webgpu", kernels, ...job });
      const cpu = await stylize(page, { backend: "cpu", ...job });
      expect(gpu.device.backend).toBe("webgpu");
      expect(gpu.device.adapter).toMatch(/swiftshader/i);
      expect(gpu.device.limits.maxBufferSize).toBeGreaterThan(0);
      expect(gpu.events.length).toBe(cpu.events.length);
      const compare = (i, key, tolerance) => {
        const [a, b] = [gpu, cpu].map(({ events }) => events[i].losses[key]);
        expect(Math.abs(a - b), `${key} at iteration ${i + 1}: ${a} and ${b}`).toBeLessThanOrEqual(tolerance * Math.abs(b) + 1e-6);
      };
      for (const key of ["content", "style", "tv"]) compare(0, key, 1e-3);
      // Adam divides by the gradient's own size, so rounding grows from step to step.
      for (const i of gpu.events.keys()) compare(i, "total", 0.01);
    }
  });
}

test("auto takes the CPU where the GPU is a program; asked for by name it is taken, and says what it is", async ({ page }) => {
  await openBlank(page);
  const devices = await page.evaluate(async () => {
    const { Stylizer } = await import("/stylizer.js");
    const open = async (backend) => {
      const stylizer = await Stylizer.create({ backend });
      stylizer.dispose();
      return stylizer.device;
    };
    return [await open("auto"), await open("webgpu")];
  });
  expect(devices).toMatchObject([
    { backend: "cpu", software: false },
    { backend: "webgpu", software: true },
  ]);
});

test("the same seed gives the same losses; another start gives others", async ({ page }) => {
  await openBlank(page);
  const config = { size: 32, iterations: 2, init: "noise", seed: 3 };
  const run = async (seed) => (await stylize(page, { ...wide, backend: "cpu", config: { ...config, seed } })).events.at(-1).losses.total;
  const first = await run(3);
  expect(await run(3)).toBe(first);
  expect(await run(4)).not.toBe(first);
});

test("pause holds, resume goes on, cancel rejects with an AbortError; the page stays responsive", async ({ page }) => {
  await openBlank(page);
  const seen = await page.evaluate(async () => {
    const { Stylizer } = await import("/stylizer.js");
    const canvas = new OffscreenCanvas(40, 40);
    const context = canvas.getContext("2d");
    context.fillStyle = "teal";
    context.fillRect(5, 5, 20, 25);
    const image = context.getImageData(0, 0, 40, 40);
    const stylizer = await Stylizer.create({ backend: "cpu" });
    const config = { size: 40, iterations: 5000 };
    const job = stylizer.start({ content: image, styles: [{ image }], config });
    let iteration = 0;
    job.addEventListener("progress", ({ detail }) => (iteration = detail.iteration));
    const until = async (condition) => {
      for (const end = Date.now() + 60_000; !condition(); ) {
        if (Date.now() > end) throw new Error(`After 60 s still not: ${condition}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    await until(() => iteration >= 2);
    job.pause();
    await job.checkpoint(); // the step under way has ended then
    const paused = iteration;
    await wait(500);
    const held = iteration === paused;
    job.resume();
    await until(() => iteration >= paused + 2);
    // The page's own work goes on beside the steps: it would have to wait for their end if they were the page's.
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const from = iteration;
    await until(() => iteration >= from + 4);
    clearInterval(timer);
    job.cancel();
    const cancelled = await job.finished.then(() => null, (error) => error.name);
    job.pause();
    job.resume();
    job.cancel();
    // The next job takes its turn.
    const next = await stylizer.start({ content: image, styles: [{ image }], config: { size: 32, iterations: 1 } }).finished;
    const running = stylizer.start({ content: image, styles: [{ image }], config });
    stylizer.dispose();
    const disposed = await running.finished.then(() => null, (error) => error.name);
    const after = await stylizer.start({ content: image, styles: [{ image }] }).finished.then(() => null, (error) => error.message);
    return { held, paused, ticks, cancelled, next: next.width, disposed, after };
  });
  expect(seen.held).toBe(true);
  expect(seen.paused).toBeLessThan(5000);
  expect(seen.ticks).toBeGreaterThanOrEqual(4);
  expect(seen.cancelled).toBe("AbortError");
  expect(seen.next).toBe(32);
  expect(seen.disposed).toBe("AbortError");
  expect(seen.after).toContain("Create a new one");
});

test("transparency becomes white, EXIF orientation is applied", async ({ page }) => {
  await openBlank(page);
  const seen = await page.evaluate(async () => {
    const { Stylizer } = await import("/stylizer.js");
    const draw = (w, h, paint) => {
      const canvas = new OffscreenCanvas(w, h);
      paint(canvas.getContext("2d"));
      return canvas;
    };
    const style = draw(40, 40, (c) => {
      c.fillStyle = "orange";
      c.fillRect(0, 0, 40, 40);
    });
    const clear = await draw(32, 32, () => {}).convertToBlob({ type: "image/png" });
    const jpeg = new Uint8Array(await (await draw(64, 40, (c) => c.fillRect(0, 0, 64, 40)).convertToBlob({ type: "image/jpeg" })).arrayBuffer());
    // APP1 with one EXIF entry: orientation 6, a quarter turn.
    const exif = [0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
    const turned = new Blob([jpeg.slice(0, 2), new Uint8Array(exif), jpeg.slice(2)], { type: "image/jpeg" });
    const stylizer = await Stylizer.create({ backend: "cpu" });
    const styles = [{ image: await style.convertToBlob() }];
    const config = { size: 32, iterations: 1, learningRate: 1e-6, contentWeight: 1, init: "content" };
    const run = (content) => stylizer.start({ content, styles, config }).finished;
    const white = await createImageBitmap((await run(clear)).blob);
    const pixel = draw(1, 1, (c) => c.drawImage(white, 0, 0)).getContext("2d").getImageData(0, 0, 1, 1).data;
    const { width, height } = await run(turned);
    stylizer.dispose();
    return { pixel: [...pixel], width, height };
  });
  expect(seen.pixel).toEqual([255, 255, 255, 255]);
  expect(seen).toMatchObject({ width: 20, height: 32 });
});

test("bad settings and pictures reject with sentences, and the stylizer goes on", async ({ page }) => {
  await openBlank(page);
  const messages = await page.evaluate(async () => {
    const { Stylizer } = await import("/stylizer.js");
    const image = new ImageData(40, 40);
    const stylizer = await Stylizer.create({ backend: "cpu" });
    const fail = async (content, config = {}, styles = [{ image }]) => {
      const outcome = await stylizer.start({ content, styles, config: { size: 32, iterations: 1, ...config } }).finished.then(() => "finished", (e) => e.message);
      return outcome;
    };
    const closed = await createImageBitmap(image);
    closed.close();
    const header = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20, 8, 2, 0, 0, 0, 0, 0, 0, 0]);
    const said = {
      unknown: await fail(image, { sizes: 3 }),
      range: await fail(image, { size: 1 }),
      nan: await fail(image, { styleWeight: NaN }),
      layer: await fail(image, { styleLayers: [{ layer: "relu6_1", weight: 1 }] }),
      text: await fail(new Blob(["this is not a picture"], { type: "image/png" })),
      empty: await fail(new Blob([])),
      huge: await fail(new Blob([header])),
      type: await fail(3),
      closed: await fail(closed),
      sizeless: await fail(Object.assign(document.createElement("canvas"), { width: 0 })),
      none: await fail(image, {}, []),
      zero: await fail(image, {}, [{ image, weight: 0 }]),
      weight: await fail(image, {}, [{ image, weight: -2 }]),
      fine: await fail(image),
      backend: await Stylizer.create({ backend: "gpu" }).then(() => "created", (e) => e.message),
    };
    stylizer.dispose();
    return said;
  });
  expect(messages.unknown).toContain('Did you mean "size"?');
  expect(messages.range).toContain("16 to 4096");
  expect(messages.nan).toContain("styleWeight");
  expect(messages.layer).toContain("relu5_1");
  expect(messages.text).toContain("could not be read as a picture");
  expect(messages.empty).toContain("empty");
  expect(messages.huge).toContain("20000 × 20000");
  expect(messages.type).toContain("Blob");
  for (const said of [messages.closed, messages.sizeless]) expect(said).toContain("The photo has no pixels");
  expect(messages.none).toContain("painting");
  expect(messages.zero).toContain("painting");
  expect(messages.weight).toContain("0 to 1000");
  expect(messages.fine).toBe("finished");
  expect(messages.backend).toContain("webgpu");
});

test("pictures may be elements of the page and addresses; followed with for await", async ({ page }) => {
  await openBlank(page);
  const seen = await page.evaluate(async () => {
    const { Stylizer } = await import("/stylizer.js");
    const stylizer = await Stylizer.create({ backend: "cpu" });
    const image = new Image();
    image.src = "samples/photo-coffee.jpg"; // not loaded yet
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [40, 20];
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, 40, 15);
    const styles = [{ image: "samples/style-night-cafe.jpg" }, { image: new URL("samples/style-cafe-terrace.jpg", location.href), mask: canvas }];
    const config = { size: 32, minSize: 32, iterations: 3 };
    const job = stylizer.start({ content: image, styles, config });
    const drawn = stylizer.start({ content: canvas, styles: [{ image: new OffscreenCanvas(40, 40) }], config: { ...config, init: canvas } });
    context.clearRect(0, 0, 40, 20); // it was copied
    const iterations = [];
    for await (const { iteration, preview } of job) {
      iterations.push(iteration);
      preview?.close();
    }
    const { width, height } = await job.finished;
    const { blob, report } = await drawn.finished;
    const bitmap = await createImageBitmap(blob);
    stylizer.dispose();
    return { init: report.config.init, iterations, shape: width / height, photo: image.naturalWidth / image.naturalHeight, drawn: [bitmap.width, bitmap.height] };
  });
  expect(seen.iterations).toEqual([1, 2, 3]);
  expect(Math.abs(seen.shape - seen.photo)).toBeLessThan(0.1);
  expect(seen.drawn).toEqual([32, 16]);
  expect(seen.init).toBe("image");
});

test.describe("what cannot be fetched or read", () => {
  test.use({ expectedErrors: [/404|^request to http:\/\/elsewhere/] });

  test("an address without a picture is said, and pixels that another site does not let be read", async ({ page }) => {
    await page.route("http://elsewhere.test/cat.png", (route) => route.fulfill({ path: file(wide.content) }));
    await openBlank(page);
    const messages = await page.evaluate(async () => {
      const { Stylizer } = await import("/stylizer.js");
      const stylizer = await Stylizer.create({ backend: "cpu" });
      const image = document.createElement("img");
      image.src = "none.jpg";
      const said = (content) => stylizer.start({ content, styles: [{ image: content }] }).finished.then(() => "finished", (error) => error.message);
      const foreign = Object.assign(new Image(), { src: "http://elsewhere.test/cat.png" });
      await foreign.decode();
      const messages = [await said("none.jpg"), await said(image), await said(foreign), await said(await createImageBitmap(foreign))];
      stylizer.dispose();
      return messages;
    });
    expect(messages[0]).toContain("The photo none.jpg could not be fetched (HTTP 404)");
    expect(messages[1]).toMatch(/The photo http.*none\.jpg could not be fetched/);
    for (const said of messages.slice(2)) expect(said).toContain("The photo comes from another site");
  });
});

test("without a device nothing is painted, but files are read, saved and recoloured", async ({ page }) => {
  // As a browser without WebGPU.
  await page.route("**/gpu.js", async (route) => {
    const response = await route.fetch();
    const hide = "Object.defineProperty(Object.getPrototypeOf(navigator), 'gpu', { get: () => undefined });";
    await route.fulfill({ response, body: `${hide}\n${await response.text()}` });
  });
  await openBlank(page);
  const seen = await page.evaluate(async () => {
    const { Stylizer, Tools } = await import("/stylizer.js");
    const refused = await Stylizer.create({ backend: "webgpu" }).then(() => "opened", (error) => error.message);
    const tools = new Tools();
    const canvas = new OffscreenCanvas(60, 40);
    canvas.getContext("2d").fillRect(0, 0, 30, 20);
    const picture = await canvas.convertToBlob();
    const settings = await tools.readSettings(await tools.embed(picture, { size: 7 }));
    const none = await tools.readSettings(picture);
    const { type } = await tools.recolour({ picture, content: picture, colour: "luminance" });
    const { width } = await tools.decode(picture, { maxSide: 30 });
    const knobs = (await tools.settings()).knobs.length;
    tools.dispose();
    return { refused, settings, none, type, width, knobs };
  });
  expect(seen.refused).toContain("WebGPU");
  expect(seen).toMatchObject({ settings: { size: 7 }, none: null, type: "image/png", width: 30 });
  expect(seen.knobs).toBeGreaterThan(10);
});

test.describe("weights that do not arrive", () => {
  test.use({ expectedErrors: [/404/] });

  for (const [fault, answer, says] of [
    ["missing", { status: 404, body: "" }, "HTTP 404"],
    ["corrupt", { status: 200, body: Buffer.alloc(3_242_608) }, "damaged"],
  ]) {
    test(`a ${fault} shard is said, and the next job works`, async ({ page }) => {
      await openBlank(page);
      await page.route("**/vgg19-2-*.bin", (route) => route.fulfill(answer));
      await page.evaluate(async () => {
        const { Stylizer } = await import("/stylizer.js");
        window.stylizer = await Stylizer.create({ backend: "cpu" });
        const image = new ImageData(40, 40);
        window.paint = () =>
          window.stylizer.start({ content: image, styles: [{ image }], config: { size: 32, iterations: 1 } }).finished.then(() => "finished", (e) => e.message);
      });
      const message = await page.evaluate(() => window.paint());
      expect(message).toContain("vgg19-2");
      expect(message).toContain(says);
      await page.unroute("**/vgg19-2-*.bin");
      expect(await page.evaluate(() => window.paint())).toBe("finished");
    });
  }
});
