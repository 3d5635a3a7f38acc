//! The network's 3×3 convolutions, forward and back.

use burn::tensor::{Device, Tensor};

use super::maps::{Layout, Maps};
use super::numbers::Kernel;
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
}

/// `relu(x ∗ w + b)`: stride 1, zero padding 1.
pub fn conv3x3_relu(x: &Maps, filter: &Filter) -> Maps {
    let (data, channels) = match filter {
        Filter::Plain(filter) => (plain::conv3x3_relu(x.data.clone(), filter), filter.outputs()),
        Filter::Packed(filter) => (wgsl::conv3x3_relu(x, filter), filter.outputs()),
    };
    Maps { data, channels, ..x.clone() }
}

/// The gradient at a convolution's input `below`, given the masked one at its output: plus what a loss
/// adds at `below`, masked. `below` is given up, for its memory may be used again.
pub fn conv3x3_gradient(gradient: Tensor<4>, filter: &Filter, below: Maps, tap: Option<Tensor<4>>) -> Tensor<4> {
    match filter {
        Filter::Plain(filter) => masked_sum(&below, plain::conv3x3_gradient(gradient, filter), tap),
        Filter::Packed(filter) => wgsl::conv3x3_gradient(gradient, filter, below, tap),
    }
}

/// The gradient at a convolution's input, given the masked one at its output, both of this height and
/// width; nothing added, nothing masked.
pub fn conv3x3_gradient_unmasked(gradient: Tensor<4>, filter: &Filter, size: [usize; 2]) -> Tensor<4> {
    match filter {
        Filter::Plain(filter) => plain::conv3x3_gradient(gradient, filter),
        Filter::Packed(filter) => wgsl::conv3x3_gradient_unmasked(gradient, filter, size),
    }
}

/// The gradient at the image (`[1, 3, H, W]`), given the masked one at the first convolution's output, of this height and
/// width.
pub fn image_gradient(gradient: Tensor<4>, filter: &Filter, size: [usize; 2]) -> Tensor<4> {
    match filter {
        Filter::Plain(filter) => plain::conv3x3_gradient(gradient, filter),
        Filter::Packed(filter) => wgsl::image_gradient(gradient, filter, size),
    }
}
