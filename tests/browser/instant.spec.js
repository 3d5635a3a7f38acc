// Pictures in one pass: against the reference, what their options do, and that they come while a job runs and cost it nothing.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { openFaulty, long, quick } from "./faults.js";
import { expect, file, test } from "./helpers.js";

const url = (path, type = "png") => `data:image/${type};base64,${readFileSync(file(path)).toString("base64")}`;
const cases = ["a", "b"];
/** The reference's pictures by name, such as a_content. */
const pictures = Object.fromEntries(
  cases.flatMap((name) => ["content", "style", "painted"].map((what) => [`${name}_${what}`, url(`tests/data/instant/${name}_${what}.png`)])),
);
const samples = readdirSync(file("www/samples")).filter((name) => /^style-.*\.jpg$/.test(name));
const sample = (name) => ({ name, hash: createHash("sha256").update(readFileSync(file(`www/samples/${name}`))).digest("hex"), url: url(`www/samples/${name}`, "jpeg") });
const list = file("www/engine/vectors.json");

/**
 * Opens an empty page with a stylizer, `files` (the reference's, as Blobs), `instant(options)`, which is given the reference's first photo and
 * painting unless others, and `distance(one, other, part)`, the mean absolute difference of two pictures in 0..1.
 */
async function open(page, backend = "cpu") {
  await openFaulty(page);
  await page.evaluate(
    async ({ backend, pictures }) => {
      const blob = async (url) => (await fetch(url)).blob();
      window.files = {};
      for (const [name, url] of Object.entries(pictures)) window.files[name] = await blob(url);
      await window.open(backend);
      window.instant = (options) => window.stylizer.instant({ content: window.files.a_content, styles: [{ image: window.files.a_style }], size: 96, ...options });
      /** RGB in 0..1; of the left (-1) or right (1) third alone if so said. */
      window.rgb = async (picture, part = 0) => {
        const { width, height } = picture;
        const context = new OffscreenCanvas(width, height).getContext("2d");
        context.drawImage(picture, 0, 0);
        const third = Math.floor(width / 3);
        const { data } = part === 0 ? context.getImageData(0, 0, width, height) : context.getImageData(part < 0 ? 0 : width - third, 0, third, height);
        return Array.from(data.filter((_, i) => i % 4 !== 3), (value) => value / 255);
      };
      window.distance = async (one, other, part) => {
        const [a, b] = await Promise.all([one, other].map((picture) => window.rgb(picture, part)));
        return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;
      };
      window.outcome = (promise) => promise.then(({ width, height }) => [width, height], ({ name, message }) => `${name}: ${message}`);
    },
    { backend, pictures },
  );
}

/** What the page and its workers fetch from now on. */
function watch(page) {
  const paths = [];
  page.context().on("request", (request) => paths.push(new URL(request.url()).pathname));
  return paths;
}

for (const backend of ["cpu", "webgpu"]) {
  test(`${backend}: the reference's pictures`, async ({ page }) => {
    await open(page, backend);
    const found = await page.evaluate(async (cases) => {
      const found = [];
      for (const name of cases) {
        const { [`${name}_content`]: content, [`${name}_style`]: image, [`${name}_painted`]: painted } = window.files;
        const expected = await createImageBitmap(painted);
        const picture = await window.stylizer.instant({ content, styles: [{ image }], size: Math.max(expected.width, expected.height) });
        found.push({ same: picture.width === expected.width && picture.height === expected.height, distance: await window.distance(picture, expected) });
      }
      return found;
    }, cases);
    for (const { same, distance } of found) {
      expect(same).toBe(true);
      expect(distance).toBeLessThanOrEqual(0.004);
    }
    expect(await page.evaluate(() => window.made.length), "the device's own worker painted").toBe(1);
  });
}

test("strength, a second painting, its weight, a mask and the colours do what they say", async ({ page }) => {
  await open(page);
  const found = await page.evaluate(async () => {
    const { instant, distance, files } = window;
    const [plain, own, strong] = [await instant({}), await instant({ strength: 0 }), await instant({ strength: 1.5 })];
    const other = await instant({ styles: [{ image: files.b_style }] });
    const mixed = await instant({ styles: [{ image: files.a_style }, { image: files.b_style }] });
    const mostly = await instant({ styles: [{ image: files.a_style, weight: 9 }, { image: files.b_style }] });
    const mask = new OffscreenCanvas(96, 64);
    const context = mask.getContext("2d");
    context.fillRect(0, 0, 96, 64);
    context.fillStyle = "white";
    context.fillRect(0, 0, 48, 64);
    const masked = await instant({ styles: [{ image: files.a_style, mask }] });
    const photo = await createImageBitmap(files.a_content);
    const mean = async (picture) => {
      const rgb = await window.rgb(picture);
      return [0, 1, 2].map((channel) => rgb.reduce((sum, value, i) => sum + (i % 3 === channel ? value : 0), 0) / (rgb.length / 3));
    };
    /** How far apart two pictures' differences of the channels are. */
    const chroma = async (one, other) => {
      const [a, b] = [await window.rgb(one), await window.rgb(other)];
      let sum = 0;
      for (let i = 0; i < a.length; i += 3) sum += Math.abs(a[i] - a[i + 1] - b[i] + b[i + 1]) + Math.abs(a[i + 2] - a[i + 1] - b[i + 2] + b[i + 1]);
      return (sum * 1.5) / a.length;
    };
    const luminance = await instant({ colour: "luminance" });
    return {
      own: await distance(plain, own),
      strong: await distance(plain, strong),
      stronger: (await distance(own, strong)) > (await distance(own, plain)),
      mixed: [await distance(mixed, plain), await distance(mixed, other), await distance(plain, other)],
      mostly: (await distance(mostly, plain)) < (await distance(mixed, plain)),
      inside: [await distance(masked, plain, -1), await distance(masked, own, -1)],
      outside: [await distance(masked, photo, 1), await distance(masked, plain, 1)],
      chroma: [await chroma(luminance, photo), await chroma(plain, photo)],
      luminance: await distance(luminance, photo),
      means: [await mean(await instant({ colour: "match" })), await mean(photo), await mean(plain)],
    };
  });
  for (const key of ["own", "strong", "luminance"]) expect(found[key], key).toBeGreaterThan(0.02);
  expect(found.stronger).toBe(true);
  const [toOne, toOther, apart] = found.mixed;
  expect(Math.max(toOne, toOther)).toBeLessThan(apart);
  expect(Math.min(toOne, toOther)).toBeGreaterThan(0.1 * apart);
  expect(found.mostly).toBe(true);
  // What is outside has a say in what is inside, too: the network looks at the whole picture's means. Outside it is the photo.
  for (const [to, from, share] of [[...found.inside, 0.8], [...found.outside, 0.1], [...found.chroma, 0.1]]) {
    expect(to, JSON.stringify(found)).toBeLessThan(share * from);
  }
  const [matched, photo, plain] = found.means;
  const off = (mean) => Math.max(...mean.map((value, i) => Math.abs(value - photo[i])));
  expect(off(matched)).toBeLessThan(0.02);
  expect(off(plain)).toBeGreaterThan(0.02);
});

test("pictures come in every form; large ones are brought down, and small ones are enlarged", async ({ page }) => {
  await open(page);
  await page.route("**/painting.png", (route) => route.fulfill({ contentType: "image/png", body: readFileSync(file("tests/data/instant/a_style.png")) }));
  const found = await page.evaluate(async () => {
    const { instant, files, distance, outcome } = window;
    const image = await createImageBitmap(files.a_style);
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const plain = await instant({});
    const distances = [];
    for (const picture of [image, canvas, context.getImageData(0, 0, image.width, image.height), "/painting.png", new URL("/painting.png", location.href)]) {
      distances.push(await distance(plain, await instant({ styles: [{ image: picture }] })));
    }
    const photo = new OffscreenCanvas(3000, 1000);
    photo.getContext("2d").fillRect(0, 0, 1500, 500);
    return { distances, sizes: [await outcome(instant({ content: photo, size: 90 })), await outcome(instant({ content: new ImageData(10, 20), size: 37 }))], open: image.width };
  });
  expect(Math.max(...found.distances)).toBeLessThan(1e-6);
  expect(found.sizes).toEqual([[90, 30], [19, 37]]);
  expect(found.open, "the caller's bitmap is the caller's").toBeGreaterThan(0);
});

test("within a lane the newest takes the place of those that wait; others are all painted; waiting can be given up", async ({ page }) => {
  await open(page);
  const { lanes, wall, stopped } = await page.evaluate(async () => {
    const { instant, outcome } = window;
    const all = (options) => Promise.all(options.map((option) => outcome(instant(option))));
    await instant({}); // weights and vector are there then
    const lanes = await all([32, 33, 34, 35].map((size) => ({ size })));
    const wall = await all([36, 37, 38].map((size) => ({ size, lane: null })));
    const controller = new AbortController();
    const under = outcome(instant({ size: 40 }));
    const waiting = outcome(instant({ size: 41, lane: null, signal: controller.signal }));
    const behind = outcome(instant({ size: 42, lane: "other" }));
    controller.abort();
    const before = outcome(instant({ size: 43, signal: controller.signal }));
    return { lanes, wall, stopped: await Promise.all([under, waiting, behind, before]) };
  });
  expect(lanes.at(-1)).toEqual([35, 23]);
  expect(lanes.slice(1, -1)).toEqual(Array(2).fill("AbortError: A newer picture was asked for instead."));
  expect(wall.map(([width]) => width)).toEqual([36, 37, 38]);
  const aborted = expect.stringMatching(/^AbortError/);
  expect(stopped).toEqual([[40, 27], aborted, [42, 28], aborted]);
});

test("while a job runs a second worker paints, with the program that is there, and the job goes on; the worker's death is no matter", async ({ page }) => {
  await open(page);
  const paths = watch(page);
  const found = await page.evaluate(async (long) => {
    const { instant, distance, made, until } = window;
    const before = await instant({});
    const job = window.begin(long);
    await until(() => job.seen.iterations.length > 2);
    const during = await instant({});
    const workers = made.length;
    const iteration = job.seen.iterations.at(-1);
    await until(() => job.seen.iterations.at(-1) > iteration + 2);
    // Ended while it paints something that takes long enough, and again with nothing to do.
    const large = instant({ size: 700 });
    await new Promise((resolve) => made[1].addEventListener("message", resolve, { once: true }));
    made[1].terminate();
    const { width } = await large;
    made[2].terminate();
    const again = await instant({});
    const running = job.seen.iterations.at(-1);
    await until(() => job.seen.iterations.at(-1) > running);
    job.cancel();
    return { same: [await distance(before, during), await distance(before, again)], workers, width, made: made.length, recovered: job.seen.recovered, end: (await job.outcome).name };
  }, { ...long, iterations: 100_000, size: 128, minSize: 128 });
  expect(found).toEqual({ same: [0, 0], workers: 2, width: 700, made: 4, recovered: [], end: "AbortError" });
  expect(paths.filter((path) => path.endsWith(".wasm"))).toEqual([]);
});

test("at a job's end, good or bad, the device's worker is free at once: what is asked for then needs no second one", async ({ page }) => {
  await open(page);
  const found = await page.evaluate(async (quick) => {
    const { instant, outcome, made, begin } = window;
    const pictures = [];
    for (const config of [{ ...quick, iterations: 3 }, { ...quick, size: -1 }]) {
      const job = begin(config);
      const picture = job.finished.then(() => instant({}), () => instant({}));
      pictures.push([(await job.outcome).error !== undefined, await outcome(picture)]);
    }
    return { pictures, workers: made.length };
  }, quick);
  expect(found).toEqual({ pictures: [[false, [96, 64]], [true, [96, 64]]], workers: 1 });
});

test("a second worker that keeps dying ends in a sentence; the job does not notice, and later pictures come", async ({ page }) => {
  await open(page);
  const found = await page.evaluate(async (long) => {
    const { instant, made, outcome, until } = window;
    const job = window.begin(long);
    await until(() => job.seen.iterations.length > 2);
    const { Worker } = window;
    window.Worker = class extends Worker {
      constructor(...options) {
        super(...options);
        this.addEventListener("message", ({ data }) => data.type === "alive" && this.terminate());
      }
    };
    const failed = await outcome(instant({}));
    const workers = made.length;
    window.Worker = Worker;
    const next = await outcome(instant({}));
    const iteration = job.seen.iterations.at(-1);
    await until(() => job.seen.iterations.at(-1) > iteration);
    job.cancel();
    return { failed, workers, next, recovered: job.seen.recovered };
  }, { ...long, iterations: 100_000 });
  expect(found).toEqual({ failed: "Error: The painter stopped without a word. Try again.", workers: 3, next: [96, 64], recovered: [] });
});

test.describe(() => {
  test.use({ expectedErrors: [/Failed to load resource/] });

  for (const [set, answer] of [
    ["transformer", "tampered"],
    ["predictor", "missing"],
  ]) {
    test(`a ${set} that is ${answer} is said, a job paints, and once it is there so does an instant picture`, async ({ page }) => {
      const shard = `**/weights/${set}-*.bin`;
      await page.route(shard, async (route) => {
        if (answer === "missing") return route.fulfill({ status: 404 });
        const response = await route.fetch();
        const body = await response.body();
        body[1000] ^= 1;
        return route.fulfill({ response, body });
      });
      await open(page);
      const said = await page.evaluate(() => window.outcome(window.instant({})));
      expect(said).toMatch(answer === "missing" ? /^Error: The network file \S+ could not be fetched \(HTTP 404\)\..*\.$/ : /^Error: .*SHA-256.*\.$/);
      expect(said).toContain(set);
      const { error, iterations } = await page.evaluate((config) => window.begin(config).outcome, { ...quick, iterations: 3 });
      expect([error, iterations]).toEqual([undefined, [1, 2, 3]]);
      await page.unroute(shard);
      expect(await page.evaluate(() => window.outcome(window.instant({})))).toEqual([96, 64]);
      expect(await page.evaluate(() => [window.made.length, window.stages.includes("recovering")])).toEqual([1, false]);
    });
  }
});

test("what cannot be is said in sentences, and the next picture comes", async ({ page }) => {
  await open(page);
  const said = await page.evaluate(async () => {
    const { instant, outcome } = window;
    const said = [];
    for (const options of [
      { styles: [] },
      { styles: [{}] },
      { styles: [{ image: window.files.a_style, weight: -1 }] },
      { styles: [{ image: window.files.a_style, weight: 0 }] },
      { styles: [{ vector: [1, 2, 3] }] },
      { styles: [{ vector: Array(100).fill(NaN) }] },
      { styles: [{ image: new Blob(["no picture"]) }] },
      { styles: [{ image: window.files.a_style, mask: new Blob([]) }] },
      { content: new Blob(["no picture"]) },
      { content: 7 },
      { size: 5 },
      { size: 1e9 },
      { size: "large" },
      { size: NaN },
      { strength: 2 },
      { strength: "much" },
      { colour: "green" },
      { stength: 1 },
      { lane: 5 },
    ]) {
      said.push(await outcome(instant(options)));
    }
    said.push(await outcome(window.stylizer.instant()));
    return [...said, await outcome(instant({}))];
  });
  expect(said.pop()).toEqual([96, 64]);
  for (const sentence of said) expect(sentence).toMatch(/^Error: [A-Z].*\.$/s);
  for (const [i, words] of Object.entries({ 0: "no painting", 3: "weight", 4: "100 numbers", 10: "16 to 4096", 11: "16 to 4096", 14: "1.5", 17: "stength", 18: "lane" })) expect(said[i]).toContain(words);
  expect(await page.evaluate(() => [window.made.length, window.stages.includes("recovering")])).toEqual([1, false]);
});

test("for a sample painting nothing but the transformer and the list of vectors is fetched, and those once", async ({ page }) => {
  await open(page);
  const paths = watch(page);
  const fetched = () => paths.filter((path) => /\.(bin|json|wasm)$/.test(path)).map((path) => path.match(/[\w]+(?=(-\w+)?\.\w+$)/)[0]);
  const paint = (options) => page.evaluate(async ({ options, url }) => window.outcome(window.instant({ ...options, styles: [{ image: await (await fetch(url)).blob() }] })), { options, url: sample(samples[0]).url });
  expect(await paint({})).toEqual([96, 64]);
  expect(await paint({ size: 64 })).toEqual([64, 43]);
  expect(fetched()).toEqual(expect.arrayContaining(["vectors", "manifest", "transformer"]));
  expect(fetched().length).toBe(3);
  // The photo's own manner comes in: the photo has to be read.
  expect(await paint({ strength: 0.5 })).toEqual([96, 64]);
  expect(fetched().slice(3)).toEqual(["manifest", "predictor"]);
});

test("the vectors that come with the sample paintings are what the predictor says", async ({ page }) => {
  await open(page);
  const paintings = samples.map(sample);
  const vectors = await page.evaluate(async (paintings) => {
    const { default: init, Engine } = await import("/easel.js");
    const { pixels } = await import("/engine/pictures.js");
    const { fetchInstant } = await import("/engine/weights.js");
    await init();
    const engine = await Engine.open("cpu", "", false);
    await fetchInstant(engine, "predictor");
    const vectors = [];
    for (const { url, name } of paintings) {
      const { width, height, data } = await pixels(await (await fetch(url)).blob(), name);
      vectors.push([...(await engine.styleVector(width, height, data))]);
    }
    return vectors;
  }, paintings);
  // `make samples` asks for the list to be made.
  if (test.info().config.updateSnapshots === "all") {
    const lines = paintings.map(({ hash }, i) => `"${hash}": [${vectors[i].map((value) => Number(value.toFixed(5))).join(",")}]`);
    writeFileSync(list, `{\n${lines.join(",\n")}\n}\n`);
  }
  const listed = JSON.parse(readFileSync(list, "utf8"));
  expect(Object.keys(listed).sort()).toEqual(paintings.map(({ hash }) => hash).sort());
  for (const [i, { name, hash }] of paintings.entries()) {
    const worst = Math.max(...vectors[i].map((value, j) => Math.abs(value - listed[hash][j])));
    expect(worst, name).toBeLessThan(1e-3);
  }
});

test("a disposed stylizer paints nothing more: what is under way rejects with an AbortError", async ({ page }) => {
  await open(page);
  const said = await page.evaluate(async () => {
    const { instant, outcome, stylizer } = window;
    const [under, waiting] = [outcome(instant({ size: 500 })), outcome(instant({ lane: null }))];
    await new Promise((resolve) => setTimeout(resolve, 50));
    stylizer.dispose();
    return [await under, await waiting, await outcome(instant({}))];
  });
  expect(said).toEqual([expect.stringMatching(/^AbortError: /), expect.stringMatching(/^AbortError: /), "Error: The painter was disposed of. Create a new one."]);
});
