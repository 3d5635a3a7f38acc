//! The losses, as pure functions.
//!
//! Each returns its gradient and leaves its value among [`Sums`], which stay on the device until
//! somebody reads them.

use burn::tensor::Tensor;

use crate::compute::{self, Maps, Matrix, Sums, Wrap};
use crate::network::Part;

/// `weight · mean((F − F*)²)`: the content loss of one layer (Gatys et al., eq. 1, as a mean).
pub fn content(maps: &Maps, target: &Maps, weight: f64, sums: &mut Sums) -> Tensor<4> {
    // A packed map's border is zero in both, and not counted.
    compute::difference(maps, target, weight / maps.count() as f64, sums)
}

/// A part's share of [`content`], `target` being that of the whole layer; the gradient at all rows of the part's band.
pub fn content_part(part: &Part, target: &Maps, weight: f64, sums: &mut Sums) -> Tensor<4> {
    let (rows, factor) = (part.own.clone(), weight / target.count() as f64);
    compute::difference_of_rows(part.band, rows, target, part.first, factor, sums)
}

/// `weight · mean((G − G*)²)` with G the Gram matrix of the maps (Gatys et al., eq. 3–5).
pub fn gram(maps: &Maps, target: &Matrix, weight: f64, sums: &mut Sums) -> Tensor<4> {
    gram_pull(maps, &gram_gap(maps, target, weight, sums), weight)
}

/// The first half of [`gram`]: its value among the sums, and G − G*.
pub fn gram_gap(maps: &Maps, target: &Matrix, weight: f64, sums: &mut Sums) -> Matrix {
    compute::gram_difference(maps, target, weight / maps.channels.pow(2) as f64, sums)
}

/// The same of a Gram matrix that is known already.
pub fn gram_gap_of(gram: Matrix, target: &Matrix, weight: f64, sums: &mut Sums) -> Matrix {
    let gap = gram - target.clone();
    let [channels, _] = gap.data.dims();
    sums.dot(gap.data.clone(), gap.data.clone(), weight / channels.pow(2) as f64);
    gap
}

/// The second half of [`gram`]: its gradient at the maps, given G − G*.
pub fn gram_pull(maps: &Maps, gap: &Matrix, weight: f64) -> Tensor<4> {
    compute::gram_gradient(maps, gap, 2.0 * weight / maps.channels.pow(2) as f64)
}

/// Nine-point total variation of an image `[1, 3, h, w]` in \[0, 1\], with replicate padding where its edges do not meet:
/// `2·weight·(mean dx²/3 + mean dy²/3 + both diagonals' means/12)` (crowsonkb/style-transfer-pytorch). Another loss's gradient is
/// added to its own, if there is one.
pub fn total_variation(
    image: Tensor<4>,
    wrap: Wrap,
    weight: f64,
    other: Option<Tensor<4>>,
    sums: &mut Sums,
) -> Tensor<4> {
    compute::variation(image, wrap, weight, other, sums)
}
