//! Sums of products of many matrices, one launch for all of them; see `batch` for how they lie.

use burn::tensor::Tensor;

use super::kernel::{Code, GROUP, Input, Kernel, variants};
use super::launch::{blank, launch};
use super::reduce::{Room, leave};
use super::table::{EITHER, FUNCTIONS, ROWS, Row, Table};
use crate::compute::maps::Tiling;

/// Partial sums for each matrix or pair of them.
pub const PARTS: usize = 64;

/// Sums of the products of pairs of matrices, value by value, in [`PARTS`] parts for each pair: into the room, whose tensor
/// is what it gives.
pub fn dots(tensors: [Tensor<4>; 2], rows: &[Row], room: Room, tiling: Tiling) -> Tensor<4> {
    let Room { mut sums, mut at } = room;
    let [a, b] = tensors;
    let shape = sums.dims();
    for rows in rows.chunks(ROWS) {
        let (end, each) = (rows.len() * PARTS, if tiling == Tiling::Workgroup { GROUP } else { 1 });
        let table = Table { rows: rows.to_vec(), at, end };
        sums = launch(Dots { tiling }, table, [a.clone(), b.clone(), sums], end * each, shape);
        at += end;
    }
    sums
}

/// The sums of the squares of matrices, in parts, for [`products`](super::products) that are multiplied by powers of them.
pub fn norms(tensors: [Tensor<4>; 2], rows: &[Row], tiling: Tiling) -> Tensor<4> {
    let sums = blank(&tensors[0], [1, 1, 1, rows.len() * PARTS]);
    dots(tensors, rows, Room { sums, at: 0 }, tiling)
}

/// Partial sums of products of pairs, value by value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dots {
    /// Whether a workgroup sums up a part together, or each invocation one of its own.
    pub tiling: Tiling,
}

variants!(Dots { tiling: Tiling });

impl Kernel for Dots {
    type Sizes = Table;

    fn inputs(self) -> &'static [Input] {
        &[("a", "vec4f"), ("b", "vec4f")]
    }

    fn output(self) -> &'static str {
        "f32"
    }

    fn writes_within(self) -> bool {
        true
    }

    fn code(self) -> Code {
        let code = match self.tiling {
            Tiling::Registers => Code::body(
                "  if (index < sizes.end) { leave_sum(part_of(index, 0u, 1u), sizes.at + index, local); }".into(),
            ),
            Tiling::Workgroup => Code::groups(format!(
                "fn invoke_group(group: u32, local: u32) {{
  if (group < sizes.end) {{ leave_sum(part_of(group, local, {GROUP}u), sizes.at + group, local); }}
}}"
            )),
        };
        code.with(&leave(self.tiling, "result"))
            .with(FUNCTIONS)
            .with(EITHER)
            .with(include_str!("dots.wgsl"))
            .with(&format!("const PARTS = {PARTS}u;\n"))
    }
}
