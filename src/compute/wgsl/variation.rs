//! The gradient of the nine-point total variation; see `loss::total_variation`.
//!
//! One invocation gathers all differences its value is in. Replicate padding makes border values stand
//! for padded ones too, whose diagonal differences count as well; straight ones across the border are
//! zero.

use burn::tensor::Tensor;

use super::kernel::{Code, kernel};
use super::launch::launch;

/// The gradient of `weight · TV` at an image `[1, 3, H, W]`.
pub fn variation_gradient(image: Tensor<4>, weight: f64) -> Tensor<4> {
    let shape = image.dims();
    let [_, channels, height, width] = shape;
    let count = channels * height * width;
    let straight = 4.0 * weight / (3 * count) as f64;
    let diagonal = 4.0 * weight / (12 * channels * (height + 1) * (width + 1)) as f64;
    launch(Variation {}, VariationSizes { height, width, count, straight, diagonal }, [image], count, shape)
}

kernel! {
    /// The gradient.
    Variation {}(image: f32) -> f32,
    VariationSizes { height: u32, width: u32, count: u32, straight: f32, diagonal: f32 },
    |_| Code::file(include_str!("variation.wgsl")),
}
