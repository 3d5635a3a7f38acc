//! Files read, and what the system says when it refuses one.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::Result;
use easel::{Error, MAX_FILE_BYTES, Picture};

/// A file's bytes, no more of them than a picture may have: what is longer is refused before it fills the memory.
pub fn read_file(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|error| refused(path, error))?;
    let about = file.metadata().map_err(|error| refused(path, error))?;
    if about.is_file() && about.len() > MAX_FILE_BYTES {
        let (what, megabytes) = (path.display().to_string(), about.len() >> 20);
        return Err(Error::FileTooLarge { what, megabytes, limit: MAX_FILE_BYTES >> 20 }.into());
    }
    read_all(path, file)
}

/// All that a file or pipe holds, of which nobody knows how much that is.
pub fn read_all(path: &Path, from: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| refused(path, error))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let limit = MAX_FILE_BYTES >> 20;
        let reason = format!("it goes on after {limit} MB, and no more is read of a file; save it smaller first");
        return Err(Error::File { path: path.display().to_string(), reason: reason.into() }.into());
    }
    Ok(bytes)
}

/// The folder that a file is in, or will be.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What the system says of a file it refuses, with the file's name.
pub fn refused(path: &Path, error: std::io::Error) -> Error {
    Error::File { path: path.display().to_string(), reason: error.into() }
}

/// A picture file, decoded.
pub fn picture(path: impl AsRef<Path>) -> Result<Picture> {
    let path = path.as_ref();
    decoded(path, &read_file(path)?)
}

/// A picture file that was read, decoded.
pub fn decoded(path: &Path, bytes: &[u8]) -> Result<Picture> {
    Ok(Picture::decode(&path.display().to_string(), bytes)?)
}
