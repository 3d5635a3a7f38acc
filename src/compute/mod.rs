//! The arithmetic nearly all the time is spent in.
//!
//! Activations travel as [`Maps`], in one of two layouts. *Plain* is `[1, C, H, W]` and plain tensor
//! operations: it runs on every device and is what everything else is checked against. *Packed* is
//! `[1, H + 2, W + 2, C]` with a border of zeros and our own WGSL kernels (`wgsl`): channels lie
//! together, four to a vector, so every load is 16 bytes, and the border stands for the convolutions'
//! zero padding, so no load is tested. Where a picture's edges meet ([`Wrap`]) it is filled for each convolution with what is
//! at the opposite edges, and emptied afterwards. [`Maps`], [`Matrix`] and [`Filter`] know their layout; the
//! functions here ask them and call `plain` or `wgsl`.
//!
//! Gradients have the layout of the maps they belong to and are *masked*: zero where the rectified map
//! is zero. Whoever makes a gradient for a map masks it, so that each kernel writes once.

mod batch;
mod check;
mod convolution;
mod cosine;
mod device;
#[cfg(test)]
pub(crate) mod fault;
mod field;
mod form;
mod image;
mod kernels;
mod loops;
mod maps;
mod matrix;
mod memory;
mod nearest;
mod numbers;
mod place;
mod plain;
mod pointwise;
mod pooling;
mod read;
mod region;
mod resample;
mod resize;
mod rows;
mod similarity;
mod statistics;
mod styling;
mod sums;
mod tune;
pub(crate) mod wgsl;
mod window;
mod wrap;

pub use batch::{Batch, Norms, Pick, Recipe, dots, products, products_to_keep, products_transposed};
pub use check::{Shape, compare, compare_convolutions, compare_matrices};
pub use convolution::{Filter, conv3x3_gradient, conv3x3_gradient_unmasked, conv3x3_relu, image_gradient};
pub use cosine::{add_products, cosine_gradient, cosines, less};
pub use device::{BrowserAdapter, Choice, Compute, DeviceInfo, largest_buffer};
pub use field::Field;
pub use form::{Form, Winograd, WinogradTile};
pub use image::{adam, average, grey, input, variation};
pub use kernels::Kernels;
pub(crate) use loops::for_each_chunk;
pub use maps::{Layout, Maps, Tile, Tiling};
pub use matrix::Matrix;
pub use memory::{release_memory, reserve_memory};
pub use nearest::{Hypercolumns, Nearest, nearest};
pub use numbers::{AdamStep, Kernel, Pooling, Wrap};
pub use place::Place;
pub use pointwise::{difference, difference_of_rows, mask};
pub use pooling::{Pooled, pool, pool_gradient};
pub use read::read;
pub use region::{gather, scatter};
pub use resample::{resample, resample_gradient};
pub use resize::resize;
pub use rows::{Rising, Sheet};
pub use similarity::{Spread, spread_difference};
pub use statistics::{
    covariance, from_rows, gram, gram_difference, gram_gradient, mean, moments_gradient, push_centred, push_covariance,
    push_moments,
};
pub use styling::{Activation, Shares, Styling};
pub use sums::Sums;
pub use tune::{Rejected, Tuning, tune};
pub use window::{Geometry, Window};
pub use wrap::padded;
