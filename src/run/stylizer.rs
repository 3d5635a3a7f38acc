//! The algorithm: optimise an image until its activations resemble the photo's and their statistics
//! the paintings' (Gatys, Ecker & Bethge, "A Neural Algorithm of Artistic Style", 2015).
//!
//! A run is pulled by its caller, one [`Stylizer::step`] at a time: to pause is not to pull, to cancel
//! is to drop it. Departures from the paper: coarse-to-fine scales, Adam by default, pixels clamped to
//! \[0, 1\] after every step, activations normalised per layer, the Wasserstein distance by default,
//! total variation.

use std::cell::OnceCell;
use std::collections::VecDeque;

use burn::tensor::Tensor;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use web_time::Instant;

use super::init::initial_image;
use super::input::Pictures;
use super::report::{Progress, Report, ScaleProgress, ScaleReport, Timings};
use super::schedule::{self, Scale};
use crate::compute;
use crate::compute::Compute;
use crate::compute::read;
use crate::error::{Error, Result};
use crate::loss::{Losses, Objective, check_styles};
use crate::network::Vgg;
use crate::network::Weights;
use crate::optim::{Average, Optimizer};
use crate::picture::Picture;
use crate::picture::with_chroma_of;
use crate::settings::{Colour, Init, StyleConfig};

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
    pub(super) reports: Vec<ScaleReport>,
    pub(super) started: Instant,
    /// Of the pictures; see `resume`.
    pub(super) fingerprint: OnceCell<String>,
}

/// What changes with every step, at one scale.
#[derive(Debug)]
pub(super) struct State {
    pub(super) scale: usize,
    /// Steps done at this scale.
    pub(super) steps: u32,
    /// Made by the step that first needs it.
    pub(super) objective: Option<Objective>,
    pub(super) image: Tensor<4>,
    pub(super) optimizer: Optimizer,
    pub(super) average: Average,
    pub(super) pace: Pace,
}

impl State {
    /// Evaluates the objective, moves the image and takes it into the average. Nothing changes if the
    /// losses are not finite.
    async fn step(&mut self, network: &Vgg, objective: &Objective) -> Result<Losses> {
        let evaluation = objective.evaluate(network, self.image.clone());
        let (image, gradient) = (self.image.clone(), evaluation.gradient.clone());
        let (losses, moved) = match &mut self.optimizer {
            Optimizer::Adam(adam) => {
                // Moves before the losses are read, so that the device need not wait for the host.
                let (before, moved) = (adam.clone(), adam.step(image, gradient));
                let losses = evaluation.losses().await?;
                if !losses.total.is_finite() {
                    *adam = before;
                    return Ok(losses);
                }
                self.average.update(&moved);
                (losses, moved)
            }
            Optimizer::Lbfgs(lbfgs) => {
                let losses = evaluation.losses().await?;
                if !losses.total.is_finite() {
                    return Ok(losses);
                }
                let next = lbfgs.step(image, losses.total, gradient).await?;
                if let Some(best) = lbfgs.best() {
                    self.average.update(&best);
                }
                (losses, next)
            }
        };
        self.image = moved;
        Ok(losses)
    }
}

impl Stylizer {
    /// Prepares a run; nothing is computed yet.
    ///
    /// # Errors
    /// Settings and pictures that cannot make a run.
    pub fn new(compute: &Compute, weights: &Weights, pictures: Pictures, config: StyleConfig) -> Result<Self> {
        check_styles(&pictures.styles)?;
        if config.init == Init::Image && pictures.init.is_none() {
            return Err(Error::BadSetting {
                name: "init".into(),
                value: "\"image\"".into(),
                expected: "pass the picture to start from as well".into(),
            });
        }
        let scales = schedule::scales(pictures.content.width(), pictures.content.height(), &config)?;
        if let Some(last) = scales.last() {
            crate::picture::check_dimensions("The finished picture", last.width.into(), last.height.into())?;
        }
        let network = Vgg::new(weights, config.deepest(), config.pooling, compute);
        Ok(Self {
            compute: compute.clone(),
            network,
            config,
            pictures,
            scales,
            iteration: 0,
            state: None,
            reports: Vec::new(),
            started: Instant::now(),
            fingerprint: OnceCell::new(),
        })
    }

    /// The complete settings.
    pub fn config(&self) -> &StyleConfig {
        &self.config
    }

    /// Steps planned over all scales.
    pub fn iterations(&self) -> u32 {
        self.scales.iter().map(|scale| scale.iterations).sum()
    }

    /// Whether every planned step is done.
    pub fn is_finished(&self) -> bool {
        self.iteration >= self.iterations()
    }

    /// Steps done over all scales.
    pub fn iteration(&self) -> u32 {
        self.iteration
    }

    /// Leaves out the scales after this one, or after the present one if that is larger, where a device
    /// cannot hold them.
    pub fn stop_growing(&mut self, last: usize) {
        let present = self.state.as_ref().map_or(0, |state| state.scale);
        self.scales.truncate(last.max(present) + 1);
    }

    /// Takes one optimisation step and reports on it.
    ///
    /// # Errors
    /// A loss that is no longer finite, or the device's failure. Nothing is lost by them: the last
    /// good image stays.
    pub async fn step(&mut self) -> Result<Progress> {
        let mut state = match self.state.take() {
            Some(state) if state.steps < self.scales[state.scale].iterations => state,
            finished => self.next_scale(finished),
        };
        let (losses, millis) = match self.advance(&mut state).await {
            Ok((losses, millis)) if losses.total.is_finite() => (losses, millis),
            other => {
                self.state = Some(state);
                return Err(other.err().unwrap_or(Error::Diverged { iteration: self.iteration + 1 }));
            }
        };
        state.steps += 1;
        state.pace.add(millis);
        self.iteration += 1;
        self.account(&state, &losses, millis);
        let progress = self.progress(&state, losses);
        self.state = Some(state);
        Ok(progress)
    }

    /// The picture as it stands: the average of the iterates, rounded to 8 bits. Before the first step
    /// it is the photo at the first scale.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn picture(&self) -> Result<Picture> {
        let shown = self.state.as_ref().map(|s| s.average.get().unwrap_or_else(|| s.image.clone()));
        match shown {
            Some(image) => {
                let [_, _, h, w] = image.dims();
                let painted = Picture::from_planes(w as u32, h as u32, &read(image).await?);
                Ok(match self.config.colour {
                    Colour::Luminance => with_chroma_of(&self.pictures.content.resized(w as u32, h as u32), &painted),
                    Colour::Style | Colour::Match => painted,
                })
            }
            None => Ok(self.pictures.content.resized(self.scales[0].width, self.scales[0].height)),
        }
    }

    /// The run's account of itself so far.
    pub fn report(&self) -> Report {
        Report {
            config: self.config.clone(),
            device: self.compute.info.clone(),
            scales: self.reports.clone(),
            timings: Timings {
                step_millis: self.reports.iter().map(|scale| scale.millis).sum(),
                total_millis: self.started.elapsed().as_secs_f64() * 1e3,
            },
        }
    }

    /// The first scale's state, or the next one's, image and optimiser carried over.
    ///
    /// The averaged picture goes on, enlarged bicubically; Adam's moments are enlarged with it and keep
    /// their step count; the average starts afresh (crowsonkb/style-transfer-pytorch).
    fn next_scale(&self, finished: Option<State>) -> State {
        let index = finished.as_ref().map_or(0, |state| state.scale + 1);
        let scale = self.scales[index];
        let (image, mut optimizer) = match finished {
            Some(State { image, average, optimizer, .. }) => {
                (resize(average.get().unwrap_or(image), scale.size()), optimizer)
            }
            None => (
                initial_image(&self.pictures, scale, &self.config, &self.compute.device),
                Optimizer::new(&self.config, self.compute.form),
            ),
        };
        optimizer.rescale(|moment| resize(moment, scale.size()));
        State {
            scale: index,
            steps: 0,
            objective: None,
            image: image.clamp(0.0, 1.0),
            optimizer,
            average: Average::new(self.config.averaging),
            pace: Pace::default(),
        }
    }

    /// One step of a state, with its targets made first where they are missing; and how long it took
    /// without that, in milliseconds.
    async fn advance(&self, state: &mut State) -> Result<(Losses, f64)> {
        let objective = match state.objective.take() {
            Some(objective) => objective,
            None => {
                let Pictures { content, styles, .. } = &self.pictures;
                let Scale { width, height, .. } = self.scales[state.scale];
                let device = &self.compute.device;
                compute::release_memory(device);
                Objective::new(&self.network, content, styles, (width, height), &self.config, device).await?
            }
        };
        let begun = Instant::now();
        let losses = state.step(&self.network, &objective).await;
        state.objective = Some(objective);
        Ok((losses?, begun.elapsed().as_secs_f64() * 1e3))
    }

    /// Changes settings of a run under way, from the next step on: `changes` is a JSON object of
    /// [`crate::settings::LIVE`] knobs and of `weights`, one number per painting.
    ///
    /// # Errors
    /// A setting that cannot be changed now, or a bad value; nothing is changed then.
    pub fn update(&mut self, changes: &str) -> Result<()> {
        let mut changes = match serde_json::from_str(changes) {
            Ok(serde_json::Value::Object(changes)) => changes,
            _ => return Err(Error::SettingsSyntax("expected an object".into())),
        };
        let mut styles = self.pictures.styles.clone();
        if let Some(weights) = changes.remove("weights") {
            let bad =
                |expected: String| Error::BadSetting { name: "weights".into(), value: weights.to_string(), expected };
            let numbers: Vec<f64> =
                serde_json::from_value(weights.clone()).map_err(|_| bad("use a list of numbers".into()))?;
            if numbers.len() != styles.len() {
                return Err(bad(format!("give one number for each of the {} paintings", styles.len())));
            }
            styles.iter_mut().zip(numbers).for_each(|(style, weight)| style.weight = weight);
            check_styles(&styles)?;
        }
        self.config = self.config.changed(changes)?;
        self.pictures.styles = styles;
        if let Some(state) = &mut self.state {
            state.objective = None;
            state.optimizer.objective_changed();
        }
        Ok(())
    }

    fn account(&mut self, state: &State, losses: &Losses, millis: f64) {
        let Scale { width, height, .. } = self.scales[state.scale];
        if self.reports.len() <= state.scale {
            let (first, last) = (losses.clone(), losses.clone());
            self.reports.push(ScaleReport { width, height, iterations: 0, first, last, millis: 0.0 });
        }
        let report = &mut self.reports[state.scale];
        report.iterations = state.steps;
        report.last = losses.clone();
        report.millis += millis;
    }

    fn progress(&self, state: &State, losses: Losses) -> Progress {
        let scale = self.scales[state.scale];
        let here = u64::from(scale.width) * u64::from(scale.height);
        let left = here * u64::from(scale.iterations - state.steps)
            + self.scales[state.scale + 1..].iter().map(Scale::work).sum::<u64>();
        let millis = state.pace.mean();
        Progress {
            iteration: self.iteration,
            iterations: self.iterations(),
            scale: ScaleProgress {
                index: state.scale,
                count: self.scales.len(),
                width: scale.width,
                height: scale.height,
            },
            losses,
            millis_per_iteration: millis,
            eta_seconds: millis / 1e3 * left as f64 / here as f64,
        }
    }
}

/// The durations of the last few steps.
#[derive(Debug, Default)]
pub(super) struct Pace(VecDeque<f64>);

impl Pace {
    fn add(&mut self, millis: f64) {
        self.0.push_back(millis);
        if self.0.len() > 10 {
            self.0.pop_front();
        }
    }

    fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len().max(1) as f64
    }
}

/// Bicubic (a = −0.75), half-pixel centres; the same tensor when the size is the same.
fn resize(image: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
    let [_, _, h, w] = image.dims();
    if [h, w] == size {
        return image;
    }
    let options = InterpolateOptions::new(InterpolateMode::Bicubic).with_align_corners(false);
    interpolate(image, options.with_output_size(size))
}

/// Every loss term of `image` at its own size, and the L2 norm of the total's gradient.
///
/// # Errors
/// As [`Stylizer::new`] and [`Stylizer::step`].
pub async fn losses(
    compute: &Compute,
    weights: &Weights,
    pictures: &Pictures,
    image: &Picture,
    config: &StyleConfig,
) -> Result<(Losses, f64)> {
    check_styles(&pictures.styles)?;
    let (width, height) = (image.width(), image.height());
    let own_size = StyleConfig { size: width.max(height), min_size: width.max(height), ..config.clone() };
    schedule::scales(width, height, &own_size)?;
    let network = Vgg::new(weights, config.deepest(), config.pooling, compute);
    let Pictures { content, styles, .. } = pictures;
    let objective = Objective::new(&network, content, styles, (width, height), config, &compute.device).await?;
    let evaluation = objective.evaluate(&network, image.to_tensor(&compute.device));
    let norm = evaluation.gradient.clone().powi_scalar(2).sum().sqrt();
    let norm = read(norm).await?.first().copied().unwrap_or(0.0);
    Ok((evaluation.losses().await?, norm.into()))
}
