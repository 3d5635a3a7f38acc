// What wgpu 30 does not do in browsers: it cannot name the GPU, and it never asks for subgroups
// (its table of features leaves them out, as of 2026-11). Both are done here.

if (globalThis.GPUAdapter) {
  const requestDevice = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = function (descriptor = {}) {
    const requiredFeatures = [...(descriptor.requiredFeatures ?? [])];
    if (this.features.has("subgroups")) requiredFeatures.push("subgroups");
    return requestDevice.call(this, { ...descriptor, requiredFeatures });
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
