//! What style is: Gram matrices, means and covariances of maps, and the gradients they cause there.

use burn::tensor::Tensor;

use super::maps::{Layout, Maps};
use super::matrix::Matrix;
use super::{plain, wgsl};

/// The Gram matrix `F Fᵀ / (C·H·W)` with F the maps as `[C, H·W]`; `[C, C]`.
///
/// The normalisation is Johnson's; Gatys' paper divides by nothing here and by 4C²(HW)² in the loss.
pub fn gram(maps: &Maps) -> Matrix {
    let scale = 1.0 / maps.count() as f64;
    let data = match maps.layout {
        Layout::Plain => plain::gram_sum(maps.data.clone()) * scale,
        Layout::Packed { .. } => wgsl::gram(maps, scale, None),
    };
    Matrix { data, layout: maps.layout }
}

/// The [`gram`] matrix minus another, `[C, C]`.
pub fn gram_difference(maps: &Maps, target: &Matrix) -> Matrix {
    match maps.layout {
        Layout::Plain => gram(maps) - target.clone(),
        Layout::Packed { .. } => {
            let data = wgsl::gram(maps, 1.0 / maps.count() as f64, Some(target.data.clone()));
            Matrix { data, layout: maps.layout }
        }
    }
}

/// The gradient at the maps, given a *symmetric* one at their Gram matrix (`[C, C]`), times `scale`. Not masked:
/// what is zero may still want to grow.
pub fn gram_gradient(maps: &Maps, gradient: &Matrix, scale: f64) -> Tensor<4> {
    let (scale, gradient) = (2.0 * scale / maps.count() as f64, gradient.data.clone());
    match maps.layout {
        Layout::Plain => plain::gram_product(maps.data.clone(), gradient * scale),
        Layout::Packed { subgroups, .. } => wgsl::gram_product(maps, gradient, scale, subgroups),
    }
}

/// The mean μ of each map, `[1, C]`.
pub fn mean(maps: &Maps) -> Matrix {
    let data = match maps.layout {
        Layout::Plain => plain::mean(maps.data.clone()),
        Layout::Packed { .. } => wgsl::mean(maps),
    };
    Matrix { data, layout: maps.layout }
}

/// The covariance `E[(f − μ)(f − μ)ᵀ]` of the maps over all pixels, `ridge` added to its diagonal;
/// `[C, C]`.
pub fn covariance(maps: &Maps, mean: &Matrix, ridge: f64) -> Matrix {
    let mean = mean.data.clone();
    let data = match maps.layout {
        Layout::Plain => plain::covariance(maps.data.clone(), mean, ridge),
        Layout::Packed { .. } => wgsl::covariance(maps, mean, ridge),
    };
    Matrix { data, layout: maps.layout }
}

/// The maps' pixels less their mean (`[1, C]`), one row of C values each; in packed layouts zeros fill the rows up to
/// a multiple of 8.
pub fn centred(maps: &Maps, mean: &Matrix) -> Matrix {
    let mean = mean.data.clone();
    let data = match maps.layout {
        Layout::Plain => plain::centred(maps.data.clone(), mean),
        Layout::Packed { .. } => wgsl::centred(maps, mean),
    };
    Matrix { data, layout: maps.layout }
}

/// `scale · (A − B + mean − goal)` for each pixel's row of A and B (`[H·W, C]` or more rows), in the maps' layout.
pub fn from_rows(maps: &Maps, rows: [&Matrix; 2], means: [&Matrix; 2], scale: f64) -> Tensor<4> {
    let (rows, means) = (rows.map(|m| m.data.clone()), means.map(|m| m.data.clone()));
    match maps.layout {
        Layout::Plain => plain::from_rows(maps.data.dims(), rows, means, scale),
        Layout::Packed { .. } => wgsl::from_rows(maps, rows, means, scale),
    }
}

/// `scale · (S (f − μ) + μ − goal)` at every pixel, S symmetric: the gradient at the maps of a loss whose
/// gradient is `S` at the covariance and `μ − goal` at the mean, up to factors. Not masked; in packed
/// layouts the border is no zeros, which masking mends.
pub fn moments_gradient(maps: &Maps, matrix: &Matrix, [mean, goal]: [&Matrix; 2], scale: f64) -> Tensor<4> {
    let (matrix, means) = (matrix.data.clone(), [mean.data.clone(), goal.data.clone()]);
    match maps.layout {
        Layout::Plain => plain::moments_gradient(maps.data.clone(), matrix, means, scale),
        Layout::Packed { subgroups, .. } => wgsl::moments_gradient(maps, matrix, means, scale, subgroups),
    }
}
