//! `easel pack-weights`: the weights folder from a network as others publish it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use burn::tensor::Tensor;
use clap::ArgMatches;
use easel::{Compute, Picture, fit};

use super::args::required;
use super::files::{picture, refused};
use super::say::say;

/// Packs what is given: VGG19, measuring mean activations where photos are given too, and the one-pass networks.
pub async fn pack_weights(args: &ArgMatches) -> Result<()> {
    let given = |name: &str| args.get_one::<String>(name).map(String::as_str);
    let out = Path::new(required(args, "out"));
    // Both are read before anything is written.
    let instant = given("instant").map(|wheel| easel::pack_instant(wheel.as_ref())).transpose()?;
    if let Some(file) = given("from") {
        let mut packed = easel::pack(file.as_ref())?;
        if let Some(folder) = given("photos") {
            easel::measure_means(&mut packed, &photos(folder)?).await?;
        }
        packed.write(out)?;
        told(&packed.shards, out);
    }
    if let Some(packed) = instant {
        packed.write(out)?;
        told(&packed.shards, out);
    }
    Ok(())
}

/// The pictures of a folder as VGG19's mean activations are measured over them.
fn photos(folder: &str) -> Result<Vec<Tensor<4>>> {
    let entries = std::fs::read_dir(folder).map_err(|error| refused(folder.as_ref(), error))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let compute = Compute::cpu();
    let photos: Vec<_> = paths.iter().filter_map(|path| picture(path).ok()).collect();
    anyhow::ensure!(!photos.is_empty(), "{folder} holds no picture that can be read");
    let tensor = |photo: &Picture| {
        let (width, height) = fit(photo.width(), photo.height(), 384);
        photo.resized(width, height).to_tensor(&compute.device)
    };
    Ok(photos.iter().map(tensor).collect())
}

fn told(shards: &[(String, Vec<u8>)], out: &Path) {
    let bytes: usize = shards.iter().map(|(_, bytes)| bytes.len()).sum();
    say!("Wrote {} shards, {bytes} bytes, to {}", shards.len(), out.display());
}
