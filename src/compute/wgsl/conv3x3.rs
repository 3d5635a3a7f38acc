//! The 3×3 convolution of packed maps, forward and back, in the form its device likes ([`Form`]).

use std::cell::OnceCell;
use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};

use super::ends::{End, Ending};
use super::{conv3x3_direct as direct, conv3x3_software as software, winograd};
use crate::compute::form::{Form, Winograd};
use crate::compute::maps::Maps;
use crate::compute::numbers;

/// A convolution's weights and biases on a device.
#[derive(Debug, Clone)]
pub struct Filter {
    weights: Weights,
    bias: Tensor<4>,
    inputs: usize,
    outputs: usize,
}

/// Weights as a form reads them.
#[derive(Debug, Clone)]
enum Weights {
    Software {
        packed: Tensor<4>,
        quad: bool,
    },
    Direct {
        packed: Tensor<4>,
        /// Those of the data gradient, made when they are first needed, for all clones.
        turned: Rc<OnceCell<Tensor<4>>>,
    },
    /// For both ways. The weights themselves are not kept.
    Winograd {
        transformed: Tensor<4>,
        winograd: Winograd,
    },
}

impl Filter {
    /// Packs and uploads. Three input channels become four with zero weights.
    pub fn new(kernel: &numbers::Kernel, form: Form, quad: bool, device: &Device) -> Self {
        let upload = |values: Vec<f32>| {
            let count = values.len();
            Tensor::from_data(TensorData::new(values, [1, 1, 1, count]), device)
        };
        let [outputs, inputs, ..] = kernel.shape;
        let weights = match (form, form.winograd(inputs, outputs)) {
            (Form::Software, _) => Weights::Software { packed: upload(software::pack(kernel)), quad },
            (_, Some(winograd)) => {
                let transformed = winograd::transformed(upload(direct::pack(kernel)), inputs, outputs);
                Weights::Winograd { transformed, winograd }
            }
            (_, None) => Weights::Direct { packed: upload(direct::pack(kernel)), turned: Rc::default() },
        };
        Self { weights, bias: upload(kernel.bias.clone()), inputs, outputs }
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The same weights, for where memory is short.
    pub fn sparing(&self) -> Self {
        let mut sparing = self.clone();
        if let Weights::Winograd { winograd, .. } = &mut sparing.weights {
            *winograd = winograd.sparing();
        }
        sparing
    }

    /// Those of the data gradient, where it is found directly.
    fn turned(&self, packed: &Tensor<4>, turned: &OnceCell<Tensor<4>>) -> Tensor<4> {
        turned.get_or_init(|| direct::turned(packed.clone(), self.inputs, self.outputs)).clone()
    }

    fn convolve(&self, x: Tensor<4>, size: [usize; 2], ending: Ending) -> Tensor<4> {
        let forward = ending.end == End::Forward;
        let channels = if forward { [self.inputs, self.outputs] } else { [self.outputs, self.inputs] };
        match &self.weights {
            Weights::Software { packed, quad } => {
                software::convolve([x, packed.clone()], size, channels, ending, *quad)
            }
            Weights::Winograd { transformed, winograd } => {
                winograd::convolve([x, transformed.clone()], size, channels, ending, *winograd)
            }
            Weights::Direct { packed, turned } => {
                let weights = if forward { packed.clone() } else { self.turned(packed, turned) };
                direct::convolve([x, weights], size, channels, ending)
            }
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
    match &filter.weights {
        Weights::Software { packed, quad } => {
            software::image_gradient([gradient, packed.clone()], size, filter.outputs, *quad)
        }
        Weights::Direct { packed, turned } => {
            direct::image_gradient([gradient, filter.turned(packed, turned)], size, filter.outputs)
        }
        Weights::Winograd { .. } => unreachable!("an image has three channels"),
    }
}
