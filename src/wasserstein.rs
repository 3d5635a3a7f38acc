//! The Wasserstein-2 style loss: the distance between two Gaussians that have the activations' means and
//! covariances (crowsonkb/style-transfer-pytorch; Olkin & Pukelsheim 1982 for the distance).
//!
//! Per layer of C channels, with means μ, μₛ and covariances K, Kₛ (of centred activations, plus
//! [`RIDGE`] on the diagonal), the loss is
//! `mean((μ − μₛ)²) + tr(K + Kₛ − 2 (Kₛ^½ K Kₛ^½)^½) / C`.
//!
//! The *transport map* T = Kₛ^½ (Kₛ^½ K Kₛ^½)^-½ Kₛ^½ is the one thing that is dear: T K T = Kₛ, the
//! last trace is tr(T K), and the loss's gradient with respect to K is (I − T) / C. T changes slowly from
//! step to step, so it is kept for a few ([`RENEW_EVERY`]): meanwhile the trace is replaced with
//! its tangent ½(tr(T K) + t), t its value where T was made. The trace is concave, so the
//! loss is never overstated, and its gradient is the tangent's own.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::kernels::{self, Form, Maps, Sums};

/// What the covariances' diagonals are raised by, so that roots exist.
const RIDGE: f64 = 1e-4;

/// A transport map serves so many steps.
pub const RENEW_EVERY: u32 = 5;

/// Mean (`[1, C]`) and covariance (`[C, C]`, the ridge included) of activations.
#[derive(Debug, Clone)]
pub struct Moments {
    /// μ.
    pub mean: Tensor<2>,
    /// K.
    pub covariance: Tensor<2>,
}

impl Moments {
    /// Of one layer's activations.
    pub fn of(maps: &Maps) -> Self {
        let mean = kernels::mean(maps);
        Self { covariance: kernels::covariance(maps, &mean, RIDGE), mean }
    }

    /// Those of a mixture: means and *raw second* moments are averaged, for covariances do not add.
    ///
    /// The shares sum to 1; there is at least one.
    pub fn mixture(parts: &[(f64, Self)]) -> Option<Self> {
        let sum = |part: &dyn Fn(f64, &Self) -> Tensor<2>| {
            parts.iter().map(|(share, moments)| part(*share, moments)).reduce(|a, b| a + b)
        };
        let mean = sum(&|share, moments| moments.mean.clone() * share)?;
        let covariance = sum(&|share, moments| {
            let apart = moments.mean.clone() - mean.clone();
            (moments.covariance.clone() + apart.clone().transpose() * apart) * share
        })?;
        Some(Self { mean, covariance })
    }
}

/// One layer's style to reach.
#[derive(Debug)]
pub struct Target {
    moments: Moments,
    /// Kₛ^½.
    root: Tensor<2>,
    /// tr Kₛ.
    trace: f64,
    map: Option<Map>,
    form: Form,
}

/// The transport map where it was made last.
#[derive(Debug)]
struct Map {
    /// I − T.
    gap: Tensor<2>,
    /// tr(T K).
    trace: f64,
}

impl Target {
    /// Prepares the target: one matrix root.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn new(moments: Moments, form: Form) -> Result<Self> {
        let covariance = &moments.covariance;
        let mut sums = Sums::new(form);
        sums.dot(covariance.clone(), identity(covariance), 1.0);
        let trace = sums.read().await?[0];
        let root = roots(covariance.clone(), form).await?.root();
        Ok(Self { moments, root, trace, map: None, form })
    }

    /// Whether there is no transport map yet.
    pub fn is_fresh(&self) -> bool {
        self.map.is_none()
    }

    /// Makes the transport map from the activations anew.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn renew(&mut self, maps: &Maps) -> Result<()> {
        let covariance = Moments::of(maps).covariance;
        let product = |a: &Tensor<2>, b: &Tensor<2>| kernels::matmul(a.clone(), b.clone(), [1.0, 0.0], self.form);
        let between = product(&product(&self.root, &covariance), &self.root);
        let inverse = roots(between, self.form).await?.inverse(self.form);
        let half = product(&self.root, &inverse);
        let gap = kernels::matmul(half, self.root.clone(), [-1.0, 1.0], self.form);
        let mut sums = Sums::new(self.form);
        sums.dot(gap.clone(), covariance.clone(), -1.0);
        sums.dot(covariance.clone(), identity(&covariance), 1.0);
        let trace = sums.read().await?[0];
        self.map = Some(Map { gap, trace });
        Ok(())
    }

    /// The loss's gradient at the activations, its value among the sums.
    ///
    /// [`Target::renew`] must have been called before; without a map only the means count.
    pub fn loss(&self, maps: &Maps, weight: f64, sums: &mut Sums) -> Tensor<4> {
        let Moments { mean, covariance } = Moments::of(maps);
        let each = weight / maps.channels as f64;
        sums.squared_difference(mean.clone(), self.moments.mean.clone(), each);
        let gap = match &self.map {
            Some(map) => {
                // tr K − tr(T K) = ⟨I − T, K⟩.
                sums.dot(map.gap.clone(), covariance, each);
                sums.constant(each * (self.trace - map.trace));
                map.gap.clone()
            }
            None => covariance.zeros_like(),
        };
        let per_pixel = 2.0 * each / (maps.height * maps.width) as f64;
        kernels::moments_gradient(maps, gap, mean, self.moments.mean.clone(), per_pixel)
    }
}

fn identity(like: &Tensor<2>) -> Tensor<2> {
    Tensor::eye(like.dims()[0], &like.device())
}

/// Eigenvalues are raised by this share of the matrix's norm, lest rounding errors grow in the
/// directions of the smallest: single precision cannot tell those apart.
const FLOOR: f64 = 1e-7;
/// With that floor, so many steps converge.
const STEPS: usize = 12;

/// The root of a symmetric positive definite matrix, and the inverse root, of `matrix / norm + FLOOR · I`.
struct Roots {
    root: Tensor<2>,
    inverse: Tensor<2>,
    norm: f64,
}

/// The coupled Newton–Schulz iteration (Higham 2008, eq. 6.35), each step scaled to the interval the
/// eigenvalues are known to be in (Chen & Chow 2014), which halves the number of steps.
///
/// # Errors
/// The device's failure.
async fn roots(matrix: Tensor<2>, form: Form) -> Result<Roots> {
    let mut sums = Sums::new(form);
    sums.dot(matrix.clone(), matrix.clone(), 1.0);
    let norm = sums.read().await?[0].sqrt().max(f64::MIN_POSITIVE);
    let one = identity(&matrix);
    let mut root = matrix / norm + one.clone() * FLOOR;
    let mut inverse = one;
    let mut low = FLOOR.sqrt();
    for _ in 0..STEPS {
        let scale = (3.0 / (1.0 + low + low * low)).sqrt();
        // ρ/2 · (3 I − ρ² Z Y)
        let factor = kernels::matmul(inverse.clone(), root.clone(), [-0.5 * scale.powi(3), 1.5 * scale], form);
        root = kernels::matmul(root, factor.clone(), [1.0, 0.0], form);
        inverse = kernels::matmul(factor, inverse, [1.0, 0.0], form);
        low = 0.5 * scale * low * (3.0 - scale.powi(2) * low * low);
    }
    Ok(Roots { root, inverse, norm })
}

impl Roots {
    /// `matrix^½`; the floor is taken off again to first order.
    fn root(self) -> Tensor<2> {
        (self.root - self.inverse * (0.5 * FLOOR)) * self.norm.sqrt()
    }

    /// `matrix^-½`, likewise.
    fn inverse(self, form: Form) -> Tensor<2> {
        let square = kernels::matmul(self.inverse.clone(), self.inverse.clone(), [0.5 * FLOOR, 1.0], form);
        kernels::matmul(square, self.inverse, [1.0 / self.norm.sqrt(), 0.0], form)
    }
}
