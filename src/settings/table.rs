//! The table of knobs, and the struct made of it.

use serde::{Deserialize, Serialize};

use super::choices::{Colour, ContentLoss, Frames, Init, Optimizer, Preset, StyleLoss};
use crate::compute::{Pooling, Wrap};
use crate::network::Layer;

/// The values a knob takes. Ranges include both ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Values {
    /// A whole number in a range.
    Integer {
        /// Smallest value.
        min: u64,
        /// Largest value.
        max: u64,
        /// Whether null is a value too; the knob's help says what it means.
        optional: bool,
    },
    /// Any number in a range.
    Number {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// One of a few words.
    Choice {
        /// The words, as settings spell them.
        of: &'static [&'static str],
    },
    /// A list of [`LayerWeight`]s, each layer at most once.
    Layers,
}

/// One knob, as the page, the command line and the documentation show it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Knob {
    /// Its name in camelCase, as in JSON and JavaScript; the command line has it in kebab-case.
    pub name: &'static str,
    /// The values it takes.
    pub values: Values,
    /// The unit of its values, or an empty text.
    pub unit: &'static str,
    /// What it does, in a sentence without its full stop.
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
        /// Every knob of a run. [`KNOBS`] has the ranges and units; what was read by [`StyleConfig::from_json`] is within them.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct StyleConfig {
            $(#[doc = concat!($help, ".")] pub $field: $type,)*
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
        "The least long side of the coarsest scale; work starts there, or a little above, and is refined by factors of √2";
    "iterations" iterations: u32 = 50, int(1, 100_000), "steps",
        "Optimisation steps at each scale, but for the first of several; scales above 512 px that refine a coarser one take fewer, in proportion to 1 / size";
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
    "contentLoss" content_loss: ContentLoss = ContentLoss::Features, Values::Choice { of: ContentLoss::NAMES }, "",
        "What is compared: per content layer the activations themselves; or how alike its pixels are to each other, which leaves them free to look like nothing in the photo";
    "styleLayers" style_layers: Vec<LayerWeight> = layers(&[("relu1_1", 256.0 / 341.0), ("relu2_1", 64.0 / 341.0),
        ("relu3_1", 16.0 / 341.0), ("relu4_1", 4.0 / 341.0), ("relu5_1", 1.0 / 341.0)]), Values::Layers, "",
        "Layers whose statistics carry the style, with weights";
    "styleLoss" style_loss: StyleLoss = StyleLoss::Wasserstein, Values::Choice { of: StyleLoss::NAMES }, "",
        "What is compared: per style layer Gram matrices, or means and covariances by the Wasserstein distance; or pixel by pixel all style layers together, each with the painting's most similar";
    "turns" turns: u32 = 0, int(0, 3), "quarter turns",
        "With the style loss of neighbours: the most quarter turns by which the paintings are turned to be looked up in again; 3 is all ways";
    "photorealWeight" photoreal_weight: f64 = 0.0, number(0.0, 1e12), "",
        "How strongly colours may change only affinely from place to place, which keeps edges straight (matting Laplacian)";
    "pooling" pooling: Pooling = Pooling::Max, Values::Choice { of: Pooling::NAMES }, "",
        "How the network halves its resolution";
    "optimizer" optimizer: Optimizer = Optimizer::Adam, Values::Choice { of: Optimizer::NAMES }, "",
        "The optimisation method. L-BFGS shows the best picture of those it has looked at, which after its first step is still the one it began with";
    "learningRate" learning_rate: f64 = 0.1, number(1e-6, 1.0), "per step, of the pixel range",
        "Adam's step size";
    "averaging" averaging: f64 = 0.8, number(0.0, 0.9999), "",
        "Decay of the running average of Adam's iterates, which is what is shown and saved; 0 turns it off. L-BFGS, which shows its best, has none";
    "init" init: Init = Init::Instant, Values::Choice { of: Init::NAMES }, "",
        "What the optimisation starts from";
    "colour" colour: Colour = Colour::Style, Values::Choice { of: Colour::NAMES }, "",
        "Whose colours the picture takes";
    "styleScale" style_scale: f64 = 1.0, number(0.1, 4.0), "× the picture's size",
        "Size of the paintings relative to the picture; larger means larger strokes. Never enlarged past the file";
    "frames" frames: Frames = Frames::Crop, Values::Choice { of: Frames::NAMES }, "",
        "What is made of white, grey or black margins around the paintings, as scans have them, and of frames within such margins: they are left out, or kept as part of the painting";
    "tile" tile: Wrap = Wrap::None, Values::Choice { of: Wrap::NAMES }, "",
        "Which edges meet, so that the picture repeats without a seam: left and right (x), top and bottom (y) or both; sides along that way are rounded to multiples of 16 pixels";
    "band" band: Option<u32> = None,
        Values::Integer { min: 0, max: 4096, optional: true }, "rows",
        "Rows that go through the network at a time, which takes less memory and more time; 0 means all, null all where a run's plan is within 2 GB and no buffer is larger than the device has, else 48";
    "seed" seed: u32 = 0, int(0, u32::MAX as u64), "",
        "Seed of every random number; the same seed gives the same picture on the same device, but for L-BFGS outside browsers on a CPU: from half a megapixel on sums are rounded in whatever order its cores end";
    "previewEvery" preview_every: u32 = 5, int(0, 100_000), "steps",
        "A preview picture is made every so many steps; 0 for none";
    "reportEvery" report_every: u32 = 1, int(1, 100_000), "steps",
        "Progress with losses is reported every so many steps";
}

/// The names of the knobs that can be changed during a run.
pub const LIVE: [&str; 5] = ["contentWeight", "styleWeight", "tvWeight", "photorealWeight", "colour"];

/// A layer and the weight that the loss at it has.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerWeight {
    /// The layer whose activations are compared, `relu1_1` … `relu5_1`.
    pub layer: Layer,
    /// Its weight, from 0 to 1e12, used as given: weights are not made to add up to 1.
    pub weight: f64,
}

fn layers(list: &[(&str, f64)]) -> Vec<LayerWeight> {
    let layer = |name: &str| Layer::from_name(name).unwrap_or(Layer::LAST);
    list.iter().map(|&(name, weight)| LayerWeight { layer: layer(name), weight }).collect()
}
