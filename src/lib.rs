//! Easel turns a photo into a painting: neural style transfer with VGG19, in the browser or natively.
//!
//! A tour, room by room, from the outside in. Arrows point down only: a room uses those below it, never one above.
//! - `web`: the browser's door, the only room with `#[wasm_bindgen]`; `src/bin/easel/` is the native one
//! - `run`: the algorithm, [`Stylizer::step`], to be read beside the paper; its inputs, scales, snapshots, reports, estimates
//! - `optim`: the optimisers over one image tensor, and the average of its iterates
//! - `loss`: content, style, total variation, photorealism, what a film's frame holds to, and the [`Objective`] of them all
//! - `film`: the last frame's picture moved to where this frame's pixels are ([`Flow`], [`Moved`])
//! - `picture`: [`Picture`], its files and colours, and the settings inside saved ones
//! - `settings`: [`StyleConfig`], every knob, defined once
//! - `network`: VGG19, its layers, its weights as files; the one-pass networks ([`instant`]) likewise
//! - `compute`: the arithmetic nearly all the time is spent in, on the CPU and by our own GPU kernels
//! - `error`: what can go wrong, as sentences
//!
//! # Example
//! Four steps on a tiny picture; real ones are larger and take hundreds.
//! ```
//! use easel::{Compute, Picture, Pictures, Style, StyleConfig, Stylizer, Weights};
//!
//! # fn main() -> easel::Result<()> {
//! # pollster::block_on(async {
//! // Pictures come from `Picture::decode` as a rule; these are made up: red and blue, and stripes.
//! let photo = Picture::from_planes(16, 16, &[[0.8; 256], [0.1; 256], [0.2; 256]].concat());
//! let stripes: Vec<f32> = (0..3 * 256).map(|at| (at / 4 % 2) as f32).collect();
//! let painting = Style::new(Picture::from_planes(16, 16, &stripes), 1.0);
//! let pictures = Pictures { content: photo, styles: vec![painting], init: None };
//!
//! let config = StyleConfig::from_json(r#"{ "preset": "classic", "size": 16, "minSize": 16, "iterations": 4 }"#)?;
//! let weights = Weights::read(std::path::Path::new("weights"))?;
//! let mut run = Stylizer::new(&Compute::cpu(), &weights, pictures, config)?;
//! let first = run.step().await?.losses.total;
//! let mut last = first;
//! while !run.is_finished() {
//!     last = run.step().await?.losses.total;
//! }
//! assert!(last < first);
//! assert_eq!(run.picture().await?.width(), 16);
//! # Ok(())
//! # })
//! # }
//! ```

#![deny(missing_docs)]

mod compute;
mod error;
mod film;
mod loss;
mod network;
mod optim;
mod picture;
mod run;
mod settings;
#[cfg(target_family = "wasm")]
mod web;

pub use compute::{Choice, Compute, DeviceInfo, Pooling, read};
pub use error::{Error, Reason, Result};
pub use film::{Flow, Moved};
pub use loss::{Evaluation, Losses, Objective, Style, StyleTargets, check_styles};
pub use network::{
    Activations, CONVOLUTIONS, Convolution, InstantEntry, Layer, LayerEntry, Manifest, Preprocessing, SetEntry,
    ShardEntry, Vgg, Weights, WeightsLoader, instant, sha256_hex,
};
#[cfg(feature = "cli")]
pub use network::{Packed, PackedInstant, measure_means, pack, pack_instant};
pub use optim::{Adam, Average, Lbfgs};
pub use picture::{
    Fault, Header, Kind, MAX_FILE_BYTES, MAX_PACKET, Picture, check_dimensions, check_header, embed, explain, extract,
    fit, with_chroma_of,
};
#[cfg(not(target_family = "wasm"))]
pub use picture::{JPEG_QUALITY, writable_format};
pub use run::{
    AHEAD, Estimate, InstantOptions, InstantPainter, InstantStyle, Judge, Paintings, Pictures, Plan, Progress, Report,
    Scale, ScaleProgress, ScaleReport, StyleReader, StyleVector, Stylizer, Suggestion, Timings, head_start, losses,
    needs_own_vector, plan, probe, scales, suggest, warm_up,
};
pub use settings::{
    Colour, ContentLoss, Frames, Init, KNOBS, Knob, LIVE, LayerWeight, Optimizer, Preset, PresetEntry, StyleConfig,
    StyleLoss, Values, presets,
};

/// The parts a loss is made of, for those who check them or build another: maps, the operations on them, the losses of one layer.
pub mod parts {
    pub use crate::compute::*;
    pub use crate::loss::{Goals, Likeness, Moments, Region, content, gram as gram_loss, temporal, total_variation};
}

/// The worked example for contributors is run with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../CONTRIBUTING.md")]
struct Contributing;
