//! The Wasserstein-2 style loss: the distance between two Gaussians that have the activations' means and
//! covariances (crowsonkb/style-transfer-pytorch; Olkin & Pukelsheim 1982 for the distance).
//!
//! Per layer of C channels, with means μ, μₛ and covariances K, Kₛ (of centred activations, plus
//! `RIDGE` on the diagonal), the loss is
//! `mean((μ − μₛ)²) + tr(K + Kₛ − 2 (Kₛ^½ K Kₛ^½)^½) / C`.
//!
//! The last root's trace is the nuclear norm of A = Kₛ^½ K^½: ⟨U, A⟩ with U the orthogonal polar factor of A, which
//! Newton–Schulz finds without squaring A and so without losing its many small singular values. The gradient with
//! respect to K is (I − T) / C with the *transport map* T = Kₛ^½ U K^-½ (T K T = Kₛ).
//!
//! Where there are fewer pixels than channels, as in deep layers of small pictures, a smaller matrix has the same
//! singular values: with X the centred activations of N pixels and the ridge of K left aside (it moves the
//! value by less than a thousandth), B = Xᵀ Kₛ^½ / √N.
//! Nothing is read from the device on the way.

use std::cell::OnceCell;

use burn::tensor::Tensor;

use crate::compute::{self, Maps, Matrix, Sums};
use crate::error::Result;

/// What the covariances' diagonals are raised by, so that roots exist.
const RIDGE: f64 = 1e-4;

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

/// One layer's style to reach.
#[derive(Debug)]
pub struct Target {
    moments: Moments,
    /// Kₛ^½, made when first asked for.
    root: OnceCell<Matrix>,
    /// I.
    identity: Matrix,
    /// tr Kₛ.
    trace: f64,
}

impl Target {
    /// Prepares the target.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn new(moments: Moments) -> Result<Self> {
        let covariance = &moments.covariance;
        let identity = covariance.identity();
        let mut sums = Sums::new(covariance.layout);
        sums.dot(covariance.data.clone(), identity.data.clone(), 1.0);
        let trace = sums.read().await?[0];
        Ok(Self { moments, root: OnceCell::new(), identity, trace })
    }

    /// The loss's gradient at the activations, in their layout, and its value among the sums.
    pub fn loss(&self, maps: &Maps, weight: f64, sums: &mut Sums) -> Tensor<4> {
        let mean = compute::mean(maps);
        let each = weight / maps.channels as f64;
        sums.squared_difference(mean.data.clone(), self.moments.mean.data.clone(), each);
        sums.constant(each * self.trace);
        let per_pixel = 2.0 * each / maps.pixels() as f64;
        if maps.pixels() < maps.channels {
            self.loss_of_few_pixels(maps, &mean, each, per_pixel, sums)
        } else {
            self.loss_of_many_pixels(maps, &mean, each, per_pixel, sums)
        }
    }

    fn loss_of_many_pixels(&self, maps: &Maps, mean: &Matrix, each: f64, per_pixel: f64, sums: &mut Sums) -> Tensor<4> {
        let covariance = compute::covariance(maps, mean, RIDGE);
        // A = Kₛ^½ K^½ = U (AᵀA)^½, T = Kₛ^½ U K^-½ and tr(T K) = ⟨U, A⟩.
        let own = Roots::of(&covariance);
        let factor = self.root().matmul(&own.root());
        let turn = polar(&factor);
        // I − T
        let gap = self.root().matmul(&turn).matmul_shifted(&own.inverse(), [-1.0, 1.0]);
        sums.dot(turn.data, factor.data, -2.0 * each);
        sums.dot(self.identity.data.clone(), covariance.data, each);
        compute::moments_gradient(maps, &gap, [mean, &self.moments.mean], per_pixel)
    }

    /// Kₛ^½.
    fn root(&self) -> &Matrix {
        self.root.get_or_init(|| Roots::of(&self.moments.covariance).root())
    }

    fn loss_of_few_pixels(&self, maps: &Maps, mean: &Matrix, each: f64, per_pixel: f64, sums: &mut Sums) -> Tensor<4> {
        let pixels = maps.pixels() as f64;
        let rows = compute::centred(maps, mean);
        sums.dot(rows.data.clone(), rows.data.clone(), each / pixels);
        sums.constant(each * RIDGE * maps.channels as f64);
        let moved = if maps.channels <= FEW_CHANNELS {
            // B = M^½ U and (T X)ᵀ = √N U Kₛ^½.
            let factor = rows.matmul_shifted(self.root(), [pixels.sqrt().recip(), 0.0]);
            let turn = polar(&factor);
            sums.dot(turn.data.clone(), factor.data, -2.0 * each);
            turn.matmul_shifted(self.root(), [pixels.sqrt(), 0.0])
        } else {
            // (T X)ᵀ = M^-½ Xᵀ Kₛ.
            let turned = rows.matmul(&self.moments.covariance);
            let between = turned.matmul_transposed(&rows, [1.0 / pixels, 0.0]);
            let inverse = Roots::of(&between).inverse();
            sums.dot(between.data, inverse.data.clone(), -2.0 * each);
            inverse.matmul(&turned)
        };
        compute::from_rows(maps, [&rows, &moved], [mean, &self.moments.mean], per_pixel)
    }
}

/// Eigenvalues are raised by this share of the matrix's norm, lest rounding errors grow in the
/// directions of the smallest: below 1e-6 those of a blank white painting do.
const FLOOR: f64 = 2e-6;
/// With that floor, so many steps converge.
const STEPS: usize = 12;

/// Up to so many channels Kₛ^½ is cheap enough to be taken for few pixels too; with more it would cost small pictures
/// more than their network. Without it the root is taken of M = B Bᵀ = Xᵀ Kₛ X / N, whose smallest eigenvalues are lost
/// in the square's span: values are half a hundredth too high at most, pixels being few there.
const FEW_CHANNELS: usize = 256;
/// Singular values below this share of the matrix's norm may be left out of its polar factor: they come from the ridge.
const SMALLEST: f64 = 1e-6;
/// With that, so many steps converge.
const POLAR_STEPS: usize = 18;

/// The orthogonal polar factor U of `matrix` = U H (Higham 2008, §8.3: Newton–Schulz, which never squares
/// the matrix), its steps scaled as in [`Roots::of`].
fn polar(matrix: &Matrix) -> Matrix {
    let mut factor = matrix.scaled_by(&matrix.squares(), -0.5, 0.0);
    let mut low = SMALLEST;
    for _ in 0..POLAR_STEPS {
        let scale = (3.0 / (1.0 + low + low * low)).sqrt();
        let weights = [-0.5 * scale.powi(3), 1.5 * scale];
        let step = factor.matmul_transposed(&factor, weights);
        factor = step.matmul(&factor);
        low = 0.5 * scale * low * (3.0 - scale.powi(2) * low * low);
    }
    factor
}

/// The root of `matrix / norm + FLOOR · I` and the root's inverse.
struct Roots {
    root: Matrix,
    inverse: Matrix,
    /// The matrix's squared Frobenius norm, in parts.
    squares: Tensor<1>,
}

impl Roots {
    /// The coupled Newton–Schulz iteration (Higham 2008, eq. 6.35) for a symmetric positive semidefinite
    /// matrix, each step scaled to the interval the eigenvalues are known to be in (Chen & Chow 2014), which
    /// halves the number of steps.
    fn of(matrix: &Matrix) -> Self {
        let squares = matrix.squares();
        let mut root = matrix.scaled_by(&squares, -0.5, FLOOR);
        let mut inverse: Option<Matrix> = None;
        let mut low = FLOOR.sqrt();
        for _ in 0..STEPS {
            let scale = (3.0 / (1.0 + low + low * low)).sqrt();
            // ρ/2 · (3 I − ρ² Z Y), Z being I at first
            let weights = [-0.5 * scale.powi(3), 1.5 * scale];
            let factor = match &inverse {
                Some(inverse) => inverse.matmul_shifted(&root, weights),
                None => root.clone() * weights[0] + matrix.identity() * weights[1],
            };
            root = root.matmul(&factor);
            inverse = Some(match inverse {
                Some(inverse) => factor.matmul(&inverse),
                None => factor,
            });
            low = 0.5 * scale * low * (3.0 - scale.powi(2) * low * low);
        }
        Self { root, inverse: inverse.unwrap_or_else(|| matrix.identity()), squares }
    }

    /// `matrix^½`; the floor is taken off again to second order in its share of an eigenvalue.
    fn root(&self) -> Matrix {
        let square = self.inverse.matmul_shifted(&self.inverse, [FLOOR / 4.0, 1.0]);
        let excess = square.matmul_shifted(&self.inverse, [FLOOR / 2.0, 0.0]);
        (self.root.clone() - excess).scaled_by(&self.squares, 0.25, 0.0)
    }

    /// `matrix^-½`, likewise.
    fn inverse(&self) -> Matrix {
        let square = self.inverse.matmul_shifted(&self.inverse, [FLOOR, 0.0]);
        let share = square.clone() * 0.375 + square.identity() * 0.5;
        let factor = square.matmul_shifted(&share, [1.0, 1.0]);
        factor.matmul(&self.inverse).scaled_by(&self.squares, -0.25, 0.0)
    }
}
