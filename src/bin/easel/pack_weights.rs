//! `easel pack-weights`: the weights folder from a network as others publish it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ArgMatches;
use easel::{Compute, fit};

use super::args::required;
use super::files::{picture, refused};

/// Packs a weight file, measuring mean activations where photos are given.
pub async fn pack_weights(args: &ArgMatches) -> Result<()> {
    let mut packed = easel::pack(Path::new(required(args, "from")))?;
    if let Some(folder) = args.get_one::<String>("photos") {
        let entries = std::fs::read_dir(folder).map_err(|error| refused(folder.as_ref(), error))?;
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        let compute = Compute::cpu();
        let photos: Vec<_> = paths.iter().filter_map(|path| picture(&path.display().to_string()).ok()).collect();
        let photos: Vec<_> = photos
            .iter()
            .map(|photo| {
                let (width, height) = fit(photo.width(), photo.height(), 384);
                photo.resized(width, height).to_tensor(&compute.device)
            })
            .collect();
        anyhow::ensure!(!photos.is_empty(), "{folder} holds no picture that can be read");
        easel::measure_means(&mut packed, &photos).await?;
    }
    let out = required(args, "out");
    packed.write(Path::new(out))?;
    eprintln!("Wrote {} shards, {} bytes, to {out}", packed.shards.len(), packed.manifest.bytes);
    Ok(())
}
