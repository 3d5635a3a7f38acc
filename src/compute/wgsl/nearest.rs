//! The largest of each row of a tile of products, compared with what was found in other tiles.

use burn::tensor::Tensor;

use super::kernel::{Code, GROUP, Input, Kernel, variants};
use super::launch::launch;
use super::uniform::uniform;

/// What is best so far (`[1, 1, 2, n]`: values, then places), made better by a tile of `[rows, columns]` products (as many columns as
/// fill a multiple of 8), each column's with a factor of its own; the first column is of this number.
pub fn nearer(
    best: Tensor<4>,
    tile: Tensor<4>,
    scales: &Tensor<4>,
    [rows, columns]: [usize; 2],
    first: usize,
) -> Tensor<4> {
    let shape = best.dims();
    let sizes = NearerSizes { rows, columns, pitch: columns.next_multiple_of(8), first };
    launch(Nearer {}, sizes, [tile, scales.clone(), best], rows * GROUP, shape)
}

/// Rows' largest values: a workgroup for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nearer {}

variants!(Nearer {});
uniform!(NearerSizes { rows: u32, columns: u32, pitch: u32, first: u32 });

impl Kernel for Nearer {
    type Sizes = NearerSizes;

    fn inputs(self) -> &'static [Input] {
        &[("products", "f32"), ("scales", "f32")]
    }

    fn output(self) -> &'static str {
        "f32"
    }

    fn writes_within(self) -> bool {
        true
    }

    fn code(self) -> Code {
        Code::groups(format!("const GROUP = {GROUP}u;\n")).with(include_str!("nearest.wgsl"))
    }
}
