// The network's weights over bad connections: fetched again, always verified, counted honestly.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "./helpers.js";
import { openFaulty, quick } from "./faults.js";
import { dist, test } from "./site.js";

const manifest = JSON.parse(readFileSync(join(dist, "weights/manifest.json"), "utf8"));
const shards = manifest.shards.map(({ file }) => file);
const bad = shards[2];
const bytes = readFileSync(join(dist, "weights", bad));
const flipped = Buffer.from(bytes);
flipped[1_000_000] ^= 1;
const send = (status, body) => (response) => response.writeHead(status, { "Content-Length": body.length }).end(body);

/** How an answer can be wrong. */
const faults = {
  missing: send(404, Buffer.alloc(0)),
  "failing with 500": send(500, Buffer.from("oops")),
  "partial without being asked": (response) => response.writeHead(206, { "Content-Range": `bytes 0-999/${bytes.length}` }).end(bytes.subarray(0, 1000)),
  truncated: send(200, bytes.subarray(0, 2_000_000)),
  "too long": send(200, Buffer.concat([bytes, bytes])),
  "altered by one bit": send(200, flipped),
  "cut off in the middle": (response) => {
    response.writeHead(200, { "Content-Length": bytes.length });
    response.write(bytes.subarray(0, 1_500_000), () => setTimeout(() => response.destroy(), 50));
  },
};

test.use({ expectedErrors: [/Failed to load resource/] });

/** Opens the stylizer and notes every progress of the download. */
async function open(page) {
  await openFaulty(page);
  await page.evaluate(async () => {
    await window.open("cpu");
    window.counts = [];
    window.stylizer.addEventListener("status", ({ detail }) => detail.stage === "weights" && window.counts.push([detail.loadedBytes, detail.totalBytes]));
    window.prepare = () =>
      window.stylizer.prepare().then(
        () => "ready",
        (error) => error.message,
      );
  });
}

async function expectHonestCounts(page) {
  const counts = await page.evaluate(() => window.counts);
  for (const [loaded, total] of counts) {
    expect(total).toBe(manifest.bytes);
    expect(loaded).toBeGreaterThanOrEqual(0);
    expect(loaded).toBeLessThanOrEqual(total);
  }
  return counts;
}

for (const [name, answer] of Object.entries(faults)) {
  test(`a shard that is ${name} once is fetched again`, async ({ page, site }) => {
    let times = 0;
    site.intercept = (path, response) => path.endsWith(bad) && ++times === 1 && (answer(response), true);
    await open(page);
    expect(await page.evaluate(() => window.prepare())).toBe("ready");
    expect(times).toBe(2);
    const counts = await expectHonestCounts(page);
    expect(counts.at(-1)[0]).toBe(manifest.bytes);
    const outcome = await page.evaluate((config) => window.begin(config).outcome, { ...quick, iterations: 1 });
    expect(outcome.iterations).toEqual([1]);
  });
}

for (const name of ["failing with 500", "altered by one bit"]) {
  test(`a shard that is ${name} for ever is said; the next job fetches only what is missing`, async ({ page, site }) => {
    site.intercept = (path, response) => path.endsWith(bad) && (faults[name](response), true);
    await open(page);
    const message = await page.evaluate((config) => window.begin(config).outcome.then(({ error }) => error), { ...quick, iterations: 1 });
    expect(message).toContain(bad);
    const counts = await expectHonestCounts(page);
    expect(counts.at(-1)[0]).toBe(manifest.bytes - bytes.length); // what is kept, no more
    const before = site.requests.length;
    site.intercept = null;
    const outcome = await page.evaluate((config) => window.begin(config).outcome, { ...quick, iterations: 1 });
    expect(outcome.iterations).toEqual([1]);
    expect(site.requests.slice(before).filter((path) => path.endsWith(".bin"))).toEqual([`/weights/${bad}`]);
  });
}

test("a manifest that is another page's HTML once is fetched again", async ({ page, site }) => {
  let times = 0;
  site.intercept = (path, response) => path.endsWith("manifest.json") && ++times === 1 && (send(200, Buffer.from("<h1>Log in</h1>"))(response), true);
  await open(page);
  expect(await page.evaluate(() => window.prepare())).toBe("ready");
});

test("a connection that stalls is given up and tried again", async ({ page, site }) => {
  let times = 0;
  site.intercept = (path, response) => {
    if (!path.endsWith(bad) || ++times > 1) return false;
    response.writeHead(200, { "Content-Length": bytes.length });
    response.write(bytes.subarray(0, 1000)); // and nothing more
    return true;
  };
  await page.route("**/weights.js", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/STALL_MILLIS ?= ?\w+/, "STALL_MILLIS=5000");
    expect(body).toContain("STALL_MILLIS=5000");
    await route.fulfill({ response, body });
  });
  await open(page);
  expect(await page.evaluate(() => window.prepare())).toBe("ready");
  expect(times).toBe(2);
  await expectHonestCounts(page);
});

test("a slow connection: progress comes bit by bit", async ({ page, site }) => {
  site.intercept = (path, response) => {
    if (!path.endsWith(bad)) return false;
    response.writeHead(200, { "Content-Length": bytes.length });
    let sent = 0;
    const more = () => {
      response.write(bytes.subarray(sent, (sent += 500_000)));
      if (sent < bytes.length) setTimeout(more, 60);
      else response.end();
    };
    more();
    return true;
  };
  await open(page);
  expect(await page.evaluate(() => window.prepare())).toBe("ready");
  const counts = await expectHonestCounts(page);
  expect(counts.length).toBeGreaterThan(8);
});

test("offline in mid-download: a sentence; online again: the rest is fetched", async ({ page, site, context }) => {
  let held;
  const arrived = new Promise((resolve) => {
    site.intercept = (path, response) => path.endsWith(bad) && (resolve(), (held = response), true);
  });
  await open(page);
  const failed = page.evaluate(() => window.prepare());
  await arrived;
  await expect.poll(() => page.evaluate(() => window.counts.at(-1)?.[0])).toBe(manifest.bytes - bytes.length);
  site.intercept = (path, response) => (response.destroy(), true); // setOffline alone leaves workers online
  await context.setOffline(true);
  held.destroy();
  expect(await failed).toContain("Check the connection");
  await context.setOffline(false);
  site.intercept = null;
  const before = site.requests.length;
  expect(await page.evaluate(() => window.prepare())).toBe("ready");
  expect(site.requests.slice(before).filter((path) => path.endsWith(".bin"))).toEqual([`/weights/${bad}`]);
});
