//! Plain numbers the arithmetic is told: a convolution's, an optimiser's, which pooling.

use serde::{Deserialize, Serialize};

/// One convolution's numbers, dequantised.
#[derive(Debug, Clone, PartialEq)]
pub struct Kernel {
    /// How many output and input channels it has, and its height and width in pixels.
    pub shape: [usize; 4],
    /// The weights in this shape, the last index fastest.
    pub weight: Vec<f32>,
    /// What is added to each output channel; as many as these.
    pub bias: Vec<f32>,
}

impl Kernel {
    /// The convolution of the data gradient, of a 3 × 3 one: filters turned by 180°, inputs and outputs exchanged, no
    /// bias. Shape `[inputs, outputs, 3, 3]`.
    pub fn turned(&self) -> Self {
        let [outputs, inputs, ..] = self.shape;
        let mut weight = Vec::with_capacity(self.weight.len());
        for i in 0..inputs {
            for o in 0..outputs {
                weight.extend(self.weight[9 * (o * inputs + i)..][..9].iter().rev());
            }
        }
        Self { shape: [inputs, outputs, 3, 3], weight, bias: vec![0.0; inputs] }
    }
}

/// How the network halves its resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// 2×2 maximum, as the network was trained.
    Max,
    /// 2×2 mean, times 2 to keep the activations' magnitude.
    Average,
}

impl Pooling {
    /// The words for the values, as in JSON and on the command line.
    pub const NAMES: &'static [&'static str] = &["max", "average"];
}

/// Which edges of a picture meet, so that it can be laid side by side without a seam: beyond one edge lies what is at the
/// other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wrap {
    /// None: zeros lie beyond the edges of maps.
    #[default]
    None,
    /// The left and the right one.
    X,
    /// The upper and the lower one.
    Y,
    /// All.
    Both,
}

impl Wrap {
    /// The words for the values, as in JSON and on the command line.
    pub const NAMES: &'static [&'static str] = &["none", "x", "y", "both"];

    /// Whether the last row is followed by the first.
    pub fn rows(self) -> bool {
        matches!(self, Self::Y | Self::Both)
    }

    /// Whether the last column is followed by the first.
    pub fn columns(self) -> bool {
        matches!(self, Self::X | Self::Both)
    }

    /// What is left of it for some of the rows only.
    #[must_use]
    pub fn without_rows(self) -> Self {
        if self.columns() { Self::X } else { Self::None }
    }
}

/// The numbers of one step of Adam.
#[derive(Debug, Clone, Copy)]
pub struct AdamStep {
    /// How far a value moves at most in the first steps, in the image's units, where 1 is white.
    pub learning_rate: f64,
    /// The share of the first and of the second moment that is kept, β₁ and β₂ in \[0, 1).
    pub decay: [f64; 2],
    /// What the moments are divided by to unbias them: 1 − β₁ᵗ and 1 − β₂ᵗ at step t, in (0, 1].
    pub correction: [f64; 2],
    /// Added to the root of the second moment, lest it be zero.
    pub epsilon: f64,
}

/// What a pixel's mean cosine distance from all others is raised by, where distances are divided by it.
pub const LEAST_DISTANCE: f64 = 1e-4;
