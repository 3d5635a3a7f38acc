//! Some pixels of maps, gathered into maps of their own and scattered back.
//!
//! Which ones is a list of their numbers, counted row by row from 0, ascending: `[1, 1, 1, rows · columns]`.

use burn::tensor::{Int, Tensor};

use super::maps::{Layout, Maps};
use super::{plain, wgsl};

/// The pixels at `places` as maps of `rows × columns`.
pub fn gather(maps: &Maps, places: &Tensor<4>, [rows, columns]: [usize; 2]) -> Maps {
    let data = match maps.layout {
        Layout::Plain => plain::gather(maps.data.clone(), numbers(places), [rows, columns]),
        Layout::Packed { .. } => wgsl::gather(maps, places, [rows, columns]),
    };
    Maps { data, height: rows, width: columns, ..maps.clone() }
}

/// The values of what was gathered into `size` (rows, columns), at their places in maps like these; zeros elsewhere.
pub fn scatter(gathered: Tensor<4>, places: &Tensor<4>, size: [usize; 2], like: &Maps) -> Tensor<4> {
    match like.layout {
        Layout::Plain => plain::scatter(gathered, numbers(places), like.data.dims()),
        Layout::Packed { .. } => wgsl::scatter(gathered, places, size, like),
    }
}

fn numbers(places: &Tensor<4>) -> Tensor<1, Int> {
    places.clone().flatten::<1>(0, 3).int()
}
