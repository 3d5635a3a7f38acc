//! Operations on each value of maps by itself.

use std::ops::Range;

use burn::tensor::Tensor;

use super::maps::{Layout, Maps};
use super::rows::Sheet;
use super::sums::Sums;
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

/// The gradient at x of `factor · Σ (x − y)²`, in the maps' layout, and the value among the sums; both of one size.
pub fn difference(x: &Maps, y: &Maps, factor: f64, sums: &mut Sums) -> Tensor<4> {
    difference_of_rows(x, 0..x.height, y, 0, factor, sums)
}

/// The same of some rows of x, the first of which is compared with row `first` of y, which is as wide; the gradient is zero at the
/// other rows.
pub fn difference_of_rows(
    x: &Maps,
    rows: Range<usize>,
    y: &Maps,
    first: usize,
    factor: f64,
    sums: &mut Sums,
) -> Tensor<4> {
    match x.layout {
        Layout::Plain => {
            let sheet = Sheet::Maps(x.layout);
            let own = sheet.cut(&x.data, rows.clone()) - sheet.cut(&y.data, first..first + rows.len());
            sums.dot(own.clone(), own.clone(), factor);
            let count = rows.len();
            sheet.moved(&(own * (2.0 * factor)), 0..count, rows.start, x.height)
        }
        Layout::Packed { tiling, .. } => {
            let room = sums.room(&x.data, factor, tiling);
            wgsl::difference([x, y], rows, first, 2.0 * factor, room, tiling)
        }
    }
}
