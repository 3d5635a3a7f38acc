//! Adam.

use burn::tensor::Tensor;
use burn::tensor::ops::InterpolateMode;

use super::state_dict::{FINITE, StateDict};
use crate::compute::{self, AdamStep, Layout, Wrap};
use crate::error::{Error, Result};

/// Adam (Kingma & Ba 2014, algorithm 1) with ε = 1e-8.
///
/// Departure from the paper's β₂ = 0.999: 0.99, which follows the quickly changing gradients of style
/// transfer better (crowsonkb/style-transfer-pytorch).
#[derive(Debug, Clone)]
pub struct Adam {
    learning_rate: f64,
    layout: Layout,
    steps: u32,
    /// The first moment above the second, `[2, 3, height, width]`.
    moments: Option<Tensor<4>>,
}

/// Decays of the two moments.
const BETA: [f64; 2] = [0.9, 0.99];
/// Keeps the division finite.
const EPSILON: f64 = 1e-8;

impl Adam {
    /// Images alive at once in a step, counted in images of three planes: both moments and what becomes of them.
    pub(crate) const IMAGES: u64 = 4;

    /// A fresh optimiser with the given step size (in the pixel range), computing with the kernels of `layout`.
    pub fn new(learning_rate: f64, layout: Layout) -> Self {
        Self { learning_rate, layout, steps: 0, moments: None }
    }

    /// The image after one step against the gradient, clamped to \[0, 1\]; both are `[1, 3, height, width]`. `share` is the
    /// part of the learning rate that it takes, in (0, 1\].
    ///
    /// Nothing is read from the device.
    pub fn step(&mut self, image: Tensor<4>, gradient: Tensor<4>, share: f64) -> Tensor<4> {
        self.steps = self.steps.saturating_add(1);
        // Past this many steps the correction has long been 1.
        let power = self.steps.min(1 << 20) as i32;
        let step = AdamStep {
            learning_rate: self.learning_rate * share,
            decay: BETA,
            correction: BETA.map(|beta| 1.0 - beta.powi(power)),
            epsilon: EPSILON,
        };
        let [moments, moved] = compute::adam(image, self.moments.take(), gradient, step, self.layout);
        self.moments = Some(moments);
        moved
    }

    /// Carries the moments of an image whose edges meet so to a scale of this `[height, width]`; the step count goes on.
    ///
    /// Both are interpolated bilinearly, so with the same weights w ≥ 0 of sum 1: where |m| ≤ c √v held before, then
    /// |Σ w m| ≤ c √(Σ w v) (Cauchy and Schwarz), and no step becomes longer than Adam's steps are. Bicubic weights of either moment, which
    /// crowsonkb/style-transfer-pytorch gives the first, overshoot beside strong edges: where the second moment is small
    /// or cut off at zero, steps get a hundred times too long.
    pub fn rescale(&mut self, wrap: Wrap, size: [usize; 2]) {
        self.moments =
            self.moments.take().map(|moments| compute::resize(moments, wrap, size, InterpolateMode::Bilinear));
    }

    /// Gives all three channels the mean of their moments. As for [`Adam::rescale`] no step becomes longer by that.
    pub(super) fn becomes_grey(&mut self) {
        self.moments = self.moments.take().map(|moments| compute::grey(moments, [1.0 / 3.0; 2]));
    }

    /// Puts the state into `state`.
    ///
    /// # Errors
    /// The device's failure.
    pub(super) async fn save(&self, state: &mut StateDict) -> Result<()> {
        state.note("steps", &self.steps);
        match &self.moments {
            Some(moments) => state.put("moments", moments).await,
            None => Ok(()),
        }
    }

    /// Takes the state back, for an image like this one after at most so many steps.
    ///
    /// # Errors
    /// [`Error::Checkpoint`].
    pub(super) fn restore(&mut self, state: &StateDict, image: &Tensor<4>, steps: u32) -> Result<()> {
        self.steps = state.count("steps", steps)?;
        if self.steps == 0 {
            self.moments = None;
            return Ok(());
        }
        let [_, channels, height, width] = image.dims();
        let shape = [2, channels, height, width];
        let values = state.values("moments", shape, &FINITE)?;
        if values[values.len() / 2..].iter().any(|second| *second < 0.0) {
            return Err(Error::Checkpoint("its second moments are not all squares".into()));
        }
        self.moments = Some(state.tensor("moments", shape, &FINITE, &image.device())?);
        Ok(())
    }
}
