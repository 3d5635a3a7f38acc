//! Operations on each value of packed maps.

use burn::tensor::Tensor;

use super::kernel::{Code, kernel};
use super::launch::launch;
use super::reduce::{Room, invocations, leaving};
use crate::compute::maps::{Maps, Tiling};

/// `scale · (x − y)`; the sum of its squares is left among the sums.
pub fn difference(x: &Maps, y: &Maps, scale: f64, room: Room, tiling: Tiling) -> Tensor<4> {
    let shape = x.data.dims();
    let sizes = DifferenceSizes { count: shape.iter().product::<usize>() / 4, at: room.at, scale };
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
    DifferenceSizes { count: u32, at: u32, scale: f32 },
    |kernel| {
        let body = "fn invoke(index: u32) {
  var sum = 0.0;
  for (var i = index; i < sizes.count; i += INVOCATIONS) {
    let value = x[i] - y[i];
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
