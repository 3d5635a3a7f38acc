//! Sums over tensors, in parts that the host adds up (see [`crate::compute::Sums`]) or another kernel.

use burn::tensor::Tensor;

use super::kernel::{Code, Input, Kernel, kernel, optional, variants};
use super::launch::launch;
use super::uniform::uniform;

/// Partial sums per sum; a multiple of 64.
const PARTS: usize = 1024;

/// Parts a kernel can add up itself; a multiple of 64.
const FEW: usize = 128;

/// What is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// `a·b`.
    Dot,
    /// `(a − b)²`.
    SquaredDifference,
}

variants!(Reduction = Dot | SquaredDifference);

/// The partial sums `before` and, after them, those over `a` and `b` (`[1, 1, 1, n]`).
pub fn append_sum(a: Tensor<4>, b: Tensor<4>, before: Option<Tensor<1>>, reduction: Reduction) -> Tensor<1> {
    let count = a.dims()[3];
    let kept = before.as_ref().map_or(0, |before| before.dims()[0]);
    let (kernel, sizes) = (Sum { reduction, append: before.is_some() }, SumSizes { count, kept });
    let shape = [1, 1, 1, kept + PARTS];
    let all = match before {
        Some(before) => launch(kernel, sizes, [a, b, before.reshape([1, 1, 1, kept])], PARTS, shape),
        None => launch(kernel, sizes, [a, b], PARTS, shape),
    };
    all.reshape([kept + PARTS])
}

/// The sum of squares in few parts, for [`scaled_by`].
pub fn squares(matrix: Tensor<2>) -> Tensor<1> {
    let count = matrix.shape().num_elements();
    let flat = matrix.reshape([1, 1, 1, count]);
    launch(Squares {}, SquaresSizes { count }, [flat], FEW, [1, 1, 1, FEW]).reshape([FEW])
}

/// `matrix · (Σ sums)^power + shift · I`.
pub fn scaled_by(matrix: Tensor<2>, sums: Tensor<1>, power: f64, shift: f64) -> Tensor<2> {
    let ([rows, columns], parts) = (matrix.dims(), sums.dims()[0]);
    let (count, shape) = (rows * columns / 4, [1, 1, rows, columns]);
    let sizes = ScaledBySizes { count, columns, parts, power, shift };
    let tensors = [matrix.reshape(shape), sums.reshape([1, 1, 1, parts])];
    launch(ScaledBy {}, sizes, tensors, count, shape).reshape([rows, columns])
}

/// Partial sums over two tensors, perhaps after others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sum {
    /// What is summed.
    pub reduction: Reduction,
    /// Whether other sums go before.
    pub append: bool,
}

variants!(Sum { reduction: Reduction, append: bool });
uniform!(SumSizes { count: u32, kept: u32 });

impl Kernel for Sum {
    type Sizes = SumSizes;

    fn inputs(self) -> &'static [Input] {
        const ALL: [Input; 3] = [("a", "f32"), ("b", "f32"), ("before", "f32")];
        if self.append { &ALL } else { &ALL[..2] }
    }

    fn output(self) -> &'static str {
        "f32"
    }

    fn code(self) -> Code {
        let term = match self.reduction {
            Reduction::Dot => "a * b",
            Reduction::SquaredDifference => "(a - b) * (a - b)",
        };
        Code::file(include_str!("sum.wgsl"))
            .with(&optional(("before", "f32"), self.append))
            .with(&format!("const PARTS = {PARTS}u;\nfn term(a: f32, b: f32) -> f32 {{\n  return {term};\n}}\n"))
    }
}

kernel! {
    /// Partial sums of squares.
    Squares {}(a: f32) -> f32,
    SquaresSizes { count: u32 },
    |_| Code::file(include_str!("squares.wgsl")).with(&format!("const PARTS = {FEW}u;\n")),
}

kernel! {
    /// A matrix times a power of a sum.
    ScaledBy {}(x: vec4f, sums: f32) -> vec4f,
    ScaledBySizes { count: u32, columns: u32, parts: u32, power: f32, shift: f32 },
    |_| Code::file(include_str!("scaled_by.wgsl")),
}
