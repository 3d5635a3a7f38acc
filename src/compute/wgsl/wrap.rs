//! The border of packed maps whose edges meet: filled for a convolution with what is at the opposite edges, and emptied.
//!
//! Convolutions of every form read it, so none of them knows of edges that meet. And as a picture that goes on so has no edge,
//! the data gradient is a convolution of the same kind: its border is filled from the gradient's own inside.

use burn::tensor::Tensor;

use super::kernel::{Code, Input, Kernel, variants};
use super::launch::launch;
use super::uniform::uniform;
use crate::compute::numbers::Wrap;

/// Packed values of this height and width with a border of what is at the opposite edges, zeros where edges do not meet. They
/// are written there, whoever else holds them.
pub fn wrap_border(data: Tensor<4>, size: [usize; 2], wrap: Wrap) -> Tensor<4> {
    border(data, size, wrap)
}

/// The same with zeros all around.
pub fn clear_border(data: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
    border(data, size, Wrap::None)
}

fn border(data: Tensor<4>, [height, width]: [usize; 2], wrap: Wrap) -> Tensor<4> {
    let (shape, [rows, columns]) = (data.dims(), [wrap.rows(), wrap.columns()].map(usize::from));
    let channels = shape[3] / 4;
    let sizes = BorderSizes { height, width, channels, rows, columns };
    launch(Border {}, sizes, [data], 2 * (height + width + 2) * channels, shape)
}

/// The border: an invocation per four channels of a pixel in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Border {}

variants!(Border {});
uniform! {
    /// Pixels; channels in vectors; 1 where the rows and where the columns go on at the opposite edge.
    BorderSizes { height: u32, width: u32, channels: u32, rows: u32, columns: u32 }
}

impl Kernel for Border {
    type Sizes = BorderSizes;

    fn inputs(self) -> &'static [Input] {
        &[]
    }

    fn writes_within(self) -> bool {
        true
    }

    fn code(self) -> Code {
        Code::file(include_str!("wrap.wgsl"))
    }
}
