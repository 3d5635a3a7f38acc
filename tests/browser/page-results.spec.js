// Finished pictures: formats, colours, timelapse, sharing, and the gallery that keeps them.
import { test, expect, openBlank } from "./helpers.js";
import { dimensions, downloaded, figures, kept, openStudio, paint, saved, set } from "./studio.js";

test("a picture is kept with all it takes to paint it again, until it is deleted", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 3);
  await page.getByText("More settings").click();
  await page.getByLabel("Chance", { exact: true }).fill("7");
  await page.getByLabel("Starts from", { exact: true }).selectOption("noise");
  await page.getByRole("button", { name: "Add The Night Café to the mix" }).click();
  await page.getByLabel("Weight of The Night Café").fill("30");
  await paint(page);
  const first = await figures(page);
  const gallery = page.getByRole("region", { name: "Your pictures" });
  await expect(gallery.getByText(/Classic, 32 px, 3 iterations, seed 7 · 32 × 21 px · painted in/)).toBeVisible();

  await page.reload();
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  await gallery.getByRole("button", { name: /^Open Chelsea the cat/ }).click();
  await expect(page.getByRole("img", { name: "The painted picture" })).toBeVisible();
  expect((await saved(page)).name).toBe("Chelsea-the-cat-painted.png");
  await gallery.getByRole("button", { name: "Paint again" }).click();
  await expect(page.getByText(/^Done in/)).toBeVisible();
  // The same seed out of noise, the same two paintings with the same weights: the same loss to the last digit.
  expect(await figures(page)).toEqual(first);
  await expect(page.getByLabel("Weight of The Night Café")).toHaveValue("30");
  await expect(gallery.getByRole("button", { name: /^Open/ })).toHaveCount(2);
  // The photo and both paintings are kept once, though two pictures were made of them.
  expect((await kept(page)).pictures).toHaveLength(3);

  await gallery.getByRole("button", { name: "Delete" }).click();
  await expect(gallery.getByRole("button", { name: /^Open/ })).toHaveCount(1);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(gallery.getByRole("button", { name: /^Open/ })).toHaveCount(2);
  await expect(page.getByRole("button", { name: "Save picture" })).toBeVisible(); // it is seen again
  for (let left = 2; left > 0; left--) {
    await gallery.getByRole("button", { name: /^Open/ }).first().click();
    await gallery.getByRole("button", { name: "Delete" }).click();
    await expect(gallery.getByRole("button", { name: /^Open/ })).toHaveCount(left - 1);
  }
  await expect(gallery).toBeHidden();
  await page.reload();
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  await expect(gallery).toBeHidden();
  await expect.poll(async () => (await kept(page)).pictures).toEqual([]);
});

test("a picture that is deleted while it is being opened is not seen afterwards", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 1);
  await paint(page);
  await page.evaluate(() => {
    const { createImageBitmap } = window;
    const held = new Promise((go) => (window.goOn = go));
    window.createImageBitmap = async (...what) => {
      const bitmap = await createImageBitmap(...what);
      window.reads = true;
      await held;
      return bitmap;
    };
  });
  await page.getByRole("button", { name: /^Open Chelsea the cat/ }).click();
  await page.waitForFunction(() => window.reads);
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("The picture was deleted.")).toBeVisible();
  const sketch = page.getByRole("img", { name: "A quick sketch of the painting" });
  await expect(sketch).toBeVisible();
  await page.evaluate(() => new Promise((go) => setTimeout(go, 300, window.goOn()))); // it would be there by then
  await expect(sketch).toBeVisible({ timeout: 1 });
  await expect(page.getByRole("button", { name: "Save picture" })).toBeHidden();
});

test("PNG, JPEG and WebP are saved; the colours change over", async ({ page }) => {
  await openStudio(page);
  await set(page, 40, 5);
  await paint(page);
  const starts = { png: "89504e47", jpeg: "ffd8ff", webp: "52494646" };
  for (const [format, start] of Object.entries(starts)) {
    await page.getByLabel("File format").selectOption(`image/${format}`);
    const { bytes, name } = await saved(page);
    expect(bytes.toString("hex", 0, start.length / 2)).toBe(start);
    expect(name).toBe(`Chelsea-the-cat-painted.${format === "jpeg" ? "jpg" : format}`);
  }
  const pixels = () => page.evaluate(() => document.getElementById("canvas").toDataURL());
  const before = await pixels();
  const same = async () => (await pixels()) === before;
  await page.getByLabel("The photo’s", { exact: true }).check();
  await expect(page.getByText("In the photo’s colours.")).toBeVisible();
  await expect.poll(same).toBe(false);
  await page.getByLabel("The painting’s", { exact: true }).check();
  await expect.poll(same).toBe(true);
});

/** What a video element makes of a film: its size, its length, and whether it can be played to the end. */
async function play(page, bytes, type) {
  await openBlank(page); // the page itself shows no films: its policy allows none
  return page.evaluate(
    async ({ base64, type }) => {
      const video = Object.assign(document.createElement("video"), { muted: true });
      const event = (name) =>
        new Promise((resolve, reject) => {
          video.addEventListener(name, resolve, { once: true });
          video.addEventListener("error", () => reject(new Error(video.error.message)), { once: true });
        });
      const loaded = event("loadedmetadata");
      video.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type }));
      await loaded;
      const { videoWidth: width, videoHeight: height, duration } = video;
      const ended = event("ended");
      await video.play();
      await ended;
      const canvas = new OffscreenCanvas(1, 1).getContext("2d");
      canvas.drawImage(video, 0, 0, 1, 1);
      return { width, height, duration, shown: canvas.getImageData(0, 0, 1, 1).data.some((value, i) => i < 3 && value > 20) };
    },
    { base64: bytes.toString("base64"), type },
  );
}

for (const [where, prepare, ending, start] of [
  ["MP4", () => {}, "mp4", "66747970"],
  [
    "WebM where the browser encodes no H.264",
    () => {
      const { isConfigSupported } = VideoEncoder;
      VideoEncoder.isConfigSupported = (config) => (config.codec.startsWith("avc") ? Promise.resolve({ supported: false }) : isConfigSupported.call(VideoEncoder, config));
    },
    "webm",
    "1a45dfa3",
  ],
  [
    "WebM where its encoders fail one after another",
    () => {
      VideoEncoder.prototype.encode = () => {
        throw new DOMException("no", "EncodingError");
      };
    },
    "webm",
    "1a45dfa3",
  ],
  ["WebM where it has no encoder to call", () => delete window.VideoEncoder, "webm", "1a45dfa3"],
]) {
  test(`the timelapse is ${where}, has a length and plays`, async ({ page }) => {
    await page.addInitScript(prepare);
    await openStudio(page);
    await set(page, 48, 9);
    await page.getByLabel("Record a timelapse").check();
    await paint(page);
    const film = await downloaded(page, () => page.getByRole("button", { name: "Save timelapse" }).click());
    await expect(page.getByText("Timelapse saved.")).toBeVisible();
    expect(film.name).toBe(`Chelsea-the-cat-timelapse.${ending}`);
    expect(film.bytes.toString("hex", ending === "mp4" ? 4 : 0, ending === "mp4" ? 8 : 4)).toBe(start);
    const { duration, ...seen } = await play(page, film.bytes, `video/${ending}`);
    expect(seen).toEqual({ width: 48, height: 32, shown: true });
    // Every frame for 1/25 s, the last for more than a second.
    expect(duration).toBeGreaterThan(1.2);
    expect(duration).toBeLessThan(10);
  });
}

test("where no film can be made, none is offered", async ({ page }) => {
  await page.addInitScript(() => {
    delete window.VideoEncoder;
    delete window.MediaRecorder;
  });
  await openStudio(page);
  await expect(page.getByLabel("Record a timelapse")).toBeHidden();
});

test("where the browser shares files, the picture is shared", async ({ page }) => {
  await page.addInitScript(() => {
    navigator.canShare = ({ files }) => files.length === 1;
    navigator.share = async ({ files: [file] }) => (window.sharedFile = { name: file.name, type: file.type, size: file.size });
  });
  await openStudio(page);
  await set(page, 32, 1);
  await paint(page);
  await page.getByRole("button", { name: "Share" }).click();
  await expect(page.getByText("Shared.")).toBeVisible();
  expect(await page.evaluate(() => window.sharedFile)).toEqual({ name: "Chelsea-the-cat-painted.png", type: "image/png", size: expect.any(Number) });
});

test.describe("where the program cannot start", () => {
  test.use({ expectedErrors: [/easel_bg\.wasm|Failed to load resource/] });

  test("kept pictures are opened and saved all the same, and what their files lack is said", async ({ page }) => {
    await openStudio(page);
    await set(page, 32, 1);
    await paint(page);
    const whole = await saved(page);
    await expect(page.getByText("Saved.", { exact: true })).toBeVisible();
    await page.route("**/easel_bg.wasm", (route) => route.abort());
    await page.reload();
    await expect(page.getByText(/Easel could not start/)).toBeVisible();
    await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
    await page.getByRole("button", { name: /^Open Chelsea the cat/ }).click();
    await expect(page.getByRole("img", { name: "The painted picture" })).toBeVisible();
    const plain = await saved(page);
    await expect(page.getByText(/^Saved, but without the settings/)).toBeVisible();
    expect(plain.name).toBe(whole.name);
    expect(dimensions(plain.bytes)).toEqual([32, 21]);
    expect(plain.bytes.length).toBeLessThan(whole.bytes.length);
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByRole("button", { name: /^Open Chelsea the cat/ })).toHaveCount(1);
    await expect(page.locator("#error")).toBeHidden();
  });
});
