//! The cosine between what lies at each pixel of two stacks of maps, over several layers together.
//!
//! A pixel's vector x has parts in many layers, which come by one after another. Their products with the other vector's parts and
//! their squares add up ([`add_products`]); once all have come by, the cosines are known ([`cosines`]), and what that means for each
//! part is a mixture of it and its goal ([`cosine_gradient`]). Vectors are seen from a centre, which is taken off x on the way and has
//! been taken off y before.

use burn::tensor::Tensor;

use super::maps::{Layout, Maps};
use super::matrix::Matrix;
use super::sums::Sums;
use super::wgsl;

/// `weight · ⟨x − c, y⟩` and `weight · ⟨x − c, x − c⟩` at each pixel with a centre c (`[1, C]`), added to those of other layers if
/// there are any: `[1, 2, H, W]`.
pub fn add_products(x: &Maps, centre: &Matrix, y: &Maps, weight: f64, others: Option<Tensor<4>>) -> Tensor<4> {
    match x.layout {
        Layout::Plain => {
            let apart = less(x, centre);
            let products = (apart.clone() * y.data.clone()).sum_dim(1);
            let squares = apart.square().sum_dim(1);
            let both = Tensor::cat(vec![products, squares], 1) * weight;
            match others {
                Some(others) => others + both,
                None => both,
            }
        }
        Layout::Packed { .. } => wgsl::add_products(x, &centre.data, y, weight, others),
    }
}

/// The maps less a centre (`[1, C]`), in their layout. What becomes of a border is nobody's business.
pub fn less(x: &Maps, centre: &Matrix) -> Tensor<4> {
    let shape = match x.layout {
        Layout::Plain => [1, x.channels, 1, 1],
        Layout::Packed { .. } => [1, 1, 1, x.channels],
    };
    x.data.clone() - centre.data.clone().reshape(shape)
}

/// Leaves `−factor · Σ reach · ⟨x, y⟩ / |x|` among the sums, given all layers' products and the pixels' own factors (`[1, 1, H, W]`).
/// What its gradient is made of: how much of y and how much of x, `[1, 2, H, W]`.
pub fn cosines(products: Tensor<4>, reach: &Tensor<4>, factor: f64, sums: &mut Sums) -> Tensor<4> {
    match sums.layout() {
        Layout::Plain => {
            let (product, square) = (products.clone().narrow(1, 0, 1), products.narrow(1, 1, 1).clamp_min(1e-12));
            let share = reach.clone() / square.clone().sqrt();
            sums.value((share.clone() * product.clone()).sum(), -factor);
            Tensor::cat(vec![-share.clone(), share * product / square], 1) * factor
        }
        Layout::Packed { tiling, .. } => {
            let room = sums.room(&products, -factor, tiling);
            wgsl::cosines(products, reach, factor, room, tiling)
        }
    }
}

/// The gradient at one layer's part of x, given the centre it is seen from, its goal and what [`cosines`] made of all layers'
/// products; `weight` is the layer's.
pub fn cosine_gradient(x: &Maps, centre: &Matrix, y: &Maps, weight: f64, mixture: &Tensor<4>) -> Tensor<4> {
    match x.layout {
        Layout::Plain => {
            let of = |which: usize| mixture.clone().narrow(1, which, 1) * weight;
            y.data.clone() * of(0) + less(x, centre) * of(1)
        }
        Layout::Packed { .. } => wgsl::cosine_gradient(x, &centre.data, y, weight, mixture),
    }
}
