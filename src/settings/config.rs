//! Partial settings read, completed and checked together.

use serde_json::{Map, Value, json};

use super::check::{check, whole_number};
use super::choices::{ContentLoss, Preset, StyleLoss};
use super::presets::presets;
use super::table::{LIVE, LayerWeight, StyleConfig};
use crate::compute::Wrap;
use crate::error::{Error, Result, quoted};
use crate::network::Layer;

impl StyleConfig {
    /// Reads partial settings from JSON text, an object whose keys are knob names in camelCase, and completes them.
    ///
    /// # Errors
    /// [`Error::SettingsSyntax`] for text that is no JSON object, [`Error::UnknownSetting`] for a key that is no knob's
    /// name, and [`Error::BadSetting`] for a value of the wrong kind, out of range or at odds with another.
    pub fn from_json(text: &str) -> Result<Self> {
        match serde_json::from_str(text) {
            Ok(Value::Object(partial)) => Self::from_partial(partial),
            Ok(other) => Err(Error::SettingsSyntax(
                format!("expected an object, found {}", quoted(&other.to_string(), 80)).into(),
            )),
            Err(error) => Err(Error::SettingsSyntax(error.into())),
        }
    }

    /// Completes partial settings, those not named being their preset's or else the defaults, and checks every value.
    ///
    /// # Errors
    /// [`Error::UnknownSetting`] and [`Error::BadSetting`], as [`StyleConfig::from_json`].
    pub fn from_partial(partial: Map<String, Value>) -> Result<Self> {
        let mut whole = match serde_json::to_value(Self::default()) {
            Ok(Value::Object(map)) => map,
            _ => unreachable!("a struct with named fields serialises to an object"),
        };
        if let Some(name) = partial.get("preset") {
            check("preset", name)?;
            let preset = presets().into_iter().find(|preset| json!(preset.name) == *name);
            whole.extend(preset.map(|preset| preset.settings).unwrap_or_default());
        }
        for (name, value) in partial {
            check(&name, &value)?;
            let value = whole_number(&value).map_or(value, Value::from);
            whole.insert(name, value);
        }
        let config: Self =
            serde_json::from_value(Value::Object(whole)).map_err(|error| Error::SettingsSyntax(error.into()))?;
        config.check_together()
    }

    /// Completes a single setting by its camelCase name, for what is not given all of them.
    ///
    /// # Errors
    /// As [`StyleConfig::from_partial`].
    pub fn from_one(name: &str, value: impl Into<Value>) -> Result<Self> {
        Self::from_partial(Map::from_iter([(name.into(), value.into())]))
    }

    /// Returns a preset's settings.
    pub fn of(preset: Preset) -> Self {
        Self::from_one("preset", json!(preset)).unwrap_or_default()
    }

    /// Returns these settings with some of the [`LIVE`] ones changed.
    ///
    /// # Errors
    /// [`Error::UnknownSetting`]; [`Error::BadSetting`] for a setting that is not live or a bad value.
    pub fn changed(&self, changes: Map<String, Value>) -> Result<Self> {
        let mut whole = self.to_json();
        for (name, value) in changes {
            check(&name, &value)?;
            if !LIVE.contains(&name.as_str()) {
                return Err(Error::BadSetting {
                    name,
                    value: value.to_string(),
                    expected: format!("during a run only {} can be changed", LIVE.join(", ")),
                });
            }
            whole[name] = value;
        }
        let config: Self = serde_json::from_value(whole).map_err(|error| Error::SettingsSyntax(error.into()))?;
        config.check_together()
    }

    /// Returns the content layers that are looked at: one of weight 0 is as good as not listed.
    pub fn used_content_layers(&self) -> impl Iterator<Item = LayerWeight> + '_ {
        used(&self.content_layers)
    }

    /// Returns the style layers that are looked at: one of weight 0 is as good as not listed.
    pub fn used_style_layers(&self) -> impl Iterator<Item = LayerWeight> + '_ {
        used(&self.style_layers)
    }

    /// Returns the deepest layer that a loss with some weight looks at.
    pub fn deepest(&self) -> Layer {
        let used = self.used_content_layers().chain(self.used_style_layers());
        used.map(|l| l.layer).max().unwrap_or(Layer::LAST)
    }

    /// Returns how many rows go through the network at a time; 0 is all, as where nothing is said and with a loss that looks at
    /// pixels and not at statistics.
    pub fn rows_at_a_time(&self) -> usize {
        match self.wholes() {
            Some(_) => 0,
            None => self.band.unwrap_or(0) as usize,
        }
    }

    /// The loss that looks at pixels all over the picture at once, if there is one: as a sentence names it.
    fn wholes(&self) -> Option<&'static str> {
        match (self.style_loss, self.content_loss) {
            (StyleLoss::Neighbours, _) => Some("the style loss \"neighbours\""),
            (_, ContentLoss::SelfSimilarity) => Some("the content loss \"self-similarity\""),
            (StyleLoss::Gram | StyleLoss::Wasserstein, ContentLoss::Features) => None,
        }
    }

    /// Returns all settings as a JSON object, as reports and saved pictures hold them; what reads it gets the same settings,
    /// floats to the last bit.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    /// What no single knob's range can tell.
    fn check_together(self) -> Result<Self> {
        let style = self.style_weight > 0.0 && self.used_style_layers().next().is_some();
        let content = self.content_weight > 0.0 && self.used_content_layers().next().is_some();
        if !style && !content {
            return Err(Error::BadSetting {
                name: "styleWeight".into(),
                value: self.style_weight.to_string(),
                expected: "with no content loss either there would be nothing to optimise; raise one of them".into(),
            });
        }
        if let (Some(loss), Some(band @ 1..)) = (self.wholes(), self.band) {
            return Err(Error::BadSetting {
                name: "band".into(),
                value: band.to_string(),
                expected: format!(
                    "with {loss} the picture goes through the network whole; use 0 or null, or a smaller size where memory is short"
                ),
            });
        }
        if self.style_loss == StyleLoss::Neighbours && self.tile != Wrap::None {
            return Err(Error::BadSetting {
                name: "tile".into(),
                value: serde_json::to_value(self.tile).unwrap_or_default().to_string(),
                expected: "with the style loss \"neighbours\" edges cannot meet; use \"none\", or the style loss \"wasserstein\" or \"gram\"".into(),
            });
        }
        for (name, weight, list) in [
            ("styleLayers", self.style_weight, &self.style_layers),
            ("contentLayers", self.content_weight, &self.content_layers),
        ] {
            if let Some(layer) = list.iter().find(|layer| layer.weight * weight > HEAVIEST) {
                return Err(Error::BadSetting {
                    name: name.into(),
                    value: format!("{} with the weight {:e}", layer.layer, layer.weight),
                    expected: format!(
                        "times the whole loss's weight it is more than {HEAVIEST:e}, too much for 32-bit numbers"
                    ),
                });
            }
        }
        Ok(self)
    }
}

fn used(layers: &[LayerWeight]) -> impl Iterator<Item = LayerWeight> + '_ {
    layers.iter().copied().filter(|layer| layer.weight > 0.0)
}

/// The most a layer's weight times its loss's may be: gradients are squared in 32-bit numbers.
const HEAVIEST: f64 = 1e15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_listed_once_and_valid() {
        let presets = presets();
        let names: Vec<Value> = presets.iter().map(|preset| json!(preset.name)).collect();
        assert_eq!(names.len(), Preset::NAMES.len());
        for name in Preset::NAMES {
            assert_eq!(names.iter().filter(|n| *n == name).count(), 1, "{name}");
        }
        for preset in presets {
            for (name, value) in &preset.settings {
                check(name, value).expect("a valid setting");
            }
            let config = StyleConfig::from_json(&json!({ "preset": preset.name }).to_string()).expect("valid");
            assert_eq!(config.preset, preset.name);
            let whole = config.to_json();
            for (name, value) in &preset.settings {
                assert_eq!(whole[name].as_f64(), value.as_f64(), "{name}");
            }
        }
    }

    #[test]
    fn every_float_comes_back_from_json_as_it_went() {
        // Neighbours of decimals, and numbers that a quick reader gets wrong in the last bit.
        let awkward =
            [0.1 + 0.2, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e11, 0.30000000000000004 / 3.0, 1.0 / 3.0];
        let random =
            (1..2000u64).map(|n| f64::from_bits(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 12 | 0x3fe0_0000_0000_0000));
        for weight in awkward.into_iter().chain(random) {
            let mut config = StyleConfig { content_weight: weight, ..StyleConfig::default() };
            config.style_layers[0].weight = weight;
            let again = StyleConfig::from_json(&config.to_json().to_string()).expect("valid");
            assert_eq!(again, config, "{weight:e}");
        }
    }

    #[test]
    fn neighbours_are_not_looked_at_in_bands() {
        let settings =
            |band: &str| StyleConfig::from_json(&format!(r#"{{"styleLoss": "neighbours", "band": {band}}}"#));
        assert!(matches!(settings("64"), Err(Error::BadSetting { name, .. }) if name == "band"));
        assert!(["0", "null"].iter().all(|band| settings(band).is_ok_and(|config| config.rows_at_a_time() == 0)));
    }

    #[test]
    fn self_similarity_is_not_looked_at_in_bands() {
        let settings = |more: &str| StyleConfig::from_json(&format!(r#"{{"contentLoss": "self-similarity"{more}}}"#));
        let refused = settings(r#", "band": 64"#).expect_err("pixels of all bands are compared").to_string();
        assert!(refused.contains("the content loss \"self-similarity\""), "{refused}");
        assert!(settings(r#", "tile": "both""#).is_ok_and(|config| config.rows_at_a_time() == 0));
    }

    #[test]
    fn neighbours_have_edges() {
        let settings =
            |tile: &str| StyleConfig::from_json(&format!(r#"{{"styleLoss": "neighbours", "tile": "{tile}"}}"#));
        assert!(matches!(settings("x"), Err(Error::BadSetting { name, .. }) if name == "tile"));
        assert!(settings("none").is_ok());
    }

    #[test]
    fn a_named_setting_overrides_its_preset() {
        let config = StyleConfig::from_json(r#"{"averaging": 0.5, "preset": "classic"}"#).expect("valid");
        assert_eq!((config.averaging, config.style_loss), (0.5, StyleLoss::Gram));
    }
}
