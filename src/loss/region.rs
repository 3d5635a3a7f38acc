//! A painting's region: the part of the picture whose statistics it shapes (Gatys et al. 2017,
//! "Controlling Perceptual Factors in Neural Style Transfer", §4).
//!
//! A region is a list of pixels at each layer. The layer's activations there are gathered into maps of
//! their own, so that every style loss works on them as on any others, and the gradient is scattered
//! back. Departure from the paper: its masks are soft; here a pixel is inside or not.

use burn::tensor::{Device, Tensor, TensorData};

use crate::compute::{self, Maps};
use crate::picture::Picture;

/// One layer's pixels of a region.
#[derive(Debug, Clone)]
pub struct Region {
    /// For each gathered pixel, its number, row by row.
    places: Tensor<4>,
    /// Height and width of what they are gathered into.
    size: [usize; 2],
    /// The share of the layer's pixels that are inside.
    share: f64,
}

impl Region {
    /// The pixels of a layer of `[height, width]` where the mask, brought to that size, is at least half
    /// white; nothing when there are none.
    ///
    /// They are gathered into a rectangle that is about square: up to one of its sides fewer than there are.
    pub fn new(mask: &Picture, [height, width]: [usize; 2], device: &Device) -> Option<Self> {
        let mask = mask.resized(width as u32, height as u32);
        let inside = |rgb: &[u8]| rgb.iter().map(|&v| u32::from(v)).sum::<u32>() >= 3 * 128;
        let places: Vec<f32> =
            mask.rgb().chunks_exact(3).enumerate().filter(|(_, rgb)| inside(rgb)).map(|(at, _)| at as f32).collect();
        let columns = places.len().isqrt();
        if columns == 0 {
            return None;
        }
        let rows = places.len() / columns;
        let share = places.len() as f64 / (height * width) as f64;
        let kept = places[..rows * columns].to_vec();
        let places = Tensor::from_data(TensorData::new(kept, [1, 1, 1, rows * columns]), device);
        Some(Self { places, size: [rows, columns], share })
    }

    /// The share of the layer that is inside, in (0, 1].
    pub fn share(&self) -> f64 {
        self.share
    }

    /// The activations inside.
    pub fn gather(&self, maps: &Maps) -> Maps {
        compute::gather(maps, &self.places, self.size)
    }

    /// A gradient at what was gathered, as one at `maps`: zero outside.
    pub fn scatter(&self, gradient: Tensor<4>, maps: &Maps) -> Tensor<4> {
        compute::scatter(gradient, &self.places, self.size, maps)
    }
}
