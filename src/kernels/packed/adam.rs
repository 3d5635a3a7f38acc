//! Adam's step in two launches instead of a dozen; see [`crate::optim::Adam`].

use burn::tensor::Tensor;

use super::launch::{Bindings, Source, float, launch, linear_grid};
use crate::optim::{BETA, EPSILON};

/// The new moments, first then second: `[2, 3, H, W]`.
pub fn adam_moments(moments: Tensor<4>, gradient: Tensor<4>) -> Tensor<4> {
    let shape = moments.dims();
    let count: usize = gradient.dims().iter().product();
    let source = Source { name: "adam moments".into(), text: moments_text };
    let sizes = [count, 0, float(BETA[0]), float(BETA[1])];
    launch([moments, gradient], source, linear_grid(count, 64), &sizes, shape)
}

/// The image moved against the corrected moments, clamped to \[0, 1\].
pub fn adam_move(image: Tensor<4>, moments: Tensor<4>, learning_rate: f64, correction: [f64; 2]) -> Tensor<4> {
    let shape = image.dims();
    let count: usize = shape.iter().product();
    let source = Source { name: "adam move".into(), text: move_text };
    let sizes = [count, float(learning_rate / correction[0]), float(1.0 / correction[1]), float(EPSILON)];
    launch([image, moments], source, linear_grid(count, 64), &sizes, shape)
}

fn moments_text(_: &str) -> String {
    let bindings = Bindings {
        sizes: "count: u32, a: u32, first: f32, second: f32",
        inputs: &[("moments", "f32"), ("gradient", "f32")],
        output: ("result", "f32"),
    };
    bindings.linear_kernel(
        "  if (index >= sizes.count) { return; }
  let g = gradient[index];
  result[index] = mix(g, moments[index], sizes.first);
  result[index + sizes.count] = mix(g * g, moments[index + sizes.count], sizes.second);",
    )
}

fn move_text(_: &str) -> String {
    let bindings = Bindings {
        sizes: "count: u32, rate: f32, correction: f32, epsilon: f32",
        inputs: &[("image", "f32"), ("moments", "f32")],
        output: ("result", "f32"),
    };
    bindings.linear_kernel(
        "  if (index >= sizes.count) { return; }
  let deviation = sqrt(moments[index + sizes.count] * sizes.correction) + sizes.epsilon;
  result[index] = clamp(image[index] - sizes.rate * moments[index] / deviation, 0.0, 1.0);",
    )
}
