//! What is done with the image itself, `[1, 3, H, W]` in every layout.

use burn::tensor::{Tensor, TensorData};

use super::maps::{Layout, Maps};
use super::numbers::{AdamStep, Wrap};
use super::sums::Sums;
use super::{plain, wgsl};

/// The network's input: an image `[1, 3, H, W]` minus a mean per channel, with these edges meeting. Packed, a fourth
/// channel is zero.
pub fn input(image: Tensor<4>, wrap: Wrap, mean: [f32; 3], layout: Layout) -> Maps {
    let [_, channels, height, width] = image.dims();
    let data = match layout {
        Layout::Plain => {
            let device = image.device();
            image - Tensor::from_data(TensorData::new(mean.to_vec(), [1, 3, 1, 1]), &device)
        }
        Layout::Packed { .. } => wgsl::input(image, mean),
    };
    Maps { data, layout, channels, height, width, wrap }
}

/// The gradient of `weight` times the total variation of an image `[1, 3, H, W]` whose edges meet so, another one added if there is one, and the
/// value among the sums; see `loss::total_variation`.
pub fn variation(image: Tensor<4>, wrap: Wrap, weight: f64, other: Option<Tensor<4>>, sums: &mut Sums) -> Tensor<4> {
    match sums.layout() {
        Layout::Plain => {
            let (value, gradient) = plain::variation(image, wrap, weight);
            sums.value(value, 1.0);
            match other {
                Some(other) => other + gradient,
                None => gradient,
            }
        }
        Layout::Packed { tiling, .. } => {
            let room = sums.room(&image, 0.5, tiling);
            wgsl::variation_gradient(image, wrap, weight, other, room, tiling)
        }
    }
}

/// One value in place of the three channels of an image (`[N, 3, H, W]`, in every layout): their mean, red's and blue's weights being
/// these and green's the rest of 1. What is grey already stays as it is, to the bit.
pub fn grey(image: Tensor<4>, [of_red, of_blue]: [f64; 2]) -> Tensor<4> {
    let [red, green, blue] = [0, 1, 2].map(|channel| image.clone().narrow(1, channel, 1));
    let value = green.clone() + (red - green.clone()) * of_red + (blue - green) * of_blue;
    Tensor::cat(vec![value; 3], 1)
}

/// One step of Adam (see `optim::Adam`): the new moments, first then second (`[2, 3, H, W]`), and the moved image,
/// clamped to \[0, 1\]. Moments that are not there yet are zero.
pub fn adam(
    image: Tensor<4>,
    moments: Option<Tensor<4>>,
    gradient: Tensor<4>,
    step: AdamStep,
    layout: Layout,
) -> [Tensor<4>; 2] {
    match layout {
        Layout::Plain => plain::adam(image, moments, gradient, step),
        Layout::Packed { .. } => wgsl::adam(image, moments, gradient, step),
    }
}

/// `decay · sum + (1 − decay) · image`: an image taken into an average that is not yet corrected for its bias. The sum is zero
/// where there is none.
pub fn average(sum: Option<Tensor<4>>, image: Tensor<4>, decay: f64, layout: Layout) -> Tensor<4> {
    match layout {
        Layout::Plain => {
            let share = image * (1.0 - decay);
            match sum {
                Some(sum) => sum * decay + share,
                None => share,
            }
        }
        Layout::Packed { .. } => wgsl::average(sum, image, decay),
    }
}
