//! Films: where each pixel of a frame was in the one before, and the last frame's picture moved there.
//!
//! After Ruder, Dosovitskiy & Brox, "Artistic style transfer for videos" (2016): each frame's picture starts from the last one's,
//! moved along an optical flow, and holds to it where the flow can be trusted. The flow is found by matching blocks coarse to
//! fine ([`Flow`]); [`Moved`] is the picture that came of it.

mod blocks;
mod flow;
mod moved;
mod plane;
mod search;
mod smooth;
mod trust;

pub use flow::Flow;
pub use moved::Moved;
