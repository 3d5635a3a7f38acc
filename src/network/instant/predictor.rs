//! The predictor: a painting → the 100 numbers that stand for its style.
//!
//! It runs once per painting and on one size only, so it is written in plain tensor operations, for every device.
//! TensorFlow's "same" padding is kept: at stride 2 nothing before and one after.

use burn::tensor::module::conv2d;
use burn::tensor::ops::{ConvOptions, PadMode};
use burn::tensor::{Device, Tensor, TensorData};

pub use super::arch::VECTOR;
use super::arch::{Block, blocks};
use super::weights::SetWeights;
use crate::compute::Kernel;

/// The height and width in pixels that a painting is resized to, whatever its aspect.
pub const SIDE: usize = 256;

/// The network with its weights on a device.
#[derive(Debug, Clone)]
pub struct Predictor {
    first: Filter,
    blocks: Vec<(Block, Inside)>,
    last: Filter,
    vector: Filter,
}

/// A block's convolutions.
#[derive(Debug, Clone)]
struct Inside {
    expand: Option<Filter>,
    depthwise: Filter,
    project: Filter,
}

/// One convolution's frozen numbers on a device.
#[derive(Debug, Clone)]
struct Filter {
    weight: Tensor<4>,
    bias: Tensor<1>,
}

impl Predictor {
    /// Puts the weights on the device.
    ///
    /// # Panics
    /// When they are the other network's.
    pub fn new(weights: &SetWeights, device: &Device) -> Self {
        let filter = |name: &str| Filter::new(weights.kernel(name), device);
        let inside = |block: Block| {
            let expand = block.expands().then(|| filter(&block.name("expand")));
            let [depthwise, project] = ["depthwise", "project"].map(|part| filter(&block.name(part)));
            (block, Inside { expand, depthwise, project })
        };
        let blocks = blocks().into_iter().map(inside).collect();
        Self { first: filter("first"), blocks, last: filter("last"), vector: filter("vector") }
    }

    /// Returns the numbers, `[1, 100]`, of a painting: `[1, 3, 256, 256]`, RGB in \[0, 1\].
    pub fn predict(&self, painting: Tensor<4>) -> Tensor<2> {
        let mut x = relu6(self.first.apply(painting, 2));
        for (block, inside) in &self.blocks {
            let input = x.clone();
            if let Some(expand) = &inside.expand {
                x = relu6(expand.apply(x, 1));
            }
            x = relu6(inside.depthwise.apply(x, block.stride));
            x = inside.project.apply(x, 1);
            if block.adds() {
                x = x + input;
            }
        }
        let features = relu6(self.last.apply(x, 1)).mean_dim(3).mean_dim(2);
        self.vector.apply(features, 1).reshape([1, VECTOR])
    }
}

impl Filter {
    fn new(Kernel { shape, weight, bias }: Kernel, device: &Device) -> Self {
        let bias = Tensor::from_data(TensorData::new(bias, [shape[0]]), device);
        Self { weight: Tensor::from_data(TensorData::new(weight, shape), device), bias }
    }

    /// `x ∗ w + b`, padded with zeros; depthwise where the filters take one channel.
    fn apply(&self, x: Tensor<4>, stride: usize) -> Tensor<4> {
        let [outputs, inputs, side, _] = self.weight.dims();
        let groups = if inputs == 1 { outputs } else { 1 };
        let around = if stride == 1 { side / 2 } else { 0 };
        let x = if stride == 2 { x.pad((0, 1, 0, 1), PadMode::Constant(0.0)) } else { x };
        let options = ConvOptions::new([stride, stride], [around, around], [1, 1], groups);
        conv2d(x, self.weight.clone(), Some(self.bias.clone()), options)
    }
}

fn relu6(x: Tensor<4>) -> Tensor<4> {
    x.clamp(0.0, 6.0)
}
