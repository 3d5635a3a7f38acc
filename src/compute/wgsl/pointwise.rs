//! Operations on each value of packed maps.

use std::ops::Range;

use burn::tensor::Tensor;

use super::kernel::{Code, kernel};
use super::launch::launch;
use super::reduce::{Room, invocations, leaving};
use crate::compute::maps::{Maps, Tiling};

/// `scale · (x − y)` at some rows of x, the first of which is compared with row `first` of y, and zero at the others; the sum of its
/// squares is left among the sums.
pub fn difference(
    [x, y]: [&Maps; 2],
    rows: Range<usize>,
    first: usize,
    scale: f64,
    room: Room,
    tiling: Tiling,
) -> Tensor<4> {
    let shape = x.data.dims();
    let line = (x.width + 2) * x.channels / 4;
    // All of a map's are its border's as well.
    let [start, end, place] = match rows == (0..x.height) && x.height == y.height {
        true => [0, (x.height + 2) * line, 0],
        false => [rows.start + 1, rows.end + 1, first + 1].map(|row| row * line),
    };
    let count = shape.iter().product::<usize>() / 4;
    let sizes = DifferenceSizes { count, start, end, place, at: room.at, scale };
    let tensors = [x.data.clone(), y.data.clone(), room.sums];
    launch(Difference { tiling }, sizes, tensors, invocations(tiling), shape)
}

/// The gradient where the maps are above zero, zero elsewhere.
pub fn mask(maps: &Maps, gradient: Tensor<4>) -> Tensor<4> {
    let shape = gradient.dims();
    let count = shape.iter().product::<usize>() / 4;
    launch(Mask {}, MaskSizes { count }, [gradient, maps.data.clone()], count, shape)
}

kernel! {
    /// The scaled difference of two maps.
    Difference { tiling: Tiling }(x: vec4f, y: vec4f) -> vec4f and sums: f32,
    DifferenceSizes { count: u32, start: u32, end: u32, place: u32, at: u32, scale: f32 },
    |kernel| {
        let body = "fn invoke(index: u32) {
  var sum = 0.0;
  for (var i = index; i < sizes.count; i += INVOCATIONS) {
    var value = vec4f();
    if (i >= sizes.start && i < sizes.end) { value = x[i] - y[sizes.place + i - sizes.start]; }
    sum += dot(value, value);
    result[i] = sizes.scale * value;
  }
  leave(sum, index);
}
";
        Code::file(body).with(&leaving(kernel.tiling, "sums"))
    },
}

kernel! {
    /// The first where the second is above zero.
    Mask {}(x: vec4f, y: vec4f) -> vec4f,
    MaskSizes { count: u32 },
    |_| {
        Code::body(
            "  if (index < sizes.count) { result[index] = select(vec4f(), x[index], y[index] > vec4f()); }".into(),
        )
    },
}
