// Easel without a connection, and its updates. Only here and in deploy.spec.js are service workers allowed.
import AxeBuilder from "@axe-core/playwright";
import { createHash } from "node:crypto";
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, file } from "./helpers.js";
import { dist, paintSmall, savedPicture, test } from "./site.js";

test.use({ serviceWorkers: "allow" });

const keptOffline = (page) => expect(page.getByText("Easel now works without a connection.")).toBeVisible();
/** What the caches hold ("files", "weights", "shared"), as addresses from the folder on. */
const caches = (page) =>
  page.evaluate(async () => {
    const here = new URL("./", location.href);
    const held = {};
    for (const name of await window.caches.keys()) {
      const keys = await (await window.caches.open(name)).keys();
      held[name.split(" ")[1]] = keys.map(({ url }) => url.slice(here.href.length)).sort();
    }
    return held;
  });

/** Which version a page is of, and where its service workers are; what went wrong, while it is being reloaded. */
const look = (page) =>
  page
    .evaluate(async () => {
      const { installing, waiting, active } = await navigator.serviceWorker.getRegistration();
      const version = getComputedStyle(document.documentElement).getPropertyValue("--version");
      const served = await (await fetch("style/base.css")).text();
      return {
        version,
        workers: [installing, waiting, active].map((worker) => worker?.state),
        isServed: served.includes("--version"),
        loaded: document.readyState,
      };
    })
    .catch((error) => error.message);

/** Paints in one pass, by the engine the page has; with a vector given nothing but the transformer is needed. */
const instantPicture = (page) =>
  page.evaluate(async () => {
    const { Stylizer } = await import("./stylizer.js");
    const stylizer = await Stylizer.create({ backend: "cpu" });
    const picture = await stylizer.instant({ content: new ImageData(32, 32), styles: [{ vector: Array(100).fill(0) }], size: 32 });
    stylizer.dispose();
    return picture.width;
  });

test("dist/ carries a true list of what to keep", async () => {
  const list = JSON.parse((await readFile(join(dist, "precache.js"), "utf8")).match(/^self\.precache = (.*);\s*$/s)[1]);
  for (const [path, hash] of Object.entries(list.files)) {
    const bytes = await readFile(join(dist, path === "./" ? "index.html" : decodeURI(path)));
    expect(createHash("sha256").update(bytes).digest("base64"), path).toBe(hash);
  }
  const program = ["./", "page/app.js", "engine/worker.js", "easel.js", "easel_bg.wasm", "weights/manifest.json"];
  expect(Object.keys(list.files)).toEqual(expect.arrayContaining([...program, "samples/photo-chelsea.jpg", "icon.svg", "manifest.webmanifest"]));
  const { shards, instant } = JSON.parse(await readFile(join(dist, "weights/manifest.json"), "utf8"));
  const paths = (set) => set.map((shard) => `weights/${shard.file}`);
  expect(list.weights).toEqual([...paths(instant.transformer.shards), ...paths(shards)]);
  expect(list.later).toEqual(paths(instant.predictor.shards));
  expect(Object.keys(list.files)).toContain("engine/vectors.json");
});

test("after a first visit Easel opens, paints and saves without a connection", async ({ page, context, site }) => {
  const foreign = [];
  context.on("request", (request) => {
    if (!request.url().startsWith(site.url) && !/^(blob|data):/.test(request.url())) foreign.push(request.url());
  });
  site.list();
  await page.goto("./?backend=cpu");
  await keptOffline(page);
  await context.setOffline(true);
  await site.stop(); // service workers do not always know of setOffline
  await page.reload();
  const { width, height } = await paintSmall(page);
  expect(await savedPicture(page)).toEqual([width, height]);
  // Every sample is there too.
  const missing = await page.evaluate(async () => {
    const { samples } = await import("./page/pictures/samples.js");
    const files = [...samples.photos, ...samples.paintings].map((file) => `samples/${file}`);
    const found = await Promise.all(files.map((path) => fetch(path).then(({ ok }) => ok, () => false)));
    return files.filter((_, i) => !found[i]);
  });
  expect(missing).toEqual([]);
  expect(foreign).toEqual([]);
});

test("a run's weights are kept when they are first fetched, and a damaged copy is replaced", async ({ page, context, site }) => {
  // A connection on which nothing is fetched ahead.
  await context.addInitScript(() => Object.defineProperty(navigator, "connection", { value: { saveData: true } }));
  site.list();
  await page.goto("./?backend=cpu");
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
  const ahead = ((await caches(page)).weights ?? []).filter((path) => !path.includes("transformer")); // which the sketch fetches
  expect(ahead).toEqual([]);
  await paintSmall(page);
  await instantPicture(page);
  await keptOffline(page); // said as soon as it is true
  const { weights } = await caches(page);
  expect(weights.map((path) => path.match(/^weights\/(\w+)/)[1])).toEqual(["transformer", ...Array(4).fill("vgg19")]);

  await page.evaluate(async (path) => {
    const cache = await window.caches.open((await window.caches.keys()).find((name) => name.startsWith("easel weights")));
    await cache.put(new URL(path, location.href), new Response(new Uint8Array(1000)));
  }, weights[1]);
  const before = site.requests.length;
  await page.reload();
  await paintSmall(page);
  expect(site.requests.slice(before).filter((path) => path.endsWith(".bin"))).toEqual([`/${weights[1]}`]);
  await context.setOffline(true);
  await site.stop();
  await page.reload();
  await paintSmall(page);
});

test("the predictor, which few paintings need, is fetched ahead behind all others and delays nothing", async ({ page, site }) => {
  site.intercept = (path) => path.includes("predictor"); // no answer, ever
  site.list();
  await page.goto("./?backend=cpu");
  await keptOffline(page);
  expect((await caches(page)).weights.length).toBe(5);
  await expect.poll(() => site.requests.filter((path) => path.endsWith(".bin")).at(-1)).toContain("predictor");
});

test("a new version is fetched, asked about, and taken when the visitor agrees; weights stay", async ({ page, context, site }) => {
  await writeFile(join(site.folder, "old.txt"), "in the first version only");
  site.list();
  await page.goto("./?backend=cpu");
  await keptOffline(page);
  await expect.poll(async () => (await caches(page)).weights.length, "the predictor comes last").toBe(6);
  const old = await caches(page);
  const other = await context.newPage();
  await other.goto(site.url);
  await expect(other.locator("#offline")).toBeVisible();

  await appendFile(join(site.folder, "style/base.css"), "\n:root { --version: 2; }\n");
  await rm(join(site.folder, "old.txt"));
  site.list();
  const before = site.requests.length;
  const version = (where) => where.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--version"));
  await page.reload();
  const notice = page.getByRole("complementary", { name: "New version" });
  await expect(notice).toBeVisible();
  await expect(notice.getByRole("status")).toHaveText(/new version of Easel is ready/i);
  expect((await new AxeBuilder({ page }).include("aside").analyze()).violations).toEqual([]);
  // Nothing was forced, and only what changed was fetched.
  expect(await version(page)).toBe("");
  const fetched = site.requests.slice(before).filter((path) => !/\/(sw|precache)\.js$/.test(path));
  expect(fetched).toEqual(["/style/base.css"]);

  await notice.getByRole("button", { name: "Later" }).click();
  await expect(notice).toBeHidden();
  await expect(page.locator("#viewport")).toBeFocused();
  await page.reload();
  expect(await version(page)).toBe("");
  await notice.getByRole("button", { name: "Reload" }).click();
  await expect.poll(() => look(page)).toMatchObject({ version: "2" });
  await expect(notice).toBeHidden();
  // The other tab keeps what it has until it is told to reload.
  expect(await version(other)).toBe("");
  await expect(other.getByRole("complementary", { name: "New version" })).toBeVisible();

  await expect
    .poll(async () => (await caches(page)).files.filter((path) => /^(style\/base\.css|old\.txt)/.test(path)).length)
    .toBe(1);
  const now = await caches(page);
  expect(now.weights).toEqual(old.weights);
  expect(now.files.find((path) => path.startsWith("page/app.js"))).toBe(old.files.find((path) => path.startsWith("page/app.js")));
  expect(site.requests.slice(before).filter((path) => path.endsWith(".bin"))).toEqual([]);
});

test("a version that was put off is offered again after a day, and where another tab took it", async ({ page, context, site }) => {
  await page.clock.install();
  site.list();
  await page.goto("./?backend=cpu");
  await keptOffline(page);
  const other = await context.newPage();
  await other.goto(site.url);
  await expect(other.locator("#offline")).toBeVisible();
  const offers = [page, other].map((tab) => tab.getByRole("complementary", { name: "New version" }));
  const putOff = async () => {
    for (const offer of offers) {
      await offer.getByRole("button", { name: "Later" }).click();
      await expect(offer).toBeHidden();
    }
  };

  await appendFile(join(site.folder, "style/base.css"), "\n:root { --version: 2; }\n");
  site.list();
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await putOff();
  await page.clock.fastForward("23:00:00");
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  for (const offer of offers) await expect(offer).toBeHidden();
  await page.clock.fastForward("01:30:00");
  await putOff();

  // Yet another version is another question.
  await appendFile(join(site.folder, "style/base.css"), "\n:root { --version: 3; }\n");
  site.list();
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await offers[1].getByRole("button", { name: "Later" }).click();
  await expect(offers[1]).toBeHidden();
  await offers[0].getByRole("button", { name: "Reload" }).click();
  await expect(offers[1]).toBeVisible();
  await expect(offers[0]).toBeHidden();
  await other.close();
});

test("a page of the version before gets its own program until another tab takes the new one; then it is told to reload", async ({ page, context, site }) => {
  site.list();
  await page.goto("./?backend=cpu");
  await keptOffline(page);
  const other = await context.newPage();
  await other.goto(`${site.url}?backend=cpu`);
  await expect(other.locator("#offline")).toBeVisible();
  /** Starts another worker from the page's own modules, as after a failure. */
  const startWorker = () =>
    other.evaluate(async () => {
      const { Stylizer } = await import("./engine/stylizer.js");
      try {
        (await Stylizer.create({ backend: "cpu" })).dispose();
        return "started";
      } catch ({ code, message }) {
        return `${code}: ${message}`;
      }
    });

  await appendFile(join(site.folder, "engine/worker.js"), "\n// Another program.\n");
  site.list();
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  const offers = [page, other].map((tab) => tab.getByRole("complementary", { name: "New version" }));
  for (const offer of offers) await expect(offer).toBeVisible();
  expect(await startWorker()).toBe("started"); // the new one is there, and the old one in use
  await offers[0].getByRole("button", { name: "Reload" }).click();
  await expect(offers[0]).toBeHidden();
  await expect(page.getByText("Ready. Press Paint.")).toBeVisible();
  expect(await startWorker()).toMatch(/^version: .*[Rr]eload/);
  await offers[1].getByRole("button", { name: "Reload" }).click();
  await expect(offers[1]).toBeHidden();
  await expect(other.getByText("Ready. Press Paint.")).toBeVisible();
  expect(await startWorker()).toBe("started");
  await other.close();
});

for (const [connection, asked] of [
  [undefined, "weights kept?"],
  [{ type: "wifi" }, "weights kept?"],
  [{ effectiveType: "4g", saveData: true }, "weights kept?"],
  [{ effectiveType: "3g", saveData: false }, "weights kept?"],
  [{ effectiveType: "4g", saveData: false, type: "cellular" }, "weights kept?"],
  [{ effectiveType: "4g", saveData: false }, "keep weights"],
  [{ effectiveType: "4g", saveData: false, type: "wifi" }, "keep weights"],
]) {
  test(`on a connection that says ${JSON.stringify(connection) ?? "nothing"} the page asks: "${asked}"`, async ({ page, context, site }) => {
    await context.addInitScript((value) => {
      Object.defineProperty(navigator, "connection", { value });
      window.told = [];
      const { postMessage } = ServiceWorker.prototype;
      ServiceWorker.prototype.postMessage = function (message) {
        window.told.push(message);
        postMessage.call(this, message);
      };
    }, connection);
    site.list();
    await page.goto("./?backend=cpu");
    await expect.poll(() => page.evaluate(() => window.told)).toEqual([asked]);
  });
}

test("a file that is not the one listed is never kept", async ({ page, site }) => {
  site.list();
  await appendFile(join(site.folder, "samples/photo-rocket.jpg"), "half a deployment");
  await page.goto("./?backend=cpu");
  const state = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.register("./sw.js");
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    while (worker && !["redundant", "activated"].includes(worker.state)) await new Promise((resolve) => (worker.onstatechange = resolve));
    return worker?.state ?? "redundant";
  });
  expect(state).toBe("redundant");
  expect((await caches(page)).files.some((path) => path.endsWith("/samples/photo-rocket.jpg"))).toBe(false);
  await paintSmall(page); // the page works as it would without a service worker
});

/** Does what the system's share sheet does, as the manifest says. */
async function sharePicture(page) {
  const bytes = (await readFile(file("tests/data/a_content.png"))).toString("base64");
  await page.evaluate((base64) => {
    const form = Object.assign(document.createElement("form"), { action: "share", method: "POST", enctype: "multipart/form-data" });
    const input = Object.assign(document.createElement("input"), { type: "file", name: "pictures" });
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], "shared söß.png", { type: "image/png" }));
    input.files = transfer.files;
    form.append(input);
    document.body.append(form);
    form.submit();
  }, bytes);
}

test("a picture shared to the installed app is the photo", async ({ page, site }) => {
  site.list();
  await page.goto("./?backend=cpu");
  await keptOffline(page);
  await sharePicture(page);
  await expect(page.getByAltText(/shared söß\.png/)).toBeVisible();
  expect(new URL(page.url()).search).toBe("");
  expect((await caches(page)).shared).toEqual([]);
});

test("a picture shared to the installed app on a full disk: the page opens and says so", async ({ page, context, site }) => {
  site.list();
  await page.goto("./?backend=cpu");
  await keptOffline(page);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(site.url).origin, quotaSize: 1000 });
  await sharePicture(page);
  await expect(page.getByText(/A shared picture could not be taken over/)).toBeVisible();
  expect(new URL(page.url()).search).toBe("");
  await expect(page.getByAltText(/Chelsea the cat/)).toBeVisible(); // and it is as it always is
});

test("a picture opened with the installed app is the photo", async ({ page, context, site }) => {
  site.list();
  await context.addInitScript(() => {
    const getFile = async () => {
      const canvas = new OffscreenCanvas(40, 30);
      canvas.getContext("2d").fillRect(0, 0, 20, 20);
      return new File([await canvas.convertToBlob()], "opened.png", { type: "image/png" });
    };
    const launchQueue = { setConsumer: (consume) => consume({ files: [{ getFile }] }) };
    Object.defineProperty(window, "launchQueue", { value: launchQueue });
  });
  await page.goto("./?backend=cpu");
  await expect(page.getByAltText(/opened\.png/)).toBeVisible();
});

test("Chromium would install it; the manifest's pictures are there, of the sizes it says", async ({ page, context }) => {
  await page.goto("./?backend=cpu");
  const devtools = await context.newCDPSession(page);
  expect((await devtools.send("Page.getAppManifest")).errors).toEqual([]);
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // Tests run in private windows, where nothing is ever installed.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual([]);
  const wrong = await page.evaluate(async () => {
    const link = document.querySelector('link[rel="manifest"]');
    const manifest = await (await fetch(link.href)).json();
    const problems = [];
    for (const { src, sizes } of [...manifest.icons, ...manifest.screenshots]) {
      if (sizes === "any") continue;
      const image = new Image();
      image.src = new URL(src, link.href);
      await image.decode().catch(() => problems.push(`${src} is missing`));
      if (`${image.naturalWidth}x${image.naturalHeight}` !== sizes) problems.push(`${src}: ${image.naturalWidth}x${image.naturalHeight}`);
    }
    for (const name of ["start_url", "scope"]) if (manifest[name] !== "./") problems.push(name);
    return problems;
  });
  expect(wrong).toEqual([]);
});
