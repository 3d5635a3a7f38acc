//! The networks: their architecture, their weights as files, and what runs them on a device.

mod arch;
mod banded;
pub mod instant;
mod manifest;
#[cfg(feature = "cli")]
mod pack;
mod shards;
mod stage;
mod vgg;
mod weights;

pub use arch::{CONVOLUTIONS, Convolution, Layer};
pub(crate) use arch::{largest_at_once, starts_block};
pub use banded::Part;
pub use manifest::{InstantEntry, LayerEntry, Manifest, Preprocessing, SetEntry};
#[cfg(feature = "cli")]
pub use pack::{Packed, PackedInstant, measure_means, pack, pack_instant};
pub use shards::{ShardEntry, sha256_hex};
pub(crate) use stage::{Band, Stage};
pub use vgg::{Activations, Vgg};
pub use weights::{Weights, WeightsLoader};
