//! A layer's statistics, of all of its pixels at once or gathered part by part.

use super::moments::Moments;
use crate::compute::{self, Maps, Matrix};
use crate::settings::StyleLoss;

/// Statistics of one layer's activations.
#[derive(Debug, Clone)]
pub enum Statistics {
    /// Their Gram matrix.
    Gram(Box<Matrix>),
    /// Their mean and covariance.
    Moments(Box<Moments>),
}

impl Statistics {
    /// What this loss looks at, of all these pixels.
    pub fn of(maps: &Maps, loss: StyleLoss) -> Self {
        // Copies of their own size: they are kept for long, and what they are in may be a larger buffer lent.
        match loss {
            StyleLoss::Gram => Self::Gram(Box::new(compute::gram(maps) * 1.0)),
            // Neighbours are looked at by the pixel: no statistics are asked for.
            StyleLoss::Wasserstein | StyleLoss::Neighbours => {
                let Moments { mean, covariance } = Moments::of(maps);
                Self::Moments(Box::new(Moments { mean: mean * 1.0, covariance: covariance * 1.0 }))
            }
        }
    }

    /// Those of two parts' pixels together, by the parts' shares, which sum to 1. Each part's covariance is about its own mean, and
    /// the means' distance is added: all summands are of one sign, so nothing is lost in single precision.
    fn together(self, share: f64, other: Self, other_share: f64) -> Option<Self> {
        match (self, other) {
            (Self::Gram(a), Self::Gram(b)) => Some(Self::Gram(Box::new(*a * share + *b * other_share))),
            (Self::Moments(a), Self::Moments(b)) => {
                Moments::mixture(&[(share, *a), (other_share, *b)]).map(|moments| Self::Moments(Box::new(moments)))
            }
            _ => None,
        }
    }
}

/// Statistics on the way: of the parts that were seen so far.
#[derive(Debug)]
pub struct Tally {
    loss: StyleLoss,
    pixels: usize,
    so_far: Option<Statistics>,
}

impl Tally {
    /// Nothing seen yet.
    pub fn new(loss: StyleLoss) -> Self {
        Self { loss, pixels: 0, so_far: None }
    }

    /// Takes in more pixels.
    pub fn add(&mut self, maps: &Maps) {
        let (before, more) = (self.pixels, maps.pixels());
        self.pixels += more;
        let statistics = Statistics::of(maps, self.loss);
        let share = |pixels: usize| pixels as f64 / self.pixels as f64;
        self.so_far = match self.so_far.take() {
            Some(so_far) => so_far.together(share(before), statistics, share(more)),
            None => Some(statistics),
        };
    }

    /// The statistics of all that was seen; nothing of nothing.
    pub fn finish(self) -> Option<Statistics> {
        self.so_far
    }
}
