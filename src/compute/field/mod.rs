//! The arithmetic of the one-pass networks: convolutions with mirrored borders, and instance normalisation whose
//! scale and shift may differ from place to place.
//!
//! These networks are wide and shallow: millions of pixels of 3 to 32 channels, windows up to 9 × 9. Neither the packed
//! maps' kernels (3 × 3, zeros around) nor Burn's convolution (it unfolds windows into matrices, tens of times the picture)
//! suit that. A [`Field`] lies `[height, width, channels]`, so that the taps of a window's row are one run of memory, and
//! is never copied for a border or an enlargement: those are found while a window is read. On the CPU the loops
//! are ours (`host`), on a GPU the kernels (`wgsl`); both are checked against plain tensor operations.

mod host;

use burn::tensor::{Device, Tensor, TensorData};

use super::device::Compute;
use super::numbers::Kernel;
use super::{read, wgsl};
use crate::error::Result;

/// Channels travel in fours; the last ones may be empty.
const LANES: usize = 4;

/// Where fields lie and are computed.
#[derive(Debug, Clone)]
pub enum Place {
    /// In the program's memory, by loops.
    Host,
    /// On a GPU, by our kernels.
    Device(Device),
}

impl Place {
    /// The device's own if our kernels run there, else the program's memory.
    pub fn of(compute: &Compute) -> Self {
        if compute.layout.is_packed() { Self::Device(compute.device.clone()) } else { Self::Host }
    }

    fn hold(&self, values: Vec<f32>, shape: [usize; 4]) -> Data {
        match self {
            Self::Host => Data::Host(values),
            Self::Device(device) => Data::device(Tensor::from_data(TensorData::new(values, shape), device)),
        }
    }
}

/// Numbers in their place.
#[derive(Debug, Clone)]
enum Data {
    Host(Vec<f32>),
    Device(Box<Tensor<4>>),
}

impl Data {
    fn device(tensor: Tensor<4>) -> Self {
        Self::Device(Box::new(tensor))
    }
}

/// Activations of `height × width` pixels, a pixel's channels side by side.
#[derive(Debug, Clone)]
pub struct Field {
    height: usize,
    width: usize,
    /// A multiple of four.
    channels: usize,
    data: Data,
}

impl Field {
    /// A picture's three planes (`height · width` values each, row by row) as a field; the fourth channel is empty.
    ///
    /// # Panics
    /// When there are not as many values.
    pub fn from_planes(planes: &[f32], [height, width]: [usize; 2], place: &Place) -> Self {
        let pixels = height * width;
        assert_eq!(planes.len(), 3 * pixels, "{height} × {width} pixels");
        let values =
            (0..pixels).flat_map(|at| [planes[at], planes[pixels + at], planes[2 * pixels + at], 0.0]).collect();
        Self { height, width, channels: LANES, data: place.hold(values, [1, height, width, LANES]) }
    }

    /// The first `count` channels as planes, cut to the upper left `[height, width]`.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn into_planes(self, count: usize, [height, width]: [usize; 2]) -> Result<Vec<f32>> {
        let values = match self.data {
            Data::Host(values) => values,
            Data::Device(tensor) => read(*tensor).await?,
        };
        let at = |row: usize, column: usize| (row * self.width + column) * self.channels;
        Ok((0..count)
            .flat_map(|c| (0..height).flat_map(move |row| (0..width).map(move |column| at(row, column) + c)))
            .map(|index| values[index])
            .collect())
    }

    /// All values as they lie, the empty channels' too, wherever they are.
    pub(in crate::compute) fn into_tensor(self) -> Tensor<1> {
        match self.data {
            Data::Host(values) => Tensor::from_data(values.as_slice(), &Device::flex()),
            Data::Device(tensor) => tensor.flatten(0, 3),
        }
    }

    /// Height and width in pixels.
    pub fn size(&self) -> [usize; 2] {
        [self.height, self.width]
    }

    /// The field's convolution plus bias.
    pub fn convolved(&self, filter: &Filter) -> Self {
        let [height, width] = filter.output_size(self.size());
        let channels = filter.outputs;
        let data = match (&self.data, &filter.weights) {
            (Data::Host(values), Data::Host(_)) => Data::Host(host::convolve(values, self.size(), filter)),
            (Data::Device(tensor), Data::Device(weights)) => {
                let (field, weights) = (*tensor.clone(), *weights.clone());
                Data::device(wgsl::field_convolve(field, weights, &filter.bias, filter.geometry()))
            }
            _ => unreachable!("a field and its filter lie in one place"),
        };
        Self { height, width, channels, data }
    }

    /// The field's positive part.
    pub fn rectified(mut self) -> Self {
        match &mut self.data {
            Data::Host(values) => values.iter_mut().for_each(|value| *value = value.max(0.0)),
            Data::Device(tensor) => **tensor = wgsl::field_rectify(*tensor.clone()),
        }
        self
    }

    /// The field normalised by its own mean and (biased) variance per channel, scaled and shifted anew, `below` added,
    /// and activated.
    ///
    /// Where [`Styling::shares`] are given, scale and shift of a pixel are the mean of the styles' by its shares.
    pub fn restyled(self, styling: &Styling, below: Option<&Self>) -> Self {
        let data = match (self.data, below.map(|below| &below.data)) {
            (Data::Host(mut values), below) => {
                let below = below.map(|data| match data {
                    Data::Host(values) => values.as_slice(),
                    Data::Device(_) => unreachable!("both fields lie in one place"),
                });
                host::restyle(&mut values, self.channels, styling, below);
                Data::Host(values)
            }
            (Data::Device(tensor), below) => {
                let below = below.map(|data| match data {
                    Data::Device(tensor) => *tensor.clone(),
                    Data::Host(_) => unreachable!("both fields lie in one place"),
                });
                Data::device(wgsl::field_restyle(*tensor, styling, below))
            }
        };
        Self { data, ..self }
    }
}

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

    pub(in crate::compute) fn on_device(&self) -> Option<Tensor<4>> {
        match &self.data {
            Data::Device(tensor) => Some(*tensor.clone()),
            Data::Host(_) => None,
        }
    }
}

/// A convolution with mirrored borders, perhaps of a field enlarged before or thinned out after.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Channels taken and given, made multiples of four.
    inputs: usize,
    outputs: usize,
    /// The window's height and width; odd.
    side: usize,
    /// Every so many pixels one is computed.
    stride: usize,
    /// Every pixel is repeated so often in both directions before.
    enlarge: usize,
    /// By output block, row and column of the window, input; then the block's outputs.
    weights: Data,
    bias: Vec<f32>,
}

/// The sizes of a convolution, channels counted in fours.
#[derive(Debug, Clone, Copy)]
pub struct Geometry {
    /// Vectors taken.
    pub inputs: usize,
    /// Vectors given.
    pub outputs: usize,
    /// The window's side.
    pub side: usize,
    /// The step between outputs.
    pub stride: usize,
    /// How often a pixel is repeated.
    pub enlarge: usize,
}

impl Filter {
    /// Puts a convolution's numbers in their place. `stride` is how many pixels lie between outputs, `enlarge` by how much
    /// the field is enlarged before (each pixel repeated).
    pub fn new(kernel: &Kernel, stride: usize, enlarge: usize, place: &Place) -> Self {
        let [outputs, inputs, side, _] = kernel.shape;
        let padded = [outputs, inputs].map(|channels| channels.next_multiple_of(LANES));
        let block = match place {
            Place::Host => host::block(padded[0]),
            Place::Device(_) => LANES,
        };
        let mut weights = Vec::with_capacity(padded[0] * padded[1] * side * side);
        for first in (0..padded[0]).step_by(block) {
            for tap in 0..side * side {
                for input in 0..padded[1] {
                    weights.extend((first..first + block).map(|output| {
                        let inside = output < outputs && input < inputs;
                        if inside { kernel.weight[(output * inputs + input) * side * side + tap] } else { 0.0 }
                    }));
                }
            }
        }
        let mut bias = kernel.bias.clone();
        bias.resize(padded[0], 0.0);
        let count = weights.len();
        let weights = place.hold(weights, [1, 1, 1, count]);
        Self { inputs: padded[1], outputs: padded[0], side, stride, enlarge, weights, bias }
    }

    /// The size of what it makes of a field of `[height, width]`.
    fn output_size(&self, size: [usize; 2]) -> [usize; 2] {
        size.map(|extent| (extent * self.enlarge).div_ceil(self.stride))
    }

    fn geometry(&self) -> Geometry {
        let Self { inputs, outputs, side, stride, enlarge, .. } = *self;
        Geometry { inputs: inputs / LANES, outputs: outputs / LANES, side, stride, enlarge }
    }
}
