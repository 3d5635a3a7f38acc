//! Packed maps brought to another size, and gradients brought back.

use burn::tensor::Tensor;

use super::kernel::{Code, kernel};
use super::launch::launch;
use crate::compute::maps::Maps;

/// The maps at `[height, width]`.
pub fn resample(maps: &Maps, [height, width]: [usize; 2]) -> Tensor<4> {
    let shape = [1, height + 2, width + 2, maps.channels];
    let (input_height, input_width, channels) = (maps.height, maps.width, maps.channels / 4);
    let sizes = ResampleSizes { height, width, input_height, input_width, channels };
    launch(Resample {}, sizes, [maps.data.clone()], shape.iter().product::<usize>() / 4, shape)
}

/// The gradient at the maps, given the one at what was made of them at this height and width.
pub fn resample_gradient(gradient: Tensor<4>, [input_height, input_width]: [usize; 2], maps: &Maps) -> Tensor<4> {
    let (shape, channels) = (maps.data.dims(), maps.channels / 4);
    let sizes = ResampleGradientSizes { height: maps.height, width: maps.width, input_height, input_width, channels };
    launch(ResampleGradient {}, sizes, [gradient], shape.iter().product::<usize>() / 4, shape)
}

/// What both are made of.
const COMMON: &str = include_str!("resample_common.wgsl");

kernel! {
    /// Each pixel from those it covers, or the four around it.
    Resample {}(x: vec4f) -> vec4f,
    ResampleSizes { height: u32, width: u32, input_height: u32, input_width: u32, channels: u32 },
    |_| Code::maps(include_str!("resample.wgsl")).with(COMMON),
}

kernel! {
    /// Each pixel's gradient from those that were made of it.
    ResampleGradient {}(x: vec4f) -> vec4f,
    ResampleGradientSizes { height: u32, width: u32, input_height: u32, input_width: u32, channels: u32 },
    |_| Code::maps(include_str!("resample_gradient.wgsl")).with(COMMON),
}
