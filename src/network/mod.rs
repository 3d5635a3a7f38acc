//! VGG19: its architecture, its weights as files, and the network on a device.

mod arch;
#[cfg(feature = "cli")]
mod pack;
mod vgg;
mod weights;

pub use arch::{CONVOLUTIONS, Convolution, Layer};
pub(crate) use arch::{largest_at_once, starts_block};
#[cfg(feature = "cli")]
pub use pack::{Packed, measure_means, pack};
pub use vgg::{Activations, Vgg};
pub use weights::{LayerEntry, Manifest, Preprocessing, ShardEntry, Weights, WeightsLoader, sha256_hex};
