//! `easel batch`: many photos painted alike, by one process or by many that share a folder.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::Result;
use clap::ArgMatches;
use easel::{
    Compute, Error, Init, InstantOptions, InstantStyle, Moved, Picture, Pictures, Style, StyleConfig, StyleTargets,
    Stylizer, Weights, check_header, extract, fit, head_start, scales, sha256_hex, writable_format,
};
use pollster::block_on;
use serde_json::{Value, json};

use super::args::required;
use super::asked::{Asked, How, check_piped, is_piped};
use super::files::{read_all, read_file, refused};
use super::inputs::{open_device, open_tuned, weights_folder};
use super::instant::Networks;
use super::output::{check_place, encoded, recipe};
use super::queue::{Item, STANDARD, Shard, items, keep_apart, spare_inputs};
use super::replace::{check_writable, sweep, write_whole};
use super::saved_run::{SavedRun, to_the_end};
use super::say::{answered, say, told_causes};
use super::sequence::{Frame, Sequence, in_natural_order, of_a_following_frame};
use super::sheet::sheet;

/// More failures are not told apart by the exit code.
const MOST_TOLD: usize = 100;

/// How all pictures are painted.
enum Method {
    /// In one pass, with styles that were read once.
    Instant { options: InstantOptions, styles: Vec<InstantStyle> },
    /// Step by step.
    Steps { config: Box<StyleConfig>, weights: Box<Weights>, targets: StyleTargets },
}

/// A batch.
struct Batch<'a> {
    args: &'a ArgMatches,
    compute: Compute,
    method: Method,
    styles: Vec<Style>,
    /// How a film's frames hold together.
    sequence: Option<Sequence>,
    quality: u8,
    /// Pictures painted side by side where the device is no GPU.
    jobs: usize,
    /// Of the paintings and settings: the same batch has the same one.
    digest: String,
    /// Settings as they are saved in the pictures.
    recipe: Value,
    tells_json: bool,
    /// Whether the picture goes to standard output.
    is_piped: bool,
    /// One line at a time; and why the first that could not be told could not.
    lines: Mutex<Option<anyhow::Error>>,
}

/// What became of a picture.
struct Outcome {
    /// `painted`, or `skipped` for one that was there already, painted with the same settings.
    word: &'static str,
    /// For the next frame of a sequence.
    frame: Option<Frame>,
    /// How much of it follows the last frame, 0 to 1, and how much that differs.
    follows: Option<(f64, f64)>,
}

/// Paints every photo that is not painted yet; with `--json` says a line of JSON about each. The exit code counts the failures,
/// a contact sheet that cannot be saved as one.
///
/// # Errors
/// What is wrong before the first; lines that cannot be told, after the last.
pub fn batch(args: &ArgMatches) -> Result<ExitCode> {
    let out = PathBuf::from(required(args, "out"));
    let contents = || args.get_many::<String>("content").into_iter().flatten();
    if out.as_os_str().is_empty() {
        let expected = "name a folder".into();
        return Err(Error::BadSetting { name: "out".into(), value: "empty".into(), expected }.into());
    }
    let mut items = items(contents(), &out, required(args, "format"))?;
    if args.get_flag("sequence") {
        in_natural_order(&mut items);
    }
    // What a farm sets shares out a folder's photos; the one that goes through a pipe is its process's own.
    let shard = Shard::of(args, |name| std::env::var(name).ok().filter(|_| !is_piped(args)))?;
    let own: Vec<&Item> = items.iter().enumerate().filter(|(at, _)| shard.takes(*at)).map(|(_, item)| item).collect();
    let sheet_path = args.get_one::<String>("sheet").map(Path::new);
    match is_piped(args) {
        true => check_piped(args, items.len(), shard)?,
        false => spare_inputs(args, &items, sheet_path)?,
    }
    let asked = Asked::of(args, shard)?;
    if let Some(item) = items.first() {
        writable_format(&item.out)?;
    }
    if !is_piped(args) {
        fs::create_dir_all(&out).map_err(|error| refused(&out, error))?;
        keep_apart(args, &items, sheet_path)?;
        sweep(&out);
        if let Some(item) = own.iter().find(|item| !item.out.exists()) {
            check_writable(&item.out)?;
        }
    }
    if let Some(path) = sheet_path {
        check_place(path)?;
    }
    let batch = Batch::new(args, asked)?;
    let mut failed = match batch.sequence {
        Some(_) => batch.paint_in_order(&own)?,
        None => batch.paint_side_by_side(&own)?,
    };
    let whose = if shard.is_all() { String::new() } else { format!(" of share {shard}") };
    say!("{} of {} pictures{whose} are there.", own.len() - failed, own.len());
    if let Some(path) = sheet_path
        && let Err(error) = batch.save_sheet(path, &items)
    {
        say!("easel: {error}");
        failed += 1;
    }
    match batch.lines.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(lost) => Err(lost),
        None => Ok(ExitCode::from(failed.min(MOST_TOLD) as u8)),
    }
}

impl<'a> Batch<'a> {
    fn new(args: &'a ArgMatches, asked: Asked) -> Result<Self> {
        let Asked { how, styles, sequence, quality, jobs } = asked;
        let shares: Vec<f64> = styles.iter().map(|style| style.weight).collect();
        let mut recipe = recipe(&shares);
        let (compute, method) = match how {
            How::Instant(options) => {
                recipe["instant"] = json!(options);
                let compute = block_on(open_device(args))?;
                let styles =
                    block_on(Networks::read(&weights_folder(args)?, &compute)?.read_styles(&styles, options.frames))?;
                (compute, Method::Instant { options, styles })
            }
            How::Steps(config) => {
                recipe["config"] = config.to_json();
                let (compute, weights) = block_on(open_tuned(args))?;
                (compute, Method::Steps { config, weights: Box::new(weights), targets: StyleTargets::default() })
            }
        };
        if let Some(Sequence { weight }) = sequence {
            recipe["temporalWeight"] = json!(weight);
        }
        let looks = styles
            .iter()
            .map(|style| [Some(&style.picture), style.mask.as_ref()].map(|side| side.map(Picture::digest)));
        let looks: Vec<_> = looks.collect();
        // What loses nothing is the same at every quality.
        let lossy = (required(args, "format") == "jpg").then_some(quality);
        let whole = json!([env!("CARGO_PKG_VERSION"), recipe, looks, lossy]);
        Ok(Self {
            args,
            compute,
            method,
            styles,
            sequence,
            quality,
            jobs,
            digest: sha256_hex(whole.to_string().as_bytes()),
            recipe,
            tells_json: args.get_flag("json"),
            is_piped: is_piped(args),
            lines: Mutex::new(None),
        })
    }

    /// The one-pass networks, where they are needed; each thread has its own.
    fn networks(&self) -> Result<Option<Networks>> {
        match &self.method {
            Method::Instant { .. } => Ok(Some(Networks::read(&weights_folder(self.args)?, &self.compute)?)),
            Method::Steps { config, .. } if config.init == Init::Instant => {
                Networks::read_if_there(self.args, &self.compute)
            }
            Method::Steps { .. } => Ok(None),
        }
    }

    /// How many pictures are painted side by side: on a GPU one.
    fn jobs(&self, wanted: usize) -> usize {
        if self.compute.kernels().is_some() { 1 } else { self.jobs.min(wanted.max(1)) }
    }

    /// Saves the contact sheet of all pictures that are there.
    fn save_sheet(&self, path: &Path, items: &[Item]) -> Result<()> {
        let sheet = sheet(items.iter().map(|item| &item.out))?;
        write_whole(path, &sheet.encode(path, self.quality)?)
    }

    /// Paints all, some side by side; how many failed.
    fn paint_side_by_side(&self, items: &[&Item]) -> Result<usize> {
        let failures = AtomicUsize::new(0);
        let next = AtomicUsize::new(0);
        let work = || -> Result<()> {
            let networks = self.networks()?;
            while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                if self.tell(item, |item| self.paint(item, networks.as_ref(), None)).is_none() {
                    failures.fetch_add(1, Ordering::Relaxed);
                }
            }
            Ok(())
        };
        std::thread::scope(|scope| -> Result<()> {
            let workers: Vec<_> = (0..self.jobs(items.len())).map(|_| scope.spawn(work)).collect();
            workers
                .into_iter()
                .try_for_each(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })?;
        Ok(failures.into_inner())
    }

    /// Paints all, each from the last one; how many failed.
    fn paint_in_order(&self, items: &[&Item]) -> Result<usize> {
        let networks = self.networks()?;
        let mut failures = 0;
        let mut last: Option<Frame> = None;
        for (at, item) in items.iter().enumerate() {
            let outcome = self.tell(item, |item| self.paint(item, networks.as_ref(), last.as_ref()));
            if outcome.is_none() {
                failures += 1;
                if at + 1 < items.len() {
                    say!("The next frame begins afresh.");
                }
            }
            last = outcome.and_then(|outcome| outcome.frame);
        }
        Ok(failures)
    }

    /// Paints one and says what became of it; gives that, if it is well.
    fn tell(&self, item: &Item, paint: impl Fn(&Item) -> Result<Outcome>) -> Option<Outcome> {
        let begun = Instant::now();
        let outcome = paint(item);
        let millis = begun.elapsed().as_secs_f64() * 1e3;
        let (word, error) = match &outcome {
            Ok(outcome) => (outcome.word, None),
            Err(error) => ("failed", Some(error.to_string())),
        };
        let causes = outcome.as_ref().err().filter(|_| self.args.get_flag("verbose"));
        let [content, out] = [&item.content, &item.out].map(|path| path.display().to_string());
        let out = if self.is_piped { STANDARD.into() } else { out };
        let mut lost = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = &error {
            // Most errors begin with the name of the file they are about.
            let name = if error.starts_with(&content) { String::new() } else { format!("{content}: ") };
            say!("easel: {name}{error}");
            told_causes(causes);
        } else if !self.tells_json {
            say!("{word} {out}");
        }
        if self.tells_json {
            let mut line = json!({ "content": content, "out": out, "outcome": word, "millis": millis });
            if let Some(error) = error {
                line["error"] = error.into();
            }
            if let Ok(Outcome { follows: Some((share, flicker)), .. }) = &outcome {
                (line["follows"], line["flicker"]) = (json!(share), json!(flicker));
            }
            if self.is_piped {
                say!("{line}");
            } else if let Err(error) = answered(format_args!("{line}")) {
                lost.get_or_insert(error);
            }
        }
        outcome.ok()
    }

    /// Paints one, `last` being the frame before it in a sequence.
    fn paint(&self, item: &Item, networks: Option<&Networks>, last: Option<&Frame>) -> Result<Outcome> {
        let bytes = read(&item.content)?;
        let photo = sha256_hex(&bytes);
        let parts = [Some(self.digest.as_str()), last.map(|last| last.digest.as_str()), Some(&photo)];
        let digest = sha256_hex(parts.into_iter().flatten().collect::<Vec<_>>().join(" ").as_bytes());
        let saved = SavedRun::of(&item.out, &digest);
        if !self.is_piped && made(&item.out, self.sequence.is_some()).is_some_and(|made| made == digest) {
            saved.remove();
            let frame = self.sequence.map(|_| Frame::on_disk(item, digest));
            return Ok(Outcome { word: "skipped", frame, follows: None });
        }
        if !self.is_piped {
            check_writable(&item.out)?; // or it would be known only when all the work is done
        }
        let content = Picture::decode(&item.content.display().to_string(), &bytes)?;
        let moved = match last {
            Some(last) => last.moved(&item.content, &content, self.size_of(&content)?)?,
            None => None,
        };
        let saved = (!self.is_piped).then_some(&saved);
        let painted = block_on(self.painted(&content, networks, moved.as_ref(), saved))?;
        let mut recipe = self.recipe.clone();
        recipe["made"] = digest.as_str().into();
        let bytes = encoded(&painted, &item.out, self.quality, &recipe)?;
        if self.is_piped {
            let mut out = std::io::stdout();
            out.write_all(&bytes).and_then(|()| out.flush()).map_err(|error| refused(STANDARD.as_ref(), error))?;
        } else {
            write_whole(&item.out, &bytes)?;
            saved.into_iter().for_each(SavedRun::remove); // there is one only of a run that was long
        }
        let follows = moved.and_then(|moved| Some((moved.share(), moved.flicker(&painted)?)));
        let frame = self.sequence.map(|_| Frame::painted(item, digest, &content, &bytes)).transpose()?;
        Ok(Outcome { word: "painted", frame, follows })
    }

    /// Width and height of a photo's picture.
    fn size_of(&self, photo: &Picture) -> Result<(u32, u32)> {
        let (width, height) = (photo.width(), photo.height());
        Ok(match &self.method {
            Method::Instant { options, .. } => fit(width, height, options.size),
            Method::Steps { config, .. } => {
                let last = scales(width, height, config)?.last().copied();
                last.map_or((width, height), |last| (last.width, last.height))
            }
        })
    }

    /// A photo's picture, held to the last frame's, if there is one.
    async fn painted(
        &self,
        photo: &Picture,
        networks: Option<&Networks>,
        last: Option<&Moved>,
        saved: Option<&SavedRun<'_>>,
    ) -> Result<Picture> {
        let (config, weights, targets) = match (&self.method, networks) {
            (Method::Instant { options, styles }, Some(networks)) => {
                let painted = networks.paint_with(photo, styles, options).await?;
                return Ok(match (last, self.sequence) {
                    (Some(last), Some(sequence)) => last.over(&painted, sequence.share()),
                    _ => painted,
                });
            }
            (Method::Instant { .. }, None) => return Err(Error::NoInstant.into()),
            (Method::Steps { config, weights, targets }, _) => (config, weights, targets),
        };
        let mut pictures = Pictures { content: photo.clone(), styles: self.styles.clone(), init: None };
        let mut config = match last {
            Some(_) => of_a_following_frame(config, photo)?,
            None => (**config).clone(),
        };
        if let Some(Networks { reader, painter }) = networks {
            pictures.init = Some(head_start(reader, painter, &pictures, &config).await?);
        }
        if let Some(last) = last {
            let (width, height) = (last.picture().width(), last.picture().height());
            let other = pictures.init.as_ref().unwrap_or(photo).resized(width, height);
            pictures.init = Some(last.over(&other, 1.0));
            config.init = Init::Image;
        }
        let run = Stylizer::new(&self.compute, weights, pictures, config)?.sharing(targets);
        match (last, self.sequence) {
            (Some(last), Some(Sequence { weight })) => to_the_end(run.following(last.clone(), weight), saved).await,
            _ => to_the_end(run, saved).await,
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    if path.as_os_str() != STANDARD {
        return read_file(path);
    }
    read_all(path, std::io::stdin())
}

/// Which photo, paintings and settings a picture says it was made of, if it is whole: it says so at its beginning, also where a power
/// failure left no more of it. A frame has to be read to the end, for the next one is painted from it.
fn made(path: &Path, is_frame: bool) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    let recipe: Value = serde_json::from_str(&extract(&bytes)?).ok()?;
    let is_whole = if is_frame { Picture::decode("", &bytes).is_ok() } else { check_header("", &bytes).is_ok() };
    recipe.get("made")?.as_str().filter(|_| is_whole).map(ToOwned::to_owned)
}
