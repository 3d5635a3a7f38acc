//! Pictures: their pixels, their files, their colours, and the settings written inside files.

mod codec;
mod colour;
mod container;
mod header;
mod pixels;
mod xmp;

#[cfg(not(target_family = "wasm"))]
pub use codec::writable_format;
pub use codec::{MAX_FILE_BYTES, check_header, check_length, unreadable};
pub use colour::{Affine, with_chroma_of};
pub use header::{Header, Kind, explain};
pub use pixels::{Picture, check_dimensions, fit};
pub use xmp::{MAX_PACKET, embed, extract};
