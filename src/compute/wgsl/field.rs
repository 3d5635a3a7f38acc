//! Fields (see [`crate::compute::field`]) on a GPU: convolution with mirrored borders and styled normalisation.

use burn::tensor::{Tensor, TensorData};

use super::kernel::{Code, Input, Kernel, kernel, multiplied, optional, variants};
use super::launch::launch;
use super::uniform::uniform;
use crate::compute::styling::{Activation, Styling};
use crate::compute::window::Geometry;

/// Parts that a field's pixels are summed in.
const PARTS: usize = 256;
/// Pixels of a row that one invocation of the convolution computes.
const TILE: usize = 4;

/// The convolution of a field by weights that lie by output vector, row and column of the window, and input.
pub fn field_convolve(field: Tensor<4>, weights: Tensor<4>, bias: &[f32], geometry: Geometry) -> Tensor<4> {
    let [_, input_height, input_width, _] = field.dims();
    let Geometry { inputs, outputs, side, stride, enlarge } = geometry;
    let [height, width] = [input_height, input_width].map(|extent| (extent * enlarge).div_ceil(stride));
    let sizes = FieldConvolveSizes { height, width, input_height, input_width, inputs, outputs, side, stride, enlarge };
    let bias = constant(bias.to_vec(), &field);
    let invocations = height * width.div_ceil(TILE) * outputs;
    launch(FieldConvolve {}, sizes, [field, weights, bias], invocations, [1, height, width, 4 * outputs])
}

/// The positive part.
pub fn field_rectify(field: Tensor<4>) -> Tensor<4> {
    let shape = field.dims();
    let count = shape.iter().product::<usize>() / 4;
    launch(FieldRectify {}, FieldRectifySizes { count }, [field], count, shape)
}

/// Normalises by the field's own statistics, scales and shifts anew, adds `below` and activates.
pub fn field_restyle(field: Tensor<4>, styling: &Styling, below: Option<Tensor<4>>) -> Tensor<4> {
    let shape = field.dims();
    let [_, height, width, channels] = shape;
    let (pixels, vectors, styles) = (height * width, channels / 4, styling.gamma.len());
    let parts = PARTS.min(pixels);
    let sizes = FieldSumsSizes { pixels, channels: vectors, parts };
    let sums = launch(FieldSums {}, sizes, [field.clone()], parts * vectors, [1, parts, 2, channels]);
    // For each style γ, then β.
    let numbers = styling.gamma.iter().zip(styling.beta).flat_map(|(gamma, beta)| [gamma, beta]).flatten().copied();
    let numbers = constant(numbers.collect(), &field);
    let sizes = FieldAffineSizes { pixels, channels: vectors, parts, styles, epsilon: styling.epsilon.into() };
    let tensors = [sums, numbers, field.clone()];
    let affine = launch(FieldAffine {}, sizes, tensors, styles * vectors, [1, styles, 2, channels]);
    let shares = styling.shares.and_then(|shares| shares.on_device());
    let kernel = FieldRestyle { activation: styling.activation, shared: shares.is_some(), added: below.is_some() };
    let sizes = FieldRestyleSizes { count: pixels * vectors, channels: vectors, styles };
    let count = pixels * vectors;
    match (shares, below) {
        (None, None) => launch(kernel, sizes, [field, affine], count, shape),
        (Some(shares), None) => launch(kernel, sizes, [field, affine, shares], count, shape),
        (None, Some(below)) => launch(kernel, sizes, [field, affine, below], count, shape),
        (Some(shares), Some(below)) => launch(kernel, sizes, [field, affine, shares, below], count, shape),
    }
}

fn constant(values: Vec<f32>, like: &Tensor<4>) -> Tensor<4> {
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [1, 1, 1, count]), &like.device())
}

kernel! {
    /// A convolution with mirrored borders of a field, which is enlarged before or thinned out after.
    FieldConvolve {}(field: vec4f, weights: vec4f, bias: vec4f) -> vec4f,
    FieldConvolveSizes {
        height: u32, width: u32, input_height: u32, input_width: u32,
        inputs: u32, outputs: u32, side: u32, stride: u32, enlarge: u32,
    },
    |_| Code::file(include_str!("field_convolve.wgsl")),
    work: |sizes| {
        let FieldConvolveSizes { height, width, inputs, outputs, side, .. } = *sizes;
        2.0 * multiplied([height, width, side, side, 4 * inputs, 4 * outputs])
    },
}

kernel! {
    /// The positive part of each value.
    FieldRectify {}(field: vec4f) -> vec4f,
    FieldRectifySizes { count: u32 },
    |_| Code::body("  if (index < sizes.count) { result[index] = max(field[index], vec4f()); }".into()),
}

kernel! {
    /// For parts of a field's pixels the sums, less the first pixel, of values and of squares.
    FieldSums {}(field: vec4f) -> vec4f,
    FieldSumsSizes { pixels: u32, channels: u32, parts: u32 },
    |_| Code::file(include_str!("field_sums.wgsl")),
}

kernel! {
    /// From those sums and each style's γ and β, its factor and offset for the values themselves.
    FieldAffine {}(sums: vec4f, styles: vec4f, field: vec4f) -> vec4f,
    FieldAffineSizes { pixels: u32, channels: u32, parts: u32, styles: u32, epsilon: f32 },
    |_| Code::file(include_str!("field_affine.wgsl")),
}

variants!(Activation = Identity | Relu | Sigmoid);

/// Each value's factor and offset applied, by its pixel's shares of the styles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FieldRestyle {
    /// What is done last.
    pub activation: Activation,
    /// Whether pixels have shares of several styles.
    pub shared: bool,
    /// Whether another field is added.
    pub added: bool,
}

variants!(FieldRestyle { activation: Activation, shared: bool, added: bool });
uniform!(FieldRestyleSizes { count: u32, channels: u32, styles: u32 });

impl Kernel for FieldRestyle {
    type Sizes = FieldRestyleSizes;

    fn inputs(self) -> &'static [Input] {
        const FIELD: Input = ("field", "vec4f");
        const AFFINE: Input = ("affine", "vec4f");
        const SHARES: Input = ("shares", "f32");
        const BELOW: Input = ("below", "vec4f");
        match (self.shared, self.added) {
            (false, false) => &[FIELD, AFFINE],
            (true, false) => &[FIELD, AFFINE, SHARES],
            (false, true) => &[FIELD, AFFINE, BELOW],
            (true, true) => &[FIELD, AFFINE, SHARES, BELOW],
        }
    }

    fn code(self) -> Code {
        let activated = match self.activation {
            Activation::Identity => "value",
            Activation::Relu => "max(value, vec4f())",
            Activation::Sigmoid => "1.0 / (1.0 + exp(-value))",
        };
        // One style has all of every pixel.
        let share = if self.shared { "shares[at]" } else { "1.0" };
        Code::file(include_str!("field_restyle.wgsl"))
            .with(&optional(("below", "vec4f"), self.added))
            .with(&format!("fn share_at(at: u32) -> f32 {{\n  return {share};\n}}\n"))
            .with(&format!("fn activated(value: vec4f) -> vec4f {{\n  return {activated};\n}}\n"))
    }
}
