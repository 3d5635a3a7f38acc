// Loads the program in WebAssembly into a worker.

import init from "../easel.js";
import { failureOf } from "./foreign.js";
import { say, text } from "./text.js";

/**
 * @param {string | BufferSource | WebAssembly.Module | null} given where it is, or what it is, compiled perhaps; null: beside its glue
 * @returns {Promise<{ memory: WebAssembly.Memory }>} rejects with a sentence where a header is missing
 */
export async function loadProgram(given) {
  try {
    return await (given === null ? init() : init({ module_or_path: given }));
  } catch (error) {
    if (error instanceof WebAssembly.CompileError && /content.security.policy/i.test(error.message))
      throw new Error(text.policyProgram, { cause: error });
    const failure = typeof given === "string" ? await failureOf(given) : null;
    throw failure ?? new Error(say("programNotLoaded", { reason: error.message }), { cause: error });
  }
}
