//! The losses, as pure functions that give a value and a gradient.
//!
//! Values are tensors of one element and stay on the device until somebody reads them. The
//! gradient of a squared difference is written out, that of total variation comes from Burn's autodiff,
//! or from a kernel of ours.

use burn::tensor::Tensor;
use burn::tensor::ops::PadMode;

use crate::kernels::{self, Form, Maps, packed};

/// A loss at a point: its value (`[1]`) and its gradient there.
#[derive(Debug)]
pub struct Loss<const D: usize> {
    /// The weighted value.
    pub value: Tensor<1>,
    /// The gradient of the weighted value.
    pub gradient: Tensor<D>,
}

/// Evaluates a scalar expression and its gradient at a point.
fn differentiate<const D: usize>(at: Tensor<D>, expression: impl Fn(Tensor<D>) -> Tensor<1>) -> Loss<D> {
    let leaf = at.clone().autodiff().require_grad();
    let value = expression(leaf.clone());
    let gradients = value.backward();
    let gradient = leaf.grad(&gradients).unwrap_or_else(|| at.zeros_like());
    Loss { value: value.without_autodiff(), gradient }
}

/// `weight · mean((F − F*)²)`: the content loss of one layer (Gatys et al., eq. 1, as a mean).
pub fn content(maps: &Maps, target: &Maps, weight: f64) -> Loss<4> {
    // A packed map's border is zero in both, and not counted.
    let (value, gradient) = squared_difference(&maps.data, &target.data, weight / maps.count() as f64);
    Loss { value, gradient }
}

/// `weight · mean((G − G*)²)` with G the Gram matrix of the maps (Gatys et al., eq. 3–5).
pub fn gram(maps: &Maps, target: &Tensor<2>, weight: f64) -> Loss<4> {
    let elements = maps.channels.pow(2) as f64;
    let (value, gradient) = squared_difference(&kernels::gram(maps), target, weight / elements);
    Loss { value, gradient: kernels::gram_gradient(maps, gradient) }
}

/// `scale · Σ(x − y)²` and its gradient at x.
fn squared_difference<const D: usize>(x: &Tensor<D>, y: &Tensor<D>, scale: f64) -> (Tensor<1>, Tensor<D>) {
    let difference = x.clone() - y.clone();
    (difference.clone().powi_scalar(2).sum() * scale, difference * (2.0 * scale))
}

/// Nine-point total variation of an image `[1, 3, h, w]` in \[0, 1\] with replicate padding:
/// `2·weight·(mean dx²/3 + mean dy²/3 + both diagonals' means/12)` (crowsonkb/style-transfer-pytorch).
pub fn total_variation(image: Tensor<4>, weight: f64, form: Form) -> Loss<4> {
    if form.is_packed() {
        let gradient = packed::variation_gradient(image.clone(), weight);
        // For a quadratic form f, 2·f(x) = ⟨x, ∇f(x)⟩ (Euler).
        return Loss { value: (image * gradient.clone()).sum() * 0.5, gradient };
    }
    differentiate(image, |x| {
        let [_, _, h, w] = x.dims();
        let padded = x.pad((1, 1, 1, 1), PadMode::Edge);
        // The mean squared difference between two windows of the padded image, each given by its
        // top-left corner.
        let difference = |[ay, ax]: [usize; 2], [by, bx]: [usize; 2], h: usize, w: usize| {
            let window = |y, x| padded.clone().narrow(2, y, h).narrow(3, x, w);
            (window(ay, ax) - window(by, bx)).powi_scalar(2).mean()
        };
        let straight = difference([1, 2], [1, 1], h, w) + difference([2, 1], [1, 1], h, w);
        let diagonal = difference([1, 1], [0, 0], h + 1, w + 1) + difference([1, 0], [0, 1], h + 1, w + 1);
        (straight / 3.0 + diagonal / 12.0) * (2.0 * weight)
    })
}
