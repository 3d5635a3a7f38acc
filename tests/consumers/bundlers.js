// How each bundler is told to build: each leaves a site in its folder's out/.
import { build as esbuild } from "esbuild";
import { cp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build as vite, createServer } from "vite";
import webpack from "webpack";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** By name; each resolves to the bundler's warnings, of which there are to be none. */
export const builds = {
  async vite() {
    const warnings = [];
    const note = (message) => warnings.push(message);
    const customLogger = {
      info() {},
      warn: note,
      warnOnce: note,
      error: note,
      clearScreen() {},
      hasErrorLogged: () => false,
      hasWarned: false,
    };
    await vite({ root: here("vite"), customLogger });
    return warnings;
  },

  async webpack() {
    const { default: config } = await import("./webpack/webpack.config.js");
    const stats = await new Promise((resolve, reject) =>
      webpack(config, (error, stats) => (error ? reject(error) : resolve(stats))),
    );
    await cp(here("webpack/index.html"), here("webpack/out/index.html"));
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    return [...errors, ...warnings].map(({ message }) => message);
  },

  // It knows nothing of workers, nor of files beside modules: they are copied, and the page says where they are.
  async esbuild() {
    await rm(here("esbuild/out"), { recursive: true, force: true });
    const { warnings } = await esbuild({
      entryPoints: [here("esbuild/main.js")],
      outdir: here("esbuild/out"),
      bundle: true,
      minify: true,
      format: "esm",
      logLevel: "silent",
    });
    await cp(here("node_modules/easel-engine"), here("esbuild/out/easel"), { recursive: true });
    await cp(here("node_modules/easel-weights"), here("esbuild/out/easel/weights"), { recursive: true });
    await cp(here("esbuild/index.html"), here("esbuild/out/index.html"));
    return warnings.map(({ text }) => text);
  },
};

/** Vite's server for development, which bundles nothing; resolves to its address and how to end it. */
export async function serveForDevelopment() {
  const server = await createServer({
    root: here("vite"),
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0, fs: { allow: [here(".")] } },
    cacheDir: here("vite/out/.cache"),
  });
  await server.listen();
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}
