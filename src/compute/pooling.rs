//! 2×2 pooling, forward and back.

use burn::tensor::Tensor;

use super::maps::{Layout, Maps};
use super::numbers::Pooling;
use super::pointwise::masked_sum;
use super::{plain, wgsl};

/// 2×2 pooling with stride 2; an odd last row or column is dropped. Both sides at least 2.
pub fn pool(x: &Maps, pooling: Pooling) -> Maps {
    let data = match x.layout {
        Layout::Plain => plain::pool(x.data.clone(), pooling),
        Layout::Packed { .. } => wgsl::pool(x, pooling),
    };
    Maps { data, height: x.height / 2, width: x.width / 2, ..x.clone() }
}

/// The gradient at a pooling's input `below`, given the one at its output: plus what a loss adds at
/// `below`, masked.
pub fn pool_gradient(gradient: Tensor<4>, below: &Maps, tap: Option<Tensor<4>>, pooling: Pooling) -> Tensor<4> {
    match below.layout {
        Layout::Plain => masked_sum(below, plain::pool_gradient(below.data.clone(), gradient, pooling), tap),
        Layout::Packed { .. } => wgsl::pool_gradient(gradient, below, tap, pooling),
    }
}

/// What the way back has to know of maps that were pooled and are looked at by nothing else.
#[derive(Debug)]
pub enum Pooled {
    /// The maps.
    Maps(Maps),
    /// Where each pooled value came from: a bit each, four values to a word.
    Places {
        /// The places, `[1, H / 2, W / 2, C / 4]`.
        data: Tensor<4>,
        /// Height, width and channels of the maps.
        size: [usize; 3],
    },
}

impl Pooled {
    /// Pools maps, and what has to be kept of them.
    pub fn pool(maps: Maps, pooling: Pooling) -> (Maps, Self) {
        match maps.layout {
            Layout::Plain => (pool(&maps, pooling), Self::Maps(maps)),
            Layout::Packed { .. } => {
                let [pooled, data] = wgsl::pool_noting(&maps, pooling);
                let size = [maps.height, maps.width, maps.channels];
                (Maps { data: pooled, height: size[0] / 2, width: size[1] / 2, ..maps }, Self::Places { data, size })
            }
        }
    }

    /// Height and width of the maps.
    pub fn size(&self) -> [usize; 2] {
        match self {
            Self::Maps(maps) => [maps.height, maps.width],
            Self::Places { size, .. } => [size[0], size[1]],
        }
    }

    /// The gradient at the maps, masked, given the one at the pooling's output.
    pub fn gradient(self, gradient: Tensor<4>, pooling: Pooling) -> Tensor<4> {
        match self {
            Self::Maps(maps) => pool_gradient(gradient, &maps, None, pooling),
            Self::Places { data, size } => wgsl::pool_gradient_at(gradient, data, size, pooling),
        }
    }
}
