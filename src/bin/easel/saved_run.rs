//! A long run's state on disk: who is killed meanwhile goes on from there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, Instant};

use anyhow::Result;
use easel::{Picture, Stylizer};

use super::replace::{beside, write_whole};
use super::say::say;

/// What of a long run may be lost when the process is killed.
const SAVE_EVERY: Duration = Duration::from_secs(20);

/// Where a run's state is kept until its picture is there.
#[derive(Debug)]
pub struct SavedRun<'a> {
    path: PathBuf,
    /// Of all that the picture is made of. A state alone would bring its own weights and live settings along, which is right for a
    /// run whose settings were changed on the way, but here the picture would be another than it says.
    digest: &'a str,
}

impl<'a> SavedRun<'a> {
    /// The state of the run that ends in this picture.
    pub fn of(out: &Path, digest: &'a str) -> Self {
        Self { path: beside(out, "state"), digest }
    }

    /// Takes a run to where an earlier process left it, if one did. A state that is damaged, of other settings or of another version is as
    /// good as none.
    fn resume(&self, run: &mut Stylizer) {
        let saved = fs::read(&self.path).unwrap_or_default();
        if let Some(state) = saved.strip_prefix(self.digest.as_bytes()) {
            let _ = run.resume(state);
        }
    }

    /// Keeps a run's state; where that cannot be, it is said once, and the picture is painted all the same.
    fn keep(&self, state: &[u8]) {
        static SAID: Once = Once::new();
        if let Err(error) = write_whole(&self.path, &[self.digest.as_bytes(), state].concat()) {
            SAID.call_once(|| say!("A long run's state cannot be kept: if this is stopped, it begins afresh. {error}"));
        }
    }

    /// Removes the state, if there is one.
    pub fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Takes a run to its end, from where an earlier process left it, if one did.
///
/// # Errors
/// The run's.
pub async fn to_the_end(run: Stylizer, saved: Option<&SavedRun<'_>>) -> Result<Picture> {
    to_the_end_saving(run, saved, SAVE_EVERY).await
}

async fn to_the_end_saving(mut run: Stylizer, saved: Option<&SavedRun<'_>>, every: Duration) -> Result<Picture> {
    if let Some(saved) = saved {
        saved.resume(&mut run);
    }
    let mut last = Instant::now();
    while !run.is_finished() {
        run.step().await?;
        if let Some(saved) = saved
            && last.elapsed() > every
            && let Some(state) = run.checkpoint().await?
        {
            saved.keep(&state);
            last = Instant::now();
        }
    }
    Ok(run.picture().await?)
}

#[cfg(test)]
mod tests {
    use easel::{Compute, Pictures, Style, StyleConfig, Weights};
    use pollster::block_on;

    use super::*;

    fn run(weights: &Weights, style_weight: f64) -> Stylizer {
        let picture = |step: usize| {
            let planes: Vec<f32> = (0..3 * 16 * 16).map(|at| (at * step % 97) as f32 / 97.0).collect();
            Picture::from_planes(16, 16, &planes)
        };
        let pictures = Pictures { content: picture(5), styles: vec![Style::new(picture(31), 1.0)], init: None };
        let settings = r#"{"preset": "classic", "size": 16, "minSize": 16, "iterations": 3, "init": "content"}"#;
        let config = StyleConfig { style_weight, ..StyleConfig::from_json(settings).expect("settings") };
        Stylizer::new(&Compute::cpu(), weights, pictures, config).expect("a run")
    }

    #[test]
    fn a_run_goes_on_from_its_own_state_and_no_other() {
        let weights = Weights::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("weights")).expect("weights");
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out.png");
        let paint = |style_weight: f64, digest: &str| {
            let saved = SavedRun::of(&out, digest);
            block_on(to_the_end_saving(run(&weights, style_weight), Some(&saved), Duration::ZERO)).expect("a picture")
        };
        let wanted = paint(1e4, "new");
        let other = paint(10.0, "old");
        assert!(other != wanted, "the weight shows");
        // What is kept is the old one's last state, which would be its picture.
        assert!(paint(1e4, "old") == other, "its own state is taken up");
        assert!(paint(1e4, "new") == wanted, "another's is not");
        SavedRun::of(&out, "new").remove();
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 0);
    }

    #[test]
    fn a_state_that_cannot_be_kept_ends_no_run() {
        let weights = Weights::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("weights")).expect("weights");
        let folder = tempfile::tempdir().expect("a folder");
        let saved = SavedRun::of(&folder.path().join("gone").join("out.png"), "digest");
        block_on(to_the_end_saving(run(&weights, 1.0), Some(&saved), Duration::ZERO)).expect("a picture");
    }
}
