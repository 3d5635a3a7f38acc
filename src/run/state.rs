//! What changes with every step.

use std::collections::VecDeque;

use burn::tensor::Tensor;

use crate::compute::grey;
use crate::error::Result;
use crate::loss::{Evaluation, Losses, Objective};
use crate::network::Vgg;
use crate::optim::{Average, Optimizer};
use crate::picture::LUMA;
use crate::settings::Colour;

/// Where a run is within one of its scales.
#[derive(Debug)]
pub(super) struct State {
    /// The scale, from 0.
    pub scale: usize,
    /// Steps done at this scale.
    pub steps: u32,
    /// The image this scale began with, if it is not the first.
    pub origin: Option<Tensor<4>>,
    pub iterate: Iterate,
    pub pace: Pace,
}

/// An image on its way, and what the method has learnt so far.
///
/// A step makes another of one: a failure, or a caller who no longer waits, leaves the old one as it was. A clone shares
/// its tensors and costs next to nothing.
#[derive(Debug, Clone)]
pub(super) struct Iterate {
    /// `[1, 3, height, width]`, RGB in \[0, 1\].
    pub image: Tensor<4>,
    pub optimizer: Optimizer,
    /// Of Adam's images; L-BFGS has none, for its best one does not wobble.
    pub average: Average,
}

impl State {
    /// Goes on in these colours, as [`Iterate::in_colours`] does; so does what its scale began with.
    pub fn becomes(&mut self, colour: Colour) {
        self.origin = self.origin.take().map(|origin| seen(origin, colour));
        self.iterate = self.iterate.clone().in_colours(colour);
    }
}

impl Iterate {
    /// The same in a run of these colours. Where luminance alone is painted the image is grey and stays so: otherwise the network would look
    /// at colours that nobody will see, for the photo's are shown in their place. What is grey already stays as it is.
    pub fn in_colours(mut self, colour: Colour) -> Self {
        self.image = seen(self.image, colour);
        if colour == Colour::Luminance {
            self.optimizer.becomes_grey();
        }
        self
    }

    /// Evaluates the objective here, moves the image and takes Adam's into the average: the losses here, the next iterate.
    /// Only to be used where the losses are finite.
    /// `done` is how much of this scale's steps is behind, from 0 to 1.
    pub async fn next(&self, network: &Vgg, objective: &Objective, done: f64) -> Result<(Self, Losses)> {
        let mut next = self.clone();
        if self.needs_no_losses(objective) {
            let evaluation = next.set_out(network, objective, done);
            return Ok((next, evaluation.losses().await?));
        }
        objective.release_memory();
        let evaluation = objective.evaluate(network, self.image.clone());
        let gradient = along(evaluation.gradient.clone(), objective);
        let losses = evaluation.losses().await?;
        // Once the losses are read the activations' memory is free, and serves the new images.
        objective.release_memory();
        if losses.total.is_finite() {
            match &mut next.optimizer {
                Optimizer::Adam(_) => next.descend(gradient, done),
                Optimizer::Lbfgs(lbfgs) => {
                    next.image = lbfgs.step(self.image.clone(), losses.total, gradient).await?;
                }
            }
        }
        Ok((next, losses))
    }

    /// Whether the image moves before the losses there are known: with Adam, unless memory is so short that it must wait for that of the
    /// activations.
    pub fn needs_no_losses(&self, objective: &Objective) -> bool {
        matches!(self.optimizer, Optimizer::Adam(_)) && !objective.is_in_bands()
    }

    /// Evaluates the objective here and moves the image, where that needs no losses, before they are read: the device need not wait
    /// for the host.
    pub fn set_out(&mut self, network: &Vgg, objective: &Objective, done: f64) -> Evaluation {
        let evaluation = objective.evaluate(network, self.image.clone());
        self.descend(along(evaluation.gradient.clone(), objective), done);
        evaluation
    }

    /// Takes Adam's step.
    fn descend(&mut self, gradient: Tensor<4>, done: f64) {
        if let Optimizer::Adam(adam) = &mut self.optimizer {
            self.image = adam.step(self.image.clone(), gradient, share_of_rate(done));
            self.average.update(&self.image);
        }
    }

    /// What is worth showing: with Adam the average of the images so far, with L-BFGS the best of them.
    pub fn shown(&self) -> Tensor<4> {
        let shown = match &self.optimizer {
            Optimizer::Adam(_) => self.average.get(),
            Optimizer::Lbfgs(lbfgs) => lbfgs.best(),
        };
        shown.unwrap_or_else(|| self.image.clone())
    }
}

/// What of an image is seen in a run of these colours.
fn seen(image: Tensor<4>, colour: Colour) -> Tensor<4> {
    if colour == Colour::Luminance { grey(image, [LUMA.x, LUMA.z]) } else { image }
}

/// The gradient by which an image is moved, of the objective's: where the image is grey, what of it leaves the image grey, which is the mean of
/// its channels in place of each.
fn along(gradient: Tensor<4>, objective: &Objective) -> Tensor<4> {
    match objective.colour() {
        Colour::Luminance => grey(gradient, [1.0 / 3.0; 2]),
        Colour::Style | Colour::Match => gradient,
    }
}

/// The share of the learning rate that a step takes: in a scale's second half it falls evenly to a tenth, for Adam's steps are as long where there is hardly
/// a gradient (outside of all masks, say) as where it is strong, and long last steps would stay as noise.
fn share_of_rate(done: f64) -> f64 {
    1.0 - 1.8 * (done - 0.5).max(0.0)
}

/// The durations of the last few steps.
#[derive(Debug, Default)]
pub(super) struct Pace(VecDeque<f64>);

impl Pace {
    /// Takes in how many milliseconds a step took.
    pub fn add(&mut self, millis: f64) {
        self.0.push_back(millis);
        if self.0.len() > 10 {
            self.0.pop_front();
        }
    }

    /// Milliseconds a step takes.
    pub fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len().max(1) as f64
    }
}
