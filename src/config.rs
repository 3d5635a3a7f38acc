//! `StyleConfig`: every knob with its default, range, unit and help text, written once.
//!
//! The `knobs!` table below is the only place a knob is defined. From it come the struct, its
//! defaults, the range checks, the JavaScript and JSON names (camelCase), the command line's flags
//! (kebab-case) and the text the page and `--help` show. Settings arrive *partial*: whatever is not
//! named keeps the preset's value.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::{Error, Result, quoted};
use crate::vgg::Layer;

/// What values a knob takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Values {
    /// A whole number in an inclusive range; `optional` allows null.
    Integer {
        /// Smallest value.
        min: u64,
        /// Largest value.
        max: u64,
        /// Whether null is a value too.
        optional: bool,
    },
    /// A number in an inclusive range.
    Number {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// One of these words.
    Choice {
        /// The words.
        of: &'static [&'static str],
    },
    /// A list of `{ layer, weight }`.
    Layers,
}

/// One knob, as the page, the command line and the documentation show it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Knob {
    /// The name in camelCase.
    pub name: &'static str,
    /// What values it takes.
    pub values: Values,
    /// The unit, or nothing.
    pub unit: &'static str,
    /// One sentence of help.
    pub help: &'static str,
}

const fn int(min: u64, max: u64) -> Values {
    Values::Integer { min, max, optional: false }
}
const fn number(min: f64, max: f64) -> Values {
    Values::Number { min, max }
}

macro_rules! knobs {
    ($($json:literal $field:ident: $type:ty = $default:expr, $values:expr, $unit:literal, $help:literal;)*) => {
        /// Every knob of a run; see [`KNOBS`] for ranges and units.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct StyleConfig {
            $(#[doc = $help] pub $field: $type,)*
        }

        impl Default for StyleConfig {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        /// The table of all knobs, in the order the page shows them.
        pub const KNOBS: &[Knob] = &[
            $(Knob { name: $json, values: $values, unit: $unit, help: $help },)*
        ];
    };
}

knobs! {
    "preset" preset: Preset = Preset::Painterly, Values::Choice { of: Preset::NAMES }, "",
        "A named set of settings to start from; any other setting overrides it";
    "size" size: u32 = 512, int(16, 4096), "px",
        "Long side of the finished picture";
    "minSize" min_size: u32 = 128, int(16, 4096), "px",
        "Long side of the coarsest scale; work starts there and is refined by factors of √2";
    "iterations" iterations: u32 = 200, int(1, 100_000), "steps",
        "Optimisation steps at the final scale, and at each scale before it but the first";
    "firstIterations" first_iterations: Option<u32> = None,
        Values::Integer { min: 1, max: 100_000, optional: true }, "steps",
        "Steps at the first of several scales; null means twice the iterations";
    "contentWeight" content_weight: f64 = 0.015, number(0.0, 1e12), "",
        "How strongly the photo's content is kept (Gatys' α)";
    "styleWeight" style_weight: f64 = 1.0, number(0.0, 1e15), "",
        "How strongly the paintings' style is imposed (Gatys' β)";
    "tvWeight" tv_weight: f64 = 2.0, number(0.0, 1e12), "",
        "How strongly pixel noise is smoothed away (total variation)";
    "contentLayers" content_layers: Vec<LayerWeight> = layers(&[("relu4_2", 1.0)]), Values::Layers, "",
        "Layers whose activations carry the content, with weights";
    "styleLayers" style_layers: Vec<LayerWeight> = layers(&[("relu1_1", 256.0 / 341.0), ("relu2_1", 64.0 / 341.0),
        ("relu3_1", 16.0 / 341.0), ("relu4_1", 4.0 / 341.0), ("relu5_1", 1.0 / 341.0)]), Values::Layers, "",
        "Layers whose statistics carry the style, with weights";
    "styleLoss" style_loss: StyleLoss = StyleLoss::Wasserstein, Values::Choice { of: StyleLoss::NAMES }, "",
        "What is compared per style layer: Gram matrices, or means and covariances by the Wasserstein distance";
    "photorealWeight" photoreal_weight: f64 = 0.0, number(0.0, 1e12), "",
        "How strongly colours may change only affinely from place to place, which keeps edges straight (matting Laplacian)";
    "pooling" pooling: Pooling = Pooling::Max, Values::Choice { of: Pooling::NAMES }, "",
        "How the network halves its resolution";
    "optimizer" optimizer: Optimizer = Optimizer::Adam, Values::Choice { of: Optimizer::NAMES }, "",
        "The optimisation method";
    "learningRate" learning_rate: f64 = 0.02, number(1e-6, 1.0), "per step, of the pixel range",
        "Adam's step size";
    "averaging" averaging: f64 = 0.99, number(0.0, 0.9999), "",
        "Decay of the running average of the iterates, which is what is shown and saved; 0 turns it off";
    "init" init: Init = Init::Content, Values::Choice { of: Init::NAMES }, "",
        "What the optimisation starts from";
    "colour" colour: Colour = Colour::Style, Values::Choice { of: Colour::NAMES }, "",
        "Whose colours the picture takes";
    "styleScale" style_scale: f64 = 1.0, number(0.1, 4.0), "× the picture's size",
        "Size of the paintings relative to the picture; larger means larger strokes. Never enlarged past the file";
    "seed" seed: u32 = 0, int(0, u32::MAX as u64), "",
        "Seed of every random number; the same seed gives the same picture on the same device";
    "previewEvery" preview_every: u32 = 5, int(0, 100_000), "steps",
        "A preview picture is made every so many steps; 0 for none";
    "reportEvery" report_every: u32 = 1, int(1, 100_000), "steps",
        "Progress with losses is reported every so many steps";
}

/// The knobs that can be changed during a run.
pub const LIVE: [&str; 5] = ["contentWeight", "styleWeight", "tvWeight", "photorealWeight", "colour"];

/// A layer and the weight of its loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerWeight {
    /// The activation, `relu1_1` … `relu5_1`.
    pub layer: Layer,
    /// Its weight, ≥ 0; used as given.
    pub weight: f64,
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// The words for the values, as in JSON and on the command line.
            pub const NAMES: &'static [&'static str] = &[$($word,)*];
        }
    };
}

choice! {
    /// A named recipe.
    Preset {
        /// The default.
        Painterly = "painterly",
        /// Larger strokes, less of the photo.
        Bold = "bold",
        /// More of the photo.
        Gentle = "gentle",
        /// The photo's own colours.
        Sketch = "sketch",
        /// An unbent photo in the painting's colours.
        Photoreal = "photoreal",
        /// Style only.
        Texture = "texture",
        /// Gatys et al. as this project's forerunner ran it, its Gram normalisation repaired.
        Classic = "classic",
    }
}
choice! {
    /// What is compared per style layer.
    StyleLoss {
        /// Mean squared difference of Gram matrices (Gatys et al. 2015).
        Gram = "gram",
        /// Wasserstein-2 distance of Gaussians with the same means and covariances.
        Wasserstein = "wasserstein",
    }
}
choice! {
    /// How the network halves its resolution.
    Pooling {
        /// 2×2 maximum, as the network was trained.
        Max = "max",
        /// 2×2 mean, times 2 to keep the activations' magnitude.
        Average = "average",
    }
}
choice! {
    /// The optimisation method.
    Optimizer {
        /// Adam (Kingma & Ba 2014), β = (0.9, 0.99).
        Adam = "adam",
        /// L-BFGS (Nocedal 1980) with ten pairs.
        Lbfgs = "lbfgs",
    }
}
choice! {
    /// What the optimisation starts from.
    Init {
        /// The photo.
        Content = "content",
        /// Grey Gaussian noise.
        Noise = "noise",
        /// Noise with the paintings' mean and deviation in each colour.
        StyleColour = "style-colour",
        /// A picture passed beside the settings.
        Image = "image",
    }
}
choice! {
    /// Whose colours the picture takes.
    Colour {
        /// The paintings'.
        Style = "style",
        /// The photo's: only its luminance is painted, its chroma put back.
        Luminance = "luminance",
        /// The paintings', after their colours' mean and covariance were made the photo's.
        Match = "match",
    }
}

/// A preset as the page, the command line and the documentation show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetEntry {
    /// The word for it in settings.
    pub name: Preset,
    /// What people read.
    pub title: String,
    /// One sentence of help.
    pub help: String,
    /// The settings in which it differs from the defaults.
    pub settings: Map<String, Value>,
}

/// All presets, in the order the page shows them: `src/presets.json`.
pub fn presets() -> Vec<PresetEntry> {
    // The tests read this file too.
    serde_json::from_str(include_str!("presets.json")).unwrap_or_default()
}

fn layers(list: &[(&str, f64)]) -> Vec<LayerWeight> {
    let layer = |name: &str| Layer::from_name(name).unwrap_or(Layer::LAST);
    list.iter().map(|&(name, weight)| LayerWeight { layer: layer(name), weight }).collect()
}

impl StyleConfig {
    /// Reads partial settings from JSON text: an object whose keys are knob names in camelCase.
    ///
    /// # Errors
    /// Not an object, an unknown key, or a value of the wrong kind or out of range.
    pub fn from_json(text: &str) -> Result<Self> {
        match serde_json::from_str(text) {
            Ok(Value::Object(partial)) => Self::from_partial(partial),
            Ok(other) => {
                Err(Error::SettingsSyntax(format!("expected an object, found {}", quoted(&other.to_string(), 80))))
            }
            Err(error) => Err(Error::SettingsSyntax(error.to_string())),
        }
    }

    /// Completes partial settings with their preset's and the defaults and checks every value.
    ///
    /// # Errors
    /// As [`StyleConfig::from_json`].
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
            serde_json::from_value(Value::Object(whole)).map_err(|error| Error::SettingsSyntax(error.to_string()))?;
        config.check_together()
    }

    /// These settings with some of the [`LIVE`] ones changed.
    ///
    /// # Errors
    /// Any other setting, or a bad value.
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
        let config: Self = serde_json::from_value(whole).map_err(|error| Error::SettingsSyntax(error.to_string()))?;
        config.check_together()
    }

    /// These settings with the [`LIVE`] ones of another.
    pub fn with_live_of(&self, other: &Self) -> Self {
        let (mut whole, other) = (self.to_json(), other.to_json());
        for name in LIVE {
            whole[name] = other[name].clone();
        }
        serde_json::from_value(whole).unwrap_or_else(|_| self.clone())
    }

    /// The config as a JSON object, as the report and the command line print it.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    /// What no single knob's range can tell.
    fn check_together(self) -> Result<Self> {
        let positive = |list: &[LayerWeight]| list.iter().any(|l| l.weight > 0.0);
        let style = self.style_weight > 0.0 && positive(&self.style_layers);
        let content = self.content_weight > 0.0 && positive(&self.content_layers);
        if !style && !content {
            return Err(Error::BadSetting {
                name: "styleWeight".into(),
                value: self.style_weight.to_string(),
                expected: "with no content loss either there would be nothing to optimise; raise one of them".into(),
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

/// The most a layer's weight times its loss's may be: gradients are squared in 32-bit numbers.
const HEAVIEST: f64 = 1e15;

/// Finds a knob by its camelCase name.
///
/// # Errors
/// [`Error::UnknownSetting`], with the nearest name when one is near.
pub fn knob(name: &str) -> Result<&'static Knob> {
    KNOBS.iter().find(|knob| knob.name == name).ok_or_else(|| {
        let nearest = KNOBS.iter().min_by_key(|knob| edit_distance(knob.name, name));
        Error::UnknownSetting {
            name: quoted(name, 80),
            suggestion: nearest.filter(|knob| edit_distance(knob.name, name) <= 3).map(|knob| knob.name.into()),
            known: KNOBS.iter().map(|knob| knob.name).collect::<Vec<_>>().join(", "),
        }
    })
}

/// Checks one value against its knob.
fn check(name: &str, value: &Value) -> Result<()> {
    let knob = knob(name)?;
    let bad = |expected: String| {
        Err(Error::BadSetting { name: name.into(), value: quoted(&value.to_string(), 80), expected })
    };
    match knob.values {
        Values::Integer { optional: true, .. } if value.is_null() => Ok(()),
        Values::Integer { min, max, .. } => match whole_number(value) {
            Some(n) if (min..=max).contains(&n) => Ok(()),
            _ => bad(format!("use a whole number from {min} to {max}")),
        },
        Values::Number { min, max } => match value.as_f64() {
            Some(n) if (min..=max).contains(&n) => Ok(()),
            _ => bad(format!("use a number from {min} to {max}")),
        },
        Values::Choice { of } => match value.as_str() {
            Some(word) if of.contains(&word) => Ok(()),
            _ => bad(format!("use one of {}", of.join(", "))),
        },
        Values::Layers => match serde_json::from_value::<Vec<LayerWeight>>(value.clone()) {
            Ok(list) => check_layers(&list).or_else(bad),
            Err(_) => bad(format!(
                "use a list such as [{{\"layer\": \"relu4_2\", \"weight\": 1}}] with layers {}",
                Layer::all().map(|layer| layer.to_string()).collect::<Vec<_>>().join(", ")
            )),
        },
    }
}

fn check_layers(list: &[LayerWeight]) -> std::result::Result<(), String> {
    for (index, entry) in list.iter().enumerate() {
        if !(0.0..=1e12).contains(&entry.weight) {
            return Err(format!("the weight of {} must be from 0 to 1e12", entry.layer));
        }
        if list[..index].iter().any(|earlier| earlier.layer == entry.layer) {
            return Err(format!("{} is listed twice", entry.layer));
        }
    }
    Ok(())
}

/// A JSON number that is whole, however it was written (`12`, `12.0`).
fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..9e15).contains(n)).map(|n| n as u64))
}

/// Levenshtein's distance, for "did you mean".
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &cb) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

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
    fn a_named_setting_overrides_its_preset() {
        let config = StyleConfig::from_json(r#"{"averaging": 0.5, "preset": "classic"}"#).expect("valid");
        assert_eq!((config.averaging, config.style_loss), (0.5, StyleLoss::Gram));
    }
}
