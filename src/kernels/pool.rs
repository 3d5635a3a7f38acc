//! 2×2 pooling with stride 2 (odd rows and columns at the end are dropped) and its gradient.

use burn::tensor::module::{
    avg_pool2d, avg_pool2d_backward, max_pool2d_with_indices, max_pool2d_with_indices_backward,
};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};
use burn::tensor::{Int, Tensor};

use crate::config::Pooling;

/// Average pooling shrinks activations; this keeps their magnitude about what maxima give
/// (crowsonkb/style-transfer-pytorch scales so too).
const AVERAGE_SCALE: f32 = 2.0;

/// A pooling's result.
#[derive(Debug)]
pub struct Pooled {
    /// `[1, channels, ⌊height/2⌋, ⌊width/2⌋]`.
    pub output: Tensor<4>,
    /// Where each maximum was.
    indices: Option<Tensor<4, Int>>,
}

/// Pools `[1, channels, height, width]`; both sides at least 2.
pub fn pool(x: Tensor<4>, pooling: Pooling) -> Pooled {
    match pooling {
        Pooling::Max => {
            let options = MaxPoolOptions::new([2, 2]);
            let (output, indices) = max_pool2d_with_indices(x, options);
            Pooled { output, indices: Some(indices) }
        }
        Pooling::Average => {
            let options = AvgPoolOptions::new([2, 2]);
            Pooled { output: avg_pool2d(x, options) * AVERAGE_SCALE, indices: None }
        }
    }
}

impl Pooled {
    /// The gradient with respect to the pooling's `input`, given the one at its output.
    pub fn gradient(self, input: Tensor<4>, gradient: Tensor<4>, pooling: Pooling) -> Tensor<4> {
        match (pooling, self.indices) {
            (Pooling::Max, Some(indices)) => {
                max_pool2d_with_indices_backward(input, [2, 2], [2, 2], [0, 0], [1, 1], false, gradient, indices)
            }
            _ => avg_pool2d_backward(input, gradient * AVERAGE_SCALE, [2, 2], [2, 2], [0, 0], true, false),
        }
    }
}
