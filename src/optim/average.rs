//! Iterate averaging.

use burn::tensor::Tensor;

use super::state_dict::{FINITE, StateDict};
use crate::compute::{self, Layout};
use crate::error::Result;

/// The bias-corrected exponential average of the iterates (Adam's own correction, applied to the
/// picture): what is shown and saved. With decay 0 it is the last iterate.
#[derive(Debug, Clone)]
pub struct Average {
    /// In \[0, 1).
    decay: f64,
    layout: Layout,
    steps: u32,
    sum: Option<Tensor<4>>,
}

impl Average {
    /// Images alive at once: the sum, and what becomes of it.
    pub(crate) const IMAGES: u64 = 2;

    /// An average of this decay, in \[0, 1), that has seen nothing yet, computed with the kernels of `layout`.
    pub fn new(decay: f64, layout: Layout) -> Self {
        Self { decay, layout, steps: 0, sum: None }
    }

    /// Takes the next iterate in, of the same shape as those before.
    pub fn update(&mut self, image: &Tensor<4>) {
        self.sum = Some(match self.sum.take() {
            _ if self.decay == 0.0 => image.clone(),
            sum => compute::average(sum, image.clone(), self.decay, self.layout),
        });
        self.steps = self.steps.saturating_add(1);
    }

    /// The average, or nothing before the first update.
    pub fn get(&self) -> Option<Tensor<4>> {
        // Past this many steps the correction is 1 at every decay there is.
        let correction = 1.0 - self.decay.powi(self.steps.min(1 << 20) as i32);
        self.sum.clone().map(|sum| if self.decay == 0.0 { sum } else { sum / correction })
    }

    /// Puts the state into `state`.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn save(&self, state: &mut StateDict) -> Result<()> {
        state.note("averaged", &self.steps);
        match &self.sum {
            Some(sum) => state.put("average", sum).await,
            None => Ok(()),
        }
    }

    /// An average of this decay as `state` has it, of images like this one, after at most so many steps.
    ///
    /// # Errors
    /// [`crate::error::Error::Checkpoint`].
    pub fn restored(decay: f64, layout: Layout, state: &StateDict, image: &Tensor<4>, steps: u32) -> Result<Self> {
        let steps = state.count("averaged", steps)?;
        // Rounding may take a sum of pixels out of their range by a little.
        let sum = if steps > 0 { Some(state.tensor_like("average", image, &FINITE)?) } else { None };
        Ok(Self { decay, layout, steps, sum })
    }
}
