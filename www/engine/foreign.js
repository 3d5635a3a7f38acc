// What comes from another origin: how a worker is started from there, and why something cannot be had.
//
// Browsers start workers from the page's own origin only; but a script of the page's own, a Blob, may import a module
// from anywhere that allows it. Browsers keep to themselves why something from elsewhere was refused; it is found
// out by asking again in other ways, so that whoever puts Easel into a site learns which header is missing.

import { say, text } from "./text.js";

/** How often it is asked again whether the policy refuses something: browsers tell of that a moment later. */
const NOTICE_MILLIS = 50;
/** What has no answer by then is taken for unreachable. */
const ANSWER_MILLIS = 10_000;

/** Something cannot be had from another origin until its server, or the page's, sends another header: to try again does not help. */
export class Blocked extends Error {}

/**
 * Whether an address is of another origin than this page.
 * @param {string | URL} address
 */
export function isForeign(address) {
  const { protocol, origin } = new URL(address);
  return /^https?:$/.test(protocol) && globalThis.location !== undefined && origin !== globalThis.origin;
}

/**
 * The Blobs that import workers from elsewhere, by these workers' addresses. One a page: none is ever given up.
 * @type {Map<string, string>}
 */
const starters = new Map();

/**
 * Starts a worker from wherever it lies. One from another origin that cannot be loaded says `{ type: "notLoaded" }`.
 * @param {string} address
 */
export function startWorker(address) {
  if (!isForeign(address)) return new Worker(address, { type: "module", name: "easel" });
  const starter =
    starters.get(address) ?? URL.createObjectURL(new Blob([starterOf(address)], { type: "text/javascript" }));
  starters.set(address, starter);
  return new Worker(starter, { name: "easel" });
}

/**
 * A script that imports a module. What it is told before that one listens is kept for it. Not a module itself, importing statically:
 * that would need the other origin in the policy's `worker-src`, too, and frames without an origin of their own start no such Blob.
 * @param {string} address
 */
const starterOf = (address) => `const early = [];
onmessage = (event) => early.push(event);
const loaded = import(${JSON.stringify(address)});
loaded.then(() => early.forEach((event) => onmessage(event)), () => postMessage({ type: "notLoaded" }));`;

/** What is wrong when the Blob itself was refused. */
export const refusedWorker = () => new Blocked(text.policyWorker);

/**
 * Why something could not be fetched: `Blocked` where a header is missing, another Error where nobody answers.
 * @param {string | URL} address
 * @returns {Promise<Error | null>} null for what is of the page's own origin, and where it can be fetched now
 */
export async function failureOf(address) {
  const { protocol, origin, href } = new URL(address);
  if (protocol === "file:" && globalThis.location?.protocol !== "file:")
    return new Blocked(say("unknownPlace", { address: href }));
  if (!isForeign(address)) return null;
  const refused = /** @type {string[]} */ ([]);
  const note = (/** @type {Event} */ event) =>
    refused.push(/** @type {SecurityPolicyViolationEvent} */ (event).effectiveDirective);
  globalThis.addEventListener("securitypolicyviolation", note);
  const asking = new AbortController();
  const timer = setTimeout(() => asking.abort(), ANSWER_MILLIS);
  try {
    if (await answers(address, "cors", asking.signal)) return null;
    // Where the first one only came too late, another answer would say nothing of headers.
    if (!asking.signal.aborted && (await answers(address, "no-cors", asking.signal)))
      return new Blocked(say("noCors", { address: href, page: globalThis.origin }));
    await new Promise((resolve) => setTimeout(resolve, NOTICE_MILLIS));
    if (refused.length > 0) return new Blocked(say("policyConnect", { origin }));
    return new Error(say("unreachable", { address: href }));
  } finally {
    clearTimeout(timer);
    asking.abort(); // the bodies are not waited for
    globalThis.removeEventListener("securitypolicyviolation", note);
  }
}

/**
 * Whether there is an answer.
 * @param {string | URL} address
 * @param {RequestMode} mode
 * @param {AbortSignal} signal ends the asking
 */
async function answers(address, mode, signal) {
  try {
    await fetch(address, { mode, cache: "no-store", signal });
    return true;
  } catch {
    return false;
  }
}
