//! Partial matrices, one for each slice of rows, added up.

use burn::tensor::Tensor;

use super::kernel::{Code, Input, Kernel, kernel, variants};
use super::launch::launch;
use super::reduce::{Room, invocations, leaving};
use super::uniform::uniform;
use crate::compute::maps::Tiling;

/// Partial matrices.
#[derive(Debug)]
pub struct Slices {
    /// The values, `[1, slices, R, C]`.
    pub data: Tensor<4>,
    /// The side of their tiles where only those on and above the diagonal were written: the others are these, transposed.
    pub tile: Option<usize>,
}

impl Slices {
    fn sizes(&self, scale: f64, shift: f64) -> AddSlicesSizes {
        let [_, slices, rows, columns] = self.data.dims();
        let tile = self.tile.unwrap_or(rows.max(columns));
        AddSlicesSizes { count: rows * columns / 4, slices, columns, tile, scale, shift }
    }
}

/// `scale` times the sum of the slices, `shift` added to the diagonal; `[1, 1, R, C]`.
pub fn add_slices(slices: Slices, scale: f64, shift: f64) -> Tensor<4> {
    let sizes = slices.sizes(scale, shift);
    let [_, _, rows, columns] = slices.data.dims();
    launch(AddSlices {}, sizes, [slices.data], sizes.count, [1, 1, rows, columns])
}

/// The same less a goal, and the sum of the squares of that.
pub fn gram_difference(slices: Slices, scale: f64, goal: Tensor<2>, room: Room, tiling: Tiling) -> Tensor<2> {
    let AddSlicesSizes { count, slices: number, columns, tile, .. } = slices.sizes(scale, 0.0);
    let shape = [1, 1, columns, columns];
    let sizes = GramDifferenceSizes { count, slices: number, columns, tile, scale, shift: 0.0, at: room.at };
    let tensors = [slices.data, goal.reshape(shape), room.sums];
    launch(GramDifference { tiling }, sizes, tensors, invocations(tiling), shape).reshape([columns, columns])
}

/// A covariance from partial ones, written from a place on (in values) into a tensor of many matrices; left among the sums is its
/// trace plus the squared distance of the means, `[1, C]`, from each other.
pub fn covariance_into(
    matrices: Tensor<4>,
    place: usize,
    slices: Slices,
    [scale, ridge]: [f64; 2],
    means: [Tensor<2>; 2],
    room: Room,
    tiling: Tiling,
) -> Tensor<4> {
    let AddSlicesSizes { count, slices: number, columns, tile, .. } = slices.sizes(scale, ridge);
    let shape = matrices.dims();
    let sizes =
        CovarianceSizes { count, slices: number, columns, tile, scale, shift: ridge, at: room.at, place: place / 4 };
    let [mean, goal] = means.map(|mean| mean.reshape([1, 1, 1, columns]));
    let tensors = [slices.data, mean, goal, matrices, room.sums];
    launch(Covariance { tiling }, sizes, tensors, invocations(tiling), shape)
}

kernel! {
    /// A matrix from its partial ones.
    AddSlices {}(partial: vec4f) -> vec4f,
    AddSlicesSizes { count: u32, slices: u32, columns: u32, tile: u32, scale: f32, shift: f32 },
    |_| {
        let body = "fn invoke(index: u32) {\n  if (index < sizes.count) { result[index] = whole(index); }\n}\n";
        Code::file(body).with(include_str!("slices.wgsl"))
    },
}

kernel! {
    /// A Gram matrix less its target.
    GramDifference { tiling: Tiling }(partial: vec4f, goal: vec4f) -> vec4f and sums: f32,
    GramDifferenceSizes { count: u32, slices: u32, columns: u32, tile: u32, scale: f32, shift: f32, at: u32 },
    |kernel| {
        let body = "fn invoke(index: u32) {
  var sum = 0.0;
  for (var i = index; i < sizes.count; i += INVOCATIONS) {
    let value = whole(i) - goal[i];
    sum += dot(value, value);
    result[i] = value;
  }
  leave(sum, index);
}
";
        Code::file(body).with(include_str!("slices.wgsl")).with(&leaving(kernel.tiling, "sums"))
    },
}

/// A covariance in its place among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Covariance {
    /// Who adds up what is left among the sums.
    pub tiling: Tiling,
}

variants!(Covariance { tiling: Tiling });
uniform!(CovarianceSizes {
    count: u32,
    slices: u32,
    columns: u32,
    tile: u32,
    scale: f32,
    shift: f32,
    at: u32,
    place: u32
});

impl Kernel for Covariance {
    type Sizes = CovarianceSizes;

    fn inputs(self) -> &'static [Input] {
        &[("partial", "vec4f"), ("mean", "vec4f"), ("goal", "vec4f")]
    }

    fn writes_within(self) -> bool {
        true
    }

    fn writes_too(self) -> Option<Input> {
        Some(("sums", "f32"))
    }

    fn code(self) -> Code {
        let body = "fn invoke(index: u32) {
  var sum = 0.0;
  for (var i = index; i < sizes.count; i += INVOCATIONS) {
    let value = whole(i);
    sum += dot(value, select(vec4f(), vec4f(1.0), is_own(i)));
    if (i < sizes.columns / 4u) {
      let apart = mean[i] - goal[i];
      sum += dot(apart, apart);
    }
    result[sizes.place + i] = value;
  }
  leave(sum, index);
}
";
        Code::file(body).with(include_str!("slices.wgsl")).with(&leaving(self.tiling, "sums"))
    }
}
