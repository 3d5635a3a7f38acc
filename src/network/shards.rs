//! Files of weights, cut into shards: collected as they arrive, and nothing used before its hash matched.
//!
//! Every network's weights are one *stream* of bytes, its shards put end to end. What the stream means is the
//! network's own business; that it is whole and untouched is seen to here, for all of them.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result, quoted};

/// One shard as the manifest names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShardEntry {
    /// The file's name in the manifest's folder.
    pub file: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256 as 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// Collects one network's shards in any order and verifies each.
#[derive(Debug)]
pub struct Shards {
    entries: Vec<ShardEntry>,
    collected: Vec<Option<Vec<u8>>>,
}

impl Shards {
    /// Waits for these, which are in stream order.
    pub fn new(entries: Vec<ShardEntry>) -> Self {
        let collected = vec![None; entries.len()];
        Self { entries, collected }
    }

    /// The shards waited for, in stream order.
    pub fn entries(&self) -> &[ShardEntry] {
        &self.entries
    }

    /// Takes the shard of this name if its length and SHA-256 are the manifest's.
    ///
    /// # Errors
    /// [`Error::Shard`] when they do not match, or when the manifest names no such shard.
    pub fn add(&mut self, file: &str, bytes: Vec<u8>) -> Result<()> {
        let refuse = |reason: String| Err(Error::Shard { file: file.into(), reason });
        let Some(index) = self.entries.iter().position(|shard| shard.file == file) else {
            return refuse("the manifest does not name it".into());
        };
        let entry = &self.entries[index];
        if bytes.len() as u64 != entry.bytes {
            return refuse(format!("it has {} bytes instead of {}", bytes.len(), entry.bytes));
        }
        if sha256_hex(&bytes) != entry.sha256 {
            return refuse("its SHA-256 is not the manifest's".into());
        }
        self.collected[index] = Some(bytes);
        Ok(())
    }

    /// Takes every shard from a folder, blocking.
    ///
    /// # Errors
    /// [`Error::File`] for what cannot be read, [`Error::Shard`] for what does not match.
    #[cfg(not(target_family = "wasm"))]
    pub fn add_all(&mut self, folder: &std::path::Path) -> Result<()> {
        for entry in self.entries.clone() {
            self.add(&entry.file, read_file(folder, &entry.file)?)?;
        }
        Ok(())
    }

    /// The stream, once every shard was taken.
    ///
    /// # Errors
    /// [`Error::Shard`] naming the first that is missing.
    pub fn finish(self) -> Result<Vec<u8>> {
        let mut stream = Vec::new();
        for (entry, shard) in self.entries.into_iter().zip(self.collected) {
            let Some(bytes) = shard else {
                return Err(Error::Shard { file: entry.file, reason: "it is missing".into() });
            };
            stream.extend(bytes);
        }
        Ok(stream)
    }
}

/// Whether shards have plain names and add up to a stream of this length, which is `stated` beside them; else why not,
/// as the rest of a sentence.
pub fn check(shards: &[ShardEntry], stated: u64, stream: usize) -> std::result::Result<(), String> {
    let sum = shards.iter().try_fold(0u64, |sum, shard| sum.checked_add(shard.bytes));
    if sum != Some(stream as u64) || stated != stream as u64 {
        return Err(format!("its shards do not add up to the {stream} bytes its layers need"));
    }
    let plain = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    match shards.iter().find(|shard| !plain(&shard.file)) {
        Some(shard) => Err(format!("\"{}\" is not a plain file name", quoted(&shard.file, 80))),
        None => Ok(()),
    }
}

/// Reads a file of the weights folder.
#[cfg(not(target_family = "wasm"))]
pub fn read_file(folder: &std::path::Path, name: &str) -> Result<Vec<u8>> {
    let path = folder.join(name);
    std::fs::read(&path).map_err(|e| Error::File { path: path.display().to_string(), reason: e.into() })
}

/// Returns the SHA-256 of some bytes as 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Little-endian `f32`s.
pub(crate) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}
