//! Files put in the place of others: whole, or not at all.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use easel::sha256_hex;

use super::files::refused;

/// How many bytes a file's name has at most, on nearly all systems.
const LONGEST_NAME: usize = 255;
/// How many links in a row are followed, as systems do.
const MOST_LINKS: usize = 40;
/// What the name of a part ends in.
const PART: &str = "part";

/// Writes a file so that others see it whole or not at all, and what was there stays until then; but where only the file itself may be
/// written, over what it holds. It is as readable for others as what was there. A process that is killed meanwhile leaves a part, which
/// [`sweep`] finds.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let real = followed(path);
    let written = match replace(&real, bytes) {
        // Another process may have taken the part for one whose writer is dead, in the moment before it was locked.
        Err(error) if error.kind() == io::ErrorKind::NotFound => replace(&real, bytes),
        written => written,
    };
    let written = match written {
        Err(error) if is_for_writing_over(&real, &error) => write_over(&real, bytes),
        written => written,
    };
    Ok(written.map_err(|error| refused(path, error))?)
}

fn replace(real: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = part_of(real);
    let written = || -> io::Result<()> {
        let mut file = create(&part)?;
        file.write_all(bytes)?;
        #[cfg(unix)]
        if let Ok(before) = fs::metadata(real) {
            let _ = file.set_permissions(before.permissions()); // as far as there are such: memory cards have none
        }
        // Or a name that is there after a power failure may stand for bytes that are not.
        file.sync_all()?;
        fs::rename(&part, real)
    };
    written().inspect_err(|_| drop(fs::remove_file(&part)))
}

/// A new file, locked as long as its writer lives, where there are locks.
fn create(part: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).open(part)?;
    let _ = file.try_lock();
    Ok(file)
}

/// Removes the parts in a folder whose writers are dead.
pub fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_part(&entry.file_name().to_string_lossy())
            && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Says what [`write_whole`] would say of a place, and leaves it as it is.
pub fn check_writable(out: &Path) -> Result<()> {
    let real = followed(out);
    // What would be written in the end, but for its bytes.
    let part = part_of(&real);
    let checked = match fs::metadata(&real) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(about) if about.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        _ => create(&part).and_then(|_file| match fs::remove_file(&part) {
            // Another process may have swept it, in the moment before it was locked; that it can be made is known.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }),
    };
    match checked {
        Err(error) if !is_for_writing_over(&real, &error) => Err(refused(out, error).into()),
        _ => Ok(()),
    }
}

/// Writes a file over what it holds; where that fails, as on a full disk, what it held is put back.
fn write_over(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let before = fs::read(path);
    let mut file = OpenOptions::new().write(true).open(path)?;
    // Not made shorter before: the room it has is not for others to take.
    let mut put = |bytes: &[u8]| -> io::Result<()> {
        file.rewind()?;
        file.write_all(bytes)?;
        file.set_len(bytes.len() as u64)?;
        file.sync_all()
    };
    put(bytes).map_err(|error| match before.and_then(|before| put(&before)) {
        Ok(()) => error,
        Err(_) => io::Error::new(error.kind(), format!("{error}; what is there is damaged now")),
    })
}

/// Whether a file that may not be replaced, for this reason, may be written all the same.
fn is_for_writing_over(path: &Path, error: &io::Error) -> bool {
    let is_reason = matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ResourceBusy);
    is_reason && path.is_file() && OpenOptions::new().write(true).open(path).is_ok()
}

/// What a link stands for, be it there or not.
fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        match (path.canonicalize(), fs::read_link(&path)) {
            (Ok(real), _) => return real,
            (Err(_), Ok(link)) => path = path.parent().unwrap_or(Path::new("")).join(link),
            (Err(_), Err(_)) => return path,
        }
    }
    path
}

/// A hidden file beside another, named after it; where the name would be too long, after its beginning and the hash of all.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let text = name.to_string_lossy();
    let room = LONGEST_NAME - ending.len() - 2; // two dots
    if text.len() <= room {
        return path.with_file_name(format!(".{text}.{ending}"));
    }
    let hash = &sha256_hex(name.as_encoded_bytes())[..16];
    let start = text.floor_char_boundary(room - hash.len() - 1);
    path.with_file_name(format!(".{}-{hash}.{ending}", &text[..start]))
}

/// Where a file is written before it takes its place: nowhere else, for another process, which has the same number in another container,
/// may write the same file now.
fn part_of(path: &Path) -> PathBuf {
    let random = RandomState::new().build_hasher().finish();
    beside(path, &format!("{random:016x}.{PART}"))
}

/// Whether a file has the name of a part.
fn is_part(name: &str) -> bool {
    let mut parts = name.rsplit('.');
    let is_own = |own: &str| own.len() == 16 && own.bytes().all(|digit| digit.is_ascii_hexdigit());
    name.starts_with('.') && parts.next() == Some(PART) && parts.next().is_some_and(is_own)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_link_stays_one_and_what_it_stands_for_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let [link, real] = ["link.png", "real.png"].map(|name| folder.path().join(name));
        symlink("real.png", &link).expect("linked");
        // Also where that is not there yet.
        for (text, before) in [("new", None), ("newer", Some(b"new"))] {
            check_writable(&link).expect("it can be written");
            assert_eq!(fs::read(&real).ok(), before.map(Vec::from));
            write_whole(&link, text.as_bytes()).expect("written");
            assert!(link.is_symlink());
            assert_eq!(fs::read(&real).expect("there"), text.as_bytes());
        }
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 2, "no part is left");
        symlink("round.png", folder.path().join("round.png")).expect("linked");
        check_writable(&folder.path().join("round.png")).expect_err("it leads nowhere");
    }

    #[test]
    fn what_cannot_be_replaced_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("x".repeat(252) + ".png");
        check_writable(&out).expect_err("its name is too long");
        write_whole(&out, b"new").expect_err("its name is too long");
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 0, "no part is left");
    }

    #[test]
    fn two_who_write_a_file_do_not_get_into_each_others_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out.png");
        let check = || (0..100).for_each(|_| check_writable(&out).expect("it can be written"));
        let write = || {
            for _ in 0..100 {
                write_whole(&out, b"whole").expect("written");
                assert_eq!(fs::read(&out).expect("there"), b"whole");
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(check);
            scope.spawn(write);
            scope.spawn(write);
        });
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 1, "no part is left");
    }

    #[test]
    fn a_place_can_be_written_whoever_sweeps_its_folder_meanwhile() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out.png");
        let is_checked = AtomicBool::new(false);
        let check = || (0..2000).try_for_each(|_| check_writable(&out));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_checked.load(Ordering::Relaxed) {
                    sweep(folder.path());
                }
            });
            let checked = [check, check].map(|check| scope.spawn(check)).map(|checker| checker.join());
            is_checked.store(true, Ordering::Relaxed);
            checked.into_iter().for_each(|checked| checked.expect("it ends").expect("it can be written"));
        });
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 0, "no part is left");
    }

    #[test]
    fn only_the_parts_of_the_dead_are_swept() {
        let folder = tempfile::tempdir().expect("a folder");
        let [alive, dead] = [(); 2].map(|()| part_of(&folder.path().join("out.png")));
        let writer = create(&alive).expect("made");
        drop(create(&dead).expect("made"));
        let others = ["out.png", ".out.png.part", "0123456789abcdef.part"].map(|name| folder.path().join(name));
        others.iter().for_each(|path| fs::write(path, "x").expect("written"));
        sweep(folder.path());
        assert!(alive.exists() && !dead.exists() && others.iter().all(|path| path.exists()));
        drop(writer);
        sweep(folder.path());
        assert!(!alive.exists());
    }

    #[test]
    fn names_beside_long_ones_are_no_longer_than_can_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let long = |end: &str| folder.path().join("ü".repeat(124) + end);
        let [a, b] = ["a.png", "b.png"].map(|end| beside(&long(end), "state"));
        assert_ne!(a, b);
        write_whole(&a, b"a state").expect("written");
        write_whole(&long("c.png"), b"a picture").expect("written");
        assert_eq!(beside(Path::new("in/a.png"), "state"), Path::new("in/.a.png.state"));
    }

    #[test]
    fn who_may_read_a_file_may_do_so_when_it_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out.png");
        fs::write(&out, "old").expect("written");
        fs::set_permissions(&out, fs::Permissions::from_mode(0o600)).expect("set");
        write_whole(&out, b"new").expect("written");
        assert_eq!(fs::metadata(&out).expect("there").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_written_over_is_as_long_as_it_should_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out.png");
        fs::write(&out, "middling").expect("written");
        for text in ["longer than before", "short"] {
            write_over(&out, text.as_bytes()).expect("written");
            assert_eq!(fs::read_to_string(&out).expect("there"), text);
        }
    }
}
