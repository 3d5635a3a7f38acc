// Easel in somebody else's page: one import, one element, types.
import { readFile } from "node:fs/promises";
import { expect, file, openBlank, test } from "./helpers.js";

test("the example page paints on a bare page", async ({ page }) => {
  // The page as it is, with fewer and smaller steps on the CPU.
  await page.route("**/example.html", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/size="\d+" iterations="\d+"/, 'size="32" iterations="2" preset="classic" backend="cpu"');
    expect(body).toContain('backend="cpu"');
    await route.fulfill({ response, body });
  });
  await page.goto("/example.html");
  await expect(page.getByRole("img", { name: "Not painted yet" })).toBeVisible();
  await page.getByRole("button", { name: "Paint" }).click();
  await expect(page.getByRole("status")).toHaveText("Done: 32 × 21");
  await expect(page.getByRole("img", { name: "The painted picture" })).toBeVisible();
});

/** Puts an element into an empty page; `window.said` collects its events. */
async function place(page, attributes) {
  await openBlank(page);
  await page.evaluate(async (attributes) => {
    await import("/element.js");
    window.said = [];
    window.element = document.createElement("easel-canvas");
    for (const [name, value] of Object.entries(attributes)) window.element.setAttribute(name, value);
    for (const type of ["progress", "finish", "finished", "error"]) {
      window.element.addEventListener(type, ({ detail }) => window.said.push([type, detail.iteration ?? detail.width ?? detail.message]));
    }
    document.body.append(window.element);
  }, attributes);
}

const small = { photo: "samples/photo-chelsea.jpg", painting: "samples/style-cafe-terrace.jpg", size: 32, preset: "classic", backend: "cpu" };

test("the element tells of progress and the end, shows the picture and names it", async ({ page }) => {
  await place(page, { ...small, iterations: 3, alt: "A cat" });
  await expect(page.getByRole("img", { name: "A cat (Not painted yet)" })).toBeVisible();
  const seen = await page.evaluate(async () => {
    const { element } = window;
    const result = await element.start();
    const { canvas } = element;
    const bitmap = await createImageBitmap(result.blob);
    const data = (source) => {
      const context = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
      context.drawImage(source, 0, 0);
      return context.getImageData(0, 0, canvas.width, canvas.height).data.join();
    };
    const { config } = result.report;
    return { said: window.said, size: [canvas.width, canvas.height], same: data(canvas) === data(bitmap), config, job: typeof element.job.pause };
  });
  expect(seen.said).toEqual([["progress", 1], ["progress", 2], ["progress", 3], ["finish", 32], ["finished", 32]]);
  expect(seen.size).toEqual([32, 21]);
  expect(seen.same).toBe(true);
  expect(seen.config).toMatchObject({ size: 32, iterations: 3, preset: "classic" });
  expect(seen.job).toBe("function");
  const painted = page.getByRole("img", { name: "A cat (The painted picture)" });
  await expect(painted).toBeVisible();
  // Moved elsewhere it keeps its painting; another photo takes its place.
  await page.evaluate(() => document.body.append(document.createElement("main").appendChild(window.element).parentNode));
  await expect(painted).toBeVisible();
  await page.evaluate(() => window.element.setAttribute("photo", "samples/photo-coffee.jpg"));
  await expect(page.getByRole("img", { name: "A cat (Not painted yet)" })).toBeVisible();
});

test("the element takes Blobs, several paintings, and is cancelled by hand, by a new start and by removal", async ({ page }) => {
  await place(page, { ...small, iterations: 5000, painting: "samples/style-cafe-terrace.jpg samples/style-night-cafe.jpg" });
  const seen = await page.evaluate(async () => {
    const { element, said } = window;
    const canvas = new OffscreenCanvas(40, 20);
    canvas.getContext("2d").fillRect(0, 0, 10, 10);
    element.photo = await canvas.convertToBlob();
    const steps = async (count) => {
      const from = said.length;
      for (const end = Date.now() + 60_000; said.length < from + count; ) {
        if (Date.now() > end) throw new Error(`After 60 s not ${count} steps further.`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    const first = element.start();
    await steps(2);
    const { width, height } = element.canvas;
    const second = element.start();
    const afterRestart = await first;
    await steps(2);
    element.cancel();
    const afterCancel = await second;
    const third = element.start();
    await steps(1);
    element.remove();
    const afterRemoval = await third;
    const until = said.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    const types = [...new Set(said.map(([type]) => type))];
    return { size: [width, height], ends: [afterRestart, afterCancel, afterRemoval], late: said.length - until, types };
  });
  expect(seen).toEqual({ size: [32, 16], ends: [null, null, null], late: 0, types: ["progress"] });
});

test.describe("what goes wrong is an event with a sentence", () => {
  test.use({ expectedErrors: [/404/] });

  for (const [what, attributes, says] of [
    ["a missing photo", { photo: "samples/none.jpg" }, /samples\/none\.jpg could not be fetched \(HTTP 404\)/],
    ["no painting", { painting: "" }, /has no painting/],
    ["a wrong setting", { size: "large" }, /size/],
  ]) {
    test(what, async ({ page }) => {
      await place(page, { ...small, ...attributes, iterations: 1 });
      const { said, result } = await page.evaluate(async () => ({ result: await window.element.start(), said: window.said }));
      expect(result).toBeNull();
      expect(said).toEqual([["error", expect.stringMatching(says)]]);
    });
  }
});

test("the engine is one module, by its address at the root and by its own", async ({ page }) => {
  await openBlank(page);
  const same = await page.evaluate(async () => {
    const names = async (path) => ({ root: await import(`/${path}`), engine: await import(`/engine/${path}`) });
    const modules = await Promise.all(["stylizer.js", "element.js"].map(names));
    return modules.map(({ root, engine }) => Object.keys(engine).length > 0 && Object.keys(engine).every((name) => root[name] === engine[name]));
  });
  expect(same).toEqual([true, true]);
});

test("the engine's package names files that are there", async () => {
  const { exports, sideEffects, types } = JSON.parse(await readFile(file("www/engine/package.json"), "utf8"));
  const named = [...Object.values(exports).flatMap(Object.values), ...sideEffects, types];
  expect(named.length).toBeGreaterThan(4);
  for (const path of named) expect((await readFile(file(`www/engine/${path}`), "utf8")).length, path).toBeGreaterThan(0);
});

test("the declared settings are those there are", async ({ page }) => {
  const declarations = await readFile(file("www/engine/types.d.ts"), "utf8");
  const [, body] = declarations.match(/interface StyleConfig \{(.*?)\n\}/s);
  const declared = [...body.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name);
  await openBlank(page);
  const known = await page.evaluate(async () => {
    const { Stylizer } = await import("/stylizer.js");
    const stylizer = await Stylizer.create({ backend: "cpu" });
    const { knobs, presets } = await stylizer.settings();
    stylizer.dispose();
    const { SETTINGS } = await import("/engine/attributes.js");
    return { element: [...SETTINGS], knobs: knobs.map(({ name }) => name), presets: presets.map(({ name }) => name) };
  });
  expect(declared.sort()).toEqual(known.knobs.sort());
  expect(known.element.sort()).toEqual(known.knobs);
  for (const preset of known.presets) expect(body).toContain(`"${preset}"`);
});
