//! Pixels of packed maps gathered into smaller ones, and scattered back.

use burn::tensor::Tensor;

use super::kernel::{Code, kernel};
use super::launch::launch;
use crate::compute::maps::Maps;

/// The pixels at `places` (numbers row by row, `[1, 1, 1, rows · columns]`) as packed maps.
pub fn gather(maps: &Maps, places: &Tensor<4>, [height, width]: [usize; 2]) -> Tensor<4> {
    let shape = [1, height + 2, width + 2, maps.channels];
    let sizes = GatherSizes { height, width, input_width: maps.width, channels: maps.channels / 4 };
    launch(Gather {}, sizes, [maps.data.clone(), places.clone()], shape.iter().product::<usize>() / 4, shape)
}

/// What was gathered, at its place in maps like these; zeros elsewhere.
pub fn scatter(gathered: Tensor<4>, places: &Tensor<4>, [rows, columns]: [usize; 2], like: &Maps) -> Tensor<4> {
    let shape = [1, like.height + 2, like.width + 2, like.channels];
    let (height, width, channels) = (like.height, like.width, like.channels / 4);
    let sizes = ScatterSizes { height, width, columns, channels, count: rows * columns };
    launch(Scatter {}, sizes, [gathered, places.clone()], shape.iter().product::<usize>() / 4, shape)
}

kernel! {
    /// Pixels from their places.
    Gather {}(x: vec4f, places: f32) -> vec4f,
    GatherSizes { height: u32, width: u32, input_width: u32, channels: u32 },
    |_| Code::maps(include_str!("gather.wgsl")),
}

kernel! {
    /// Pixels to their places: each looks itself up in the sorted list.
    Scatter {}(x: vec4f, places: f32) -> vec4f,
    ScatterSizes { height: u32, width: u32, columns: u32, channels: u32, count: u32 },
    |_| Code::maps(include_str!("scatter.wgsl")),
}
