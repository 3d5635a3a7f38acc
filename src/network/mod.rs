//! The networks: their architecture, their weights as files, and what runs them on a device.

mod arch;
mod manifest;
#[cfg(feature = "cli")]
mod pack;
mod shards;
mod vgg;
mod weights;

pub use arch::{CONVOLUTIONS, Convolution, Layer};
pub(crate) use arch::{largest_at_once, starts_block};
pub use manifest::{LayerEntry, Manifest, Preprocessing};
#[cfg(feature = "cli")]
pub use pack::{Packed, measure_means, pack};
pub use shards::{ShardEntry, sha256_hex};
pub use vgg::{Activations, Vgg};
pub use weights::{Weights, WeightsLoader};
