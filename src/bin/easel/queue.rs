//! Which pictures a batch is about, where each goes, and which of them are this process's.

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use anyhow::Result;
use clap::ArgMatches;
use easel::Error;
use glob::MatchOptions;

use super::files::{folder_of, refused};
use super::inputs::{named_files, spare};
use super::say::say;

/// The word for standard input and output.
pub const STANDARD: &str = "-";

/// What a folder is searched for; other files in it are passed over.
const READABLE: [&str; 8] = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"];

/// Hidden files fit only patterns that begin with a dot.
const AS_SHELLS_DO: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// A photo and where its picture goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub content: PathBuf,
    pub out: PathBuf,
}

/// All photos that files, folders and patterns name, each once, in the order of their paths; pictures go to `out`, in this format.
///
/// # Errors
/// A file or folder that is not there, a pattern that fits nothing.
pub fn items<'a>(contents: impl Iterator<Item = &'a String>, out: &Path, format: &str) -> Result<Vec<Item>> {
    let mut found = Vec::new();
    for content in contents {
        found.extend(files(content)?);
    }
    found.sort();
    let mut real = HashSet::new();
    // By its folder's own name: a link beside a photo is another one, as a frame that is held.
    found.retain(|path| real.insert(place(path).unwrap_or_else(|| path.clone())));
    let mut stems = HashMap::new();
    for path in &found {
        *stems.entry(path.file_stem().map(ToOwned::to_owned)).or_insert(0) += 1;
    }
    let own_name = |content: &PathBuf| {
        // a.jpg and a.png become two pictures.
        let is_alone = stems.get(&content.file_stem().map(ToOwned::to_owned)) == Some(&1);
        let name = if is_alone { content.file_stem() } else { content.file_name() };
        name.unwrap_or_default().to_string_lossy().into_owned()
    };
    let names = apart(found.iter().map(own_name).collect());
    let items = found.into_iter().zip(names);
    Ok(items.map(|(content, name)| Item { out: out.join(format!("{name}.{format}")), content }).collect())
}

/// Names made different: the first of each stays as it is, others are numbered. Where letters are not told apart by their case, as on a
/// Mac, they are different, too.
fn apart(names: Vec<String>) -> Vec<String> {
    let mut taken = HashSet::new();
    let firsts: Vec<bool> = names.iter().map(|name| taken.insert(name.to_lowercase())).collect();
    let mut number = |name: String| {
        let mut numbered = (2..).map(|number: usize| format!("{name}-{number}"));
        numbered.find(|numbered| taken.insert(numbered.to_lowercase())).unwrap_or_default()
    };
    names.into_iter().zip(firsts).map(|(name, is_first)| if is_first { name } else { number(name) }).collect()
}

/// Refuses a batch that would write over what it is made of: `--out` may be the photos' own folder.
///
/// # Errors
/// A picture, or the contact sheet, in the place of a photo, a painting, a mask or what else is named.
pub fn spare_inputs(args: &ArgMatches, items: &[Item], sheet: Option<&Path>) -> Result<()> {
    let photos = items.iter().map(|item| item.content.as_path());
    spare(named_files(args).chain(photos), items.iter().map(|item| item.out.as_path()).chain(sheet))
}

/// Refuses a batch whose pictures, or whose sheet, would get into each other's way, or be photos the next time; the folder they go to is
/// there.
///
/// # Errors
/// The sheet in the place of a picture; either where a folder or a pattern names photos.
pub fn keep_apart(args: &ArgMatches, items: &[Item], sheet: Option<&Path>) -> Result<()> {
    let refuse = |path: &Path, reason: &str| {
        Err(Error::File { path: path.display().to_string(), reason: reason.to_string().into() }.into())
    };
    // The pictures all go to one folder.
    let folder = items.first().and_then(|item| folder_of(&item.out).canonicalize().ok());
    let pictures =
        items.iter().filter_map(|item| Some((item.out.as_path(), folder.as_ref()?.join(item.out.file_name()?))));
    let sheet = sheet.and_then(|sheet| Some((sheet, place(sheet)?)));
    if let Some((path, place)) = &sheet
        && pictures.clone().any(|(_, picture)| picture == *place)
    {
        return refuse(path, "this is where a picture goes; choose another --sheet");
    }
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    let words = args.get_many::<String>("content").into_iter().flatten();
    let named: Vec<(&String, Named)> = words.filter_map(|word| Some((word, Named::of(word, &here)?))).collect();
    for (path, place) in pictures.chain(sheet) {
        if let Some((content, _)) = named.iter().find(|(_, named)| named.takes_in(&place, &here.join(path))) {
            return refuse(
                content.as_ref(),
                "the pictures, or their sheet, would be photos here, and be painted next time; choose another --out or --sheet",
            );
        }
    }
    Ok(())
}

/// What names photos that may not be there yet.
enum Named {
    Folder(PathBuf),
    Pattern(glob::Pattern),
}

impl Named {
    /// What a word for photos is, but for a single one; relative to a folder.
    fn of(content: &str, here: &Path) -> Option<Self> {
        let path = Path::new(content);
        if path.is_dir() {
            return path.canonicalize().ok().map(Self::Folder);
        }
        // Made of its parts, `./` is left out.
        let relative: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
        let here = PathBuf::from(glob::Pattern::escape(&here.to_string_lossy()));
        let pattern = || glob::Pattern::new(&here.join(relative).to_string_lossy()).ok();
        if path.exists() { None } else { pattern().map(Self::Pattern) }
    }

    /// Whether it names a file, by where it really is and by how it is said.
    fn takes_in(&self, place: &Path, said: &Path) -> bool {
        match self {
            Self::Folder(folder) => place.parent() == Some(folder),
            Self::Pattern(pattern) => [place, said].iter().any(|path| pattern.matches_path_with(path, AS_SHELLS_DO)),
        }
    }
}

/// Where a file is or will be, if its folder is there.
fn place(path: &Path) -> Option<PathBuf> {
    Some(folder_of(path).canonicalize().ok()?.join(path.file_name()?))
}

fn files(content: &str) -> Result<Vec<PathBuf>> {
    let path = PathBuf::from(content);
    // Pipes, too, as of `<(…)`.
    if content == STANDARD || (path.exists() && !path.is_dir()) {
        return Ok(vec![path]);
    }
    let mut found = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(&path).map_err(|error| refused(&path, error))? {
            let path = entry.map_err(|error| refused(&path, error))?.path();
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
            let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if is_hidden || !ending.is_some_and(|ending| READABLE.contains(&ending.as_str())) {
                continue;
            }
            match path.metadata() {
                Ok(about) if about.is_file() => found.push(path),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    say!("{}: this link leads nowhere, and is passed over.", path.display());
                }
                // As in a folder that may be listed, but not entered.
                Err(error) => return Err(refused(&path, error).into()),
            }
        }
    } else if let Ok(paths) = glob::glob_with(content, AS_SHELLS_DO) {
        found.extend(paths.filter_map(std::result::Result::ok).filter(|path| path.is_file()));
    }
    if found.is_empty() {
        let reason = "there is no such file, no picture in such a folder, and nothing that fits such a pattern".into();
        return Err(Error::File { path: content.into(), reason }.into());
    }
    Ok(found)
}

/// One of several processes, maybe on several machines, that share a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl Shard {
    /// As `--shard` says, else the variables that Slurm's job arrays and Kubernetes' indexed jobs set; else the only one.
    ///
    /// # Errors
    /// What is no shard.
    pub fn of(args: &ArgMatches, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let said = args.get_one::<String>("shard").cloned();
        if said.is_none()
            && let Some(shard) = slurm(&variable)?
        {
            return Ok(shard);
        }
        let (name, text) = match (said, variable("JOB_COMPLETION_INDEX"), variable("JOB_COMPLETIONS")) {
            (Some(said), ..) => ("shard", said),
            (None, Some(index), Some(count)) => ("JOB_COMPLETION_INDEX/JOB_COMPLETIONS", format!("{index}/{count}")),
            // Kubernetes tells the index by itself, but not how many there are: each of them would paint all.
            (None, Some(index), None) => {
                let expected = "of how many is not said: set JOB_COMPLETIONS as well, or give each its --shard".into();
                return Err(Error::BadSetting { name: "JOB_COMPLETION_INDEX".into(), value: index, expected }.into());
            }
            (None, None, _) => return Ok(Self { index: 0, count: 1 }),
        };
        let numbers = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match numbers {
            Some((index, count @ 1..)) if index <= count => Ok(Self { index, count }),
            _ => {
                let expected = "use I/N, such as 2/4 for the second of four".into();
                Err(Error::BadSetting { name: name.into(), value: text, expected }.into())
            }
        }
    }

    /// Whether there is no other.
    pub fn is_all(self) -> bool {
        self.count == 1
    }

    /// Whether it is its business to paint the `position`-th picture. Numbered from 0 or from 1, all shards together paint each once.
    pub fn takes(self, position: usize) -> bool {
        position % self.count == self.index % self.count
    }
}

/// The share of a task of Slurm's job arrays, if this is one. Their numbers need not begin at 0 nor follow each other.
///
/// # Errors
/// Numbers by which the tasks cannot tell their places among each other.
fn slurm(variable: &impl Fn(&str) -> Option<String>) -> Result<Option<Shard>> {
    let number = |name: &str| variable(&format!("SLURM_ARRAY_TASK_{name}"))?.parse::<usize>().ok();
    let (Some(id), Some(count @ 1..)) = (number("ID"), number("COUNT")) else { return Ok(None) };
    let (Some(first), Some(last)) = (number("MIN"), number("MAX")) else { return Ok(Some(Shard { index: id, count })) };
    let step = number("STEP").filter(|step| *step > 0).unwrap_or(1);
    let [place, others] = [id, last].map(|number| number.saturating_sub(first) / step);
    if others + 1 == count {
        return Ok(Some(Shard { index: place, count }));
    }
    let expected =
        "a task cannot tell which share is its own: number the tasks as in 0-15, or give each its --shard".into();
    Err(Error::BadSetting {
        name: "SLURM_ARRAY_TASK_ID".into(),
        value: format!("{id} of {count} tasks from {first} to {last}"),
        expected,
    }
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_out_all_pictures_wherever_their_numbers_begin() {
        for first in [0, 1, 7] {
            let shards: Vec<Shard> = (first..first + 4).map(|index| Shard { index, count: 4 }).collect();
            for position in 0..41 {
                assert_eq!(shards.iter().filter(|shard| shard.takes(position)).count(), 1);
            }
        }
    }

    #[test]
    fn slurms_tasks_share_out_all_pictures_however_they_are_numbered() {
        let shard = |id: usize, [count, first, last, step]: [usize; 4]| {
            slurm(&|name: &str| {
                let value = match name.rsplit('_').next() {
                    Some("ID") => id,
                    Some("COUNT") => count,
                    Some("MIN") => first,
                    Some("MAX") => last,
                    _ => step,
                };
                Some(value.to_string())
            })
        };
        for [first, last, step] in [[0, 15, 1], [1, 8, 1], [0, 30, 2], [5, 5, 1], [3, 24, 7]] {
            let count = (last - first) / step + 1;
            let told = |id| shard(id, [count, first, last, step]).expect("a share").expect("a task");
            let shards: Vec<Shard> = (first..=last).step_by(step).map(told).collect();
            for position in 0..41 {
                assert_eq!(shards.iter().filter(|shard| shard.takes(position)).count(), 1, "{first}-{last}:{step}");
            }
        }
        let error = shard(4, [3, 1, 7, 1]).expect_err("1, 4 and 7 share nothing out");
        assert!(error.to_string().contains("--shard"), "{error}");
        assert_eq!(slurm(&|_| None).expect("none"), None);
    }

    #[test]
    fn kubernetes_says_how_many_there_are_or_is_refused() {
        let args = ["easel", "batch", "--content", "x", "--style", "x", "--out", "x"];
        let of = |count: Option<&str>, more: &[&str]| {
            let matches = crate::args::command().get_matches_from(args.iter().chain(more));
            let variable = |name: &str| match name {
                "JOB_COMPLETION_INDEX" => Some("2".to_string()),
                "JOB_COMPLETIONS" => count.map(ToOwned::to_owned),
                _ => None,
            };
            Shard::of(matches.subcommand().expect("a command").1, variable)
        };
        assert_eq!(of(Some("4"), &[]).expect("a share"), Shard { index: 2, count: 4 });
        let error = of(None, &[]).expect_err("each would paint all");
        assert!(error.to_string().contains("JOB_COMPLETIONS"), "{error}");
        let error = of(Some(""), &[]).expect_err("of how many?");
        assert!(error.to_string().contains("JOB_COMPLETIONS"), "{error}");
        assert_eq!(of(None, &["--shard", "1/3"]).expect("a share"), Shard { index: 1, count: 3 });
    }

    #[test]
    fn folders_patterns_and_files_name_each_photo_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["b.jpg", "a.png", "a.webp", "notes.txt", ".hidden.png"] {
            std::fs::write(path(name), "x").expect("written");
        }
        let text = |path: PathBuf| path.to_str().expect("utf-8").to_string();
        let contents = [text(path("")), text(path("*.png")), text(path("b.jpg"))];
        let items = items(contents.iter(), Path::new("out"), "png").expect("items");
        let outs: Vec<_> = items.iter().map(|item| item.out.to_str().expect("utf-8")).collect();
        assert_eq!(outs, ["out/a.png.png", "out/a.webp.png", "out/b.png"]);
        assert_eq!(items[2].content, path("b.jpg"));
        // As a Mac sees it, IMG_1.png is img_1.png; and what is made up is nobody's name.
        for name in ["IMG_1.jpg", "img_1.png", "c.jpg", "c.png", "c.jpg.bmp", "d/c.jpg-2.bmp"] {
            let path = path(&format!("more/{name}"));
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, "x").expect("written");
        }
        let contents = ["more", "more/d"].map(|name| text(path(name)));
        let named = super::items(contents.iter(), Path::new("out"), "png").expect("items");
        let outs: Vec<_> = named.iter().map(|item| item.out.to_str().expect("utf-8")).collect();
        let expected =
            ["IMG_1", "c.jpg", "c.jpg-3", "c.png", "c.jpg-2", "img_1-2"].map(|name| format!("out/{name}.png"));
        assert_eq!(outs, expected);
        for nothing in ["missing.png", "*.tiff"] {
            let error = super::items([text(path(nothing))].iter(), Path::new("out"), "png").expect_err("nothing");
            assert!(error.to_string().contains(nothing), "{error}");
        }
    }
}
