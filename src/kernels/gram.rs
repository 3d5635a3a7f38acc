//! The Gram matrix of a layer's activations and its gradient.

use burn::tensor::Tensor;

/// `F Fᵀ / (C·H·W)` for activations `[1, C, H, W]` seen as F of shape `[C, H·W]`; `[C, C]`.
///
/// The normalisation is Johnson's; Gatys' paper divides by nothing here and by 4C²(HW)² in the loss.
pub fn gram(activations: Tensor<4>) -> Tensor<2> {
    let (features, scale) = features(activations);
    features.clone().matmul(features.transpose()) * scale
}

/// The gradient with respect to the activations, given a *symmetric* gradient at the Gram matrix.
pub fn gram_gradient(activations: Tensor<4>, gradient: Tensor<2>) -> Tensor<4> {
    let shape = activations.dims();
    let (features, scale) = features(activations);
    (gradient.matmul(features) * (2.0 * scale)).reshape(shape)
}

/// Activations as a matrix `[C, H·W]`, and 1/(C·H·W).
fn features(activations: Tensor<4>) -> (Tensor<2>, f64) {
    let [_, c, h, w] = activations.dims();
    (activations.reshape([c, h * w]), 1.0 / (c * h * w) as f64)
}
