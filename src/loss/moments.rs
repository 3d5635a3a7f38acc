//! Means and covariances of activations: what Wasserstein distances are between.

use crate::compute::{self, Maps, Matrix};

/// What the covariances' diagonals are raised by, so that roots exist.
pub(super) const RIDGE: f64 = 1e-4;

/// Mean (`[1, C]`) and covariance (`[C, C]`, the ridge included) of activations.
#[derive(Debug, Clone)]
pub struct Moments {
    /// μ.
    pub mean: Matrix,
    /// K.
    pub covariance: Matrix,
}

impl Moments {
    /// Of one layer's activations.
    pub fn of(maps: &Maps) -> Self {
        let mean = compute::mean(maps);
        Self { covariance: compute::covariance(maps, &mean, RIDGE), mean }
    }

    /// Those of a mixture: means and *raw second* moments are averaged, for covariances do not add.
    ///
    /// The shares sum to 1; there is at least one.
    pub fn mixture(parts: &[(f64, Self)]) -> Option<Self> {
        let sum = |part: &dyn Fn(f64, &Self) -> Matrix| {
            parts.iter().map(|(share, moments)| part(*share, moments)).reduce(|a, b| a + b)
        };
        let mean = sum(&|share, moments| moments.mean.clone() * share)?;
        let covariance = sum(&|share, moments| {
            let apart = moments.mean.clone() - mean.clone();
            (moments.covariance.clone() + apart.outer_square()) * share
        })?;
        Some(Self { mean, covariance })
    }
}
