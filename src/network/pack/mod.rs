//! `easel pack-weights`: networks as others publish them → the weights folder.

mod vgg;

pub use vgg::{Packed, measure_means, pack};
