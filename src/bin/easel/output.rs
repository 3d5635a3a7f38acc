//! Results: JSON for programs, pictures in files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ArgMatches;
use easel::{Error, Kind, Picture, embed, writable_format};
use serde_json::{Value, json};

use super::args::required;
use super::files::refused;

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
    let reason = if !folder.is_dir() {
        format!("there is no folder {} to save it in", folder.display())
    } else if out.is_dir() {
        "this is a folder; add a file's name".into()
    } else {
        // What would be written in the end, but for its bytes.
        let part = part_of(out);
        fs::write(&part, []).and_then(|()| fs::remove_file(&part)).map_err(|error| refused(out, error))?;
        return Ok(());
    };
    Err(Error::File { path: out.display().to_string(), reason: reason.into() }.into())
}

/// Writes a file so that others see it whole or not at all, and what was there stays until then. A process that is killed meanwhile
/// leaves a part, which the next one writes over.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = part_of(path);
    let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&part);
        refused(path, error).into()
    })
}

/// Where a file is written before it takes its place.
fn part_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.part"))
}
