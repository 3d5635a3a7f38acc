//! Cosine distances between pixels, by the sum of each pixel's (see [`crate::compute::spread_difference`]).
//!
//! Their matrix is symmetric, so a workgroup takes a row for a column: its values lie together.

use burn::tensor::Tensor;

use super::kernel::{Code, GROUP, kernel};
use super::launch::launch;
use super::reduce::Room;
use crate::compute::numbers::LEAST_DISTANCE;

/// Given the cosines of so many pixels (flat, both sides filled up to a multiple of 8), each distance by the sum of its row.
pub fn spread(cosines: Tensor<4>, count: usize) -> Tensor<4> {
    let (shape, pitch) = (cosines.dims(), count.next_multiple_of(8));
    let sizes = SpreadSizes { count, pitch, least: LEAST_DISTANCE * count as f64 };
    launch(Spread {}, sizes, [cosines], pitch * GROUP, shape)
}

/// The derivatives by the distances of what is between that and a target; each row's share of the value is left in the room.
pub fn spread_difference(cosines: Tensor<4>, target: &Tensor<4>, count: usize, room: Room) -> Tensor<4> {
    let (shape, pitch) = (cosines.dims(), count.next_multiple_of(8));
    let sizes = SpreadDifferenceSizes { count, pitch, at: room.at, least: LEAST_DISTANCE * count as f64 };
    launch(SpreadDifference {}, sizes, [cosines, target.clone(), room.sums], pitch * GROUP, shape)
}

fn code(text: &str) -> Code {
    Code::groups(format!("const GROUP = {GROUP}u;\n")).with(include_str!("spread_common.wgsl")).with(text)
}

kernel! {
    /// Distances by their sum: a workgroup for each row.
    Spread {}(cosines: f32) -> f32,
    SpreadSizes { count: u32, pitch: u32, least: f32 },
    |_| code(include_str!("spread.wgsl")),
}

kernel! {
    /// What is between these and others: a workgroup for each row.
    SpreadDifference {}(cosines: f32, other: f32) -> f32 and sums: f32,
    SpreadDifferenceSizes { count: u32, pitch: u32, at: u32, least: f32 },
    |_| code(include_str!("spread_difference.wgsl")),
}
