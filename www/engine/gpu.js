// What wgpu 30 does not do in browsers: it cannot name the GPU, it never asks for subgroups (its table
// of features leaves them out, as of 2026-11), and what happens to a device stays between it and the
// console. All of it is done here.

import { say, text } from "./text.js";

/** Programs that stand in for a GPU where there is none. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/**
 * Whether a "GPU" is a program on the CPU: half as fast as the painter's own program for the CPU, or less.
 * @param {{ adapter: string, software?: boolean }} device a stylizer's `device`, or an adapter's name alone
 */
export const isSoftware = ({ adapter, software = false }) => software || SOFTWARE.test(adapter);

/**
 * Whether a device is to be offered little at first: the CPU, or a program that stands in for a GPU.
 * @param {{ backend: string, adapter: string, software?: boolean }} device a stylizer's `device`
 */
export const isSlow = (device) => device.backend === "cpu" || isSoftware(device);

/**
 * Makes devices ask for subgroups, and says when one was lost or has run out of memory, once per device: nothing
 * computed with it from then on can be trusted. For workers: to be called once, before anything asks for a device.
 * @param {(reason: string, cause?: { memory?: boolean }) => void} onLoss
 */
export function watchDevices(onLoss) {
  if (!globalThis.GPUAdapter) return;
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor = {}) {
    const requiredFeatures = [...(descriptor.requiredFeatures ?? [])];
    if (this.features.has("subgroups")) requiredFeatures.push("subgroups");
    const device = await requestDevice.call(this, { ...descriptor, requiredFeatures });
    device.lost.then(({ message }) => onLoss(say("deviceLost", { reason: message || text.noReason })));
    device.addEventListener("uncapturederror", ({ error }) => {
      if (error instanceof GPUOutOfMemoryError) onLoss(text.deviceOutOfMemory, { memory: true });
    });
    return device;
  };
}

/**
 * What the browser says of its GPU.
 * @returns {Promise<{ name: string, subgroups: boolean, software: boolean }>} an empty name when there is none
 */
export async function describeGpu() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (!adapter) return { name: "", subgroups: false, software: false };
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info ?? {};
  const words = [vendor, architecture, device, description].filter(Boolean);
  // Browsers of 2024 and before said so of the adapter itself.
  const software = isSoftware({ adapter: words.join(" "), software: isFallbackAdapter ?? /** @type {any} */ (adapter).isFallbackAdapter });
  return { name: description || words.join(" "), subgroups: adapter.features.has("subgroups"), software };
}
