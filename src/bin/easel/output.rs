//! Results: JSON for programs, pictures in files.

use std::path::Path;

use anyhow::Result;
use clap::ArgMatches;
use easel::{Error, Kind, Picture, embed, writable_format};
use serde_json::{Value, json};

use super::args::required;

/// Prints a result as JSON on standard output.
pub fn print_json(value: &Value) -> Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
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

/// Says before a long run what would be said after it: that the picture cannot be saved there.
pub fn check_out(out: &Path) -> Result<()> {
    writable_format(out)?;
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() {
        return Ok(());
    }
    let reason = format!("there is no folder {} to save it in", folder.display()).into();
    Err(Error::File { path: out.display().to_string(), reason }.into())
}
