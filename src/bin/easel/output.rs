//! Results: JSON for programs, pictures in files.

use std::path::Path;

use anyhow::Result;
use clap::ArgMatches;
use easel::{Error, Kind, Picture, embed, writable_format};
use serde_json::{Value, json};

use super::args::required;
use super::files::folder_of;
use super::inputs::{named_files, spare};
use super::replace::{check_writable, sweep};
use super::say::answer;

/// Prints a result as JSON on standard output.
pub fn print_json(value: &Value) -> Result<()> {
    answer!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// A JPEG's quality, from 1 to 100.
pub fn quality(args: &ArgMatches) -> Result<u8> {
    let text = required(args, "quality");
    text.parse().ok().filter(|quality| (1..=100).contains(quality)).ok_or_else(|| {
        let expected = "use a whole number from 1 to 100".into();
        Error::BadSetting { name: "quality".into(), value: text.into(), expected }.into()
    })
}

/// The picture as a file for this path, its settings inside where the format has a place for them.
pub fn encoded(picture: &Picture, out: &Path, quality: u8, recipe: &Value) -> Result<Vec<u8>> {
    let bytes = picture.encode(out, quality)?;
    Ok(match Kind::of(&bytes) {
        Some(Kind::Png | Kind::Jpeg | Kind::WebP) => embed(&bytes, &recipe.to_string())?,
        _ => bytes,
    })
}

/// What a saved picture says of itself: as the page writes it, so that either reads the other's pictures. The settings are still to be put in.
pub fn recipe(weights: &[f64]) -> Value {
    json!({ "program": "Easel", "version": 1, "weights": weights })
}

/// Says before a long run what would be said after it: that the picture cannot be saved there; and that it would be in the place of one
/// of the files it is painted from.
pub fn check_out(args: &ArgMatches, out: &Path) -> Result<()> {
    spare(named_files(args), [out].into_iter())?;
    check_place(out)?;
    sweep(folder_of(out));
    check_writable(out)
}

/// The same of what can be said without a look at what may be done there, at which others may be looking now.
pub fn check_place(out: &Path) -> Result<()> {
    writable_format(out)?;
    let folder = folder_of(out);
    let reason = if !folder.is_dir() {
        format!("there is no folder {} to save it in", folder.display())
    } else if out.is_dir() {
        "this is a folder; add a file's name".into()
    } else {
        return Ok(());
    };
    Err(Error::File { path: out.display().to_string(), reason: reason.into() }.into())
}
