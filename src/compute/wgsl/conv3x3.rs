//! The 3×3 convolution of packed maps, forward and back, in the form its device likes ([`Form`]).

use std::cell::OnceCell;

use burn::tensor::{Device, Tensor, TensorData};

use super::ends::{End, Ending};
use super::{conv3x3_direct as direct, conv3x3_software as software, winograd};
use crate::compute::form::Form;
use crate::compute::maps::Maps;
use crate::compute::numbers;

/// A convolution's weights, packed as its form reads them. What can be made of those on the device is made when it is first
/// needed.
#[derive(Debug, Clone)]
pub struct Filter {
    weights: Tensor<4>,
    /// The weights of the data gradient, for the direct form.
    turned: OnceCell<Tensor<4>>,
    /// For Winograd's form, both ways.
    transformed: OnceCell<Tensor<4>>,
    bias: Tensor<4>,
    inputs: usize,
    outputs: usize,
    form: Form,
    quad: bool,
}

impl Filter {
    /// Packs and uploads. Three input channels become four with zero weights.
    pub fn new(kernel: &numbers::Kernel, form: Form, quad: bool, device: &Device) -> Self {
        let upload = |values: Vec<f32>| {
            let count = values.len();
            Tensor::from_data(TensorData::new(values, [1, 1, 1, count]), device)
        };
        let weights = if form == Form::Software { software::pack(kernel) } else { direct::pack(kernel) };
        Self {
            weights: upload(weights),
            turned: OnceCell::new(),
            transformed: OnceCell::new(),
            bias: upload(kernel.bias.clone()),
            inputs: kernel.shape[1],
            outputs: kernel.shape[0],
            form,
            quad,
        }
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    fn turned(&self) -> Tensor<4> {
        self.turned.get_or_init(|| direct::turned(self.weights.clone(), self.inputs, self.outputs)).clone()
    }

    fn transformed(&self) -> Tensor<4> {
        self.transformed.get_or_init(|| winograd::transformed(self.weights.clone(), self.inputs, self.outputs)).clone()
    }

    fn convolve(&self, x: Tensor<4>, size: [usize; 2], ending: Ending) -> Tensor<4> {
        let forward = ending.end == End::Forward;
        let channels = if forward { [self.inputs, self.outputs] } else { [self.outputs, self.inputs] };
        if self.form == Form::Software {
            return software::convolve([x, self.weights.clone()], size, channels, ending, self.quad);
        }
        match self.form.winograd(self.inputs, self.outputs, size[0] * size[1]) {
            Some(winograd) => winograd::convolve([x, self.transformed()], size, channels, ending, winograd),
            None if forward => direct::convolve([x, self.weights.clone()], size, channels, ending),
            None => direct::convolve([x, self.turned()], size, channels, ending),
        }
    }
}

/// `relu(x ∗ w + b)`, with its own border of zeros.
pub fn conv3x3_relu(x: &Maps, filter: &Filter) -> Tensor<4> {
    filter.convolve(x.data.clone(), [x.height, x.width], Ending::forward(filter.bias.clone()))
}

/// The masked gradient at the map below, written over it; see [`crate::compute::conv3x3_gradient`].
pub fn conv3x3_gradient(gradient: Tensor<4>, filter: &Filter, below: Maps, tap: Option<Tensor<4>>) -> Tensor<4> {
    filter.convolve(gradient, [below.height, below.width], Ending::gradient(below.data, tap))
}

/// The gradient at a convolution's input of this size, neither added to nor masked.
pub fn conv3x3_gradient_unmasked(gradient: Tensor<4>, filter: &Filter, size: [usize; 2]) -> Tensor<4> {
    filter.convolve(gradient, size, Ending::gradient_unmasked())
}

/// The gradient at the image, `[1, 3, H, W]`.
pub fn image_gradient(gradient: Tensor<4>, filter: &Filter, size: [usize; 2]) -> Tensor<4> {
    match filter.form {
        Form::Software => {
            software::image_gradient([gradient, filter.weights.clone()], size, filter.outputs, filter.quad)
        }
        Form::Direct | Form::Winograd(_) => direct::image_gradient([gradient, filter.turned()], size, filter.outputs),
    }
}
