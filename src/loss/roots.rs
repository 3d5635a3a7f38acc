//! Roots and polar factors of several matrices in lockstep, by iterations that only multiply.
//!
//! Each step is one or two launches, however many matrices there are. Nothing is read from the device on the way.

use crate::compute::{Batch, Norms, Pick, Recipe, products, products_transposed};

/// Eigenvalues are raised by this share of the matrix's norm, lest rounding errors grow in the
/// directions of the smallest: below 1e-6 those of a blank white painting do.
const FLOOR: f64 = 2e-6;
/// With that floor, so many steps converge.
const STEPS: usize = 12;
/// Singular values below this share of the matrix's norm may be left out of its polar factor: they come from the ridge of
/// covariances.
const SMALLEST: f64 = 1e-6;
/// With that, so many steps converge.
const POLAR_STEPS: usize = 18;

/// The factors `−ρ³/2` and `3ρ/2` of Newton–Schulz's next step, scaled to the interval the singular values are known to be in
/// (Chen & Chow 2014), which halves the number of steps; `low`, its lower end, becomes the next one's.
fn weights(low: &mut f64) -> [f64; 2] {
    let scale = (3.0 / (1.0 + *low + *low * *low)).sqrt();
    *low = 0.5 * scale * *low * (3.0 - scale.powi(2) * *low * *low);
    [-0.5 * scale.powi(3), 1.5 * scale]
}

/// The orthogonal polar factors U of matrices A = U H picked from two batches (Higham 2008, §8.3: Newton–Schulz, which never
/// squares the matrix).
pub fn polar_factors(from: [&Batch; 2], picks: &[Pick]) -> Batch {
    let norms = Norms::of(from, picks);
    let mut factors = products(from, &scaled(picks, -0.5, 0.0), Some(&norms));
    let numbers = 0..picks.len();
    let mut low = SMALLEST;
    for _ in 0..POLAR_STEPS {
        let [cubic, linear] = weights(&mut low);
        let steps: Vec<_> = numbers
            .clone()
            .map(|i| Recipe::product(Pick::First(i), Pick::First(i), cubic).shifted(linear).symmetric())
            .collect();
        let steps = products_transposed([&factors, &factors], &steps);
        let next: Vec<_> = numbers.clone().map(|i| Recipe::product(Pick::First(i), Pick::Second(i), 1.0)).collect();
        factors = products([&steps, &factors], &next, None);
    }
    factors
}

/// Copies times a power of their squared norms, the diagonal shifted.
fn scaled(picks: &[Pick], power: f64, shift: f64) -> Vec<Recipe> {
    picks.iter().enumerate().map(|(i, pick)| Recipe::copy(*pick, 1.0).normed(i, power).shifted(shift)).collect()
}

/// The roots of symmetric positive semidefinite matrices picked from two batches, and after all of them the roots' inverses.
///
/// The coupled Newton–Schulz iteration (Higham 2008, eq. 6.35) for `matrix / norm + FLOOR · I`; in the end the floor is taken off
/// again to second order in its share of an eigenvalue. All that is multiplied commutes and is symmetric but for rounding, and yet
/// whole products are found: with halves mirrored, an error grows with every step by the ratio of the roots of eigenvalues (at a thousandth it diverges).
pub fn roots(from: [&Batch; 2], picks: &[Pick]) -> Batch {
    let norms = Norms::of(from, picks);
    let matrices = products(from, &scaled(picks, -0.5, FLOOR), Some(&norms));
    let count = picks.len();
    let each = |recipe: &dyn Fn(usize) -> Recipe| (0..count).map(recipe).collect::<Vec<_>>();
    let two = |root: &dyn Fn(usize) -> Recipe, inverse: &dyn Fn(usize) -> Recipe| [each(root), each(inverse)].concat();
    use Pick::{First, Second};

    let mut low = FLOOR.sqrt();
    // Of the matrix Y and the identity: Y (−ρ³/2 · Y + 3ρ/2 · I), and that factor.
    let [cubic, linear] = weights(&mut low);
    let first = two(&|i| Recipe::product(First(i), First(i), cubic).plus(First(i), linear), &|i| {
        Recipe::copy(First(i), cubic).shifted(linear)
    });
    let mut pairs = products([&matrices, &matrices], &first, None);
    for _ in 1..STEPS {
        let [cubic, linear] = weights(&mut low);
        let factors = each(&|i| Recipe::product(First(count + i), First(i), cubic).shifted(linear));
        let factors = products([&pairs, &pairs], &factors, None);
        let next =
            two(&|i| Recipe::product(First(i), Second(i), 1.0), &|i| Recipe::product(Second(i), First(count + i), 1.0));
        pairs = products([&pairs, &factors], &next, None);
    }

    // S = FLOOR · Z² for the inverse root Z; of the root Y, Y − FLOOR/2 · (S/4 + I) Z is left, of Z (3/8 · S² + S/2 + I) Z.
    let squares = each(&|i| Recipe::product(First(count + i), First(count + i), FLOOR));
    let squares = products([&pairs, &pairs], &squares, None);
    let factors = two(&|i| Recipe::copy(First(i), FLOOR / 8.0).shifted(FLOOR / 2.0), &|i| {
        Recipe::product(First(i), First(i), 0.375).plus(First(i), 0.5).shifted(1.0)
    });
    let factors = products([&squares, &squares], &factors, None);
    let last = two(&|i| Recipe::product(Second(i), First(count + i), -1.0).plus(First(i), 1.0).normed(i, 0.25), &|i| {
        Recipe::product(Second(count + i), First(count + i), 1.0).normed(i, -0.25)
    });
    products([&pairs, &factors], &last, Some(&norms))
}
