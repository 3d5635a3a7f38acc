//! A convolution with mirrored borders: the window that passes over a [`super::Field`].

use super::numbers::Kernel;
use super::place::{Data, LANES, Place};

/// A convolution with mirrored borders, perhaps of a field enlarged before or thinned out after.
#[derive(Debug, Clone)]
pub struct Window {
    /// Channels taken, made a multiple of four.
    pub inputs: usize,
    /// Channels given, likewise.
    pub outputs: usize,
    /// The window's height and width; odd.
    pub side: usize,
    /// Every so many pixels one is computed.
    pub stride: usize,
    /// Every pixel is repeated so often in both directions before.
    pub enlarge: usize,
    /// By output block, row and column of the window, input; then the block's outputs.
    pub weights: Data,
    /// What is added to each output.
    pub bias: Vec<f32>,
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

impl Window {
    /// Puts a convolution's numbers in their place. `stride` is how many pixels lie between outputs, `enlarge` by how much
    /// the field is enlarged before (each pixel repeated).
    pub fn new(kernel: &Kernel, stride: usize, enlarge: usize, place: &Place) -> Self {
        let [outputs, inputs, side, _] = kernel.shape;
        let padded = [outputs, inputs].map(|channels| channels.next_multiple_of(LANES));
        let block = match place {
            Place::Host => block(padded[0]),
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
    pub fn output_size(&self, size: [usize; 2]) -> [usize; 2] {
        size.map(|extent| (extent * self.enlarge).div_ceil(self.stride))
    }

    /// The weights as they lie in the program's memory.
    ///
    /// # Panics
    /// When they are on a device.
    pub fn on_host(&self) -> &[f32] {
        match &self.weights {
            Data::Host(weights) => weights,
            Data::Device(_) => unreachable!("a field and its window lie in one place"),
        }
    }

    /// Its sizes.
    pub fn geometry(&self) -> Geometry {
        let Self { inputs, outputs, side, stride, enlarge, .. } = *self;
        Geometry { inputs: inputs / LANES, outputs: outputs / LANES, side, stride, enlarge }
    }
}

/// How many outputs are computed at once in the program's memory, of so many.
pub fn block(outputs: usize) -> usize {
    if outputs.is_multiple_of(2 * LANES) { 2 * LANES } else { LANES }
}
