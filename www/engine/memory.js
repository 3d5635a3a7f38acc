// Whether a run fits this device, so far as a page can know.

/** Of a device's memory, how much one page may take. */
const SHARE_OF_MEMORY = 0.5;
/** WebAssembly has 4 GB, and its CPU backend needs about twice what a GPU does. */
const CPU_BYTES = 1.8e9;

/** What is assumed where the browser does not say (Firefox, Safari), in bytes. Too little costs a warning, too much the tab. */
const ASSUMED = {
  /** Half of the phones in use have 4 GB or less, and iOS ends pages at 1 to 1.5 GB. */
  phone: 3e9,
  /** The smallest that are still sold. */
  tablet: 4e9,
  /** As little as is usual, and the most that Chrome admits to. */
  computer: 8e9,
};

/** The short side of a screen below which it is a phone's, in CSS pixels: the smallest iPad has 744. */
const PHONE_SIDE = 600;

/**
 * The memory of this device in bytes, or a careful guess.
 * @param {{ navigator: { deviceMemory?: number, maxTouchPoints: number, userAgentData?: { mobile: boolean } },
 *           screen: { width: number, height: number }, matchMedia?: (query: string) => { matches: boolean } }} [page] the browser's globals
 */
export function memoryOf({ navigator, screen, matchMedia } = globalThis) {
  if (navigator.deviceMemory) return navigator.deviceMemory * 1e9;
  // iPads say they are Macs; a laptop with a touch screen is first of all pointed at with something finer.
  const touch = navigator.maxTouchPoints > 0 && matchMedia?.("(pointer: coarse)").matches;
  if (!touch && !navigator.userAgentData?.mobile) return ASSUMED.computer;
  return Math.min(screen.width, screen.height) < PHONE_SIDE ? ASSUMED.phone : ASSUMED.tablet;
}

/**
 * Whether a run fits.
 * @param {{ bytes: number, largest: number }} plan what it takes at its peak, and its largest single buffer
 * @param {{ backend: string, limits: Record<string, number> }} device
 * @param {number} [memory] the device's, in bytes
 */
export function fits({ bytes, largest }, { backend, limits }, memory = memoryOf()) {
  if (backend === "cpu") return bytes <= Math.min(CPU_BYTES, memory * SHARE_OF_MEMORY);
  return largest <= Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize) && bytes <= memory * SHARE_OF_MEMORY;
}
