//! Runs that end and go on: their state as bytes and back.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::report::ScaleReport;
use super::snapshot::Snapshot;
use super::stylizer::{Pace, State, Stylizer};
use crate::error::{Error, Result};
use crate::loss::check_styles;
use crate::optim::{Average, Optimizer};
use crate::settings::StyleConfig;

/// What a checkpoint says of a run besides its tensors.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    pictures: String,
    weights: Vec<f64>,
    config: StyleConfig,
    iteration: u32,
    scale: usize,
    steps: u32,
    reports: Vec<ScaleReport>,
}

impl Stylizer {
    /// The run as bytes for [`Stylizer::resume`]; nothing before the first step.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn checkpoint(&self) -> Result<Option<Vec<u8>>> {
        let Some(state) = &self.state else { return Ok(None) };
        let mut snapshot = Snapshot::default();
        snapshot.note(
            "run",
            &Saved {
                pictures: self.fingerprint().into(),
                weights: self.pictures.styles.iter().map(|style| style.weight).collect(),
                config: self.config.clone(),
                iteration: self.iteration,
                scale: state.scale,
                steps: state.steps,
                reports: self.reports.clone(),
            },
        );
        snapshot.put("image", &state.image);
        state.optimizer.save(&mut snapshot);
        state.average.save(&mut snapshot);
        snapshot.to_bytes().await.map(Some)
    }

    /// Continues from a checkpoint of a run with the same pictures and settings, its changes by
    /// [`Stylizer::update`] included.
    ///
    /// # Errors
    /// [`Error::Checkpoint`]; nothing is changed then.
    pub fn resume(&mut self, bytes: &[u8]) -> Result<()> {
        let snapshot = Snapshot::from_bytes(bytes, &self.compute.device)?;
        let saved: Saved = snapshot.noted("run")?;
        if saved.pictures != self.fingerprint() || saved.weights.len() != self.pictures.styles.len() {
            return Err(Error::Checkpoint("it was made from other pictures".into()));
        }
        if self.config.with_live_of(&saved.config) != saved.config {
            return Err(Error::Checkpoint("it was made with other settings".into()));
        }
        let scale = self.scales.get(saved.scale).filter(|scale| saved.steps <= scale.iterations);
        let scale = scale.ok_or_else(|| Error::Checkpoint("it is at a scale this run does not have".into()))?;
        let before: u32 = self.scales[..saved.scale].iter().map(|scale| scale.iterations).sum();
        if saved.iteration != before + saved.steps || saved.reports.len() > saved.scale + 1 {
            return Err(Error::Checkpoint("its counts do not agree".into()));
        }
        snapshot.check_size(scale.size())?;
        let state = State {
            scale: saved.scale,
            steps: saved.steps,
            objective: None,
            image: snapshot.tensor("image")?,
            optimizer: Optimizer::restored(&saved.config, self.compute.form, &snapshot)?,
            average: Average::restored(saved.config.averaging, &snapshot)?,
            pace: Pace::default(),
        };
        let mut styles = self.pictures.styles.clone();
        styles.iter_mut().zip(saved.weights).for_each(|(style, weight)| style.weight = weight);
        check_styles(&styles)?;
        self.pictures.styles = styles;
        self.config = saved.config;
        self.iteration = saved.iteration;
        self.reports = saved.reports;
        self.state = Some(state);
        Ok(())
    }

    /// A digest of all pixels, to tell whether a checkpoint belongs to them.
    fn fingerprint(&self) -> &str {
        self.fingerprint.get_or_init(|| {
            let mut digest = Sha256::new();
            let styles =
                self.pictures.styles.iter().flat_map(|style| [Some(&style.picture), style.mask.as_ref()]).flatten();
            for picture in [&self.pictures.content].into_iter().chain(styles).chain(&self.pictures.init) {
                digest.update(picture.width().to_le_bytes());
                digest.update(picture.height().to_le_bytes());
                digest.update(picture.rgb());
            }
            format!("{:x}", digest.finalize())
        })
    }
}
