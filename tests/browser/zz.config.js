import base from "./playwright.config.js";
const extra = (process.env.ZZ_ARGS ?? "").split(" ").filter(Boolean);
base.use.launchOptions.args.push(...extra);
export default base;
