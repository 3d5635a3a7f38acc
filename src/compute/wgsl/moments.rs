//! Means of packed maps, and their pixels as rows of a matrix less the mean and back again.

use burn::tensor::Tensor;

use super::gram::{SLICE_ROWS, Tiles, add_slices};
use super::kernel::{Code, kernel};
use super::launch::launch;
use crate::compute::maps::Maps;

/// Rows are made a multiple of this, for the products with them.
const TILE: usize = 8;

/// The mean of each channel, `[1, C]`.
pub fn mean(maps: &Maps) -> Tensor<2> {
    let rows = (maps.height + 2) * (maps.width + 2);
    let slices = rows.div_ceil(SLICE_ROWS);
    let vectors = maps.channels / 4;
    let sizes = MeanSizes { rows, slice_rows: rows.div_ceil(slices), channels: vectors, slices };
    let shape = [1, slices, 1, maps.channels];
    let partial = launch(Mean {}, sizes, [maps.data.clone()], vectors * slices, shape);
    add_slices(partial, 1.0 / maps.pixels() as f64, 0.0, None, Tiles::All)
}

/// The maps' pixels less the mean, as rows; zeros fill the rows up to a multiple of 8.
pub fn centred(maps: &Maps, mean: Tensor<2>) -> Tensor<2> {
    let Maps { channels, height, width, .. } = *maps;
    let rows = maps.pixels().next_multiple_of(TILE);
    let sizes = CentredSizes { height, width, channels: channels / 4, rows };
    let tensors = [maps.data.clone(), mean.reshape([1, 1, 1, channels])];
    launch(Centred {}, sizes, tensors, rows * channels / 4, [1, 1, rows, channels]).reshape([rows, channels])
}

/// `scale · (A − B + mean − goal)` for each pixel's row of A and B, in the maps' packed layout.
pub fn from_rows(maps: &Maps, rows: [Tensor<2>; 2], means: [Tensor<2>; 2], scale: f64) -> Tensor<4> {
    let Maps { channels, height, width, .. } = *maps;
    let shape = maps.data.dims();
    let [a, b] = rows.map(|matrix| {
        let [rows, columns] = matrix.dims();
        matrix.reshape([1, 1, rows, columns])
    });
    let [mean, goal] = means.map(|mean| mean.reshape([1, 1, 1, channels]));
    let sizes = FromRowsSizes { height, width, channels: channels / 4, scale };
    launch(FromRows {}, sizes, [a, b, mean, goal], shape.iter().product::<usize>() / 4, shape)
}

kernel! {
    /// Sums of each channel over a slice of rows; the border adds nothing.
    Mean {}(maps: vec4f) -> vec4f,
    MeanSizes { rows: u32, slice_rows: u32, channels: u32, slices: u32 },
    |_| Code::file(include_str!("mean.wgsl")),
}

kernel! {
    /// Pixels less their mean, as rows.
    Centred {}(maps: vec4f, mean: vec4f) -> vec4f,
    CentredSizes { height: u32, width: u32, channels: u32, rows: u32 },
    |_| Code::file(include_str!("centred.wgsl")),
}

kernel! {
    /// Pixels from rows.
    FromRows {}(a: vec4f, b: vec4f, mean: vec4f, goal: vec4f) -> vec4f,
    FromRowsSizes { height: u32, width: u32, channels: u32, scale: f32 },
    |_| Code::maps(include_str!("from_rows.wgsl")),
}
