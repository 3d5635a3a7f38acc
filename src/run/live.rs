//! Settings changed while a run is under way.

use super::stylizer::Stylizer;
use crate::error::{Error, Result};
use crate::loss::check_styles;

impl Stylizer {
    /// Changes settings of a run under way, from the next step on: `changes` is a JSON object of
    /// [`crate::settings::LIVE`] knobs and of `weights`, one number from 0 to 1000 per painting.
    ///
    /// Weights cost the next step next to nothing: photo and paintings are not looked at again. Other colours do, for they
    /// make other pictures of them.
    ///
    /// # Errors
    /// A setting that cannot be changed now, or a bad value; nothing is changed then.
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
        self.config = self.config.changed(changes)?;
        self.pictures.styles = styles;
        if let Some(state) = &mut self.state
            && let Some(best) = state.iterate.optimizer.objective_changed()
        {
            state.iterate.image = best;
        }
        Ok(())
    }
}
