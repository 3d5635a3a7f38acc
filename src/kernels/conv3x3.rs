//! The 3×3 convolution (stride 1, zero padding 1) with bias and ReLU, and its data gradient.
//!
//! The data gradient of such a convolution is a convolution again, with the filters turned by 180°
//! and input and output channels exchanged. The weights never change, so that form is made once.

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData, activation};

use crate::weights::Kernel;

/// One convolution's frozen numbers on a device.
#[derive(Debug, Clone)]
pub struct Filter {
    /// `[outputs, inputs, 3, 3]`.
    forward: Tensor<4>,
    /// `[inputs, outputs, 3, 3]`, turned by 180°.
    backward: Tensor<4>,
    /// `[outputs]`.
    bias: Tensor<1>,
}

impl Filter {
    /// Uploads a convolution's weights in both directions' forms.
    pub fn new(kernel: Kernel, device: &Device) -> Self {
        let Kernel { shape, weight, bias } = kernel;
        let [outputs, inputs, ..] = shape;
        let mut turned: Vec<f32> = Vec::with_capacity(weight.len());
        for i in 0..inputs {
            for o in 0..outputs {
                let taps = &weight[9 * (o * inputs + i)..][..9];
                turned.extend(taps.iter().rev());
            }
        }
        Self {
            forward: Tensor::from_data(TensorData::new(weight, shape), device),
            backward: Tensor::from_data(TensorData::new(turned, [inputs, outputs, 3, 3]), device),
            bias: Tensor::from_data(TensorData::new(bias, [outputs]), device),
        }
    }
}

/// `relu(x ∗ w + b)`: `[1, inputs, h, w]` → `[1, outputs, h, w]`.
pub fn conv3x3_relu(x: Tensor<4>, filter: &Filter) -> Tensor<4> {
    activation::relu(same(x, &filter.forward, Some(filter.bias.clone())))
}

/// The gradient with respect to `x` of `conv3x3_relu(x)`, given its `output` and the gradient there.
pub fn conv3x3_relu_gradient(output: Tensor<4>, gradient: Tensor<4>, filter: &Filter) -> Tensor<4> {
    let masked = gradient.mask_fill(output.lower_equal_elem(0.0), 0.0);
    same(masked, &filter.backward, None)
}

fn same(x: Tensor<4>, weight: &Tensor<4>, bias: Option<Tensor<1>>) -> Tensor<4> {
    conv2d(x, weight.clone(), bias, ConvOptions::new([1, 1], [1, 1], [1, 1], 1))
}
