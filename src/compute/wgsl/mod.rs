//! Our own WGSL kernels on maps in packed form, launched through Burn.
//!
//! Each file makes one kernel's text and says how to launch it; sizes go in a uniform, so that one
//! pipeline serves every layer and scale. Registers, not workgroup memory, hold the tiles: loads are
//! the bottleneck everywhere, and what a tile has loaded it uses for all of its outputs.
//!
//! WGSL runs where Burn compiles WGSL: in the browser.

mod adam;
pub(crate) mod buffers;
mod conv3x3;
mod gram;
mod image;
mod launch;
mod pointwise;
mod pooling;
mod reduce;
mod region;
mod variation;

pub use adam::adam;
pub use conv3x3::{Filter, conv3x3_gradient, conv3x3_gradient_unmasked, conv3x3_relu, image_gradient};
pub use gram::{
    centred, covariance, from_rows, gram, gram_product, matmul, matmul_transposed, mean, moments_gradient, scaled_by,
};
pub use image::input;
pub use launch::{release_memory, reserve_memory};
pub use pointwise::{difference, mask};
pub use pooling::{places, pool, pool_gradient, pool_gradient_at};
pub use reduce::{Reduction, append_sum, squares};
pub use region::{gather, scatter};
pub use variation::variation_gradient;
