//! Pixels of packed maps gathered into smaller ones, and scattered back.

use burn::tensor::Tensor;

use super::launch::{Bindings, Source, launch, linear_grid};
use crate::compute::maps::Maps;

/// The pixels at `places` (numbers row by row, `[1, 1, 1, rows · columns]`) as packed maps.
pub fn gather(maps: &Maps, places: &Tensor<4>, [rows, columns]: [usize; 2]) -> Tensor<4> {
    let shape = [1, rows + 2, columns + 2, maps.channels];
    let sizes = [rows, columns, maps.width, maps.channels / 4];
    let source = Source { name: "gather".into(), text: gather_text };
    let grid = linear_grid(shape.iter().product::<usize>() / 4, 64);
    launch([maps.data.clone(), places.clone()], source, grid, &sizes, shape)
}

/// What was gathered, at its place in maps like these; zeros elsewhere.
pub fn scatter(gathered: Tensor<4>, places: &Tensor<4>, [rows, columns]: [usize; 2], like: &Maps) -> Tensor<4> {
    let shape = [1, like.height + 2, like.width + 2, like.channels];
    let sizes = [like.height, like.width, columns, like.channels / 4, rows * columns];
    let source = Source { name: "scatter".into(), text: scatter_text };
    let grid = linear_grid(shape.iter().product::<usize>() / 4, 64);
    launch([gathered, places.clone()], source, grid, &sizes, shape)
}

fn gather_text(_: &str) -> String {
    let bindings = Bindings {
        sizes: "height: u32, width: u32, input_width: u32, channels: u32",
        inputs: &[("x", "vec4f"), ("places", "f32")],
        output: ("y", "vec4f"),
    };
    bindings.map_kernel(
        "    let place = u32(places[(row - 1u) * sizes.width + column - 1u]);
    let at = (place / sizes.input_width + 1u) * (sizes.input_width + 2u) + place % sizes.input_width + 1u;
    value = x[at * sizes.channels + channel];",
    )
}

/// Each pixel looks itself up in the sorted list.
fn scatter_text(_: &str) -> String {
    let bindings = Bindings {
        sizes: "height: u32, width: u32, columns: u32, channels: u32, count: u32, a: u32, b: u32, c: u32",
        inputs: &[("x", "vec4f"), ("places", "f32")],
        output: ("y", "vec4f"),
    };
    bindings.map_kernel(
        "    let wanted = (row - 1u) * sizes.width + column - 1u;
    var low = 0u;
    var high = sizes.count;
    while (low < high) {
      let middle = (low + high) / 2u;
      if (u32(places[middle]) < wanted) { low = middle + 1u; } else { high = middle; }
    }
    if (low < sizes.count && u32(places[low]) == wanted) {
      let at = (low / sizes.columns + 1u) * (sizes.columns + 2u) + low % sizes.columns + 1u;
      value = x[at * sizes.channels + channel];
    }",
    )
}
