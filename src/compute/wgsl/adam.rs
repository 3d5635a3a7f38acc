//! Adam's step in two launches instead of a dozen; see `optim::Adam`.

use burn::tensor::{Tensor, TensorData};

use super::kernel::{Code, kernel};
use super::launch::launch;
use crate::compute::numbers::AdamStep;

/// The new moments, first then second (`[2, 3, H, W]`), and the image moved against them, clamped to
/// \[0, 1\].
pub fn adam(image: Tensor<4>, moments: Tensor<4>, gradient: Tensor<4>, step: AdamStep) -> [Tensor<4>; 2] {
    let (shape, two) = (image.dims(), moments.dims());
    let count: usize = shape.iter().product();
    let sizes = AdamMomentsSizes { count, first: step.decay[0], second: step.decay[1] };
    let moments = launch(AdamMoments {}, sizes, [moments, gradient], count, two);
    let [first, second] = step.correction;
    // Not among the sizes: those are kept on the device for good, and these change with every step.
    let numbers = [step.learning_rate / first, 1.0 / second].map(|v| v as f32);
    let rates = Tensor::from_data(TensorData::new(numbers.to_vec(), [1, 1, 1, 2]), &image.device());
    let sizes = AdamMoveSizes { count, epsilon: step.epsilon };
    let image = launch(AdamMove {}, sizes, [image, moments.clone(), rates], count, shape);
    [moments, image]
}

kernel! {
    /// Both moments, the gradient taken in.
    AdamMoments {}(moments: f32, gradient: f32) -> f32,
    AdamMomentsSizes { count: u32, first: f32, second: f32 },
    |_| Code::file(include_str!("adam_moments.wgsl")),
}

kernel! {
    /// The image, moved.
    AdamMove {}(image: f32, moments: f32, rates: f32) -> f32,
    AdamMoveSizes { count: u32, epsilon: f32 },
    |_| Code::file(include_str!("adam_move.wgsl")),
}
