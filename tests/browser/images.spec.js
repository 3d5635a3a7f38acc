// Odd and hostile picture files through the JS API and the page: the right picture, or a clear sentence, and
// everything goes on working. The valid files and what they show are shared with the native tests
// (tests/data/odd); the broken ones are made here.
import { readFileSync } from "node:fs";
import { test, expect, file, openBlank } from "./helpers.js";

const expected = JSON.parse(readFileSync(file("tests/data/odd/expected.json"), "utf8"));
const odd = (name) => readFileSync(file(`tests/data/odd/${name}`));
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

const bytes = (...parts) => Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));
const be = [0, 0, 0x4e, 0x20];
const le = [0x20, 0x4e, 0, 0];
const side16 = [0x4e, 0x20];
/** 20 000 × 20 000 pixels in a few bytes. */
const bombs = {
  png: bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", be, be, [8, 2, 0, 0, 0, 0, 0, 0, 0]),
  jpeg: bytes([0xff, 0xd8, 0xff, 0xc0, 0, 17, 8], side16, side16, [3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xff, 0xd9]),
  gif: bytes("GIF89a\x01\0\x01\0\0\0\0\x2c\0\0\0\0", [0x20, 0x4e, 0x20, 0x4e, 0, 2, 1, 0, 0, 0x3b]),
  webp: bytes("RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0", [0x1f, 0x4e, 0, 0x1f, 0x4e, 0]),
  bmp: bytes("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", le, le, [1, 0, 24, 0], new Array(24).fill(0)),
  avif: bytes("\0\0\0\x10ftypavif\0\0\0\0\0\0\0\x30meta\0\0\0\0\0\0\0\x24iprp\0\0\0\x1cipco\0\0\0\x14ispe\0\0\0\0", be, be),
};
const noPictures = {
  empty: [bytes(""), "is empty"],
  text: [bytes("Dear reader,\nthis is not a picture.\n"), "text file"],
  svg: [bytes('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="9" height="9"/></svg>'), "SVG drawing; save it as PNG"],
  heic: [bytes("\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\0"), "HEIC photo"],
  tiff: [odd("picture.tif"), "TIFF"],
  cut: [odd("progressive.jpg").subarray(0, 400), "cut short"],
  halfPng: [odd("alpha.png").subarray(0, 90), "cut short"],
  flippedPng: [Buffer.from(odd("alpha.png").map((byte, i) => (i === 60 ? byte ^ 1 : byte))), "checksum"],
  damaged: [Buffer.concat([odd("lossy.webp").subarray(0, 26), Buffer.alloc(126, 0x5a)]), "damaged"],
};

/** Prepares the page: `window.blobOf`, a stylizer, and `window.outcome`. */
async function open(page) {
  await openBlank(page);
  await page.evaluate(async () => {
    const { Stylizer } = await import("/stylizer.js");
    window.blobOf = async (text, type = "") => new Blob([await (await fetch(`data:;base64,${text}`)).arrayBuffer()], { type });
    window.stylizer = await Stylizer.create({ backend: "cpu" });
    window.outcome = (promise) => promise.then(() => "worked", (error) => `${error.name}: ${error.message}`);
    const image = new ImageData(40, 40);
    window.paint = (content, config = {}) =>
      window.stylizer.start({ content, styles: [{ image }], config: { preset: "classic", size: 32, minSize: 32, iterations: 1, ...config } }).finished;
    window.pixelsOf = (bitmap) => {
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      context.fillStyle = "white";
      context.fillRect(0, 0, bitmap.width, bitmap.height);
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
    };
  });
}

test("every odd but valid file shows its four quarters, as it does natively", async ({ page }) => {
  await open(page);
  const { width, height, points, files } = expected;
  let seen = 0;
  for (const [name, { colours, tolerance, only }] of Object.entries(files)) {
    if (only === "native") continue;
    // Without a name or type: only the content counts.
    const found = await page.evaluate(
      async ({ data, points }) => {
        const bitmap = await window.stylizer.decode(await window.blobOf(data));
        const pixels = window.pixelsOf(bitmap);
        const at = ([x, y]) => [...pixels.slice(4 * (y * bitmap.width + x)).slice(0, 3)];
        return { width: bitmap.width, height: bitmap.height, colours: points.map(at) };
      },
      { data: base64(odd(name)), points },
    );
    expect(found, name).toMatchObject({ width, height });
    const apart = found.colours.flatMap((colour, i) => colour.map((value, c) => Math.abs(value - colours[i][c])));
    expect(Math.max(...apart), `${name}: ${JSON.stringify(found.colours)}`).toBeLessThanOrEqual(tolerance);
    seen += 1;
  }
  expect(seen).toBe(Object.values(files).filter(({ only }) => only !== "native").length);
  expect(seen).toBeGreaterThanOrEqual(28);
});

test("all eight orientations are painted alike: the same size and nearly the same first loss", async ({ page }) => {
  await open(page);
  const sizes = [];
  for (let orientation = 1; orientation <= 8; orientation++) {
    const painted = await page.evaluate(
      async (data) => {
        const { width, height, report } = await window.paint(await window.blobOf(data), { init: "noise" });
        return { width, height, content: report.scales[0].first.content };
      },
      base64(odd(`orientation-${orientation}.jpg`)),
    );
    sizes.push(painted);
  }
  for (const { width, height, content } of sizes) {
    expect({ width, height }).toEqual({ width: 32, height: 24 });
    expect(Math.abs(content / sizes[0].content - 1)).toBeLessThan(0.02);
  }
});

test("headers of 20 000 × 20 000 pixels and files that are no pictures are refused with sentences", async ({ page }) => {
  await open(page);
  const refuse = (content) =>
    page.evaluate(async (data) => {
      const blob = await window.blobOf(data, "image/png");
      return [await window.outcome(window.stylizer.decode(blob, { name: "photo.png" })), await window.outcome(window.paint(blob))];
    }, base64(content));
  for (const [name, bomb] of Object.entries(bombs)) {
    for (const said of await refuse(bomb)) expect(said, name).toMatch(/20000 × 20000 pixels.*smaller.*\.$/);
  }
  for (const [name, [content, says]] of Object.entries(noPictures)) {
    const [decoded, painted] = await refuse(content);
    expect(decoded, name).toContain("photo.png");
    for (const said of [decoded, painted]) {
      expect(said, name).toContain(says);
      expect(said, name).toMatch(/^Error: .*[^.]\.$/);
    }
  }
  // The stylizer goes on as if nothing had happened.
  expect(await page.evaluate(async (data) => window.outcome(window.paint(await window.blobOf(data))), base64(odd("alpha.png")))).toBe("worked");
});

test("files cut or damaged anywhere give the whole picture or a sentence, and the worker lives", async ({ page }) => {
  await open(page);
  const names = ["alpha.png", "palette.png", "progressive.jpg", "orientation-6.jpg", "animated.gif", "lossy.webp", "animated.webp", "picture.bmp"];
  for (const name of names) {
    const results = await page.evaluate(async (data) => {
      const whole = new Uint8Array(await (await window.blobOf(data)).arrayBuffer());
      const right = window.pixelsOf(await window.stylizer.decode(new Blob([whole])));
      const results = { cut: [], other: [], flipped: [] };
      const decode = async (bytes) => {
        try {
          return await window.stylizer.decode(new Blob([bytes]));
        } catch (error) {
          return String(error.message ?? error);
        }
      };
      for (let i = 1; i <= 24; i++) {
        const length = Math.floor((whole.length * i) / 25);
        const seen = await decode(whole.slice(0, length));
        if (typeof seen === "string") results.cut.push(seen);
        else if (window.pixelsOf(seen).some((value, k) => value !== right[k])) results.other.push(length);
        const flipped = whole.slice();
        flipped[length] ^= 1 << i % 8;
        const found = await decode(flipped);
        results.flipped.push(typeof found === "string" ? found : "decoded");
      }
      return results;
    }, base64(odd(name)));
    expect(results.other, `${name} cut at these lengths shows another picture`).toEqual([]);
    // Of an animation only the first picture has to be there.
    expect(results.cut.length, name).toBeGreaterThan(name === "animated.gif" ? 12 : 20);
    for (const said of [...results.cut, ...results.flipped]) expect(said, name).toMatch(/^(decoded|.{20,}[^.]\.)$/);
  }
  expect(await page.evaluate(async (data) => window.outcome(window.paint(await window.blobOf(data))), base64(odd("alpha.png")))).toBe("worked");
});

test("extreme shapes: 1 × 1 is painted, 1 × 4000 is refused with a way on", async ({ page }) => {
  await open(page);
  const said = await page.evaluate(async () => {
    const make = async (w, h) => {
      const canvas = new OffscreenCanvas(w, h);
      canvas.getContext("2d").fillRect(0, 0, w, h);
      return canvas.convertToBlob();
    };
    return { dot: await window.outcome(window.paint(await make(1, 1))), line: await window.outcome(window.paint(await make(1, 4000))), tall: await window.outcome(window.paint(await make(4000, 1))) };
  });
  expect(said.dot).toBe("worked");
  expect(said.line).toMatch(/1 × 32 pixels.*Choose a larger size or a less narrow photo\.$/);
  expect(said.tall).toMatch(/32 × 1 pixels.*Choose a larger size or a less narrow photo\.$/);
});

test("settings travel inside PNG, JPEG and WebP files and come back word for word", async ({ page }) => {
  await open(page);
  const results = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(48, 32);
    const context = canvas.getContext("2d");
    for (let i = 0; i < 48; i++) {
      context.fillStyle = `hsl(${i * 7} 80% 50% / ${1 - i / 100})`;
      context.fillRect(i, 0, 1, 32);
    }
    const settings = { config: (await window.stylizer.settings()).defaults, title: "“<&>\" Größe \u2028 🎨", weights: [1, 0.1 + 0.2] };
    const results = [];
    for (const type of ["image/png", "image/jpeg", "image/webp"]) {
      const plain = await canvas.convertToBlob({ type });
      const saved = await window.stylizer.embed(plain, settings);
      const again = await window.stylizer.embed(saved, { seed: 1 });
      const pixels = async (blob) => window.pixelsOf(await createImageBitmap(blob));
      const [before, after] = [await pixels(plain), await pixels(saved)];
      results.push({
        type: saved.type,
        before: await window.stylizer.readSettings(plain),
        same: JSON.stringify(await window.stylizer.readSettings(saved)) === JSON.stringify(settings),
        replaced: await window.stylizer.readSettings(again),
        pixels: before.length > 0 && before.every((value, i) => value === after[i]),
        grew: saved.size - plain.size,
      });
    }
    const refused = await window.outcome(window.stylizer.embed(new Blob(["GIF89a"]), settings));
    const nothing = await window.stylizer.readSettings(new Blob(["{}"]));
    return { results, refused, nothing };
  });
  expect(results.results.map(({ type }) => type)).toEqual(["image/png", "image/jpeg", "image/webp"]);
  for (const { type, before, same, replaced, pixels, grew } of results.results) {
    expect({ before, same, replaced, pixels }, type).toEqual({ before: null, same: true, replaced: { seed: 1 }, pixels: true });
    expect(grew, type).toBeLessThan(4000);
  }
  expect(results.refused).toMatch(/only in a whole PNG, JPEG or WebP file/);
  expect(results.nothing).toBeNull();
});

test("the page says the same sentences, and takes the next picture", async ({ page }) => {
  await page.goto("/?backend=cpu");
  const photo = page.locator("#photo");
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  const give = (buffer, name) => photo.setInputFiles({ name, mimeType: "image/png", buffer });
  for (const [name, [content, says]] of Object.entries(noPictures)) {
    await give(content, `${name}.png`);
    await expect(page.getByRole("alert"), name).toContainText(says);
    await expect(page.getByRole("alert"), name).toContainText(`${name}.png`);
  }
  await give(bombs.jpeg, "bomb.jpg");
  await expect(page.getByRole("alert")).toContainText("20000 × 20000 pixels");
  await give(odd("orientation-6.jpg"), "upright.jpg");
  await expect(page.getByAltText("The chosen photo: upright.jpg")).toBeVisible();
  await expect(page.getByRole("alert")).toBeHidden();
});
