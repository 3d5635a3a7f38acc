#!/usr/bin/env node
// Takes the README's pictures of the page from dist/: `make screenshots`. On the CPU, so that they come out the same everywhere.
import { chromium } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import sirv from "sirv";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const serve = sirv(here("../../dist"));
const server = createServer((request, response) => serve(request, response, () => response.writeHead(404).end()));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({ executablePath: execFileSync(here("browser.sh"), ["chromium"], { encoding: "utf8" }).trim(), args: ["--no-sandbox", "--disable-background-networking", "--no-first-run"] });

async function open(options) {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/?backend=cpu`);
  await page.getByText("Ready. Press Paint.").waitFor();
  return page;
}
const wallOf = (page) => page.waitForFunction(() => document.querySelectorAll("#wall canvas:not([hidden])").length >= 10);
const shoot = (page, name) => page.screenshot({ path: here(`../../www/gallery/page-${name}.jpg`), type: "jpeg", quality: 82 });
const step = (page, number) =>
  page.waitForFunction((number) => Number(document.getElementById("figures").textContent.match(/\d+/)?.[0] ?? 0) >= number, number, { timeout: 300_000 });

const desk = await open({ viewport: { width: 1440, height: 900 } });
await desk.getByRole("button", { name: "Use Eileen Collins" }).click();
await desk.getByRole("button", { name: "Use The Church at Auvers" }).click();
await desk.getByRole("button", { name: "Add Poppies to the mix" }).click();
await wallOf(desk);
await desk.waitForTimeout(4000); // for the large sketch, and the wall in this photo
await shoot(desk, "wall");
await desk.getByRole("button", { name: "Use a cup of coffee" }).click();
await desk.getByRole("button", { name: "Use Café Terrace at Night" }).click();
await desk.waitForTimeout(4000);
await desk.locator("#paint").click();
await step(desk, 120);
await shoot(desk, "painting");

const phone = await open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2, colorScheme: "dark" });
await wallOf(phone);
await phone.waitForTimeout(3000);
await shoot(phone, "phone");
await browser.close();
server.close();
