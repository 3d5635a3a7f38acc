//! What a run tells its caller: plain records, camelCase in JSON, the same for page and command line.

use serde::{Deserialize, Serialize};
use web_time::Instant;

use super::schedule::Scale;
use crate::compute::DeviceInfo;
use crate::loss::Losses;
use crate::settings::StyleConfig;

/// The scale a run is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ScaleProgress {
    /// From 0.
    pub index: usize,
    /// How many there are.
    pub count: usize,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// Where a run is after a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Steps done, over all scales, from 1.
    pub iteration: u32,
    /// Steps planned, over all scales.
    pub iterations: u32,
    /// The share of the whole run's work that is done, in (0, 1], as its time is told by what steps took so far; it never
    /// shrinks, and is 1 after the last step only.
    pub fraction: f64,
    /// The scale this step was at.
    pub scale: ScaleProgress,
    /// The losses of the image this step started from.
    pub losses: Losses,
    /// Time of a step at this scale, averaged over the last few.
    pub millis_per_iteration: f64,
    /// Time left, by what steps took at the scales done so far.
    pub eta_seconds: f64,
}

impl Progress {
    /// Whether it was the last step.
    pub fn is_last(&self) -> bool {
        self.iteration >= self.iterations
    }
}

/// One scale of a finished run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleReport {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Steps done.
    pub iterations: u32,
    /// Losses at the first of its steps of which they could be read; where there is none, all zero and of no layer.
    pub first: Losses,
    /// Losses at the last such step.
    pub last: Losses,
    /// Time spent in these steps.
    pub millis: f64,
}

impl ScaleReport {
    /// Of a scale whose steps are done, without anything being known of them.
    pub(super) fn of(&Scale { width, height, iterations }: &Scale) -> Self {
        Self { width, height, iterations, first: Losses::default(), last: Losses::default(), millis: 0.0 }
    }

    /// Takes in a step's losses and how many milliseconds it took.
    pub(super) fn add(&mut self, losses: &Losses, millis: f64) {
        if self.first == Losses::default() {
            self.first = losses.clone();
        }
        self.last = losses.clone();
        self.millis += millis;
    }
}

/// A run's account of itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The complete settings used.
    pub config: StyleConfig,
    /// The device used.
    pub device: DeviceInfo,
    /// The scales done.
    pub scales: Vec<ScaleReport>,
    /// How often a photo or painting was shown to the network: once each at every scale, whatever weights were changed, and
    /// once more where the run was taken up from a checkpoint. Where neighbours are looked up, what they are looked up for
    /// is shown too.
    pub passes: usize,
    /// Time spent.
    pub timings: Timings,
}

/// Where a run's time went.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timings {
    /// In steps, over all scales.
    pub step_millis: f64,
    /// From the start to the report; of a run that was taken up from a checkpoint, up to that and from then on.
    pub total_millis: f64,
}

/// How long a run has been going and how often it looked at pictures, whatever objects had it before this one.
#[derive(Debug)]
pub(super) struct Tally {
    since: Instant,
    /// How often the network had been shown anything by then.
    shown: usize,
    /// What went before.
    millis: f64,
    passes: usize,
}

impl Tally {
    /// Of a run that goes on now after so many milliseconds and passes, with a network that was shown pictures so often.
    pub fn new(millis: f64, passes: usize, shown: usize) -> Self {
        Self { since: Instant::now(), shown, millis, passes }
    }

    /// Milliseconds so far.
    pub fn millis(&self) -> f64 {
        self.millis + self.since.elapsed().as_secs_f64() * 1e3
    }

    /// Passes so far, the network having been shown pictures so often.
    pub fn passes(&self, shown: usize) -> usize {
        self.passes.saturating_add(shown.saturating_sub(self.shown))
    }
}
