// bench.html: measures the visitor's device and says the figures.
import AxeBuilder from "@axe-core/playwright";
import { test, expect } from "./helpers.js";
import { openStudio } from "./studio.js";

const rows = (page) => page.getByRole("table").locator("tbody tr");

test("a device is measured, and the figures can be passed on", async ({ page }) => {
  await openStudio(page);
  await expect(page.getByRole("link", { name: "How fast is this device?" })).toHaveAttribute("href", "bench.html");
  await page.goto("/bench.html?backend=cpu&sizes=32,48");
  await page.getByRole("button", { name: "Measure" }).click();
  await expect(page.getByRole("status")).toHaveText("Measured.");
  await expect(rows(page)).toHaveCount(4);
  const cells = await rows(page).evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  expect(cells.map(([what]) => what)).toEqual(["32 × 32, gram", "32 × 32, wasserstein", "48 × 48, gram", "48 × 48, wasserstein"]);
  for (const [, millis, teraflops] of cells) {
    expect(Number(millis.replaceAll(",", ""))).toBeGreaterThan(0);
    // A step of so many multiplications in so many milliseconds.
    expect(Number(teraflops)).toBeGreaterThan(0);
  }
  const report = await page.getByLabel("To pass on").inputValue();
  expect(report.split("\n").length).toBe(6);
  expect(report).toMatch(/^cpu · CPU \(Burn flex\)\nMozilla.*\n32² gram: [\d.,]+ ms, [\d.]+ TFLOP\/s/);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join("; ")}`)).toEqual([]);
});

test("measuring can be stopped and begun again; what goes wrong is said", async ({ page }) => {
  await page.goto("/bench.html?backend=cpu&sizes=512");
  await page.getByRole("button", { name: "Measure" }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByRole("status")).toHaveText("Stopped.");
  await page.goto("/bench.html?backend=cpu&sizes=5000");
  await page.getByRole("button", { name: "Measure" }).click();
  await expect(page.getByRole("alert")).toContainText("cannot be 5000");
  await expect(page.getByRole("button", { name: "Measure" })).toBeVisible();
});
