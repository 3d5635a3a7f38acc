//! Files read, and what the system says when it refuses one.

use std::path::Path;

use anyhow::Result;
use easel::{Error, Picture};

/// A file's bytes.
pub fn read_file(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    let path = path.as_ref();
    Ok(std::fs::read(path).map_err(|error| refused(path, error))?)
}

/// What the system says of a file it refuses, with the file's name.
pub fn refused(path: &Path, error: std::io::Error) -> Error {
    Error::File { path: path.display().to_string(), reason: error.into() }
}

/// A picture file, decoded.
pub fn picture(path: impl AsRef<Path>) -> Result<Picture> {
    let path = path.as_ref();
    Ok(Picture::decode(&path.display().to_string(), &read_file(path)?)?)
}
