// What the element takes and gives beyond its first use: settings, children, forms, parts, its end.
import { expect, openBlank, test } from "./helpers.js";

/** Puts HTML with elements into an empty page; `window.asked` keeps what painters are asked for, and nothing is painted by them. */
async function place(page, html, { paint = false } = {}) {
  await openBlank(page);
  await page.evaluate(
    async ({ html, paint }) => {
      const [{ EaselCanvas }, { Stylizer }] = [await import("/element.js"), await import("/stylizer.js")];
      window.EaselCanvas = EaselCanvas;
      window.asked = [];
      const { start } = Stylizer.prototype;
      Stylizer.prototype.start = function (options) {
        window.asked.push(options);
        return start.call(this, paint ? options : { ...options, signal: AbortSignal.abort() });
      };
      document.body.innerHTML = html;
      window.element = document.querySelector("easel-canvas");
    },
    { html, paint },
  );
}

const PHOTO = "samples/photo-chelsea.jpg";
const PAINTING = "samples/style-cafe-terrace.jpg";
const small = `photo="${PHOTO}" painting="${PAINTING}" backend="cpu" preset="classic" size="32" iterations="1"`;
/** What a painter is asked for when the element is started. */
const askedFor = (page) =>
  page.evaluate(async () => {
    await window.element.start();
    const { config, styles } = window.asked.at(-1);
    return { config, styles: styles.map((style) => ({ ...style })) };
  });

test("every setting is an attribute and a property, and neither says what the other does not", async ({ page }) => {
  await place(
    page,
    `<easel-canvas ${small} style-weight="2.5" first-iterations="null" style-layers='[{"layer":"relu3_1","weight":1}]' tv-weight=".5" style-loss="gram"></easel-canvas>`,
  );
  const { config } = await askedFor(page);
  expect(config).toEqual({
    preset: "classic",
    size: 32,
    iterations: 1,
    styleWeight: 2.5,
    firstIterations: null,
    styleLayers: [{ layer: "relu3_1", weight: 1 }],
    tvWeight: 0.5,
    styleLoss: "gram",
  });
  const read = await page.evaluate(async () => {
    const { element } = window;
    const { SETTINGS } = await import("/engine/attributes.js");
    const values = Object.fromEntries(
      SETTINGS.map((name, i) => [name, i % 3 === 0 ? `word${i}` : i % 3 === 1 ? i : [{ layer: "relu1_1", weight: i }]]),
    );
    Object.assign(element, values);
    const same = SETTINGS.filter((name) => JSON.stringify(element[name]) === JSON.stringify(values[name]));
    const attribute = element.getAttribute("content-weight");
    for (const name of SETTINGS) element[name] = undefined;
    return {
      same: same.length,
      all: SETTINGS.length,
      attribute,
      left: SETTINGS.filter((name) => element[name] !== undefined),
      attributes: element.getAttributeNames(),
    };
  });
  expect(read).toEqual({
    same: 27,
    all: 27,
    attribute: '[{"layer":"relu1_1","weight":5}]',
    left: [],
    attributes: ["photo", "painting", "backend"],
  });
});

test("a picture to start from is a property", async ({ page }) => {
  await place(page, `<easel-canvas ${small}></easel-canvas>`, { paint: true });
  const seen = await page.evaluate(async () => {
    const { element, asked } = window;
    element.init = new ImageData(32, 21);
    const result = await element.start();
    return {
      width: result?.width,
      init: asked[0].config.init === element.init,
      attribute: element.hasAttribute("init"),
    };
  });
  expect(seen).toEqual({ width: 32, init: true, attribute: false });
});

test("paintings are children, with weights and masks, after those of the attribute; properties take pictures", async ({
  page,
}) => {
  const children = `<easel-painting src="samples/style-night-cafe.jpg"></easel-painting><easel-painting src="samples/style-poppies.jpg" weight="2" mask="samples/photo-coffee.jpg"></easel-painting><easel-painting></easel-painting>`;
  await place(page, `<easel-canvas ${small}>${children}</easel-canvas>`);
  expect((await askedFor(page)).styles).toEqual([
    { image: PAINTING },
    { image: "samples/style-night-cafe.jpg", weight: 1 },
    { image: "samples/style-poppies.jpg", weight: 2, mask: "samples/photo-coffee.jpg" },
  ]);
  const same = await page.evaluate(async () => {
    const { element, asked } = window;
    const [one, other] = [new ImageData(8, 8), new Blob()];
    element.removeAttribute("painting");
    Object.assign(element.children[0], { image: one, mask: other, weight: 3 });
    await element.start();
    const [first] = asked.at(-1).styles;
    element.painting = [one, { image: other, weight: 4, mask: one }];
    await element.start();
    const { styles } = asked.at(-1);
    const children =
      first.image === one && first.mask === other && first.weight === 3 && !element.children[0].hasAttribute("src");
    return {
      children,
      given:
        styles.length === 2 &&
        styles[0].image === one &&
        styles[1].image === other &&
        styles[1].weight === 4 &&
        styles[1].mask === one,
    };
  });
  expect(same).toEqual({ children: true, given: true });
});

test("masked children paint, each in its region", async ({ page }) => {
  await place(
    page,
    `<easel-canvas photo="${PHOTO}" backend="cpu" preset="classic" size="32" iterations="2"><easel-painting src="${PAINTING}"></easel-painting></easel-canvas>`,
    { paint: true },
  );
  const width = await page.evaluate(async () => {
    const { element } = window;
    const mask = new OffscreenCanvas(32, 21);
    const context = mask.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, 16, 21);
    element.children[0].mask = mask;
    return (await element.start())?.width;
  });
  expect(width).toBe(32);
});

test("a form sends the finished picture, and resetting it shows the photo again", async ({ page }) => {
  await place(page, `<form id="order"><easel-canvas ${small} name="picture" alt="A cat"></easel-canvas></form>`, {
    paint: true,
  });
  const seen = await page.evaluate(async () => {
    const { element } = window;
    const form = document.getElementById("order");
    const sent = () => [...new FormData(form)].map(([name, file]) => [name, file.name, file.type, file.size > 100]);
    const before = sent();
    await element.start();
    const after = sent();
    form.reset();
    return {
      form: element.form === form,
      elements: [...form.elements].includes(element),
      before,
      after,
      reset: sent(),
    };
  });
  expect(seen).toEqual({
    form: true,
    elements: true,
    before: [],
    after: [["picture", "picture.png", "image/png", true]],
    reset: [],
  });
  await expect(page.getByRole("img", { name: "A cat (Not painted yet)" })).toBeVisible();
});

test("a page's style sheet reaches photo and painting by their parts", async ({ page }) => {
  await place(
    page,
    `<style>easel-canvas::part(photo) { opacity: 0.5 } easel-canvas::part(canvas) { opacity: 0.25 }</style><easel-canvas ${small}></easel-canvas>`,
  );
  const opacities = await page.evaluate(() =>
    [...window.element.shadowRoot.children].map((part) => [part.localName, getComputedStyle(part).opacity]),
  );
  expect(opacities).toEqual([
    ["img", "0.5"],
    ["canvas", "0.25"],
  ]);
});

test("a photo may be any picture, and is shown before it is painted", async ({ page }) => {
  await place(page, `<easel-canvas ${small} alt="A square"></easel-canvas>`);
  for (const kind of ["canvas", "bitmap", "image"]) {
    await page.evaluate(async (kind) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 20, height: 10 });
      canvas.getContext("2d").fillRect(0, 0, 20, 10);
      const image = Object.assign(new Image(), { src: canvas.toDataURL() });
      window.element.photo = { canvas, image, bitmap: kind === "bitmap" && (await createImageBitmap(canvas)) }[kind];
    }, kind);
    const shown = page.getByRole("img", { name: "A square (Not painted yet)" });
    await expect(shown).toBeVisible();
    await expect
      .poll(async () => (({ width, height }) => width / height)(await shown.boundingBox()), kind)
      .toBeCloseTo(2, 1);
  }
});

test("the painter is freed when the last element that uses it is disposed of, and made anew by the next start", async ({
  page,
}) => {
  await place(page, `<easel-canvas ${small}></easel-canvas><easel-canvas ${small}></easel-canvas>`, { paint: true });
  const both = (name) =>
    page.evaluate(
      (name) =>
        Promise.all(
          [...document.querySelectorAll("easel-canvas")].map(async (element) => (await element[name]())?.width),
        ),
      name,
    );
  expect(await both("start")).toEqual([32, 32]);
  await page.evaluate(() => window.element.dispose());
  expect(page.workers().length).toBe(1);
  await page.evaluate(() => document.querySelectorAll("easel-canvas")[1].dispose());
  await expect.poll(() => page.workers().length).toBe(0);
  expect(await both("start")).toEqual([32, 32]);
  expect(page.workers().length).toBe(1);
});

test("where the engine's parts are can be said for all elements, and for one", async ({ page }) => {
  await place(page, `<easel-canvas ${small}></easel-canvas><easel-canvas ${small} assets="/other/"></easel-canvas>`, {
    paint: true,
  });
  const asked = [];
  page.context().on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.route(/\/(?:some|other)\/engine\/worker\.js/, async (route) =>
    route.fulfill({ contentType: "text/javascript", body: `import "/engine/worker.js";` }),
  );
  await page.evaluate(async () => {
    window.EaselCanvas.places = { workerURL: "/some/engine/worker.js", wasm: "/easel_bg.wasm", weights: "/weights/" };
    await window.element.start();
    window.EaselCanvas.places = { wasm: "/easel_bg.wasm", weights: "/weights/" };
    await document.querySelectorAll("easel-canvas")[1].start();
  });
  expect(asked).toContain("/some/engine/worker.js");
  expect(asked).toContain("/other/engine/worker.js");
});

test("an element that is defined late takes what it was given before, and leaves the page's own addresses alone", async ({
  page,
}) => {
  await openBlank(page);
  const seen = await page.evaluate(
    async ({ photo, painting }) => {
      const address = URL.createObjectURL(await (await fetch(photo)).blob());
      const element = document.createElement("easel-canvas");
      const settings = { backend: "cpu", preset: "classic", size: 32, iterations: 1 };
      Object.assign(element, settings, { photo: address, painting });
      document.body.append(element);
      await import("/element.js");
      const shown = element.shadowRoot.querySelector("img");
      if (!shown.complete) await new Promise((resolve) => shown.addEventListener("load", resolve));
      const image = Object.assign(new Image(), { src: address });
      await image.decode();
      const result = await element.start();
      URL.revokeObjectURL(address);
      element.photo = image;
      return { width: result?.width, size: element.getAttribute("size"), shown: shown.naturalWidth > 0 };
    },
    { photo: PHOTO, painting: PAINTING },
  );
  expect(seen).toEqual({ width: 32, size: "32", shown: true });
  // An image whose address is no more is shown all the same.
  await expect(page.locator("easel-canvas canvas")).toBeVisible();
});
