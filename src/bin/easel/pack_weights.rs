//! `easel pack-weights`: the weights folder from a network as others publish it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use burn::tensor::Tensor;
use clap::ArgMatches;
use easel::{Compute, Error, Layer, fit};

use super::args::required;
use super::files::{picture, refused};
use super::say::say;

/// The short side of what is measured at least, in pixels: at the deepest layer it has one.
const LEAST_SIDE: u32 = 1 << Layer::LAST.halvings();

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
    // Made small at once: hundreds of them would not fit the memory as they are.
    let tensor = |path: &PathBuf| {
        let photo = picture(path).ok()?;
        let (width, height) = fit(photo.width(), photo.height(), 384);
        if width.min(height) < LEAST_SIDE {
            say!("{}: this is too narrow for the network's layers, and is passed over.", path.display());
            return None;
        }
        Some(photo.resized(width, height).to_tensor(&compute.device))
    };
    let photos: Vec<_> = paths.iter().filter_map(tensor).collect();
    if photos.is_empty() {
        let reason = "it holds no picture that can be measured; name a folder of photos".into();
        return Err(Error::File { path: folder.into(), reason }.into());
    }
    Ok(photos)
}

fn told(shards: &[(String, Vec<u8>)], out: &Path) {
    let bytes: usize = shards.iter().map(|(_, bytes)| bytes.len()).sum();
    say!("Wrote {} shards, {bytes} bytes, to {}", shards.len(), out.display());
}

#[cfg(test)]
mod tests {
    use easel::Picture;

    use super::*;

    /// A picture of these sides in a folder.
    fn save(folder: &Path, width: u32, height: u32) {
        let file = folder.join(format!("{width}x{height}.png"));
        let picture = Picture::from_planes(width, height, &vec![0.5; (3 * width * height) as usize]);
        std::fs::write(&file, picture.encode(&file, 90).expect("a PNG")).expect("written");
    }

    #[test]
    fn what_has_no_pixel_at_the_deepest_layer_is_not_measured() {
        let folder = tempfile::tempdir().expect("a folder");
        let name = folder.path().to_str().expect("utf-8");
        for narrow in [[384, 15], [10, 384], [1, 1000]] {
            save(folder.path(), narrow[0], narrow[1]);
        }
        std::fs::write(folder.path().join("notes.txt"), "no picture").expect("written");
        let error = photos(name).expect_err("nothing to measure");
        assert!(matches!(error.downcast_ref(), Some(Error::File { .. })), "{error}");
        save(folder.path(), 192, 8);
        let sides: Vec<_> = photos(name).expect("one").iter().map(Tensor::dims).collect();
        assert_eq!(sides, [[1, 3, 16, 384]]);
    }
}
