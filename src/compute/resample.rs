//! Maps brought to another size, and gradients brought back.
//!
//! Made smaller, a pixel is the mean of what it covers; made larger, a bilinear mixture of four (half-pixel centres, edges repeated).
//! Each side goes by itself.

use burn::tensor::Tensor;

use super::maps::{Layout, Maps};
use super::{plain, wgsl};

/// The maps at `[height, width]`; the same tensor where that is their size.
pub fn resample(maps: &Maps, size: [usize; 2]) -> Maps {
    if maps.size() == size {
        return maps.clone();
    }
    let [height, width] = size;
    let data = match maps.layout {
        Layout::Plain => plain::resample(maps.data.clone(), size),
        Layout::Packed { .. } => wgsl::resample(maps, size),
    };
    Maps { data, height, width, ..maps.clone() }
}

/// A gradient at the maps, given the one at what [`resample`] made of them, which is of `size`: its transpose. Not masked.
pub fn resample_gradient(gradient: Tensor<4>, size: [usize; 2], maps: &Maps) -> Tensor<4> {
    if maps.size() == size {
        return gradient;
    }
    match maps.layout {
        Layout::Plain => plain::resample_gradient(gradient, maps.size()),
        Layout::Packed { .. } => wgsl::resample_gradient(gradient, size, maps),
    }
}
