//! Sums over whole tensors, read all at once.

use burn::tensor::Tensor;

use super::maps::{Layout, Tiling};
use super::read::read;
use super::wgsl::{self, Room};
use crate::error::Result;

/// Totals on the way to the host, each of one or several sums.
///
/// A device adds each into a few hundred partial sums, most of them in passing, by kernels that look at the values anyway;
/// the host reads them in one transfer and adds them in double precision.
#[derive(Debug)]
pub struct Sums {
    layout: Layout,
    /// What the host adds to each total by itself.
    totals: Vec<f64>,
    /// The total that is added to.
    present: usize,
    parts: Vec<Part>,
    /// Where the parts are: one after another, or of plain tensors a scalar each.
    partial: Vec<Tensor<4>>,
    /// Values before the last of these tensors, and in use of that.
    full: usize,
    used: usize,
}

/// One sum in its parts.
#[derive(Debug, Clone, Copy)]
struct Part {
    total: usize,
    factor: f64,
    place: usize,
    count: usize,
}

/// Partial sums are given room for so many at a time.
const CHUNK: usize = 8192;

impl Sums {
    /// None yet, for tensors that belong to maps of this layout.
    pub fn new(layout: Layout) -> Self {
        Self { layout, totals: Vec::new(), present: 0, parts: Vec::new(), partial: Vec::new(), full: 0, used: 0 }
    }

    /// The layout of the maps whose tensors are summed.
    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    /// Begins another total, zero at first; what is added from now on belongs to it. Gives its number.
    pub fn begin(&mut self) -> usize {
        self.totals.push(0.0);
        self.present = self.totals.len() - 1;
        self.present
    }

    /// Goes on with the total of this number, begun before.
    pub fn go_on(&mut self, total: usize) {
        self.present = total;
    }

    /// Adds a number the host knows.
    pub fn constant(&mut self, value: f64) {
        let present = self.present();
        self.totals[present] += value;
    }

    /// The total that is added to, begun if none was.
    pub(super) fn present(&mut self) -> usize {
        if self.totals.is_empty() { self.begin() } else { self.present }
    }

    /// Adds `factor · Σ a·b` over all values of two tensors of one shape.
    pub fn dot<const D: usize>(&mut self, a: Tensor<D>, b: Tensor<D>, factor: f64) {
        match self.layout {
            Layout::Plain => self.value((a * b).sum(), factor),
            Layout::Packed { tiling, .. } => self.reduce(a, b, factor, wgsl::Reduction::Dot, tiling),
        }
    }

    /// Adds `factor · Σ (a − b)²` over all values of two tensors of one shape.
    pub fn squared_difference<const D: usize>(&mut self, a: Tensor<D>, b: Tensor<D>, factor: f64) {
        match self.layout {
            Layout::Plain => self.value((a - b).square().sum(), factor),
            Layout::Packed { tiling, .. } => self.reduce(a, b, factor, wgsl::Reduction::SquaredDifference, tiling),
        }
    }

    /// Adds `factor` times a scalar (`[1]`) that is there already; plain tensors only.
    pub(super) fn value(&mut self, value: Tensor<1>, factor: f64) {
        let total = self.present();
        self.parts.push(Part { total, factor, place: self.parts.len(), count: 1 });
        self.partial.push(value.reshape([1, 1, 1, 1]));
    }

    fn reduce<const D: usize>(
        &mut self,
        a: Tensor<D>,
        b: Tensor<D>,
        factor: f64,
        reduction: wgsl::Reduction,
        tiling: Tiling,
    ) {
        let [a, b] = [a, b].map(|tensor| {
            let count = tensor.shape().num_elements();
            tensor.reshape([1, 1, 1, count])
        });
        let room = self.room(&a, factor, tiling);
        wgsl::sum(a, b, reduction, room, tiling);
    }

    /// Adds `factor` times a sum that a kernel finds in passing and leaves in this room; on the device of a tensor.
    pub(super) fn room(&mut self, like: &Tensor<4>, factor: f64, tiling: Tiling) -> Room {
        let total = self.present();
        self.rooms(like, &[(total, factor)], wgsl::parts(tiling))
    }

    /// The same for several sums of so many parts each, one after another, each with its total and factor.
    pub(super) fn rooms(&mut self, like: &Tensor<4>, shares: &[(usize, f64)], count: usize) -> Room {
        let wanted = shares.len() * count;
        let last = self.partial.last().map_or(0, |last| last.dims()[3]);
        if self.partial.is_empty() || self.used + wanted > last {
            self.full += last;
            self.used = 0;
            self.partial.push(wgsl::blank(like, [1, 1, 1, wanted.max(CHUNK)]));
        }
        let at = self.used;
        self.used += wanted;
        let first = self.full + at;
        let parts = shares.iter().enumerate();
        self.parts.extend(parts.map(|(i, &(total, factor))| Part { total, factor, place: first + i * count, count }));
        let sums = self.partial.last().cloned().unwrap_or_else(|| like.clone());
        Room { sums, at }
    }

    /// Reads the totals, in the order they were begun.
    ///
    /// # Errors
    /// The device's failure, as [`crate::Error::DeviceFailed`].
    pub async fn read(mut self) -> Result<Vec<f64>> {
        if !self.parts.is_empty() {
            let partial = match (self.partial.pop(), self.partial.is_empty()) {
                (Some(all), true) => read(all).await?,
                (last, _) => {
                    self.partial.extend(last);
                    read(Tensor::cat(self.partial, 3)).await?
                }
            };
            for Part { total, factor, place, count } in self.parts {
                let sum: f64 = partial[place..place + count].iter().map(|&p| f64::from(p)).sum();
                self.totals[total] += factor * sum;
            }
        }
        Ok(self.totals)
    }
}
