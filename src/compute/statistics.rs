//! What style is: Gram matrices, means and covariances of maps, and the gradients they cause there.

use burn::tensor::Tensor;

use super::batch::Batch;
use super::maps::{Layout, Maps};
use super::matrix::Matrix;
use super::sums::Sums;
use super::{plain, wgsl};

/// The Gram matrix `F Fᵀ / (C·H·W)` with F the maps as `[C, H·W]`; `[C, C]`.
///
/// The normalisation is Johnson's; Gatys' paper divides by nothing here and by 4C²(HW)² in the loss.
pub fn gram(maps: &Maps) -> Matrix {
    let scale = 1.0 / maps.count() as f64;
    let data = match maps.layout {
        Layout::Plain => plain::gram_sum(maps.data.clone()) * scale,
        Layout::Packed { .. } => wgsl::gram(maps, scale),
    };
    Matrix { data, layout: maps.layout }
}

/// The [`gram`] matrix minus another, `[C, C]`; `factor` times the sum of its squares is left among the sums.
pub fn gram_difference(maps: &Maps, target: &Matrix, factor: f64, sums: &mut Sums) -> Matrix {
    match maps.layout {
        Layout::Plain => {
            let difference = gram(maps) - target.clone();
            sums.dot(difference.data.clone(), difference.data.clone(), factor);
            difference
        }
        Layout::Packed { tiling, .. } => {
            let (scale, goal) = (1.0 / maps.count() as f64, target.data.clone());
            let room = sums.room(&maps.data, factor, tiling);
            let data = wgsl::gram_difference(wgsl::gram_slices(maps, None), scale, goal, room, tiling);
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
        Layout::Packed { .. } => {
            let [rows, columns] = gradient.dims();
            wgsl::gram_product(maps, (gradient.reshape([1, 1, rows, columns]), 0), scale)
        }
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

/// Takes the [`covariance`] into a batch. `factor` times its trace and the squared distance of the mean from a goal is left
/// among the sums.
pub fn push_covariance(
    batch: &mut Batch,
    maps: &Maps,
    [mean, goal]: [&Matrix; 2],
    ridge: f64,
    factor: f64,
    sums: &mut Sums,
) {
    let shape = [maps.channels; 2];
    match maps.layout {
        Layout::Plain => {
            let covariance = covariance(maps, mean, ridge).data;
            sums.value(plain::trace(covariance.clone()), factor);
            sums.squared_difference(mean.data.clone(), goal.data.clone(), factor);
            batch.push_plain(covariance);
        }
        Layout::Packed { tiling, .. } => {
            let means = [mean.data.clone(), goal.data.clone()];
            let slices = wgsl::gram_slices(maps, Some(mean.data.clone()));
            let (weights, room) = ([1.0 / maps.pixels() as f64, ridge], sums.room(&maps.data, factor, tiling));
            batch.push_packed(shape, |matrices, place| {
                wgsl::covariance_into(matrices, place, slices, weights, means, room, tiling)
            });
        }
    }
}

/// The same of a covariance that is known already.
pub fn push_moments(batch: &mut Batch, covariance: &Matrix, [mean, goal]: [&Matrix; 2], factor: f64, sums: &mut Sums) {
    let data = covariance.data.clone();
    let [rows, columns] = data.dims();
    sums.dot(data.clone(), Tensor::eye(rows, &data.device()), factor);
    sums.squared_difference(mean.data.clone(), goal.data.clone(), factor);
    match covariance.layout {
        Layout::Plain => batch.push_plain(data),
        Layout::Packed { .. } => batch.push_packed([rows, columns], |matrices, place| {
            wgsl::copy_into(data.reshape([1, 1, 1, rows * columns]), matrices, place)
        }),
    }
}

/// Takes the maps' pixels less their mean into a batch, one row of C values each; in packed layouts zeros fill the rows up to
/// a multiple of 8. `factor` times the sum of their squares by the number of pixels (the trace of the covariance) and the
/// squared distance of the mean from a goal is left among the sums.
pub fn push_centred(batch: &mut Batch, maps: &Maps, [mean, goal]: [&Matrix; 2], factor: f64, sums: &mut Sums) {
    match maps.layout {
        Layout::Plain => {
            let rows = plain::centred(maps.data.clone(), mean.data.clone());
            sums.dot(rows.clone(), rows.clone(), factor / maps.pixels() as f64);
            sums.squared_difference(mean.data.clone(), goal.data.clone(), factor);
            batch.push_plain(rows);
        }
        Layout::Packed { tiling, .. } => {
            let means = [mean.data.clone(), goal.data.clone()];
            let room = sums.room(&maps.data, factor, tiling);
            batch.push_packed([wgsl::rows(maps), maps.channels], |matrices, place| {
                wgsl::centred_into(matrices, place, maps, means, room, tiling)
            });
        }
    }
}

/// `scale · (A − B + mean − goal)` for each pixel's row of A and B (`[H·W, C]` or more rows), in the maps' layout: each a matrix
/// of a batch.
pub fn from_rows(maps: &Maps, rows: [(&Batch, usize); 2], means: [&Matrix; 2], scale: f64) -> Tensor<4> {
    let means = means.map(|m| m.data.clone());
    match maps.layout {
        Layout::Plain => plain::from_rows(maps.data.dims(), rows.map(|(batch, i)| batch.get(i)), means, scale),
        Layout::Packed { .. } => wgsl::from_rows(maps, rows.map(|(batch, i)| batch.place(i)), means, scale),
    }
}

/// `scale · (S (f − μ) + μ − goal)` at every pixel, S symmetric and one of a batch: the gradient at the maps of a loss whose
/// gradient is `S` at the covariance and `μ − goal` at the mean, up to factors. Not masked; in packed
/// layouts the border is no zeros, which masking mends.
pub fn moments_gradient(
    maps: &Maps,
    (batch, number): (&Batch, usize),
    [mean, goal]: [&Matrix; 2],
    scale: f64,
) -> Tensor<4> {
    let means = [mean.data.clone(), goal.data.clone()];
    match maps.layout {
        Layout::Plain => plain::moments_gradient(maps.data.clone(), batch.get(number), means, scale),
        Layout::Packed { .. } => wgsl::moments_gradient(maps, batch.place(number), means, scale),
    }
}
