//! A long run's state on disk: who is killed meanwhile goes on from there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use easel::{Picture, Stylizer};

use super::replace::write_whole;

/// What of a long run may be lost when the process is killed.
const SAVE_EVERY: Duration = Duration::from_secs(20);

/// Where a run's state is kept until it is over.
pub fn state_path(out: &Path) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!(".{name}.state"))
}

/// Takes a run to its end, from where an earlier process left it, if one did.
pub async fn to_the_end(mut run: Stylizer, state: Option<&Path>) -> Result<Picture> {
    // One that is damaged, or of other settings, is as good as none.
    if let Some(saved) = state.and_then(|path| fs::read(path).ok()) {
        let _ = run.resume(&saved);
    }
    let mut saved = Instant::now();
    while !run.is_finished() {
        run.step().await?;
        if let Some(path) = state
            && saved.elapsed() > SAVE_EVERY
            && let Some(bytes) = run.checkpoint().await?
        {
            write_whole(path, &bytes)?;
            saved = Instant::now();
        }
    }
    Ok(run.picture().await?)
}
