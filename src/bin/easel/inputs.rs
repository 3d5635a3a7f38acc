//! What a command works on: pictures, masks, the device and the weights, as its flags name them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ArgMatches;
use easel::parts::{Rejected, tune};
use easel::{Choice, Compute, Error, Frames, Picture, Pictures, Style, StyleConfig, Weights, scales};

use super::args::required;
use super::files::picture;
use super::say::say;

/// The photo, the paintings with their weights and masks, and the picture to start from.
pub fn pictures(args: &ArgMatches, init: Option<Picture>) -> Result<Pictures> {
    Ok(Pictures { content: picture(required(args, "content"))?, styles: styles(args)?, init })
}

/// The paintings with their weights and masks.
pub fn styles(args: &ArgMatches) -> Result<Vec<Style>> {
    let styles = args.get_many::<String>("style").into_iter().flatten().map(|text| {
        let (path, weight) = weighted(text);
        Ok(Style::new(picture(path)?, weight))
    });
    let mut styles = styles.collect::<Result<Vec<_>>>()?;
    // Not every command that looks at paintings takes masks.
    let masks = args.try_get_many::<String>("mask").ok().flatten().into_iter().flatten();
    for (i, path) in masks.enumerate().filter(|(_, path)| *path != "none") {
        let Some(style) = styles.get_mut(i) else {
            let expected = format!("there are {} paintings; give at most as many masks, in their order", styles.len());
            return Err(Error::BadSetting { name: "mask".into(), value: path.clone(), expected }.into());
        };
        style.mask = Some(picture(path)?);
    }
    Ok(styles)
}

/// The files that flags name for a picture to be painted from; words among them, such as `none`, are no files.
pub fn named_files(args: &ArgMatches) -> impl Iterator<Item = &Path> {
    let words =
        move |name: &str| args.try_get_many::<String>(name).ok().flatten().into_iter().flatten().map(String::as_str);
    let others = ["content", "mask", "config", "init", "init-image"].into_iter().flat_map(words);
    words("style").map(|text| weighted(text).0).chain(others).map(Path::new)
}

/// Refuses to write over what is painted from: the first of these files that is one of those.
///
/// # Errors
/// [`Error::File`].
pub fn spare<'a>(inputs: impl Iterator<Item = &'a Path>, mut outs: impl Iterator<Item = &'a Path>) -> Result<()> {
    let real = |path: &Path| path.canonicalize().ok();
    let inputs: HashSet<PathBuf> = inputs.filter_map(real).collect();
    match outs.find(|out| real(out).is_some_and(|out| inputs.contains(&out))) {
        Some(out) => {
            let reason = "this is one of the files to paint from, and would be written over; choose another --out";
            Err(Error::File { path: out.display().to_string(), reason: reason.to_string().into() }.into())
        }
        None => Ok(()),
    }
}

/// A painting's file and weight, as `--style` names them.
pub fn weighted(text: &str) -> (&str, f64) {
    // A colon belongs to the file's name when there is such a file.
    let parts = text.rsplit_once(':').filter(|_| !Path::new(text).exists());
    parts.and_then(|(path, weight)| Some((path, weight.parse().ok()?))).unwrap_or((text, 1.0))
}

/// What is to be made of the paintings' margins, where no whole settings are read.
pub fn frames(args: &ArgMatches) -> Result<Frames> {
    let word = args.get_one::<String>("frames").map(String::as_str);
    Ok(word.map_or_else(|| Ok(StyleConfig::default()), |word| StyleConfig::from_one("frames", word))?.frames)
}

/// The device asked for, and VGG19's weights.
pub async fn open(args: &ArgMatches) -> Result<(Compute, Weights)> {
    Ok((open_device(args).await?, Weights::read(&weights_folder(args)?)?))
}

/// The same for many steps: with the kernels that are right on this device, and the fastest of them.
pub async fn open_tuned(args: &ArgMatches) -> Result<(Compute, Weights)> {
    let (compute, weights) = open(args).await?;
    let Some(tuning) = tune(&compute).await? else { return Ok((compute, weights)) };
    for Rejected { kernels, operation, error } in &tuning.rejected {
        say!("{kernels} will not do on {}: {operation} is {error:.0e} off", compute.info.adapter);
    }
    let Some(kernels) = tuning.kernels else {
        let operation = tuning.rejected.into_iter().next_back().map_or_else(String::new, |last| last.operation);
        return Err(Error::WrongDevice { device: compute.info.adapter, operation }.into());
    };
    let compute = compute.with_kernels(kernels.parse()?);
    Ok((tuning.gigaflops.into_iter().fold(compute, Compute::with_gigaflops), weights))
}

/// The device asked for.
pub async fn open_device(args: &ArgMatches) -> Result<Compute> {
    Ok(Compute::open(required(args, "device").parse::<Choice>()?).await?)
}

/// The weights' folder: the one named, else beside the working directory or the program.
///
/// # Errors
/// None there, and none named.
pub fn weights_folder(args: &ArgMatches) -> Result<PathBuf> {
    if let Some(named) = args.get_one::<String>("weights") {
        return Ok(named.into());
    }
    let program = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.to_path_buf()));
    // And in the sources, for those who build it.
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf();
    first_weights([Some(PathBuf::new()), program, Some(built)].into_iter().flatten())
}

/// The first weights folder there is in one of these.
fn first_weights(places: impl Iterator<Item = PathBuf>) -> Result<PathBuf> {
    let found = places.map(|place| place.join("weights")).find(|folder| folder.join("manifest.json").exists());
    found.ok_or_else(|| {
        let reason = "there is no such folder here or beside the program; name it with --weights DIR";
        Error::File { path: "weights".into(), reason: reason.into() }.into()
    })
}

/// The picture to judge, which has to have room for the network.
///
/// # Errors
/// One that cannot be read, or is too small.
pub fn judged(args: &ArgMatches, config: &StyleConfig) -> Result<Picture> {
    let path = required(args, "image");
    let image = picture(path)?;
    let (width, height) = (image.width(), image.height());
    let long = width.max(height);
    match scales(width, height, &StyleConfig { size: long, min_size: long, ..config.clone() }) {
        Err(Error::PictureSize { width, height, .. }) => {
            let reason = "too small for the network's layers; choose a larger or less narrow --image".into();
            Err(Error::PictureSize { what: path.into(), width, height, reason }.into())
        }
        scales => scales.map(|_| image).map_err(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_weights_are_it_is_said_how_to_name_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = first_weights([folder.path().into()].into_iter()).expect_err("none").to_string();
        assert!(error.contains("--weights DIR"), "{error}");
        let built = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = first_weights([folder.path().into(), built.into()].into_iter()).expect("those");
        assert_eq!(found, built.join("weights"));
    }
}
