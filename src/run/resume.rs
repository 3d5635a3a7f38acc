//! Runs that end and go on: their state as bytes and back.
//!
//! What comes back is trusted in nothing: every count, shape and value is looked at before the run takes any of it over.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::ahead::Ahead;
use super::forecast::Forecast;
use super::report::{ScaleReport, Tally};
use super::schedule::Scale;
use super::snapshot::{pack, unpack};
use super::state::{Iterate, Pace, State};
use super::stylizer::Stylizer;
use crate::error::{Error, Result};
use crate::loss::{Style, check_styles};
use crate::optim::{Average, Optimizer, PIXELS, StateDict};
use crate::settings::{Colour, Init, LIVE, StyleConfig, StyleLoss};

/// What a checkpoint says of a run besides its tensors.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    pictures: String,
    weights: Vec<f64>,
    config: Map<String, Value>,
    iteration: u32,
    scale: usize,
    steps: u32,
    reports: Vec<ScaleReport>,
    /// Those of earlier versions say nothing of it, nor of passes.
    #[serde(default)]
    total_millis: f64,
    #[serde(default)]
    passes: usize,
}

impl Stylizer {
    /// The run as bytes for [`Stylizer::resume`]; nothing before the first step.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn checkpoint(&mut self) -> Result<Option<Vec<u8>>> {
        self.settle().await?;
        let Some(state) = &self.state else { return Ok(None) };
        let saved = Saved {
            pictures: self.fingerprint().into(),
            weights: self.pictures.styles.iter().map(|style| style.weight).collect(),
            config: match self.config.to_json() {
                Value::Object(config) => config,
                _ => Map::new(),
            },
            iteration: self.iteration,
            scale: state.scale,
            steps: state.steps,
            reports: self.reports.clone(),
            total_millis: self.tally.millis(),
            passes: self.tally.passes(self.network.visits()),
        };
        let mut packed = StateDict::default();
        packed.note("run", &saved);
        packed.put("image", &state.iterate.image).await?;
        if let Some(origin) = &state.origin {
            packed.put("origin", origin).await?;
        }
        state.iterate.optimizer.save(&mut packed).await?;
        state.iterate.average.save(&mut packed).await?;
        pack(&packed).map(Some)
    }

    /// Continues from a checkpoint of a run with the same pictures and settings, its changes by
    /// [`Stylizer::update`] included.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when the bytes are damaged, made up, or another run's; nothing is changed then.
    pub fn resume(&mut self, bytes: &[u8]) -> Result<()> {
        let packed = unpack(bytes)?;
        let saved: Saved = packed.noted("run")?;
        if saved.pictures != self.fingerprint() {
            return Err(Error::Checkpoint("it was made from other pictures".into()));
        }
        let styles = self.saved_styles(&saved)?;
        let config = self.saved_config(&saved)?;
        let scale = self.saved_scale(&saved)?;
        let [height, width] = scale.size();
        let image = packed.tensor("image", [1, 3, height, width], &PIXELS, &self.compute.device)?;
        let origin = match self.config.style_loss {
            StyleLoss::Neighbours if saved.scale > 0 => Some(packed.tensor_like("origin", &image, &PIXELS)?),
            _ => None,
        };
        let optimizer = Optimizer::restored(&config, self.compute.layout, &packed, &image, saved.iteration)?;
        let average = match &optimizer {
            Optimizer::Adam(_) => {
                Average::restored(config.averaging, self.compute.layout, &packed, &image, saved.steps)?
            }
            // Earlier versions averaged its best points, which is not looked at.
            Optimizer::Lbfgs(_) => Average::new(config.averaging, self.compute.layout),
        };
        let mut iterate = Iterate { image, optimizer, average };
        // Earlier versions painted in colours where luminance alone is seen: what L-BFGS learnt by them is of no use.
        let values = packed.values("image", [1, 3, height, width], &PIXELS)?;
        if config.colour == Colour::Luminance
            && !values.chunks_exact(height * width).all(|plane| plane == &values[..height * width])
            && let Some(best) = iterate.optimizer.objective_changed()
        {
            iterate.image = best;
        }
        self.pictures.styles = styles;
        self.config = config;
        self.iteration = saved.iteration;
        self.forecast = Forecast::new(&self.config);
        for (scale, report) in saved.reports.iter().enumerate() {
            self.forecast.recall(scale, report.iterations, report.millis);
        }
        self.reports = saved.reports;
        self.tally = Tally::new(saved.total_millis, saved.passes, self.network.visits());
        self.ahead = Ahead::new(self.ahead.allowed);
        // What this object has measured by may be of another picture that its scale began with.
        self.objective = None;
        let mut state = State { scale: saved.scale, steps: saved.steps, origin, iterate, pace: Pace::default() };
        state.becomes(self.config.colour);
        self.state = Some(state);
        Ok(())
    }

    /// The paintings with the weights they had.
    fn saved_styles(&self, saved: &Saved) -> Result<Vec<Style>> {
        let mut styles = self.pictures.styles.clone();
        if saved.weights.len() != styles.len() {
            return Err(Error::Checkpoint("it was made from other pictures".into()));
        }
        styles.iter_mut().zip(&saved.weights).for_each(|(style, weight)| style.weight = *weight);
        check_styles(&styles).map_err(|_| Error::Checkpoint("its paintings have weights they cannot have".into()))?;
        Ok(styles)
    }

    /// The settings it had: this run's, but for what can be changed on the way.
    fn saved_config(&self, saved: &Saved) -> Result<StyleConfig> {
        // What was no setting yet when it was made was as it is now where nothing is said; of the same pictures there was no margin to be found.
        let mut said = saved.config.clone();
        said.entry("frames").or_insert_with(|| json!(self.config.frames));
        let live = LIVE.iter().filter_map(|&name| Some((name.into(), saved.config.get(name)?.clone()))).collect();
        match (self.config.changed(live), StyleConfig::from_partial(said)) {
            (Ok(config), Ok(saved)) if config == saved => Ok(config),
            (Ok(_), _) => Err(Error::Checkpoint("it was made with other settings".into())),
            (Err(_), _) => Err(Error::Checkpoint("its settings have values they cannot have".into())),
        }
    }

    /// The scale it was at, the counts all being possible.
    fn saved_scale(&self, saved: &Saved) -> Result<Scale> {
        let scale = self.scales.get(saved.scale).filter(|scale| saved.steps <= scale.iterations);
        let scale = *scale.ok_or_else(|| Error::Checkpoint("it is at a scale this run does not have".into()))?;
        let before = &self.scales[..saved.scale];
        let done: u64 = before.iter().map(|scale| u64::from(scale.iterations)).sum();
        // A scale is reported from its first step on.
        let steps = before.iter().map(|scale| scale.iterations).chain((saved.steps > 0).then_some(saved.steps));
        let wanted = self.scales.iter().zip(steps).map(|(scale, steps)| (scale.width, scale.height, steps));
        let found = saved.reports.iter().map(|report| (report.width, report.height, report.iterations));
        let is_time = |millis: f64| millis >= 0.0 && millis.is_finite();
        if u64::from(saved.iteration) != done + u64::from(saved.steps)
            || !found.eq(wanted)
            || !saved.reports.iter().map(|report| report.millis).chain([saved.total_millis]).all(is_time)
        {
            return Err(Error::Checkpoint("its counts do not agree".into()));
        }
        Ok(scale)
    }

    /// A digest of all pixels, to tell whether a checkpoint belongs to them.
    fn fingerprint(&self) -> &str {
        self.fingerprint.get_or_init(|| {
            let mut digest = Sha256::new();
            let styles =
                self.pictures.styles.iter().flat_map(|style| [Some(&style.picture), style.mask.as_ref()]).flatten();
            // A one-pass picture is made of the others, and not made again when the run goes on.
            let init = self.pictures.init.as_ref().filter(|_| self.config.init == Init::Image);
            for picture in [&self.pictures.content].into_iter().chain(styles).chain(init) {
                digest.update(picture.width().to_le_bytes());
                digest.update(picture.height().to_le_bytes());
                digest.update(picture.rgb());
            }
            if let Some((last, weight)) = &self.following {
                digest.update(weight.to_le_bytes());
                digest.update(last.picture().rgb());
                last.trust().iter().for_each(|trust| digest.update(trust.to_le_bytes()));
            }
            format!("{:x}", digest.finalize())
        })
    }
}
