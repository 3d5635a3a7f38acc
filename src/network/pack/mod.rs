//! `easel pack-weights`: networks as others publish them → the weights folder.
//!
//! Packing is deterministic: the same source gives the same bytes. Each network replaces its own part of the folder
//! and of its manifest, and leaves the other's as it is.

mod instant;
mod vgg;

use std::fs::File;
use std::io::Write;
use std::path::Path;

pub use instant::{PackedInstant, pack_instant};
pub use vgg::{Packed, measure_means, pack};

use super::manifest::Manifest;
use super::shards::{ShardEntry, sha256_hex};
use crate::error::{Error, Result};

/// The manifest's name in the folder.
const MANIFEST: &str = "manifest.json";

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

/// Writes shards and manifest into a folder, which is made if it is not there. The manifest comes last, and each file is whole or not
/// there: who is stopped meanwhile leaves the network that was there before.
fn write<'a>(
    folder: &Path,
    manifest: &Manifest,
    shards: impl IntoIterator<Item = &'a (String, Vec<u8>)>,
) -> Result<()> {
    let failed = |e: std::io::Error| Error::File { path: folder.display().to_string(), reason: e.into() };
    std::fs::create_dir_all(folder).map_err(failed)?;
    for (file, bytes) in shards {
        write_whole(folder, file, bytes).map_err(failed)?;
    }
    let text = serde_json::to_string_pretty(manifest).map_err(|e| Error::Manifest(e.into()))?;
    write_whole(folder, MANIFEST, (text + "\n").as_bytes()).map_err(failed)
}

/// Writes a file aside and renames it.
fn write_whole(folder: &Path, file: &str, bytes: &[u8]) -> std::io::Result<()> {
    let part = folder.join(format!(".{file}.part"));
    let written = || {
        let mut aside = File::create(&part)?;
        aside.write_all(bytes)?;
        // Or a name that is there after a power failure may stand for bytes that are not.
        aside.sync_all()?;
        std::fs::rename(&part, folder.join(file))
    };
    written().inspect_err(|_| drop(std::fs::remove_file(&part)))
}
