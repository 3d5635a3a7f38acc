//! Settings changed while a run is under way.

use super::plan::banded;
use super::schedule::Scale;
use super::stylizer::Stylizer;
use crate::error::{Error, Result};
use crate::loss::{Style, check_room, check_styles};
use crate::settings::StyleConfig;

impl Stylizer {
    /// Changes settings of a run under way, from the next step on: `changes` is a JSON object of
    /// [`crate::settings::LIVE`] knobs and of `weights`, one number from 0 to 1000 per painting.
    ///
    /// Weights cost the next step next to nothing: photo and paintings are not looked at again. Other colours do, for they
    /// make other pictures of them.
    ///
    /// # Errors
    /// A setting that cannot be changed now, a bad value, or a painting that begins to count and has no room in the picture; nothing is
    /// changed then.
    pub fn update(&mut self, changes: &str) -> Result<()> {
        let mut changes = match serde_json::from_str(changes) {
            Ok(serde_json::Value::Object(changes)) => changes,
            _ => return Err(Error::SettingsSyntax("expected an object".into())),
        };
        let mut styles = self.pictures.styles.clone();
        if let Some(weights) = changes.remove("weights") {
            let bad =
                |expected: String| Error::BadSetting { name: "weights".into(), value: weights.to_string(), expected };
            let numbers: Vec<f64> =
                serde_json::from_value(weights.clone()).map_err(|_| bad("use a list of numbers".into()))?;
            if numbers.len() != styles.len() {
                return Err(bad(format!("give one number for each of the {} paintings", styles.len())));
            }
            styles.iter_mut().zip(numbers).for_each(|(style, weight)| style.weight = weight);
            check_styles(&styles)?;
        }
        let config = self.config.changed(changes)?;
        let weights = |styles: &[Style]| styles.iter().map(|style| style.weight).collect::<Vec<f64>>();
        if config == self.config && weights(&styles) == weights(&self.pictures.styles) {
            // A run that goes on elsewhere is told all changes again: L-BFGS keeps what it knows.
            return Ok(());
        }
        // What did not count so far may have no room in the picture.
        let counts = |styles: &[Style], config: &StyleConfig| -> Vec<bool> {
            styles.iter().map(|style| style.counts(config)).collect()
        };
        if let Some(&Scale { width, height, .. }) = self.scales.last()
            && counts(&styles, &config) != counts(&self.pictures.styles, &self.config)
        {
            check_room(&styles, (width, height), &config)?;
        }
        let rows = self.banded().rows_at_a_time();
        self.config = config;
        self.pictures.styles = styles;
        if self.banded().rows_at_a_time() != rows {
            self.objective = None; // as a run has it that goes on from here elsewhere
        }
        if let Some(state) = &mut self.state {
            if let Some(best) = state.iterate.optimizer.objective_changed() {
                state.iterate.image = best;
            }
            state.becomes(self.config.colour);
        }
        Ok(())
    }

    /// The size of the present scale's image.
    pub(super) fn size(&self) -> (u32, u32) {
        let Scale { width, height, .. } = self.scales[self.state.as_ref().map_or(0, |state| state.scale)];
        (width, height)
    }

    /// The settings at the present scale: in bands, if memory is short there.
    pub(super) fn banded(&self) -> StyleConfig {
        banded(&self.compute, self.size(), &self.pictures.styles, &self.config)
    }
}
