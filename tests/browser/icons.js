#!/usr/bin/env node
// Draws www/icons/*.png from www/icon.svg, to be committed: run it when the drawing changes. With a site's address it
// also takes the two screenshots app shops show, of a painting really made there.
import { chromium } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const www = fileURLToPath(new URL("../../www/", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const svg = readFileSync(`${www}icon.svg`, "utf8");
const executablePath = execFileSync("./browser.sh", ["chromium"], { cwd: here, encoding: "utf8" }).trim();
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"] });
mkdirSync(`${www}icons`, { recursive: true });

async function draw(name, size, { share = 1, background = "transparent" } = {}) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const side = Math.round(size * share);
  await page.setContent(`<!doctype html><body style="margin:0;height:100vh;display:grid;place-items:center;background:${background}">${svg}`);
  await page.locator("svg").evaluate((element, px) => (element.style.width = element.style.height = `${px}px`), side);
  await page.screenshot({ path: `${www}icons/${name}`, omitBackground: true });
  await page.close();
}

/** One painting, seen on a wide and on a narrow screen. */
async function shoot(site) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5, serviceWorkers: "block" });
  await page.goto(new URL("?backend=cpu", site).href);
  await page.getByText("Ready. Press Paint.").waitFor();
  await page.locator("#size").selectOption("192");
  await page.locator("#iterations").fill("25");
  await page.getByRole("button", { name: "Paint", exact: true }).click();
  await page.getByText(/^Done in/).waitFor({ timeout: 1_800_000 });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${www}icons/wide.jpg`, quality: 80 });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${www}icons/narrow.jpg`, quality: 80 });
}

const site = process.argv[2];
if (!site) {
  await draw("icon-192.png", 192);
  await draw("icon-512.png", 512);
  // Platforms cut this one to their own shape: the drawing stays within the inner circle of 80 %.
  await draw("maskable-512.png", 512, { share: 0.9, background: "#1f4e79" });
} else {
  await shoot(site);
}
await browser.close();
