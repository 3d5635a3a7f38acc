//! L-BFGS.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::state_dict::{FINITE, PIXELS, StateDict};
use crate::compute::{Layout, Sums};
use crate::error::{Error, Result};

/// L-BFGS (Nocedal 1980; Nocedal & Wright 2006, algorithm 7.4) within the box \[0, 1\], with a
/// backtracking line search (Armijo's condition, the step from a parabola).
///
/// Points are clamped to the box before they are evaluated, and the condition is on the step really
/// taken. A pair whose curvature is not positive is left out, which keeps the metric positive definite.
/// The two-loop recursion runs on the host over the vectors' scalar products (Chen, Wang & Zhou 2014),
/// which one transfer brings.
///
/// A clone shares its tensors and costs next to nothing.
#[derive(Debug, Clone)]
pub struct Lbfgs {
    layout: Layout,
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

#[derive(Debug, Clone)]
struct Point {
    image: Tensor<4>,
    loss: f64,
    gradient: Tensor<4>,
}

#[derive(Debug, Clone)]
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
/// Of large pictures as many are kept as take so many bytes, but no fewer than [`LEAST`]: ten of 4096 × 2731 px would take 2.7 GB.
const PAIRS_BYTES: u64 = 320_000_000;
/// Modest numbers of pairs, between 3 and 20, often do (Nocedal & Wright 2006, §7.2).
const LEAST: usize = 3;
/// Armijo's c₁.
const DECREASE: f64 = 1e-4;
/// The first step changes pixels by this much, as a root mean square of the pixel range.
const FIRST_CHANGE: f64 = 0.02;
/// A direction that leads nowhere after so many shortenings is given up, and the history with it.
const SHORTENINGS: u32 = 6;

impl Lbfgs {
    /// Images of so many pixels alive at once in a step: the pairs and the one that is about to be the oldest's successor, image and
    /// gradient at the best point and at the new one, the direction, a partial sum of it, and the next image.
    pub(crate) fn images(pixels: u64) -> u64 {
        2 * (Self::history(pixels) as u64 + 1) + 7
    }

    /// How many pairs are kept of images of so many pixels.
    fn history(pixels: u64) -> usize {
        let pair = 2 * 3 * size_of::<f32>() as u64 * pixels.max(1);
        ((PAIRS_BYTES / pair) as usize).clamp(LEAST, HISTORY)
    }

    /// A fresh optimiser for tensors of `layout`.
    pub fn new(layout: Layout) -> Self {
        Self { layout, best: None, search: None, pairs: VecDeque::new(), products: BTreeMap::new(), numbered: 0 }
    }

    /// Forgets everything but the method.
    pub(super) fn restart(&mut self) {
        *self = Self::new(self.layout);
    }

    /// The best image so far, `[1, 3, height, width]`: what is worth showing. Nothing before the first step.
    pub fn best(&self) -> Option<Tensor<4>> {
        self.best.as_ref().map(|best| best.image.clone())
    }

    /// The next image to evaluate, given loss and gradient at the one asked for last; images and gradients are
    /// `[1, 3, height, width]`, the loss finite.
    ///
    /// # Errors
    /// The device's failure. After one, or when the future is dropped, the state is neither that before nor that after:
    /// step a clone.
    pub async fn step(&mut self, image: Tensor<4>, loss: f64, gradient: Tensor<4>) -> Result<Tensor<4>> {
        if let Some(shorter) = self.shorten(&image, loss).await? {
            return Ok(shorter);
        }
        let here = Point { image, loss, gradient };
        let before = self.best.take();
        let direction = self.direction(before, &here).await?;
        let step = if self.pairs.is_empty() { first_step(&here, self.layout).await? } else { 1.0 };
        let next = towards(&here.image, &direction, step);
        self.search = Some(Search { direction, step, shortened: 0 });
        self.best = Some(here);
        Ok(next)
    }

    /// A nearer point on the same line if the one tried is no improvement.
    async fn shorten(&mut self, tried: &Tensor<4>, loss: f64) -> Result<Option<Tensor<4>>> {
        let (Some(best), Some(search)) = (&self.best, &mut self.search) else { return Ok(None) };
        let mut sums = Sums::new(self.layout);
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
            search.step = 0.1 * first_step(best, self.layout).await?;
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
        let [_, _, height, width] = here.image.dims();
        if self.pairs.len() > Self::history((height * width) as u64) {
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
        let mut sums = Sums::new(self.layout);
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

    /// Puts the state into `state`.
    ///
    /// # Errors
    /// The device's failure.
    pub(super) async fn save(&self, state: &mut StateDict) -> Result<()> {
        if let Some(Point { image, gradient, .. }) = &self.best {
            state.put("best.image", image).await?;
            state.put("best.gradient", gradient).await?;
        }
        if let Some(search) = &self.search {
            state.put("direction", &search.direction).await?;
        }
        for vector in self.pairs.iter().flatten() {
            state.put(&vector_name(vector.number), &vector.data).await?;
        }
        let notes = Notes {
            best_loss: self.best.as_ref().map(|best| best.loss),
            search: self.search.as_ref().map(|search| (search.step, search.shortened)),
            pairs: self.pairs.iter().map(|pair| [pair[0].number, pair[1].number]).collect(),
            products: self.products.iter().map(|(numbers, value)| (*numbers, *value)).collect(),
            numbered: self.numbered,
        };
        state.note("lbfgs", &notes);
        Ok(())
    }

    /// Takes the state back, for images like this one after at most so many steps.
    ///
    /// # Errors
    /// [`Error::Checkpoint`].
    pub(super) fn restore(&mut self, state: &StateDict, image: &Tensor<4>, steps: u32) -> Result<()> {
        let notes: Notes = state.noted("lbfgs")?;
        notes.check(steps)?;
        let tensor = |name: &str| state.tensor_like(name, image, &FINITE);
        self.best = match notes.best_loss {
            Some(loss) => {
                let image = state.tensor_like("best.image", image, &PIXELS)?;
                Some(Point { image, loss, gradient: tensor("best.gradient")? })
            }
            None => None,
        };
        self.search = match notes.search {
            Some((step, shortened)) => Some(Search { direction: tensor("direction")?, step, shortened }),
            None => None,
        };
        let vector = |number: usize| Ok(Vector { number, data: tensor(&vector_name(number))? });
        self.pairs = notes.pairs.iter().map(|&[s, y]| Ok([vector(s)?, vector(y)?])).collect::<Result<_>>()?;
        self.products = notes.products.into_iter().collect();
        self.numbered = notes.numbered;
        Ok(())
    }
}

/// What a saved state holds besides the tensors.
#[derive(Serialize, Deserialize)]
struct Notes {
    best_loss: Option<f64>,
    search: Option<(f64, u32)>,
    pairs: Vec<[usize; 2]>,
    products: Vec<([usize; 2], f64)>,
    numbered: usize,
}

impl Notes {
    /// Whether a run of at most so many steps can have come to this. The recursion divides by the pairs' products.
    fn check(&self, steps: u32) -> Result<()> {
        let kept: BTreeSet<usize> = self.pairs.iter().flatten().copied().collect();
        let wanted = kept.iter().flat_map(|&a| kept.range(a..).map(move |&b| [a, b]));
        let products: BTreeMap<[usize; 2], f64> = self.products.iter().copied().collect();
        let positive = |&[s, y]: &[usize; 2]| products.get(&[s.min(y), s.max(y)]).is_some_and(|product| *product > 0.0);
        // A step numbers three vectors at most, from 1 on.
        let numbers = 1..=self.numbered;
        let sound = self.search.is_some() == self.best_loss.is_some()
            && self.search.is_none_or(|(step, shortened)| step >= 0.0 && shortened <= SHORTENINGS)
            && (self.pairs.is_empty() || self.best_loss.is_some())
            && self.pairs.len() <= HISTORY
            && kept.len() == 2 * self.pairs.len()
            && kept.iter().all(|number| numbers.contains(number))
            && self.numbered as u64 <= 3 * u64::from(steps)
            && self.products.len() == products.len()
            && products.keys().copied().eq(wanted)
            && self.pairs.iter().flat_map(|&[s, y]| [[s, s], [y, y], [s, y]]).all(|pair| positive(&pair));
        if sound {
            Ok(())
        } else {
            Err(Error::Checkpoint("its record of past steps does not agree with itself".into()))
        }
    }
}

/// The share of the gradient by which the first step changes the image as much as wanted; none of one that
/// is nothing but zeros.
async fn first_step(at: &Point, layout: Layout) -> Result<f64> {
    let mut sums = Sums::new(layout);
    sums.dot(at.gradient.clone(), at.gradient.clone(), 1.0);
    let count = at.image.shape().num_elements() as f64;
    let squares = sums.read().await?[0];
    Ok(if squares > 0.0 { FIRST_CHANGE * (count / squares).sqrt() } else { 0.0 })
}

fn towards(image: &Tensor<4>, direction: &Tensor<4>, step: f64) -> Tensor<4> {
    (image.clone() + direction.clone() * step).clamp(0.0, 1.0)
}

fn vector_name(number: usize) -> String {
    format!("vector{number}")
}
