//! Adam's step in one launch instead of a dozen (see `optim::Adam`), and the average of the iterates in another.

use burn::tensor::{Tensor, TensorData};

use super::kernel::{Code, kernel};
use super::launch::{blank, launch};
use crate::compute::numbers::AdamStep;

/// The new moments, first then second (`[2, 3, H, W]`), and the image moved against them, clamped to
/// \[0, 1\]. Moments that are not there yet are zero: a tensor of zeros would be Burn's, whose memory a browser takes its time to
/// collect.
pub fn adam(image: Tensor<4>, moments: Option<Tensor<4>>, gradient: Tensor<4>, step: AdamStep) -> [Tensor<4>; 2] {
    let shape = image.dims();
    let [_, channels, height, width] = shape;
    let new = blank(&image, [2, channels, height, width]);
    let count: usize = shape.iter().product();
    let [first, second] = step.correction;
    // Not among the sizes: those are kept on the device for good, and these change with every step.
    let numbers = [step.learning_rate / first, 1.0 / second].map(|v| v as f32);
    let rates = Tensor::from_data(TensorData::new(numbers.to_vec(), [1, 1, 1, 2]), &image.device());
    let is_fresh = usize::from(moments.is_none());
    let sizes = AdamSizes { count, is_fresh, first: step.decay[0], second: step.decay[1], epsilon: step.epsilon };
    let moments = moments.unwrap_or_else(|| image.clone());
    let moved = launch(Adam {}, sizes, [image, moments, gradient, rates, new.clone()], count, shape);
    [new, moved]
}

/// `decay · sum + (1 − decay) · image`, the sum being zero if there is none.
pub fn average(sum: Option<Tensor<4>>, image: Tensor<4>, decay: f64) -> Tensor<4> {
    let shape = image.dims();
    let count = shape.iter().product();
    let share = 1.0 - decay;
    // What is multiplied by zero may be anything finite.
    let (sum, decay) = sum.map_or_else(|| (image.clone(), 0.0), |sum| (sum, decay));
    launch(Average {}, AverageSizes { count, decay, share }, [sum, image], count, shape)
}

kernel! {
    /// Both moments, the gradient taken in, and the image, moved.
    Adam {}(image: f32, before: f32, gradient: f32, rates: f32) -> f32 and moments: f32,
    AdamSizes { count: u32, is_fresh: u32, first: f32, second: f32, epsilon: f32 },
    |_| Code::file(include_str!("adam.wgsl")),
}

kernel! {
    /// The sum, an image taken in.
    Average {}(sum: f32, image: f32) -> f32,
    AverageSizes { count: u32, decay: f32, share: f32 },
    |_| {
        let value = "sizes.decay * sum[index] + sizes.share * image[index]";
        Code::body(format!("  if (index < sizes.count) {{ result[index] = {value}; }}"))
    },
}
