//! VGG19's architecture as far as style transfer looks: its convolutions and the layers named after them. Pure data.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the 13 convolutions that matter: 3 × 3, of stride 1, padded with zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convolution {
    /// The block it is in, 1 to 5; blocks are separated by pooling, which halves the resolution.
    pub block: usize,
    /// Its place within the block, counted from 1.
    pub index: usize,
    /// How many channels it takes.
    pub inputs: usize,
    /// How many channels it gives.
    pub outputs: usize,
}

impl Convolution {
    /// Returns its name, `conv1_1` … `conv5_1`.
    pub fn name(&self) -> String {
        format!("conv{}_{}", self.block, self.index)
    }

    /// Returns the shape of its weights: output channels, input channels, 3, 3.
    pub fn shape(&self) -> [usize; 4] {
        [self.outputs, self.inputs, 3, 3]
    }
}

const fn conv(block: usize, index: usize, inputs: usize, outputs: usize) -> Convolution {
    Convolution { block, index, inputs, outputs }
}

/// VGG19's convolutions in order, conv1_1 to conv5_1.
pub const CONVOLUTIONS: [Convolution; 13] = [
    conv(1, 1, 3, 64),
    conv(1, 2, 64, 64),
    conv(2, 1, 64, 128),
    conv(2, 2, 128, 128),
    conv(3, 1, 128, 256),
    conv(3, 2, 256, 256),
    conv(3, 3, 256, 256),
    conv(3, 4, 256, 256),
    conv(4, 1, 256, 512),
    conv(4, 2, 512, 512),
    conv(4, 3, 512, 512),
    conv(4, 4, 512, 512),
    conv(5, 1, 512, 512),
];

/// A tap: the activation (after ReLU) of one convolution, named `relu1_1` … `relu5_1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Layer(pub(super) usize);

impl Layer {
    /// The deepest layer there is, `relu5_1`.
    pub const LAST: Self = Self(CONVOLUTIONS.len() - 1);

    /// Goes through all layers, shallow to deep.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..CONVOLUTIONS.len()).map(Self)
    }

    /// Returns the layer of this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|layer| layer.to_string() == name)
    }

    /// The layer of the convolution at this place in [`CONVOLUTIONS`], or the last.
    pub(crate) fn from_index(index: usize) -> Self {
        Self(index.min(Self::LAST.0))
    }

    /// Returns the place of its convolution in [`CONVOLUTIONS`], counted from 0.
    pub fn index(self) -> usize {
        self.0
    }

    /// Returns how often the picture is halved before this layer, 0 to 4.
    pub const fn halvings(self) -> u32 {
        CONVOLUTIONS[self.0].block as u32 - 1
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Convolution { block, index, .. } = CONVOLUTIONS[self.0];
        write!(f, "relu{block}_{index}")
    }
}

impl FromStr for Layer {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::from_name(name).ok_or_else(|| format!("there is no layer \"{name}\""))
    }
}

impl TryFrom<String> for Layer {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}

impl From<Layer> for String {
    fn from(layer: Layer) -> Self {
        layer.to_string()
    }
}

/// How many maps of the first block are alive at once on the way back: the first activation, the gradient at
/// the second and what the losses add at the first.
pub(crate) fn largest_at_once(last: Layer, is_tapped: impl Fn(Layer) -> bool) -> usize {
    1 + usize::from(last.0 > 0) + usize::from(is_tapped(Layer(0)))
}

/// Whether this convolution is the first of a block other than the first, so follows a pooling.
pub(crate) fn starts_block(l: usize) -> bool {
    l > 0 && CONVOLUTIONS[l].index == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_have_the_fields_names() {
        let names: Vec<String> = Layer::all().map(|l| l.to_string()).collect();
        assert_eq!(names.first().map(String::as_str), Some("relu1_1"));
        assert_eq!(names.last().map(String::as_str), Some("relu5_1"));
        assert_eq!(Layer::from_name("relu4_2").map(Layer::index), Some(9));
        assert_eq!(Layer::from_name("relu5_2"), None);
        assert_eq!(Layer::LAST.halvings(), 4);
    }
}
