//! What a whole run takes, worked out beforehand: memory, and how much there is to do.

use serde::Serialize;

use super::plan::{BAND_COST, Paintings, Plan, with_band};
use super::schedule::{self, Scale};
use crate::compute::Form;
use crate::error::Result;
use crate::settings::StyleConfig;

/// What a whole run would take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// Device memory at its peak, in bytes.
    pub bytes: u64,
    /// The largest single buffer, in bytes.
    pub largest: u64,
    /// Steps over all scales.
    pub iterations: u32,
    /// Pixels of all steps together, in millions, those in bands counted by what they cost: times a step's milliseconds per megapixel it is the time.
    pub megapixels: f64,
}

impl Estimate {
    /// For a photo of `width × height` pixels and these paintings, on a device that convolves in this form and whose buffers have so many
    /// bytes at most; `u64::MAX` where that is not known. A run of paintings that are too small for coarse scales begins later, and takes
    /// less.
    ///
    /// # Errors
    /// [`crate::Error::PictureSize`] when the finished picture would be too narrow; see [`schedule::scales`].
    pub fn new(
        width: u32,
        height: u32,
        paintings: Paintings,
        config: &StyleConfig,
        form: Form,
        largest: u64,
    ) -> Result<Self> {
        let scales = schedule::scales(width, height, config)?;
        // As the run plans it on that device, or a size that it would paint in bands would be said not to fit.
        let plan = |scale: &Scale| with_band((scale.width, scale.height), paintings, config, form, largest);
        let plans: Vec<(StyleConfig, Plan)> = scales.iter().map(plan).collect();
        let cost = |config: &StyleConfig| if config.rows_at_a_time() == 0 { 1.0 } else { BAND_COST };
        Ok(Self {
            bytes: plans.iter().map(|(_, plan)| plan.peak).max().unwrap_or(0),
            largest: plans.iter().map(|(_, plan)| plan.largest).max().unwrap_or(0),
            iterations: scales.iter().map(|scale| scale.iterations).sum(),
            megapixels: scales
                .iter()
                .zip(&plans)
                .map(|(scale, (config, _))| scale.work() as f64 / 1e6 * cost(config))
                .sum(),
        })
    }
}
