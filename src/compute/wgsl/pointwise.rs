//! Operations on each value of packed maps.

use burn::tensor::Tensor;

use super::launch::{Bindings, Source, float, launch, linear_grid};
use crate::compute::maps::Maps;

/// `scale · (x − y)`.
pub fn difference(x: &Maps, y: &Maps, scale: f64) -> Tensor<4> {
    run([x.data.clone(), y.data.clone()], "difference", scale)
}

/// The gradient where the maps are above zero, zero elsewhere.
pub fn mask(maps: &Maps, gradient: Tensor<4>) -> Tensor<4> {
    run([gradient, maps.data.clone()], "mask", 1.0)
}

fn run(inputs: [Tensor<4>; 2], name: &str, scale: f64) -> Tensor<4> {
    let shape = inputs[0].dims();
    let count = shape.iter().product::<usize>() / 4;
    launch(inputs, Source { name: name.into(), text }, linear_grid(count, 64), &[count, float(scale)], shape)
}

fn text(name: &str) -> String {
    let value = match name {
        "mask" => "select(vec4f(), x[index], y[index] > vec4f())",
        _ => "sizes.scale * (x[index] - y[index])",
    };
    let bindings = Bindings {
        sizes: "count: u32, scale: f32, a: u32, b: u32",
        inputs: &[("x", "vec4f"), ("y", "vec4f")],
        output: ("result", "vec4f"),
    };
    bindings.linear_kernel(&format!(
        "  if (index >= sizes.count) {{ return; }}
  result[index] = {value};"
    ))
}
