//! Sums over two tensors, in parts that the host adds up; see [`crate::compute::Sums`].

use burn::tensor::Tensor;

use super::launch::{Bindings, Source, launch, linear_grid};

/// Partial sums per sum; a multiple of 64.
const PARTS: usize = 1024;

/// What is summed.
#[derive(Debug, Clone, Copy)]
pub enum Reduction {
    /// `a·b`.
    Dot,
    /// `(a − b)²`.
    SquaredDifference,
}

/// The partial sums `before` and, after them, those over `a` and `b` (`[1, 1, 1, n]`).
pub fn append_sum(a: Tensor<4>, b: Tensor<4>, before: Option<Tensor<1>>, reduction: Reduction) -> Tensor<1> {
    let count = a.dims()[3];
    let kept = before.as_ref().map_or(0, |before| before.dims()[0]);
    let what = match reduction {
        Reduction::Dot => "dot",
        Reduction::SquaredDifference => "squared difference",
    };
    let output = [1, 1, 1, kept + PARTS];
    let (grid, sizes) = (linear_grid(PARTS, 64), [count, kept]);
    let all = match before {
        Some(before) => {
            let source = Source { name: format!("sum {what} append"), text };
            launch([a, b, before.reshape([1, 1, 1, kept])], source, grid, &sizes, output)
        }
        None => launch([a, b], Source { name: format!("sum {what}"), text }, grid, &sizes, output),
    };
    all.reshape([kept + PARTS])
}

/// The sum of squares in few parts, for another kernel to add up.
pub fn squares(a: Tensor<4>) -> Tensor<1> {
    let source = Source { name: "squares".into(), text: squares_text };
    launch([a.clone()], source, [FEW as u32 / 64, 1, 1], &[a.dims()[3]], [1, 1, 1, FEW]).reshape([FEW])
}

/// Parts a kernel can add up itself; a multiple of 64.
const FEW: usize = 128;

fn squares_text(_: &str) -> String {
    let bindings =
        Bindings { sizes: "count: u32, p: u32, q: u32, r: u32", inputs: &[("a", "f32")], output: ("partial", "f32") };
    bindings.linear_kernel(&format!(
        "  var sum = 0.0;
  for (var i = index; i < sizes.count; i += {FEW}u) {{ sum += a[i] * a[i]; }}
  partial[index] = sum;"
    ))
}

fn text(name: &str) -> String {
    let add = if name.contains("dot") {
        "sum += a[i] * b[i];"
    } else {
        "let difference = a[i] - b[i];
    sum += difference * difference;"
    };
    let mut inputs = vec![("a", "f32"), ("b", "f32")];
    let mut copy = "";
    if name.contains("append") {
        inputs.push(("before", "f32"));
        copy = "for (var i = index; i < sizes.kept; i += parts) { partial[i] = before[i]; }";
    }
    let bindings =
        Bindings { sizes: "count: u32, kept: u32, p: u32, q: u32", inputs: &inputs, output: ("partial", "f32") };
    bindings.linear_kernel(&format!(
        "  const parts = {PARTS}u;
  {copy}
  var sum = 0.0;
  for (var i = index; i < sizes.count; i += parts) {{
    {add}
  }}
  partial[sizes.kept + index] = sum;"
    ))
}
