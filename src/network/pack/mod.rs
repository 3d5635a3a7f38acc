//! `easel pack-weights`: networks as others publish them → the weights folder.
//!
//! Packing is deterministic: the same source gives the same bytes. Each network replaces its own part of the folder
//! and of its manifest, and leaves the other's as it is.

mod instant;
mod vgg;

use std::path::Path;

pub use instant::{PackedInstant, pack_instant};
pub use vgg::{Packed, measure_means, pack};

use super::manifest::Manifest;
use super::shards::{ShardEntry, sha256_hex};
use crate::error::{Error, Result};

/// Names a shard after what it holds, its hash included, so that caches need never ask whether it has changed.
fn named(stem: &str, bytes: Vec<u8>) -> (String, Vec<u8>) {
    (format!("{stem}-{}.bin", &sha256_hex(&bytes)[..8]), bytes)
}

/// The shards as a manifest lists them.
fn entries(shards: &[(String, Vec<u8>)]) -> Vec<ShardEntry> {
    let entry = |(file, bytes): &(String, Vec<u8>)| ShardEntry {
        file: file.clone(),
        bytes: bytes.len() as u64,
        sha256: sha256_hex(bytes),
    };
    shards.iter().map(entry).collect()
}

/// Writes shards and manifest into a folder, which is made if it is not there.
fn write<'a>(
    folder: &Path,
    manifest: &Manifest,
    shards: impl IntoIterator<Item = &'a (String, Vec<u8>)>,
) -> Result<()> {
    let failed = |e: std::io::Error| Error::File { path: folder.display().to_string(), reason: e.into() };
    std::fs::create_dir_all(folder).map_err(failed)?;
    for (file, bytes) in shards {
        std::fs::write(folder.join(file), bytes).map_err(failed)?;
    }
    let text = serde_json::to_string_pretty(manifest).map_err(|e| Error::Manifest(e.into()))?;
    std::fs::write(folder.join("manifest.json"), text + "\n").map_err(failed)
}
