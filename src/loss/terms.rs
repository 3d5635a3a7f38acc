//! The losses, as pure functions.
//!
//! Each returns its gradient and leaves its value among [`Sums`], which stay on the device until
//! somebody reads them.

use burn::tensor::Tensor;

use crate::compute::{self, Maps, Matrix, Sums};

/// `weight · mean((F − F*)²)`: the content loss of one layer (Gatys et al., eq. 1, as a mean).
pub fn content(maps: &Maps, target: &Maps, weight: f64, sums: &mut Sums) -> Tensor<4> {
    // A packed map's border is zero in both, and not counted.
    let scale = weight / maps.count() as f64;
    sums.squared_difference(maps.data.clone(), target.data.clone(), scale);
    compute::difference(maps, target, 2.0 * scale)
}

/// `weight · mean((G − G*)²)` with G the Gram matrix of the maps (Gatys et al., eq. 3–5).
pub fn gram(maps: &Maps, target: &Matrix, weight: f64, sums: &mut Sums) -> Tensor<4> {
    let scale = weight / maps.channels.pow(2) as f64;
    let difference = compute::gram_difference(maps, target);
    sums.dot(difference.data.clone(), difference.data.clone(), scale);
    compute::gram_gradient(maps, &difference, 2.0 * scale)
}

/// Nine-point total variation of an image `[1, 3, h, w]` in \[0, 1\] with replicate padding:
/// `2·weight·(mean dx²/3 + mean dy²/3 + both diagonals' means/12)` (crowsonkb/style-transfer-pytorch).
pub fn total_variation(image: Tensor<4>, weight: f64, sums: &mut Sums) -> Tensor<4> {
    compute::variation(image, weight, sums)
}
