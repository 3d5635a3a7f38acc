// What the browser tests share.
import { test as base, expect } from "@playwright/test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export { expect };

/** A file of tests/data or any other folder of the project. */
export const file = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const dataUrl = (relative) => `data:image/png;base64,${readFileSync(file(relative)).toString("base64")}`;

/** Every test fails on console errors, uncaught errors and requests to another origin. */
export const test = base.extend({
  expectedErrors: [[], { option: true }],
  page: async ({ page, expectedErrors, baseURL }, use) => {
    const errors = [];
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(baseURL) && !/^(data|blob):/.test(url)) errors.push(`request to ${url}`);
    });
    await use(page);
    expect(errors.filter((text) => !expectedErrors.some((pattern) => pattern.test(text)))).toEqual([]);
  },
});

/** Opens an otherwise empty page of the site, to drive the JS API from. */
export async function openBlank(page) {
  await page.route("**/blank.html", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>blank</title>" }));
  await page.goto("/blank.html");
}

/**
 * Runs one job through the JS API and returns what it said, the PNG's pixels included. What paints stays for the page's next jobs: opening
 * a device is what takes longest.
 */
export async function stylize(page, { backend, kernels, content, styles, config, stylesWeights = [] }) {
  const sources = { content: dataUrl(content), styles: styles.map(dataUrl) };
  return page.evaluate(
    async ({ backend, kernels, sources, config, stylesWeights }) => {
      const { Stylizer } = await import("/stylizer.js");
      const blob = async (url) => (await fetch(url)).blob();
      const opened = (window.opened ??= {});
      const stylizer = (opened[`${backend} ${kernels}`] ??= await Stylizer.create({ backend, kernels }));
      const styles = await Promise.all(
        sources.styles.map(async (url, i) => ({ image: await blob(url), weight: stylesWeights[i] ?? 1 })),
      );
      const job = stylizer.start({ content: await blob(sources.content), styles, config });
      const events = [];
      let previews = 0;
      job.addEventListener("progress", ({ detail: { preview, ...rest } }) => {
        if (preview) previews += 1;
        preview?.close();
        events.push(rest);
      });
      const { blob: png, width, height, report } = await job.finished;
      const bitmap = await createImageBitmap(png);
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      context.drawImage(bitmap, 0, 0);
      const painted = context.getImageData(0, 0, width, height).data;
      context.drawImage(await createImageBitmap(await blob(sources.content)), 0, 0, width, height);
      const photo = context.getImageData(0, 0, width, height).data;
      const sum = painted.reduce((total, value, i) => total + Math.abs(value - photo[i]), 0);
      return {
        device: stylizer.device,
        events,
        previews,
        report,
        png: { type: png.type, width: bitmap.width, height: bitmap.height, difference: sum / (width * height * 3) },
        said: { width, height },
      };
    },
    { backend, kernels, sources, config, stylesWeights },
  );
}
