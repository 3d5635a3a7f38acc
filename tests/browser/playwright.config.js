// Chromium, its headless shell where there is one, against the real dist/. WebGPU runs on SwiftShader, so no GPU is needed.
import { defineConfig } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";

const chromium = execFileSync("./browser.sh", ["headless-shell"], { encoding: "utf8" }).trim();
const port = Number(process.env.EASEL_TEST_PORT ?? 8099);
/** The folder served: dist/ as `make dist` leaves it, unless another is named. */
const dist = process.env.EASEL_DIST ?? "../../dist";

const KERNELS = "kernels.spec.js";
/** How Chromium is started, and with what more. */
const launched = (...more) => ({
  launchOptions: {
    executablePath: chromium,
    args: [
      "--no-sandbox",
      "--enable-unsafe-webgpu",
      "--use-webgpu-adapter=swiftshader",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      ...more,
    ],
  },
});

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.js", // engines/ has tests of Node's runner
  outputDir: "results",
  reporter: "list",
  // Two at a time take a quarter less time on two cores, and show races that one does not; more would wait for each other's kernels.
  workers: Number(process.env.EASEL_TEST_WORKERS ?? Math.min(2, availableParallelism())),
  fullyParallel: true,
  // No single wait is longer than a minute: what takes longer does not come.
  timeout: 180_000,
  expect: { timeout: 60_000 },
  use: {
    actionTimeout: 60_000,
    navigationTimeout: 60_000,
    baseURL: `http://127.0.0.1:${port}`,
    // A kept copy would answer instead of the served file; only the tests of the service worker allow it.
    serviceWorkers: "block",
  },
  // Browsers write bounds checks around each of a kernel's accesses to memory, with which SwiftShader takes a quarter longer to compile it.
  // Kernels are compared with them, as visitors have them. Whatever else paints on WebGPU does without: a kernel that leaves its buffers
  // would not be kept in them there.
  projects: [
    { name: "kernels", testMatch: KERNELS, use: launched() },
    { name: "rest", testIgnore: KERNELS, use: launched("--enable-dawn-features=disable_robustness") },
  ],
  webServer: {
    command: `node_modules/.bin/sirv "${dist}" --host 127.0.0.1 --port ${port} --quiet --dev`,
    url: `http://127.0.0.1:${port}/`,
  },
});
