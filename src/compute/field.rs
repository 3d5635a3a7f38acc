//! The arithmetic of the one-pass networks: convolutions with mirrored borders, and instance normalisation whose
//! scale and shift may differ from place to place.
//!
//! These networks are wide and shallow: millions of pixels of 3 to 32 channels, windows up to 9 × 9. Neither the packed
//! maps' kernels (3 × 3, zeros around) nor Burn's convolution (it unfolds windows into matrices, tens of times the picture)
//! suit that. A [`Field`] lies `[height, width, channels]`, so that the taps of a window's row are one run of memory, and
//! is never copied for a border or an enlargement: those are found while a window is read. On the CPU the loops
//! are ours (`loops`), on a GPU the kernels (`wgsl`); both are checked against plain tensor operations.

use burn::tensor::{Device, Tensor};

use super::place::{Data, LANES, Place};
use super::styling::Styling;
use super::window::Window;
use super::{loops, read, wgsl};
use crate::error::Result;

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
    pub fn convolved(&self, window: &Window) -> Self {
        let [height, width] = window.output_size(self.size());
        let channels = window.outputs;
        let data = match (&self.data, &window.weights) {
            (Data::Host(values), Data::Host(_)) => Data::Host(loops::convolve(values, self.size(), window)),
            (Data::Device(tensor), Data::Device(weights)) => {
                let (field, weights) = (*tensor.clone(), *weights.clone());
                Data::device(wgsl::field_convolve(field, weights, &window.bias, window.geometry()))
            }
            _ => unreachable!("a field and its window lie in one place"),
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
                loops::restyle(&mut values, self.channels, styling, below);
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
