// What the tests of failures share: a stylizer in an empty page, and a hold on every worker it makes.
import { openBlank } from "./helpers.js";

/** Shallow settings: a step takes milliseconds on the CPU. For runs that may end whenever they like. */
export const quick = {
  size: 32,
  minSize: 32,
  iterations: 40,
  reportEvery: 1,
  contentLayers: [{ layer: "relu1_1", weight: 1 }],
  styleLayers: [{ layer: "relu1_1", weight: 1 }],
};

/** For runs to be caught in the middle: some seconds of those steps. */
export const long = { ...quick, iterations: 500 };

/** Layers whose maps are of several tiles in pictures of 32 px: fewer are convolved by kernels of their own, which SwiftShader takes ten seconds to compile. */
export const SHALLOW = {
  contentLayers: [{ layer: "relu3_1", weight: 1 }],
  styleLayers: ["relu1_1", "relu2_1", "relu3_1"].map((layer) => ({ layer, weight: 1 })),
};

/** Kernels that compile in a third of the time, for tests that are not about kernels. */
export const PLAINEST = "direct+registers+alone";

/**
 * Opens an empty page with `made` (every Worker), `open(backend, options)` and `begin(config)`, which starts a job and
 * notes what it says. `hook` is a script that runs in each worker before its own.
 */
export async function openFaulty(page, { hook = "" } = {}) {
  if (hook) {
    await page.route("**/gpu.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${hook}\n${await response.text()}` });
    });
  }
  await openBlank(page);
  await page.evaluate(async () => {
    window.made = [];
    window.Worker = class extends Worker {
      constructor(...options) {
        super(...options);
        window.made.push(this);
        // What is ended before is found out late: there was nothing to hear of it by.
        this.addEventListener("message", ({ data }) => (this.lives ||= data.type === "alive"));
      }
    };
    const { Stylizer } = await import("/stylizer.js");
    const painted = (colour) => {
      const context = new OffscreenCanvas(40, 40).getContext("2d");
      context.fillStyle = colour;
      context.fillRect(5, 5, 20, 25);
      return context.getImageData(0, 0, 40, 40);
    };
    window.stages = [];
    window.stopped = null;
    window.open = async (backend, options = {}) => {
      window.stylizer = await Stylizer.create({ backend, ...options });
      window.stylizer.addEventListener("status", ({ detail }) => window.stages.push(detail.stage));
      window.stylizer.addEventListener("stopped", ({ detail }) => (window.stopped = detail.message));
    };
    window.begin = (config) => {
      const job = window.stylizer.start({ content: painted("teal"), styles: [{ image: painted("orange") }], config });
      job.seen = { iterations: [], sizes: [], losses: [], checkpoints: [], recovered: [] };
      job.addEventListener("progress", ({ detail }) => {
        detail.preview?.close();
        job.seen.iterations.push(detail.iteration);
        job.seen.sizes.push(detail.scale.width);
        job.seen.losses.push(detail.losses.total);
      });
      job.addEventListener("checkpoint", ({ detail }) => job.seen.checkpoints.push(detail.iteration));
      job.addEventListener("recovered", ({ detail }) => job.seen.recovered.push(detail));
      job.outcome = job.finished.then(
        ({ report, width }) => ({ report, width, ...job.seen }),
        (error) => ({ error: error.message, name: error.name, ...job.seen }),
      );
      return job;
    };
    window.until = async (condition, seconds = 60) => {
      for (const end = Date.now() + 1000 * seconds; !condition(); ) {
        if (Date.now() > end) throw new Error(`After ${seconds} s still not: ${condition}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
  });
}
