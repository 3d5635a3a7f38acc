//! Sums over whole tensors, read all at once.

use burn::tensor::Tensor;

use super::maps::Layout;
use super::read::read;
use super::wgsl;
use crate::error::Result;

/// Totals on the way to the host, each of one or several sums.
///
/// A device adds each into a few hundred partial sums, which are appended to those before; the host
/// reads them in one transfer and adds them in double precision.
#[derive(Debug)]
pub struct Sums {
    layout: Layout,
    /// What the host adds to each total by itself.
    totals: Vec<f64>,
    /// Which total each sum belongs to, and its factor there.
    parts: Vec<(usize, f64)>,
    partial: Vec<Tensor<1>>,
}

impl Sums {
    /// None yet, for tensors that belong to maps of this layout.
    pub fn new(layout: Layout) -> Self {
        Self { layout, totals: Vec::new(), parts: Vec::new(), partial: Vec::new() }
    }

    /// The layout of the maps whose tensors are summed.
    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    /// Begins another total, zero at first; what is added from now on belongs to it.
    pub fn begin(&mut self) {
        self.totals.push(0.0);
    }

    /// Adds a number the host knows.
    pub fn constant(&mut self, value: f64) {
        *self.total() += value;
    }

    fn total(&mut self) -> &mut f64 {
        if self.totals.is_empty() {
            self.begin();
        }
        let last = self.totals.len() - 1;
        &mut self.totals[last]
    }

    /// Adds `factor · Σ a·b` over all values of two tensors of one shape.
    pub fn dot<const D: usize>(&mut self, a: Tensor<D>, b: Tensor<D>, factor: f64) {
        match self.layout {
            Layout::Plain => self.value((a * b).sum(), factor),
            Layout::Packed { .. } => self.append(a, b, factor, wgsl::Reduction::Dot),
        }
    }

    /// Adds `factor · Σ (a − b)²` over all values of two tensors of one shape.
    pub fn squared_difference<const D: usize>(&mut self, a: Tensor<D>, b: Tensor<D>, factor: f64) {
        match self.layout {
            Layout::Plain => self.value((a - b).square().sum(), factor),
            Layout::Packed { .. } => self.append(a, b, factor, wgsl::Reduction::SquaredDifference),
        }
    }

    /// Adds `factor` times a scalar (`[1]`) that is there already; plain tensors only.
    pub(super) fn value(&mut self, value: Tensor<1>, factor: f64) {
        self.partial.push(value);
        self.belongs(factor);
    }

    fn belongs(&mut self, factor: f64) {
        self.total();
        self.parts.push((self.totals.len() - 1, factor));
    }

    fn append<const D: usize>(&mut self, a: Tensor<D>, b: Tensor<D>, factor: f64, reduction: wgsl::Reduction) {
        let flat = |t: Tensor<D>| {
            let count = t.shape().num_elements();
            t.reshape([1, 1, 1, count])
        };
        let before = self.partial.pop();
        self.partial = vec![wgsl::append_sum(flat(a), flat(b), before, reduction)];
        self.belongs(factor);
    }

    /// Reads the totals, in the order they were begun.
    ///
    /// # Errors
    /// The device's failure, as [`crate::Error::DeviceFailed`].
    pub async fn read(mut self) -> Result<Vec<f64>> {
        if !self.parts.is_empty() {
            let partial = read(Tensor::cat(self.partial, 0)).await?;
            let each = partial.len() / self.parts.len();
            for (chunk, (total, factor)) in partial.chunks(each).zip(self.parts) {
                self.totals[total] += factor * chunk.iter().map(|&p| f64::from(p)).sum::<f64>();
            }
        }
        Ok(self.totals)
    }
}
