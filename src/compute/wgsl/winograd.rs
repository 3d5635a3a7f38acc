//! The 3×3 convolution by Winograd's F(4×4, 3×3) (Lavin & Gray 2015, "Fast Algorithms for Convolutional Neural Networks").
//!
//! A convolution is a product of polynomials, and one of six coefficients is found from its values at six points: 0, ±1/√2, ±√2
//! and ∞, twice, for rows and columns. So a tile of 4 × 4 pixels with its halo, transformed, is 36 numbers for each channel;
//! at each point the channels of all tiles are multiplied by a matrix, 36 products in one launch; and transformed back they are
//! the tile. That is 2.25 multiplications for each pixel and pair of channels where the direct form has 9.
//!
//! With these points a filter turned by 180° has the same values, its points exchanged, because they come in pairs of
//! reciprocals: both ways use the same transformed weights.
//!
//! Maps go in bands of rows, so that what is transformed stays small, and near.

use burn::tensor::Tensor;

use super::ends::{End, Ending};
use super::launch::{blank, launch};
use super::winograd_products::products;
use super::winograd_transforms::{InputTransform, InputTransformSizes, OutputTransform, OutputTransformSizes};
use crate::compute::form::Winograd;

pub use super::winograd_transforms::transformed;

const POINTS: usize = Winograd::POINTS;

/// A convolution from so many input to so many output channels, of maps of this height and width, to this end.
pub fn convolve(
    [x, weights]: [Tensor<4>; 2],
    [height, width]: [usize; 2],
    [inputs, outputs]: [usize; 2],
    ending: Ending,
    winograd: Winograd,
) -> Tensor<4> {
    let shape = [1, height + 2, width + 2, outputs];
    let Ending { end, added, below } = ending;
    // The bands are written into it one after the other.
    let mut result = below.unwrap_or_else(|| blank(&x, shape));
    for band in winograd.bands(height, width, inputs.max(outputs)) {
        let (first, tiles) = (band.start, band.len());
        let input = InputTransformSizes { height, width, channels: inputs, first, tiles };
        let v = launch(InputTransform {}, input, [x.clone()], tiles * inputs, [1, POINTS, tiles, inputs]);
        let m =
            products(v, weights.clone(), [tiles, inputs, outputs], end != End::Forward, winograd.tile(tiles, outputs));
        let output = OutputTransformSizes { height, width, channels: outputs, first, tiles };
        let (kernel, invocations) = (OutputTransform { end }, tiles * outputs);
        result = match &added {
            Some(added) => launch(kernel, output, [m, added.clone(), result], invocations, shape),
            None => launch(kernel, output, [m, result], invocations, shape),
        };
    }
    result
}
