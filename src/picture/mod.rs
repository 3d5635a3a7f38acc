//! Pictures: their pixels, their files, their colours, and the settings written inside files.

mod codec;
mod colour;
mod container;
mod embedding;
mod header;
mod margins;
mod pixels;
mod seamless;
mod xmp;

#[cfg(not(target_family = "wasm"))]
pub use codec::{JPEG_QUALITY, writable_format};
pub use codec::{MAX_FILE_BYTES, check_header};
#[cfg(target_family = "wasm")]
pub use codec::{check_length, unreadable};
pub use colour::{Affine, LUMA, with_chroma_of};
pub use embedding::{MAX_PACKET, embed, extract};
pub use header::{Fault, Header, Kind, explain};
pub use pixels::{Picture, check_dimensions, fit};
