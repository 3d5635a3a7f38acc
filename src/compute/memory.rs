//! Device memory kept for reuse; see `wgsl::buffers`.

use burn::tensor::Device;

use super::maps::Layout;
use super::wgsl;

/// Gives the memory that is kept for reuse back to the device: for when sizes change.
pub fn release_memory(device: &Device) {
    wgsl::release_memory();
    device.memory_cleanup();
}

/// Sets memory for `count` times so many maps aside, to be used again and again; nothing for plain ones.
pub fn reserve_memory(channels: usize, [height, width]: [usize; 2], count: usize, layout: Layout, device: &Device) {
    if layout.is_packed() {
        wgsl::reserve_memory([1, height + 2, width + 2, channels], count, device);
    }
}
