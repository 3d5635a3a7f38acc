//! What an instance normalisation is to make of a field.

use burn::tensor::Tensor;

use super::place::{Data, Place};

/// What happens to a field after a convolution.
#[derive(Debug, Clone, Copy)]
pub struct Styling<'a> {
    /// For each style in turn its scale of each channel, γ; as many as there are channels, the empty ones' too.
    pub gamma: &'a [Vec<f32>],
    /// For each style its shift of each channel, β.
    pub beta: &'a [Vec<f32>],
    /// Added to the variance.
    pub epsilon: f32,
    /// How much of each style a pixel has; needed where there are several styles.
    pub shares: Option<&'a Shares>,
    /// What is done last.
    pub activation: Activation,
}

/// A function of each value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Activation {
    /// The value itself.
    Identity,
    /// Its positive part.
    Relu,
    /// The logistic function, into (0, 1).
    Sigmoid,
}

/// How much of each style every pixel of a field has.
#[derive(Debug, Clone)]
pub struct Shares {
    size: [usize; 2],
    /// As it lies in the place of the field it belongs to, `[height, width, styles]`.
    data: Data,
}

impl Shares {
    /// Shares by pixel (`height · width`, row by row) and style; a pixel's add up to 1.
    ///
    /// # Panics
    /// When the values are not as many.
    pub fn new(values: Vec<f32>, [height, width]: [usize; 2], styles: usize, place: &Place) -> Self {
        assert_eq!(values.len(), height * width * styles, "{height} × {width} pixels, {styles} styles");
        Self { size: [height, width], data: place.hold(values, [1, height, width, styles]) }
    }

    /// Height and width in pixels.
    pub fn size(&self) -> [usize; 2] {
        self.size
    }

    /// As they lie in the program's memory.
    ///
    /// # Panics
    /// When they are on a device.
    pub fn on_host(&self) -> &[f32] {
        match &self.data {
            Data::Host(values) => values,
            Data::Device(_) => unreachable!("a field and its shares lie in one place"),
        }
    }

    /// As they lie on a device; nothing where they do not.
    pub fn on_device(&self) -> Option<Tensor<4>> {
        match &self.data {
            Data::Device(tensor) => Some(*tensor.clone()),
            Data::Host(_) => None,
        }
    }
}
