//! The one-pass networks of Ghiasi et al. 2017, "Exploring the structure of a real-time, arbitrary neural artistic
//! stylization network": a painting becomes 100 numbers, and with those any photo is painted in one pass.

mod arch;
pub mod predictor;
mod transformer;
mod weights;

pub use arch::{Block, Convolution, EPSILON, Set, Stage, TRANSFORMER, VECTOR, blocks};
pub use predictor::Predictor;
pub use transformer::{Paintings, Transformer};
#[cfg(feature = "cli")]
pub(super) use weights::stream_of;
pub use weights::{SetLoader, SetWeights};
