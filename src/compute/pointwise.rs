//! Operations on each value of maps by itself.

use burn::tensor::Tensor;

use super::maps::{Layout, Maps};
use super::wgsl;

/// A gradient masked: zero where the rectified map is zero, in the maps' layout.
pub fn mask(maps: &Maps, gradient: Tensor<4>) -> Tensor<4> {
    match maps.layout {
        Layout::Plain => gradient.mask_fill(maps.data.clone().lower_equal_elem(0.0), 0.0),
        Layout::Packed { .. } => wgsl::mask(maps, gradient),
    }
}

/// A gradient at `below` plus what a loss adds there, masked; plain maps only.
pub(super) fn masked_sum(below: &Maps, gradient: Tensor<4>, tap: Option<Tensor<4>>) -> Tensor<4> {
    let sum = match tap {
        Some(tap) => gradient + tap,
        None => gradient,
    };
    mask(below, sum)
}

/// `scale · (x − y)`, in the maps' layout; both of one size.
pub fn difference(x: &Maps, y: &Maps, scale: f64) -> Tensor<4> {
    match x.layout {
        Layout::Plain => (x.data.clone() - y.data.clone()) * scale,
        Layout::Packed { .. } => wgsl::difference(x, y, scale),
    }
}
