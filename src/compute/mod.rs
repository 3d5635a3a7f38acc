//! The arithmetic nearly all the time is spent in.
//!
//! Activations travel as [`Maps`], in one of two forms. *Plain* is `[1, C, H, W]` and plain tensor
//! operations: it runs on every device and is what everything else is checked against. *Packed* is
//! `[1, H + 2, W + 2, C]` with a border of zeros and our own WGSL kernels (`packed`): channels lie
//! together, four to a vector, so every load is 16 bytes, and the border stands for the convolutions'
//! zero padding, so no load is tested.
//!
//! Gradients have the form of the maps they belong to and are *masked*: zero where the rectified map
//! is zero. Whoever makes a gradient for a map masks it, so that each kernel writes once.

mod check;
mod device;
mod maps;
mod numbers;
mod operations;
mod plain;
mod read;
mod sums;
pub(crate) mod wgsl;

pub use check::{Shape, compare};
pub use device::{Choice, Compute, DeviceInfo};
pub use maps::{Form, Maps};
pub use numbers::{AdamStep, Kernel, Pooling};
pub use operations::*;
pub use read::read;
pub use sums::Sums;
