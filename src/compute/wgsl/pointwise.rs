//! Operations on each value of packed maps.

use burn::tensor::Tensor;

use super::kernel::{Code, kernel, variants};
use super::launch::launch;
use crate::compute::maps::Maps;

/// `scale · (x − y)`.
pub fn difference(x: &Maps, y: &Maps, scale: f64) -> Tensor<4> {
    run(Operation::Difference, [x.data.clone(), y.data.clone()], scale)
}

/// The gradient where the maps are above zero, zero elsewhere.
pub fn mask(maps: &Maps, gradient: Tensor<4>) -> Tensor<4> {
    run(Operation::Mask, [gradient, maps.data.clone()], 1.0)
}

fn run(operation: Operation, inputs: [Tensor<4>; 2], scale: f64) -> Tensor<4> {
    let shape = inputs[0].dims();
    let count = shape.iter().product::<usize>() / 4;
    launch(Pointwise { operation }, PointwiseSizes { count, scale }, inputs, count, shape)
}

/// What is done with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// The scaled difference of both.
    Difference,
    /// The first where the second is above zero.
    Mask,
}

variants!(Operation = Difference | Mask);

kernel! {
    /// Each value from those of two maps at the same place.
    Pointwise { operation: Operation }(x: vec4f, y: vec4f) -> vec4f,
    PointwiseSizes { count: u32, scale: f32 },
    |kernel| {
        let value = match kernel.operation {
            Operation::Difference => "sizes.scale * (x[index] - y[index])",
            Operation::Mask => "select(vec4f(), x[index], y[index] > vec4f())",
        };
        Code::body(format!("  if (index < sizes.count) {{ result[index] = {value}; }}"))
    },
}
