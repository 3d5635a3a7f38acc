//! The temporal loss: what a film's frame holds to of the last frame's picture.

use burn::tensor::{Device, Tensor, TensorData};

use crate::compute::Sums;
use crate::film::Moved;
use crate::picture::Affine;
use crate::settings::Colour;

/// The last frame's picture at one scale of a run, and how firmly the image is held to it.
#[derive(Debug)]
pub struct Temporal {
    weight: f64,
    /// `[1, 3, height, width]`, RGB in \[0, 1\].
    wanted: Tensor<4>,
    /// `[1, 1, height, width]`, 0 to 1.
    trust: Tensor<4>,
}

impl Temporal {
    /// Of the last frame's picture, moved to this one and brought to `width × height` pixels.
    pub fn new(moved: &Moved, weight: f64, (width, height): (u32, u32), colour: Colour, device: &Device) -> Self {
        let moved = moved.resized(width, height);
        let shape = [1, 1, height as usize, width as usize];
        Self {
            weight,
            wanted: Affine::of_content(colour).to_tensor(moved.picture(), device),
            trust: Tensor::from_data(TensorData::new(moved.trust().to_vec(), shape), device),
        }
    }

    /// Its gradient at an image, and its value among the sums.
    pub fn loss(&self, image: Tensor<4>, sums: &mut Sums) -> Tensor<4> {
        temporal(image, self.wanted.clone(), self.trust.clone(), self.weight, sums)
    }
}

/// `weight · mean(c · (x − ω)²)`: how far an image x (`[1, 3, h, w]`) is from the last frame's ω where that is to be trusted, c being
/// `[1, 1, h, w]` (Ruder et al. 2016, eq. 7; the mean is over all values, those that are not trusted too).
pub fn temporal(image: Tensor<4>, wanted: Tensor<4>, trust: Tensor<4>, weight: f64, sums: &mut Sums) -> Tensor<4> {
    let scale = weight / image.shape().num_elements() as f64;
    let difference = image - wanted;
    let trusted = difference.clone() * trust;
    sums.dot(difference, trusted.clone(), scale);
    trusted * (2.0 * scale)
}
