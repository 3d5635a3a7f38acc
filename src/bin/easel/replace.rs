//! Files put in the place of others: whole, or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::files::refused;

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

/// Says what [`write_whole`] would say of a place, and leaves it as it is.
pub fn check_writable(out: &Path) -> Result<()> {
    // What would be written in the end, but for its bytes.
    let part = part_of(&followed(out));
    match fs::write(&part, []).and_then(|()| fs::remove_file(&part)) {
        Err(error) if !is_for_writing_over(out, &error) => Err(refused(out, error).into()),
        _ => Ok(()),
    }
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
