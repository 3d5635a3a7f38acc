//! Rows of tensors, copied from one into another: where they lie is told by sizes, so that packed maps and images' planes
//! are the same to these kernels.

use burn::tensor::Tensor;

use super::kernel::{Code, Input, Kernel, kernel, variants};
use super::launch::launch;
use super::uniform::uniform;

/// Which rows are copied, counted from 0 in each plane, borders counted.
#[derive(Debug, Clone, Copy)]
pub struct Move {
    /// Planes in both tensors.
    pub planes: usize,
    /// Values in a row of both.
    pub pitch: usize,
    /// Rows of a plane in the tensor that is read and in the one that is written.
    pub heights: [usize; 2],
    /// The first row there and here.
    pub first: [usize; 2],
    /// How many rows.
    pub count: usize,
}

/// A tensor of this shape with rows of `x`, zeros elsewhere.
pub fn rows_among_zeros(x: Tensor<4>, step: Move, shape: [usize; 4]) -> Tensor<4> {
    let Move { planes, pitch, heights: [from_rows, to_rows], first: [start, place], count } = step;
    let total = planes * to_rows * pitch;
    launch(RowsCut {}, RowsCutSizes { pitch, from_rows, to_rows, start, place, count, total }, [x], total, shape)
}

/// Rows of `x` written into another tensor, or added there.
pub fn rows_into(x: Tensor<4>, within: Tensor<4>, step: Move, adding: bool) -> Tensor<4> {
    let Move { planes, pitch, heights: [from_rows, to_rows], first: [start, place], count } = step;
    let (total, shape) = (planes * count * pitch, within.dims());
    let sizes = RowsPutSizes { pitch, from_rows, to_rows, start, place, count, total };
    launch(RowsPut { adding }, sizes, [x, within], total, shape)
}

kernel! {
    /// Rows among zeros.
    RowsCut {}(x: f32) -> f32,
    RowsCutSizes { pitch: u32, from_rows: u32, to_rows: u32, start: u32, place: u32, count: u32, total: u32 },
    |_| Code::body("  if (index >= sizes.total) { return; }
  let line = index / sizes.pitch;
  let row = line % sizes.to_rows;
  var value = 0.0;
  if (row >= sizes.place && row < sizes.place + sizes.count) {
    let there = line / sizes.to_rows * sizes.from_rows + sizes.start + row - sizes.place;
    value = x[there * sizes.pitch + index % sizes.pitch];
  }
  result[index] = value;
".into()),
}

/// Rows put into a tensor that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowsPut {
    /// Whether they are added to those that are there.
    pub adding: bool,
}

variants!(RowsPut { adding: bool });
uniform!(RowsPutSizes { pitch: u32, from_rows: u32, to_rows: u32, start: u32, place: u32, count: u32, total: u32 });

impl Kernel for RowsPut {
    type Sizes = RowsPutSizes;

    fn inputs(self) -> &'static [Input] {
        &[("x", "f32")]
    }

    fn output(self) -> &'static str {
        "f32"
    }

    fn writes_within(self) -> bool {
        true
    }

    fn code(self) -> Code {
        let put = if self.adding { "+=" } else { "=" };
        Code::body(format!(
            "  if (index >= sizes.total) {{ return; }}
  let line = index / sizes.pitch;
  let plane = line / sizes.count;
  let row = line % sizes.count;
  let there = plane * sizes.from_rows + sizes.start + row;
  let here = plane * sizes.to_rows + sizes.place + row;
  let column = index % sizes.pitch;
  result[here * sizes.pitch + column] {put} x[there * sizes.pitch + column];
"
        ))
    }
}
