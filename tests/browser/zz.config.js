import base from "./playwright.config.js";
const extra = process.env.EXTRA ? process.env.EXTRA.split(" ") : [];
base.use.launchOptions.args.push(...extra);
export default base;
