//! Results: JSON for programs, pictures in files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ArgMatches;
use easel::{Error, Kind, Picture, embed, writable_format};
use serde_json::{Value, json};

use super::args::required;
use super::files::refused;
use super::inputs::{named_files, spare};
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
    check_writable(out)
}

fn check_writable(out: &Path) -> Result<()> {
    check_place(out)?;
    // What would be written in the end, but for its bytes.
    let part = part_of(&followed(out));
    match fs::write(&part, []).and_then(|()| fs::remove_file(&part)) {
        Err(error) if !is_for_writing_over(out, &error) => Err(refused(out, error).into()),
        _ => Ok(()),
    }
}

/// The same of what can be said without a look at what may be done there, at which others may be looking now.
pub fn check_place(out: &Path) -> Result<()> {
    writable_format(out)?;
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let reason = if !folder.is_dir() {
        format!("there is no folder {} to save it in", folder.display())
    } else if out.is_dir() {
        "this is a folder; add a file's name".into()
    } else {
        return Ok(());
    };
    Err(Error::File { path: out.display().to_string(), reason: reason.into() }.into())
}

/// Writes a file so that others see it whole or not at all, and what was there stays until then; but where only the file itself may be
/// written, over what it holds. A process that is killed meanwhile leaves a part, which the next one writes over.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let real = followed(path);
    let part = part_of(&real);
    let written = match fs::write(&part, bytes) {
        Ok(()) => fs::rename(&part, &real).or_else(|_| {
            let _ = fs::remove_file(&part);
            fs::write(&real, bytes)
        }),
        Err(error) if is_for_writing_over(&real, &error) => fs::write(&real, bytes),
        Err(error) => {
            let _ = fs::remove_file(&part);
            Err(error)
        }
    };
    Ok(written.map_err(|error| refused(path, error))?)
}

/// What a link stands for.
fn followed(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.into())
}

/// Whether a file that may not be replaced, for this reason, may be written all the same.
fn is_for_writing_over(path: &Path, error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::PermissionDenied && fs::OpenOptions::new().write(true).open(path).is_ok()
}

/// Where a file is written before it takes its place.
fn part_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.part"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_stays_one_and_what_it_stands_for_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let [link, real] = ["link.png", "real.png"].map(|name| folder.path().join(name));
        fs::write(&real, "old").expect("written");
        std::os::unix::fs::symlink(&real, &link).expect("linked");
        check_writable(&link).expect("it can be written");
        assert_eq!(fs::read(&real).expect("there"), b"old");
        write_whole(&link, b"new").expect("written");
        assert!(link.is_symlink());
        assert_eq!(fs::read(&real).expect("there"), b"new");
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 2, "no part is left");
    }

    #[test]
    fn what_cannot_be_replaced_is_refused_and_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out.png");
        fs::write(&out, "old").expect("written");
        fs::create_dir(folder.path().join(".out.png.part")).expect("made");
        check_writable(&out).expect_err("no part can be written");
        write_whole(&out, b"new").expect_err("no part can be written");
        assert_eq!(fs::read(&out).expect("there"), b"old");
    }
}
