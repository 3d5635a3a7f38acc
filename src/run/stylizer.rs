//! The algorithm: optimise an image until its activations resemble the photo's and their statistics
//! the paintings' (Gatys, Ecker & Bethge, "A Neural Algorithm of Artistic Style", 2015).
//!
//! A run is pulled by its caller, one [`Stylizer::step`] at a time: to pause is not to pull, to cancel
//! is to drop it. Departures from the paper: coarse-to-fine scales, Adam by default, pixels clamped to
//! \[0, 1\] after every step, activations normalised per layer, the Wasserstein distance by default,
//! total variation.

use std::cell::OnceCell;

use burn::tensor::ops::InterpolateMode;
use web_time::Instant;

use super::ahead::{AHEAD, Ahead, Reading, Took, Underway};
use super::forecast::Forecast;
use super::init::initial_image;
use super::input::{Pictures, scales_of, unframe};
use super::report::{Progress, Report, ScaleProgress, ScaleReport, Tally, Timings};
use super::schedule::Scale;
use super::state::{Iterate, Pace, State};
use crate::compute::{self, Compute, Wrap, read};
use crate::error::{Error, Result};
use crate::film::Moved;
use crate::loss::{Losses, Objective, StyleTargets, check_room, check_styles};
use crate::network::{Vgg, Weights};
use crate::optim::{Average, Optimizer};
use crate::picture::{Picture, with_chroma_of};
use crate::settings::{Colour, Init, StyleConfig, StyleLoss};

/// A run in progress.
#[derive(Debug)]
pub struct Stylizer {
    pub(super) compute: Compute,
    pub(super) network: Vgg,
    pub(super) config: StyleConfig,
    pub(super) pictures: Pictures,
    pub(super) scales: Vec<Scale>,
    /// Steps done over all scales.
    pub(super) iteration: u32,
    pub(super) state: Option<State>,
    /// Steps that were not reported yet.
    pub(super) ahead: Ahead,
    /// What the present scale's images are measured by; made by the step that first needs it.
    pub(super) objective: Option<Objective>,
    /// What it shares with other runs.
    shared: Option<StyleTargets>,
    /// What a film's frame holds to, and how firmly.
    pub(super) following: Option<(Moved, f64)>,
    pub(super) reports: Vec<ScaleReport>,
    pub(super) forecast: Forecast,
    pub(super) tally: Tally,
    /// Of the pictures; see `resume`.
    pub(super) fingerprint: OnceCell<String>,
}

impl Stylizer {
    /// Prepares a run; nothing is computed yet.
    ///
    /// # Errors
    /// Settings and pictures that cannot make a run, paintings among them that are too small for the finished size or whose masks leave them
    /// no pixel there.
    pub fn new(compute: &Compute, weights: &Weights, mut pictures: Pictures, config: StyleConfig) -> Result<Self> {
        check_styles(&pictures.styles)?;
        if config.init == Init::Image && pictures.init.is_none() {
            return Err(Error::BadSetting {
                name: "init".into(),
                value: "\"image\"".into(),
                expected: "pass the picture to start from as well".into(),
            });
        }
        unframe(&mut pictures.styles, config.frames);
        let scales = scales_of(&pictures.content, &pictures.styles, &config)?;
        if let Some(&Scale { width, height, .. }) = scales.last() {
            crate::picture::check_dimensions("The finished picture", width.into(), height.into())?;
            check_room(&pictures.styles, (width, height), &config)?;
        }
        if config.tile != Wrap::None {
            pictures.content = pictures.content.seamless(config.tile);
        }
        let network = Vgg::new(weights, config.deepest(), config.pooling, compute);
        Ok(Self {
            forecast: Forecast::new(&config),
            compute: compute.clone(),
            network,
            config,
            pictures,
            scales,
            iteration: 0,
            state: None,
            ahead: Ahead::new(compute.layout.is_packed()),
            objective: None,
            shared: None,
            following: None,
            reports: Vec::new(),
            tally: Tally::new(0.0, 0, 0),
            fingerprint: OnceCell::new(),
        })
    }

    /// The same run, which takes from `targets` what other runs found of its paintings, and leaves there what it finds.
    pub fn sharing(mut self, targets: &StyleTargets) -> Self {
        self.shared = Some(targets.clone());
        self
    }

    /// The same run, its picture held to the last frame's picture where that is to be trusted: `weight` times the mean of the squared
    /// differences, of values in \[0, 1\], is one more loss (Ruder et al. 2016, eq. 7). To start from it as well, take it as the
    /// picture to start from.
    ///
    /// # Panics
    /// When the weight is not a finite number ≥ 0.
    pub fn following(mut self, last: Moved, weight: f64) -> Self {
        assert!(weight >= 0.0 && weight.is_finite(), "a weight of {weight}");
        self.following = Some((last, weight));
        self
    }

    /// The complete settings.
    pub fn config(&self) -> &StyleConfig {
        &self.config
    }

    /// Steps planned over all scales.
    pub fn iterations(&self) -> u32 {
        self.scales.iter().map(|scale| scale.iterations).sum()
    }

    /// Whether every planned step is done and reported.
    pub fn is_finished(&self) -> bool {
        self.iteration >= self.iterations() && self.ahead.is_empty()
    }

    /// Steps done over all scales: on a GPU, with Adam, up to two more than were reported.
    pub fn iteration(&self) -> u32 {
        self.iteration
    }

    /// Pixels of the largest image among the steps under way and the next one; 0 after the last.
    pub fn pixels_at_work(&self) -> u64 {
        let next = self.next_step().map(|(scale, _)| scale);
        let underway = self.ahead.steps.iter().map(|step| self.scales[step.scale]);
        underway.chain(next).map(|Scale { width, height, .. }| u64::from(width) * u64::from(height)).max().unwrap_or(0)
    }

    /// The scale of the next step and the steps done there; nothing after the last step.
    pub fn next_step(&self) -> Option<(Scale, u32)> {
        let mut done = self.iteration;
        for scale in &self.scales {
            if done < scale.iterations {
                return Some((*scale, done));
            }
            done -= scale.iterations;
        }
        None
    }

    /// Leaves out the scales after this one (from 0), or after the present one if that is larger, where a device
    /// cannot hold them.
    pub fn stop_growing(&mut self, last: usize) {
        let present = self.state.as_ref().map_or(0, |state| state.scale);
        self.scales.truncate(last.max(present).saturating_add(1));
    }

    /// Takes one optimisation step and reports on it.
    ///
    /// On a GPU, with Adam, the report is of a step two before the last that was begun, so that the device never waits; on the CPU
    /// and with L-BFGS it is of the last one. Every step is reported once, in order, but for one whose losses cannot be read
    /// when others are begun: it stays done, and the next report is of the step after it.
    ///
    /// Steps are taken as a whole or not at all: when the future is dropped or fails, image, optimiser and average belong
    /// together, and the next call goes on. Where steps are reported at once, one that failed can be taken again.
    ///
    /// # Errors
    /// [`Error::Finished`] after the last step, [`Error::Diverged`] for a loss that is no longer finite, or the device's failure.
    pub async fn step(&mut self) -> Result<Progress> {
        if self.is_finished() {
            return Err(Error::Finished);
        }
        self.ahead.comes(self.state.as_ref().map_or(0.0, |state| state.pace.mean()));
        let progress = self.next_report().await;
        self.ahead.leaves();
        progress
    }

    async fn next_report(&mut self) -> Result<Progress> {
        if let Some(progress) = self.ahead.unreported.pop_front() {
            return Ok(progress);
        }
        while self.ahead.steps.len() <= AHEAD && self.iteration < self.iterations() {
            if let Some(progress) = self.begin_step().await? {
                return Ok(progress);
            }
        }
        self.end_step().await
    }

    /// Begins a step. Where it is waited for, those before it are reported first and then it: the first of these reports.
    async fn begin_step(&mut self) -> Result<Option<Progress>> {
        let entered = Instant::now();
        self.enter_scale();
        self.prepare().await?;
        let (Some(state), Some(objective)) = (&self.state, &self.objective) else { return Err(Error::Finished) };
        let is_ahead = self.ahead.allowed && state.iterate.needs_no_losses(objective);
        if !is_ahead {
            self.settle().await?;
        }
        let Self { network, scales, state: Some(state), objective: Some(objective), .. } = self else {
            return Err(Error::Finished);
        };
        let begun = Instant::now();
        let done = f64::from(state.steps) / f64::from(scales[state.scale].iterations);
        let (iteration, scale, steps) = (self.iteration + 1, state.scale, state.steps + 1);
        let losses = if is_ahead {
            let reading = Reading::of(state.iterate.set_out(network, objective, done));
            self.ahead.steps.push_back(Underway { iteration, scale, steps, entered, begun, reading });
            None
        } else {
            let (next, losses) = state.iterate.next(network, objective, done).await?;
            if !losses.total.is_finite() {
                return Err(Error::Diverged { iteration });
            }
            state.iterate = next;
            Some(losses)
        };
        // Nothing is waited for from here on.
        (self.iteration, state.steps) = (iteration, steps);
        if let Some(losses) = losses {
            let took = self.ahead.took(entered, begun);
            let progress = self.report_on(iteration, scale, steps, losses, took);
            self.ahead.unreported.push_back(progress);
        }
        Ok(self.ahead.unreported.pop_front())
    }

    /// Waits for the oldest of the steps under way.
    async fn end_step(&mut self) -> Result<Progress> {
        let Some(oldest) = self.ahead.steps.front_mut() else { return Err(Error::Finished) };
        let losses = oldest.reading.losses().await;
        let Some(Underway { iteration, scale, steps, entered, begun, .. }) = self.ahead.steps.pop_front() else {
            return Err(Error::Finished);
        };
        // It is done, whatever becomes of its losses.
        self.come_to(scale, steps);
        let losses = losses?;
        if !losses.total.is_finite() {
            return Err(Error::Diverged { iteration });
        }
        let took = self.ahead.took(entered, begun);
        Ok(self.report_on(iteration, scale, steps, losses, took))
    }

    /// The next report of a step that is done or under way, without another being begun; nothing when all are reported, as
    /// whoever saves a checkpoint may want them to be.
    ///
    /// # Errors
    /// As of [`Stylizer::step`].
    pub async fn catch_up(&mut self) -> Result<Option<Progress>> {
        match self.ahead.unreported.pop_front() {
            None if self.ahead.is_empty() => Ok(None),
            None => self.end_step().await.map(Some),
            reported => Ok(reported),
        }
    }

    /// Waits for all steps under way; they are reported later.
    pub(super) async fn settle(&mut self) -> Result<()> {
        while !self.ahead.steps.is_empty() {
            let progress = self.end_step().await?;
            self.ahead.unreported.push_back(progress);
        }
        Ok(())
    }

    fn report_on(&mut self, iteration: u32, scale: usize, steps: u32, losses: Losses, took: Took) -> Progress {
        let pace = match &mut self.state {
            Some(state) if state.scale == scale => {
                state.pace.add(took.step);
                state.pace.mean()
            }
            _ => took.step, // the next scale was begun meanwhile
        };
        self.forecast.add(scale, steps, took.whole);
        self.come_to(scale, steps).add(&losses, took.step);
        self.progress(iteration, scale, steps, pace, losses)
    }

    /// The picture as it stands: the average of the iterates, with L-BFGS the best of them, rounded to 8 bits. Before the
    /// first step it is the photo at the first scale.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn picture(&self) -> Result<Picture> {
        let Some(state) = &self.state else {
            return Ok(self.pictures.content.resized(self.scales[0].width, self.scales[0].height));
        };
        let Scale { width, height, .. } = self.scales[state.scale];
        let painted = Picture::from_planes(width, height, &read(state.iterate.shown()).await?);
        Ok(match (self.config.colour, &self.objective) {
            (Colour::Style | Colour::Match, _) => painted,
            (Colour::Luminance, Some(objective)) if objective.size() == (width, height) => {
                with_chroma_of(objective.photo(), &painted)
            }
            (Colour::Luminance, _) => with_chroma_of(&self.pictures.content.resized(width, height), &painted),
        })
    }

    /// The run's account of itself so far.
    pub fn report(&self) -> Report {
        Report {
            config: self.config.clone(),
            device: self.compute.info.clone(),
            scales: self.reports.clone(),
            passes: self.tally.passes(self.network.visits()),
            timings: Timings {
                step_millis: self.reports.iter().map(|scale| scale.millis).sum(),
                total_millis: self.tally.millis(),
            },
        }
    }

    /// Begins the first scale, or the next one where the present one's steps are done.
    ///
    /// The picture that is shown goes on, enlarged bicubically; Adam's moments are enlarged with it and keep
    /// their step count; the average starts afresh (crowsonkb/style-transfer-pytorch).
    fn enter_scale(&mut self) {
        let index = match &self.state {
            Some(state) if state.steps < self.scales[state.scale].iterations => return,
            Some(state) => state.scale + 1,
            None => 0,
        };
        let scale = self.scales[index];
        let (image, mut optimizer) = match &self.state {
            Some(State { iterate, .. }) => {
                let (shown, tile) = (iterate.shown(), self.config.tile);
                (compute::resize(shown, tile, scale.size(), InterpolateMode::Bicubic), iterate.optimizer.clone())
            }
            None => (
                initial_image(&self.pictures, scale, &self.config, &self.compute.device),
                Optimizer::new(&self.config, self.compute.layout),
            ),
        };
        optimizer.rescale(self.config.tile, scale.size());
        let average = Average::new(self.config.averaging, self.compute.layout);
        let iterate = Iterate { image: image.clamp(0.0, 1.0), optimizer, average }.in_colours(self.config.colour);
        let origin = (index > 0 && self.config.style_loss == StyleLoss::Neighbours).then(|| iterate.image.clone());
        self.state = Some(State { scale: index, steps: 0, origin, iterate, pace: Pace::default() });
    }

    /// Makes the objective that of the present scale and weights.
    async fn prepare(&mut self) -> Result<()> {
        let (size, device) = (self.size(), &self.compute.device);
        let Pictures { content, styles, .. } = &self.pictures;
        let objective = match self.objective.take() {
            Some(objective) if objective.is_for(size, self.config.colour) => objective,
            other => {
                drop(other);
                compute::release_memory(device);
                let config = self.banded();
                let so_far = self.state.as_ref().and_then(|state| state.origin.clone());
                let before = (self.shared.as_ref(), so_far);
                let mut objective = Objective::unweighed(&self.network, content, styles, size, &config, before, device);
                if let Some((last, weight)) = &self.following {
                    objective.hold_to(last, *weight);
                }
                objective
            }
        };
        self.objective.insert(objective).weigh(styles, &self.config).await
    }

    /// The report on a scale, at which so many steps are done now, and all of those before it.
    fn come_to(&mut self, scale: usize, steps: u32) -> &mut ScaleReport {
        let unknown = self.scales[..=scale].iter().skip(self.reports.len());
        self.reports.extend(unknown.map(ScaleReport::of));
        let report = &mut self.reports[scale];
        report.iterations = steps;
        report
    }

    /// Where the run is after so many steps at this scale, each taking `millis`.
    fn progress(&mut self, iteration: u32, index: usize, steps: u32, millis: f64, losses: Losses) -> Progress {
        let Scale { width, height, .. } = self.scales[index];
        Progress {
            iteration,
            iterations: self.iterations(),
            fraction: self.forecast.share(&self.scales, index, steps),
            scale: ScaleProgress { index, count: self.scales.len(), width, height },
            losses,
            millis_per_iteration: millis,
            eta_seconds: self.forecast.left(&self.scales, index, steps) / 1e3,
        }
    }
}
