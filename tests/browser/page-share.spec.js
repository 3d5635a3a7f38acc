// Sharing and comparing: links that carry settings, before and after in one picture, the clipboard; and two second thoughts.
import { test, expect, file } from "./helpers.js";
import { dimensions, downloaded, figures, openStudio, paint, paintButton, set, settingsOf } from "./studio.js";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

const copied = (page) => page.evaluate(() => navigator.clipboard.readText());

test("a link carries settings and samples to another page, and leaves its address", async ({ page, context }) => {
  await openStudio(page);
  await set(page, 96, 7, "bold");
  await page.getByLabel("Style strength").fill("-0.4");
  await page.getByText("More settings").click();
  await page.locator("#knob-seed").fill("12");
  await page.locator("#knob-styleLayers").fill("relu1_1:0.5, relu3_1:2");
  await page.getByRole("button", { name: "Use a cup of coffee" }).click();
  await expect(page.getByAltText("The chosen photo: a cup of coffee")).toBeVisible();
  await page.getByRole("button", { name: "Use Poppies" }).click();
  await page.getByLabel("Weight of Poppies").fill("30");
  await page.getByRole("button", { name: "Copy link to these settings" }).click();
  await expect(page.getByText("The link is on the clipboard. It carries these settings and the samples’ names.")).toBeVisible();
  const address = new URL(await copied(page));
  expect([address.pathname, address.search]).toEqual(["/", ""]);
  const chosen = await settingsOf(page);

  const other = await context.newPage();
  await other.addInitScript(() => localStorage.clear());
  await other.goto(`/?backend=cpu${address.hash}`);
  await expect(other.getByText("The link’s settings are in place. Press Paint.")).toBeVisible();
  expect(await settingsOf(other)).toEqual(chosen);
  await expect(other.getByAltText("The chosen photo: a cup of coffee")).toBeVisible();
  await expect(other.getByLabel("Weight of Poppies")).toHaveValue("30");
  expect(new URL(other.url()).hash).toBe("");
  await other.close();
});

test("one's own pictures are no part of a link", async ({ page }) => {
  await openStudio(page);
  await page.getByLabel("Photo", { exact: true }).setInputFiles(file("tests/data/c_content.png"));
  await expect(page.getByAltText("The chosen photo: c_content.png")).toBeVisible();
  await page.getByRole("button", { name: "Copy link to these settings" }).click();
  await expect(page.getByText(/your own pictures and where paintings apply stay here/)).toBeVisible();
  expect(await copied(page)).not.toContain("c_content");
});

test("bad links are said, politely, and the page works", async ({ page }) => {
  await page.goto("/?backend=cpu#easel=99&size=64");
  await expect(page.getByText(/^The link’s settings could not be read/)).toBeVisible();
  await page.evaluate(() => (location.hash = "#easel=1&size=lots&preset=nobody&seed=-1&photo=../secret&painting=https://example.org/a.jpg&iterations=4"));
  await expect(page.getByText(/^The link’s settings are in place as far as this version knows them/)).toBeVisible();
  await expect(page.locator("#iterations")).toHaveValue("4");
  await expect(page.locator("#preset")).toHaveValue("painterly");
  await set(page, 32, 1);
  await paint(page);
});

test("before and after are saved side by side; the picture is copied", async ({ page }) => {
  await openStudio(page);
  await set(page, 48, 2);
  await paint(page);
  const pair = await downloaded(page, () => page.getByRole("button", { name: "Save before and after" }).click());
  expect(pair.name).toBe("Chelsea-the-cat-before-after.png");
  expect(dimensions(pair.bytes)).toEqual([97, 32]);
  await page.getByRole("button", { name: "Copy picture" }).click();
  await expect(page.getByText("The picture is on the clipboard.")).toBeVisible();
  const size = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const { width, height } = await createImageBitmap(await item.getType("image/png"));
    return [width, height];
  });
  expect(size).toEqual([48, 32]);
});

test("what is changed while a painting comes into the mix stays changed", async ({ page }) => {
  await openStudio(page);
  let come;
  const wanted = new Promise((resolve) => (come = resolve));
  await page.route("**/samples/style-poppies.jpg", async (route) => {
    await wanted;
    await route.continue();
  });
  await page.getByRole("button", { name: "Add Poppies to the mix" }).click();
  await page.getByRole("button", { name: "Add The Night Café to the mix" }).click();
  await page.getByLabel("Weight of Café Terrace at Night").fill("40");
  await expect(page.locator("#paintings .title")).toHaveText(["Café Terrace at Night", "The Night Café"]);
  come();
  await expect(page.locator("#paintings .title")).toHaveText(["Café Terrace at Night", "The Night Café", "Poppies"]);
  await expect(page.getByLabel("Weight of Café Terrace at Night")).toHaveValue("40");
});

test("a painting that was removed comes back where it was, with its weight", async ({ page }) => {
  await openStudio(page);
  await page.getByRole("button", { name: "Add Poppies to the mix" }).click();
  await page.getByLabel("Weight of Café Terrace at Night").fill("40");
  await page.getByRole("button", { name: "Remove Café Terrace at Night" }).click();
  await expect(page.getByLabel("Weight of Café Terrace at Night")).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByLabel("Weight of Café Terrace at Night")).toHaveValue("40");
  await expect(page.locator("#paintings .title")).toHaveText(["Café Terrace at Night", "Poppies"]);
});

test("another photo in mid-run: it is asked what shall happen, and does", async ({ page }) => {
  await openStudio(page);
  await set(page, 32, 5000);
  await paintButton(page).click();
  await expect.poll(async () => (await page.locator("#run").isVisible()) && (await figures(page)).iteration).toBeGreaterThan(1);
  await page.getByRole("button", { name: "Use a cup of coffee" }).click();
  const question = page.getByText("“a cup of coffee” is the photo now. What shall become of the picture that is being painted?");
  await expect(question).toBeVisible();
  await page.getByRole("button", { name: "Keep painting" }).click();
  await expect(question).toBeHidden();
  const { iteration } = await figures(page);
  await expect.poll(async () => (await figures(page)).iteration).toBeGreaterThan(iteration);
  await page.getByLabel("Iterations", { exact: true }).fill("4"); // the next run comes to its end by itself
  await page.getByRole("button", { name: "Use Eileen Collins" }).click();
  await page.getByRole("button", { name: "Paint the new photo" }).click();
  await expect(page.getByRole("region", { name: "Your pictures" }).getByRole("button", { name: /^Open Chelsea the cat/ })).toHaveCount(1);
  await expect(page.getByRole("button", { name: /^Open Eileen Collins/ })).toBeVisible();
});
