//! An image `[1, 3, H, W]` becomes packed maps of four channels, the last one empty.

use burn::tensor::Tensor;

use super::kernel::{Code, kernel};
use super::launch::launch;

/// Subtracts the means and packs.
pub fn input(image: Tensor<4>, [red, green, blue]: [f32; 3]) -> Tensor<4> {
    let [_, _, height, width] = image.dims();
    let sizes = InputSizes { height, width, channels: 1, mean: [red, green, blue, 0.0] };
    launch(Input {}, sizes, [image], (height + 2) * (width + 2), [1, height + 2, width + 2, 4])
}

kernel! {
    /// The image less its mean, packed.
    Input {}(image: f32) -> vec4f,
    InputSizes { height: u32, width: u32, channels: u32, mean: vec4f },
    |_| Code::maps(include_str!("input.wgsl")),
}
