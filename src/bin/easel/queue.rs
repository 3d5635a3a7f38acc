//! Which pictures a batch is about, where each goes, and which of them are this process's.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ArgMatches;
use easel::Error;
use glob::MatchOptions;

use super::files::refused;

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
    found.dedup();
    let mut stems = HashMap::new();
    for path in &found {
        *stems.entry(path.file_stem().map(ToOwned::to_owned)).or_insert(0) += 1;
    }
    let mut names = HashMap::<String, usize>::new();
    let items = found.into_iter().map(|content| {
        // a.jpg and a.png become two pictures.
        let is_alone = stems.get(&content.file_stem().map(ToOwned::to_owned)) == Some(&1);
        let name = if is_alone { content.file_stem() } else { content.file_name() };
        let name = name.unwrap_or_default().to_string_lossy().into_owned();
        let count = names.entry(name.clone()).or_insert(0);
        *count += 1;
        let name = if *count > 1 { format!("{name}-{count}") } else { name };
        Item { out: out.join(format!("{name}.{format}")), content }
    });
    Ok(items.collect())
}

fn files(content: &str) -> Result<Vec<PathBuf>> {
    let path = PathBuf::from(content);
    if content == STANDARD || path.is_file() {
        return Ok(vec![path]);
    }
    let mut found = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(&path).map_err(|error| refused(&path, error))? {
            let path = entry.map_err(|error| refused(&path, error))?.path();
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
            let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if !is_hidden && path.is_file() && ending.is_some_and(|ending| READABLE.contains(&ending.as_str())) {
                found.push(path);
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
        let from = |index: &str, count: &str| Some(format!("{}/{}", variable(index)?, variable(count)?));
        let text = args
            .get_one::<String>("shard")
            .cloned()
            .or_else(|| from("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT"))
            .or_else(|| from("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"));
        let Some(text) = text else { return Ok(Self { index: 0, count: 1 }) };
        let numbers = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match numbers {
            Some((index, count @ 1..)) => Ok(Self { index, count }),
            _ => {
                let expected = "use I/N, such as 2/4 for the second of four".into();
                Err(Error::BadSetting { name: "shard".into(), value: text, expected }.into())
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
        for nothing in ["missing.png", "*.tiff"] {
            let error = super::items([text(path(nothing))].iter(), Path::new("out"), "png").expect_err("nothing");
            assert!(error.to_string().contains(nothing), "{error}");
        }
    }
}
