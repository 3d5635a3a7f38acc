//! L-BFGS.

use std::collections::{BTreeMap, VecDeque};

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::compute::{Form, Sums};
use crate::error::Result;
use crate::run::Snapshot;

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
    pub(super) fn restart(&mut self) {
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
    pub(super) fn save(&self, snapshot: &mut Snapshot) {
        if let Some(Point { image, gradient, .. }) = &self.best {
            snapshot.put("best.image", image);
            snapshot.put("best.gradient", gradient);
        }
        if let Some(search) = &self.search {
            snapshot.put("direction", &search.direction);
        }
        for vector in self.pairs.iter().flatten() {
            snapshot.put(&vector_name(vector.number), &vector.data);
        }
        let notes = Notes {
            best_loss: self.best.as_ref().map(|best| best.loss),
            search: self.search.as_ref().map(|search| (search.step, search.shortened)),
            pairs: self.pairs.iter().map(|pair| [pair[0].number, pair[1].number]).collect(),
            products: self.products.iter().map(|(numbers, value)| (*numbers, *value)).collect(),
            numbered: self.numbered,
        };
        snapshot.note("lbfgs", &notes);
    }

    pub(super) fn restore(&mut self, snapshot: &Snapshot) -> Result<()> {
        let notes: Notes = snapshot.noted("lbfgs")?;
        if let Some(loss) = notes.best_loss {
            let (image, gradient) = (snapshot.tensor("best.image")?, snapshot.tensor("best.gradient")?);
            self.best = Some(Point { image, loss, gradient });
        }
        if let Some((step, shortened)) = notes.search {
            self.search = Some(Search { direction: snapshot.tensor("direction")?, step, shortened });
        }
        let vector = |number: usize| Ok(Vector { number, data: snapshot.tensor(&vector_name(number))? });
        self.pairs = notes.pairs.iter().map(|&[s, y]| Ok([vector(s)?, vector(y)?])).collect::<Result<_>>()?;
        self.products = notes.products.into_iter().collect();
        self.numbered = notes.numbered;
        Ok(())
    }
}

/// What a snapshot holds besides the tensors.
#[derive(Serialize, Deserialize)]
struct Notes {
    best_loss: Option<f64>,
    search: Option<(f64, u32)>,
    pairs: Vec<[usize; 2]>,
    products: Vec<([usize; 2], f64)>,
    numbered: usize,
}

/// The share of the gradient by which the first step changes the image as much as wanted; none of one that
/// is nothing but zeros.
async fn first_step(at: &Point, form: Form) -> Result<f64> {
    let mut sums = Sums::new(form);
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
