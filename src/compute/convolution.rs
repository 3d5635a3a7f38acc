//! The network's 3×3 convolutions, forward and back.

use burn::tensor::{Device, Tensor};

use super::maps::{Layout, Maps};
use super::numbers::{Kernel, Wrap};
use super::pointwise::masked_sum;
use super::{plain, wgsl};

/// One convolution's frozen numbers on a device.
#[derive(Debug, Clone)]
pub enum Filter {
    /// For plain maps.
    Plain(Box<plain::Filter>),
    /// For packed maps.
    Packed(Box<wgsl::Filter>),
}

impl Filter {
    /// Uploads a convolution's weights for maps of this layout. For packed ones the outputs are a multiple of 8, the
    /// inputs too or 3.
    pub fn new(kernel: Kernel, layout: Layout, device: &Device) -> Self {
        match layout {
            Layout::Plain => Self::Plain(Box::new(plain::Filter::new(kernel, device))),
            Layout::Packed { subgroups, form, .. } => {
                Self::Packed(Box::new(wgsl::Filter::new(&kernel, form, subgroups, device)))
            }
        }
    }

    /// The same weights, taking less memory for what is found on the way.
    pub fn sparing(&self) -> Self {
        match self {
            Self::Plain(_) => self.clone(),
            Self::Packed(filter) => Self::Packed(Box::new(filter.sparing())),
        }
    }
}

/// `relu(x ∗ w + b)`: stride 1, padding 1, of zeros or of what is at the opposite edge where edges meet.
pub fn conv3x3_relu(x: &Maps, filter: &Filter) -> Maps {
    let (data, channels) = match filter {
        Filter::Plain(filter) => (plain::conv3x3_relu(x.data.clone(), x.wrap, filter), filter.outputs()),
        Filter::Packed(filter) => {
            let filled = filled(x.data.clone(), x.size(), x.wrap);
            let data = wgsl::conv3x3_relu(&Maps { data: filled.clone(), ..x.clone() }, filter);
            if x.wrap != Wrap::None {
                // All but convolutions take a border for zeros.
                wgsl::clear_border(filled, x.size());
            }
            (data, filter.outputs())
        }
    };
    Maps { data, channels, ..x.clone() }
}

/// The gradient at a convolution's input `below`, given the masked one at its output: plus what a loss
/// adds at `below`, masked. `below` is given up, for its memory may be used again.
pub fn conv3x3_gradient(gradient: Tensor<4>, filter: &Filter, below: Maps, tap: Option<Tensor<4>>) -> Tensor<4> {
    match filter {
        Filter::Plain(filter) => {
            let gradient = plain::conv3x3_gradient(gradient, below.wrap, filter);
            masked_sum(&below, gradient, tap)
        }
        Filter::Packed(filter) => {
            let gradient = filled(gradient, below.size(), below.wrap);
            wgsl::conv3x3_gradient(gradient, filter, below, tap)
        }
    }
}

/// The gradient at a convolution's input, given the masked one at its output, both of this height and
/// width and with these edges meeting; nothing added, nothing masked.
pub fn conv3x3_gradient_unmasked(gradient: Tensor<4>, filter: &Filter, size: [usize; 2], wrap: Wrap) -> Tensor<4> {
    match filter {
        Filter::Plain(filter) => plain::conv3x3_gradient(gradient, wrap, filter),
        Filter::Packed(filter) => wgsl::conv3x3_gradient_unmasked(filled(gradient, size, wrap), filter, size),
    }
}

/// The gradient at the image (`[1, 3, H, W]`), given the masked one at the first convolution's output, of this height and
/// width and with these edges meeting.
pub fn image_gradient(gradient: Tensor<4>, filter: &Filter, size: [usize; 2], wrap: Wrap) -> Tensor<4> {
    match filter {
        Filter::Plain(filter) => plain::conv3x3_gradient(gradient, wrap, filter),
        Filter::Packed(filter) => wgsl::image_gradient(filled(gradient, size, wrap), filter, size),
    }
}

/// Packed values with a border for a convolution: what is beyond edges that meet. The same memory; a gradient's is not cleared
/// afterwards, for the convolution uses it up.
fn filled(data: Tensor<4>, size: [usize; 2], wrap: Wrap) -> Tensor<4> {
    if wrap == Wrap::None { data } else { wgsl::wrap_border(data, size, wrap) }
}
