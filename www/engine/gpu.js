// What wgpu 30 does not do in browsers: it cannot name the GPU, it never asks for subgroups (its table
// of features leaves them out, as of 2026-11), and what happens to a device stays between it and the
// console. All of it is done here.

let onLoss = () => {};

/**
 * Sets what is told, once per device, that it was lost or has run out of memory: nothing computed
 * with it from then on can be trusted.
 * @param {(reason: string) => void} listener
 */
export function onDeviceLoss(listener) {
  onLoss = listener;
}

if (globalThis.GPUAdapter) {
  const requestDevice = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (descriptor = {}) {
    const requiredFeatures = [...(descriptor.requiredFeatures ?? [])];
    if (this.features.has("subgroups")) requiredFeatures.push("subgroups");
    const device = await requestDevice.call(this, { ...descriptor, requiredFeatures });
    device.lost.then(({ message }) => onLoss(`The graphics device was lost (${message || "no reason given"}).`));
    device.addEventListener("uncapturederror", ({ error }) => {
      if (error instanceof GPUOutOfMemoryError) onLoss("The graphics device is out of memory.");
    });
    return device;
  };
}

/**
 * What the browser says of its GPU.
 * @returns {Promise<{ name: string, subgroups: boolean }>} an empty name when there is none
 */
export async function describeGpu() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (!adapter) return { name: "", subgroups: false };
  const { vendor, architecture, device, description } = adapter.info ?? {};
  const name = description || [vendor, architecture, device].filter(Boolean).join(" ");
  return { name, subgroups: adapter.features.has("subgroups") };
}
