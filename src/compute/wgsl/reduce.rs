//! Sums over tensors, in parts that the host adds up (see [`crate::compute::Sums`]).

use burn::tensor::Tensor;

use super::kernel::{Code, GROUP, Input, Kernel, variants};
use super::launch::launch;
use super::uniform::uniform;
use crate::compute::maps::Tiling;

/// Where a kernel leaves partial sums: from a place on in a tensor that has room for them there.
#[derive(Debug)]
pub struct Room {
    /// All sums, `[1, 1, 1, n]`.
    pub sums: Tensor<4>,
    /// The first place that is the kernel's.
    pub at: usize,
}

/// How many partial sums a kernel leaves.
pub const fn parts(tiling: Tiling) -> usize {
    match tiling {
        Tiling::Registers => 512,
        Tiling::Workgroup => 256,
    }
}

/// How many invocations a kernel has that leaves them.
pub const fn invocations(tiling: Tiling) -> usize {
    match tiling {
        Tiling::Registers => parts(tiling),
        Tiling::Workgroup => parts(tiling) * GROUP,
    }
}

/// Functions for a kernel of so many [`invocations`]: `leave(value: f32, index: u32)`, to which each comes with its share, all
/// of a workgroup together. They find the first place in the sizes' `at` and the tensor by this name.
pub fn leaving(tiling: Tiling, name: &str) -> String {
    let place = match tiling {
        Tiling::Registers => "index".into(),
        Tiling::Workgroup => format!("index / {GROUP}u"),
    };
    format!(
        "const INVOCATIONS = {}u;
fn leave(value: f32, index: u32) {{
  leave_sum(value, sizes.at + {place}, index % {GROUP}u);
}}
",
        invocations(tiling)
    ) + &leave(tiling, name)
}

/// A function that leaves a sum at its place in a tensor of this name: an invocation's own one, or that of a workgroup, all of
/// which comes there.
pub fn leave(tiling: Tiling, name: &str) -> String {
    match tiling {
        Tiling::Registers => {
            format!("fn leave_sum(value: f32, place: u32, local: u32) {{\n  {name}[place] = value;\n}}\n")
        }
        Tiling::Workgroup => format!(
            "var<workgroup> shares: array<f32, {GROUP}>;
fn leave_sum(value: f32, place: u32, local: u32) {{
  shares[local] = value;
  workgroupBarrier();
  for (var half = {}u; half > 0u; half /= 2u) {{
    if (local < half) {{ shares[local] += shares[local + half]; }}
    workgroupBarrier();
  }}
  if (local == 0u) {{ {name}[place] = shares[0]; }}
}}
",
            GROUP / 2
        ),
    }
}

/// What is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// `a·b`.
    Dot,
    /// `(a − b)²`.
    SquaredDifference,
}

variants!(Tiling = Registers | Workgroup);
variants!(Reduction = Dot | SquaredDifference);

/// Leaves the sum over `a` and `b` (`[1, 1, 1, n]`).
pub fn sum(a: Tensor<4>, b: Tensor<4>, reduction: Reduction, room: Room, tiling: Tiling) {
    let sizes = SumSizes { count: a.dims()[3], at: room.at };
    let shape = room.sums.dims();
    launch(Sum { reduction, tiling }, sizes, [a, b, room.sums], invocations(tiling), shape);
}

/// Partial sums over two tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sum {
    /// What is summed.
    pub reduction: Reduction,
    /// Who adds up.
    pub tiling: Tiling,
}

variants!(Sum { reduction: Reduction, tiling: Tiling });
uniform!(SumSizes { count: u32, at: u32 });

impl Kernel for Sum {
    type Sizes = SumSizes;

    fn inputs(self) -> &'static [Input] {
        &[("a", "f32"), ("b", "f32")]
    }

    fn output(self) -> &'static str {
        "f32"
    }

    fn writes_within(self) -> bool {
        true
    }

    fn code(self) -> Code {
        let term = match self.reduction {
            Reduction::Dot => "a[i] * b[i]",
            Reduction::SquaredDifference => "(a[i] - b[i]) * (a[i] - b[i])",
        };
        Code::file(format!(
            "fn invoke(index: u32) {{
  var sum = 0.0;
  for (var i = index; i < sizes.count; i += INVOCATIONS) {{ sum += {term}; }}
  leave(sum, index);
}}
"
        ))
        .with(&leaving(self.tiling, "result"))
    }
}
