//! Optimisers over one image tensor.
//!
//! An optimiser is told the loss and its gradient at the image it asked for and answers with the image
//! to evaluate next: one evaluation per step, whatever the method.

use std::collections::{BTreeMap, VecDeque};

use burn::tensor::Tensor;

use crate::config::{self, StyleConfig};
use crate::error::Result;
use crate::kernels::{self, AdamStep, Form, Sums};

/// The method in use.
#[derive(Debug)]
pub enum Optimizer {
    /// See [`Adam`].
    Adam(Box<Adam>),
    /// See [`Lbfgs`].
    Lbfgs(Box<Lbfgs>),
}

impl Optimizer {
    /// A fresh optimiser as the settings say.
    pub fn new(config: &StyleConfig, form: Form) -> Self {
        match config.optimizer {
            config::Optimizer::Adam => Self::Adam(Box::new(Adam::new(config.learning_rate, form))),
            config::Optimizer::Lbfgs => Self::Lbfgs(Box::new(Lbfgs::new(form))),
        }
    }

    /// Carries the state to another scale; see [`Adam::rescale`]. L-BFGS starts afresh: its differences
    /// belong to the old objective.
    pub fn rescale(&mut self, resize: impl Fn(Tensor<4>) -> Tensor<4>) {
        match self {
            Self::Adam(adam) => adam.rescale(resize),
            Self::Lbfgs(lbfgs) => lbfgs.restart(),
        }
    }
}

/// Adam (Kingma & Ba 2014, algorithm 1) with ε = 1e-8.
///
/// Departure from the paper's β₂ = 0.999: 0.99, which follows the quickly changing gradients of style
/// transfer better (crowsonkb/style-transfer-pytorch).
#[derive(Debug, Clone)]
pub struct Adam {
    learning_rate: f64,
    form: Form,
    steps: i32,
    /// The first moment above the second, `[2, 3, height, width]`.
    moments: Option<Tensor<4>>,
}

/// Decays of the two moments.
const BETA: [f64; 2] = [0.9, 0.99];
/// Keeps the division finite.
const EPSILON: f64 = 1e-8;

impl Adam {
    /// A fresh optimiser with the given step size, computing with the kernels of `form`.
    pub fn new(learning_rate: f64, form: Form) -> Self {
        Self { learning_rate, form, steps: 0, moments: None }
    }

    /// The image after one step against the gradient, clamped to \[0, 1\].
    pub fn step(&mut self, image: Tensor<4>, gradient: Tensor<4>) -> Tensor<4> {
        self.steps += 1;
        let step = AdamStep {
            learning_rate: self.learning_rate,
            decay: BETA,
            correction: BETA.map(|beta| 1.0 - beta.powi(self.steps)),
            epsilon: EPSILON,
        };
        let moments = self.moments.take().unwrap_or_else(|| gradient.zeros_like().repeat_dim(0, 2));
        let [moments, moved] = kernels::adam(image, moments, gradient, step, self.form);
        self.moments = Some(moments);
        moved
    }

    /// Carries the moments to another scale: `resize` maps a tensor to the new size and may overshoot,
    /// so the second moment is cut off at zero. The step count goes on.
    pub fn rescale(&mut self, resize: impl Fn(Tensor<4>) -> Tensor<4>) {
        self.moments = self.moments.take().map(|moments| {
            let first = resize(moments.clone().narrow(0, 0, 1));
            let second = resize(moments.narrow(0, 1, 1)).clamp_min(0.0);
            Tensor::cat(vec![first, second], 0)
        });
    }
}

/// L-BFGS (Nocedal 1980; Nocedal & Wright 2006, algorithm 7.4) within the box \[0, 1\], with a
/// backtracking line search (Armijo's condition, the step from a parabola).
///
/// Points are clamped to the box before they are evaluated, and the condition is on the step really
/// taken. A pair whose curvature is not positive is left out, which keeps the metric positive definite.
/// The two-loop recursion runs on the host over the vectors' scalar products (Chen, Wang & Zhou 2014),
/// which one transfer brings.
#[derive(Debug)]
pub struct Lbfgs {
    form: Form,
    /// The best point so far, and what is known there.
    best: Option<Point>,
    /// Where it wants to go from there, and how far it tries.
    search: Option<Search>,
    /// Differences of points and of gradients, newest last.
    pairs: VecDeque<[Vector; 2]>,
    /// Scalar products of the pairs' vectors, by their numbers, the smaller first.
    products: BTreeMap<[usize; 2], f64>,
    /// How many vectors there were.
    numbered: usize,
}

#[derive(Debug)]
struct Point {
    image: Tensor<4>,
    loss: f64,
    gradient: Tensor<4>,
}

#[derive(Debug)]
struct Search {
    direction: Tensor<4>,
    /// Share of the direction that is tried.
    step: f64,
    /// How often it was shortened.
    shortened: u32,
}

#[derive(Debug, Clone)]
struct Vector {
    number: usize,
    data: Tensor<4>,
}

/// Pairs kept (Gatys et al. and the field: 10).
const HISTORY: usize = 10;
/// Armijo's c₁.
const DECREASE: f64 = 1e-4;
/// The first step changes pixels by this much, as a root mean square of the pixel range.
const FIRST_CHANGE: f64 = 0.02;
/// A direction that leads nowhere after so many shortenings is given up, and the history with it.
const SHORTENINGS: u32 = 6;

impl Lbfgs {
    /// A fresh optimiser.
    pub fn new(form: Form) -> Self {
        Self { form, best: None, search: None, pairs: VecDeque::new(), products: BTreeMap::new(), numbered: 0 }
    }

    /// Forgets everything but the method.
    fn restart(&mut self) {
        *self = Self::new(self.form);
    }

    /// The best point so far: what is worth showing.
    pub fn best(&self) -> Option<Tensor<4>> {
        self.best.as_ref().map(|best| best.image.clone())
    }

    /// The next image to evaluate, given loss and gradient at the one asked for last.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn step(&mut self, image: Tensor<4>, loss: f64, gradient: Tensor<4>) -> Result<Tensor<4>> {
        if let Some(shorter) = self.shorten(&image, loss).await? {
            return Ok(shorter);
        }
        let here = Point { image, loss, gradient };
        let before = self.best.take();
        let direction = self.direction(before, &here).await?;
        let step = if self.pairs.is_empty() { first_step(&here, self.form).await? } else { 1.0 };
        let next = towards(&here.image, &direction, step);
        self.search = Some(Search { direction, step, shortened: 0 });
        self.best = Some(here);
        Ok(next)
    }

    /// A nearer point on the same line if the one tried is no improvement.
    async fn shorten(&mut self, tried: &Tensor<4>, loss: f64) -> Result<Option<Tensor<4>>> {
        let (Some(best), Some(search)) = (&self.best, &mut self.search) else { return Ok(None) };
        let mut sums = Sums::new(self.form);
        sums.dot(best.gradient.clone(), tried.clone() - best.image.clone(), 1.0);
        let slope = sums.read().await?[0];
        if loss <= best.loss + DECREASE * slope {
            return Ok(None);
        }
        search.shortened += 1;
        if search.shortened > SHORTENINGS {
            // The metric misleads: steepest descent from the best point.
            self.pairs.clear();
            self.products.clear();
            search.shortened = 0;
            search.direction = best.gradient.clone() * -1.0;
            search.step = 0.1 * first_step(best, self.form).await?;
        } else {
            // The minimum of the parabola through both losses and the slope, within reason.
            let parabola = -slope / (2.0 * (loss - best.loss - slope));
            search.step *= if parabola.is_finite() { parabola.clamp(0.1, 0.5) } else { 0.1 };
        }
        Ok(Some(towards(&best.image, &search.direction, search.step)))
    }

    /// Takes the latest differences in and returns minus the gradient in the metric of all of them.
    async fn direction(&mut self, before: Option<Point>, here: &Point) -> Result<Tensor<4>> {
        let gradient = self.number(here.gradient.clone());
        let mut fresh = vec![gradient.clone()];
        if let Some(before) = before {
            let s = self.number(here.image.clone() - before.image);
            let y = self.number(here.gradient.clone() - before.gradient);
            self.pairs.push_back([s.clone(), y.clone()]);
            fresh.extend([s, y]);
        }
        self.multiply(&fresh, &gradient).await?;
        if let Some([s, y]) = self.pairs.back() {
            let scale = (self.product(s.number, s.number) * self.product(y.number, y.number)).sqrt();
            if self.product(s.number, y.number) <= 1e-8 * scale {
                self.pairs.pop_back();
            }
        }
        if self.pairs.len() > HISTORY {
            self.pairs.pop_front();
        }
        let shares = self.two_loops(gradient.number);
        let vectors = self.pairs.iter().flatten().chain([&gradient]);
        let direction = vectors
            .filter_map(|v| shares.get(&v.number).map(|share| v.data.clone() * *share))
            .reduce(|sum, part| sum + part)
            .unwrap_or_else(|| gradient.data.zeros_like());
        let kept: Vec<usize> = self.pairs.iter().flatten().map(|v| v.number).collect();
        self.products.retain(|pair, _| pair.iter().all(|number| kept.contains(number)));
        Ok(direction)
    }

    fn number(&mut self, data: Tensor<4>) -> Vector {
        self.numbered += 1;
        Vector { number: self.numbered, data }
    }

    fn product(&self, a: usize, b: usize) -> f64 {
        self.products.get(&[a.min(b), a.max(b)]).copied().unwrap_or(0.0)
    }

    /// The scalar products of the fresh vectors with all others.
    async fn multiply(&mut self, fresh: &[Vector], gradient: &Vector) -> Result<()> {
        let mut sums = Sums::new(self.form);
        let mut wanted = Vec::new();
        for a in fresh {
            for b in self.pairs.iter().flatten().chain([gradient]) {
                let key = [a.number.min(b.number), a.number.max(b.number)];
                if !wanted.contains(&key) {
                    wanted.push(key);
                    sums.begin();
                    sums.dot(a.data.clone(), b.data.clone(), 1.0);
                }
            }
        }
        self.products.extend(wanted.into_iter().zip(sums.read().await?));
        Ok(())
    }

    /// The two-loop recursion in coefficients: each vector's share of the direction, by its number.
    fn two_loops(&self, gradient: usize) -> BTreeMap<usize, f64> {
        let mut shares = BTreeMap::from([(gradient, 1.0)]);
        let dot = |shares: &BTreeMap<usize, f64>, with: usize| -> f64 {
            shares.iter().map(|(number, share)| share * self.product(*number, with)).sum()
        };
        let mut alphas = Vec::with_capacity(self.pairs.len());
        for [s, y] in self.pairs.iter().rev() {
            let alpha = dot(&shares, s.number) / self.product(s.number, y.number);
            *shares.entry(y.number).or_default() -= alpha;
            alphas.push(alpha);
        }
        if let Some([s, y]) = self.pairs.back() {
            let scale = self.product(s.number, y.number) / self.product(y.number, y.number);
            shares.values_mut().for_each(|share| *share *= scale);
        }
        for ([s, y], alpha) in self.pairs.iter().zip(alphas.into_iter().rev()) {
            let beta = dot(&shares, y.number) / self.product(s.number, y.number);
            *shares.entry(s.number).or_default() += alpha - beta;
        }
        shares.values_mut().for_each(|share| *share = -*share);
        shares
    }
}

/// The share of the gradient by which the first step changes the image as much as wanted.
async fn first_step(at: &Point, form: Form) -> Result<f64> {
    let mut sums = Sums::new(form);
    sums.dot(at.gradient.clone(), at.gradient.clone(), 1.0);
    let count = at.image.shape().num_elements() as f64;
    Ok(FIRST_CHANGE * (count / sums.read().await?[0].max(f64::MIN_POSITIVE)).sqrt())
}

fn towards(image: &Tensor<4>, direction: &Tensor<4>, step: f64) -> Tensor<4> {
    (image.clone() + direction.clone() * step).clamp(0.0, 1.0)
}

/// The bias-corrected exponential average of the iterates (Adam's own correction, applied to the
/// picture): what is shown and saved. With decay 0 it is the last iterate.
#[derive(Debug, Clone)]
pub struct Average {
    decay: f64,
    steps: i32,
    sum: Option<Tensor<4>>,
}

impl Average {
    /// An average that has seen nothing yet.
    pub fn new(decay: f64) -> Self {
        Self { decay, steps: 0, sum: None }
    }

    /// Takes the next iterate in.
    pub fn update(&mut self, image: &Tensor<4>) {
        self.sum = Some(match self.sum.take() {
            _ if self.decay == 0.0 => image.clone(),
            Some(sum) => sum * self.decay + image.clone() * (1.0 - self.decay),
            None => image.clone() * (1.0 - self.decay),
        });
        self.steps += 1;
    }

    /// The average, or nothing before the first update.
    pub fn get(&self) -> Option<Tensor<4>> {
        let correction = 1.0 - self.decay.powi(self.steps);
        self.sum.clone().map(|sum| if self.decay == 0.0 { sum } else { sum / correction })
    }
}
