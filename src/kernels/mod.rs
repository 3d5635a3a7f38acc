//! The arithmetic nearly all the time is spent in, behind functions on plain tensors.
//!
//! Each function is one noun of the network: the rectified 3×3 convolution, its data gradient, the
//! pooling, the Gram matrix. What is written here in plain tensor operations is what every faster
//! form is checked against.

mod conv3x3;
mod gram;
mod pool;

pub use conv3x3::{Filter, conv3x3_relu, conv3x3_relu_gradient};
pub use gram::{gram, gram_gradient};
pub use pool::{Pooled, pool};
