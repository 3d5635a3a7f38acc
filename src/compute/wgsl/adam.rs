//! Adam's step in two launches instead of a dozen; see `optim::Adam`.

use burn::tensor::{Tensor, TensorData};

use super::launch::{Bindings, Source, float, launch, linear_grid};
use crate::compute::numbers::AdamStep;

/// The new moments, first then second (`[2, 3, H, W]`), and the image moved against them, clamped to
/// \[0, 1\].
pub fn adam(image: Tensor<4>, moments: Tensor<4>, gradient: Tensor<4>, step: AdamStep) -> [Tensor<4>; 2] {
    let (shape, two) = (image.dims(), moments.dims());
    let count: usize = shape.iter().product();
    let grid = linear_grid(count, 64);
    let source = Source { name: "adam moments".into(), text: moments_text };
    let sizes = [count, 0, float(step.decay[0]), float(step.decay[1])];
    let moments = launch([moments, gradient], source, grid, &sizes, two);
    let source = Source { name: "adam move".into(), text: move_text };
    let [first, second] = step.correction;
    // Not among the sizes: those are kept on the device for good, and these change with every step.
    let numbers = [step.learning_rate / first, 1.0 / second].map(|v| v as f32);
    let rates = Tensor::from_data(TensorData::new(numbers.to_vec(), [1, 1, 1, 2]), &image.device());
    let image = launch([image, moments.clone(), rates], source, grid, &[count, float(step.epsilon)], shape);
    [moments, image]
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
        sizes: "count: u32, epsilon: f32, a: u32, b: u32",
        inputs: &[("image", "f32"), ("moments", "f32"), ("rates", "f32")],
        output: ("result", "f32"),
    };
    bindings.linear_kernel(
        "  if (index >= sizes.count) { return; }
  let deviation = sqrt(moments[index + sizes.count] * rates[1]) + sizes.epsilon;
  result[index] = clamp(image[index] - rates[0] * moments[index] / deviation, 0.0, 1.0);",
    )
}
