//! Sums over whole tensors, read all at once.

use burn::tensor::Tensor;

use super::{Form, packed};
use crate::error::Result;
use crate::objective::read;

/// Scalars on the way to the host.
///
/// A device adds each into a few hundred partial sums, which are appended to those before; the host
/// reads them in one transfer and adds them in double precision.
#[derive(Debug)]
pub struct Sums {
    form: Form,
    factors: Vec<f64>,
    partial: Vec<Tensor<1>>,
}

impl Sums {
    /// None yet, for tensors of this form.
    pub fn new(form: Form) -> Self {
        Self { form, factors: Vec::new(), partial: Vec::new() }
    }

    /// Adds `factor · Σ a·b`.
    pub fn dot<const D: usize>(&mut self, a: Tensor<D>, b: Tensor<D>, factor: f64) {
        match self.form {
            Form::Plain => self.value((a * b).sum(), factor),
            Form::Packed { .. } => self.append(a, b, factor, packed::Reduction::Dot),
        }
    }

    /// Adds `factor · Σ (a − b)²`.
    pub fn squared_difference<const D: usize>(&mut self, a: Tensor<D>, b: Tensor<D>, factor: f64) {
        match self.form {
            Form::Plain => self.value((a - b).square().sum(), factor),
            Form::Packed { .. } => self.append(a, b, factor, packed::Reduction::SquaredDifference),
        }
    }

    /// Adds `factor` times a scalar (`[1]`) that is there already; plain tensors only.
    pub(crate) fn value(&mut self, value: Tensor<1>, factor: f64) {
        self.partial.push(value);
        self.factors.push(factor);
    }

    fn append<const D: usize>(&mut self, a: Tensor<D>, b: Tensor<D>, factor: f64, reduction: packed::Reduction) {
        let flat = |t: Tensor<D>| {
            let count = t.shape().num_elements();
            t.reshape([1, 1, 1, count])
        };
        let before = self.partial.pop();
        self.partial = vec![packed::append_sum(flat(a), flat(b), before, reduction)];
        self.factors.push(factor);
    }

    /// Reads them, in the order they were added.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn read(self) -> Result<Vec<f64>> {
        if self.factors.is_empty() {
            return Ok(Vec::new());
        }
        let partial = read(Tensor::cat(self.partial, 0)).await?;
        let each = partial.len() / self.factors.len();
        let sum = |chunk: &[f32]| chunk.iter().map(|&p| f64::from(p)).sum::<f64>();
        Ok(partial.chunks(each).zip(self.factors).map(|(chunk, factor)| factor * sum(chunk)).collect())
    }
}
