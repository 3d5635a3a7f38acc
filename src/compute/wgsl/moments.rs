//! Means of packed maps, and their pixels as rows of a matrix less the mean and back again.

use burn::tensor::Tensor;

use super::kernel::{Code, Input, Kernel, kernel, variants};
use super::launch::launch;
use super::reduce::{Room, invocations, leaving};
use super::slices::{Slices, add_slices};
use super::uniform::uniform;
use crate::compute::maps::{Maps, Tiling};

/// Rows are made a multiple of this, for the products with them.
pub const TILE: usize = 8;
/// Rows whose sum an invocation finds.
const SLICE_ROWS: usize = 512;
/// So many slices at most: one invocation adds them up.
const SLICES: usize = 128;

/// The mean of each channel, `[1, C]`.
pub fn mean(maps: &Maps) -> Tensor<2> {
    let (rows, channels) = ((maps.height + 2) * (maps.width + 2), maps.channels);
    let slices = rows.div_ceil(SLICE_ROWS).min(SLICES);
    let (vectors, share) = (channels / 4, 1.0 / maps.pixels() as f64);
    let scale = if slices == 1 { share } else { 1.0 };
    let sizes = MeanSizes { rows, slice_rows: rows.div_ceil(slices), channels: vectors, slices, scale };
    let data = launch(Mean {}, sizes, [maps.data.clone()], vectors * slices, [1, slices, 1, channels]);
    let whole = if slices == 1 { data } else { add_slices(Slices { data, tile: None }, share, 0.0) };
    whole.reshape([1, channels])
}

/// Rows that the maps' pixels take as a matrix: with the zeros that fill them up to a multiple of 8.
pub fn rows(maps: &Maps) -> usize {
    maps.pixels().next_multiple_of(TILE)
}

/// The maps' pixels less the mean as [`rows`], written from a place on (in values) into a tensor of many matrices; left among
/// the sums are the sum of their squares by the number of pixels and the squared distance of the means, `[1, C]`, from each other.
pub fn centred_into(
    matrices: Tensor<4>,
    place: usize,
    maps: &Maps,
    means: [Tensor<2>; 2],
    room: Room,
    tiling: Tiling,
) -> Tensor<4> {
    let Maps { channels, height, width, .. } = *maps;
    let share = 1.0 / maps.pixels() as f64;
    let (rows, channels, shape) = (rows(maps), channels / 4, matrices.dims());
    let sizes = CentredSizes { height, width, channels, count: rows * channels, place: place / 4, at: room.at, share };
    let [mean, goal] = means.map(|mean| mean.reshape([1, 1, 1, 4 * channels]));
    let tensors = [maps.data.clone(), mean, goal, matrices, room.sums];
    launch(Centred { tiling }, sizes, tensors, invocations(tiling), shape)
}

/// `scale · (A − B + mean − goal)` for each pixel's row of A and B, in the maps' packed layout: matrices from a place on (in
/// values) in a tensor each.
pub fn from_rows(
    maps: &Maps,
    [(a, a_at), (b, b_at)]: [(Tensor<4>, usize); 2],
    means: [Tensor<2>; 2],
    scale: f64,
) -> Tensor<4> {
    let Maps { channels, height, width, .. } = *maps;
    let shape = maps.data.dims();
    let [mean, goal] = means.map(|mean| mean.reshape([1, 1, 1, channels]));
    let sizes = FromRowsSizes { height, width, channels: channels / 4, scale, a_at: a_at / 4, b_at: b_at / 4 };
    launch(FromRows {}, sizes, [a, b, mean, goal], shape.iter().product::<usize>() / 4, shape)
}

kernel! {
    /// Sums of each channel over a slice of rows; the border adds nothing.
    Mean {}(maps: vec4f) -> vec4f,
    MeanSizes { rows: u32, slice_rows: u32, channels: u32, slices: u32, scale: f32 },
    |_| Code::file(include_str!("mean.wgsl")),
}

/// Pixels less their mean, as rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Centred {
    /// Who adds up what is left among the sums.
    pub tiling: Tiling,
}

variants!(Centred { tiling: Tiling });
uniform!(CentredSizes { height: u32, width: u32, channels: u32, count: u32, place: u32, at: u32, share: f32 });

impl Kernel for Centred {
    type Sizes = CentredSizes;

    fn inputs(self) -> &'static [Input] {
        &[("maps", "vec4f"), ("mean", "vec4f"), ("goal", "vec4f")]
    }

    fn writes_within(self) -> bool {
        true
    }

    fn writes_too(self) -> Option<Input> {
        Some(("sums", "f32"))
    }

    fn code(self) -> Code {
        Code::file(include_str!("centred.wgsl")).with(&leaving(self.tiling, "sums"))
    }
}

kernel! {
    /// Pixels from rows.
    FromRows {}(a: vec4f, b: vec4f, mean: vec4f, goal: vec4f) -> vec4f,
    FromRowsSizes { height: u32, width: u32, channels: u32, a_at: u32, b_at: u32, scale: f32 },
    |_| Code::maps(include_str!("from_rows.wgsl")),
}
