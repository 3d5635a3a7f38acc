// Nothing that Easel would need: only where things go.
import { fileURLToPath } from "node:url";

export default {
  mode: "production",
  context: fileURLToPath(new URL(".", import.meta.url)),
  entry: "./main.js",
  output: { path: fileURLToPath(new URL("out", import.meta.url)), filename: "main.js", clean: true },
  performance: { hints: false },
};
