//! `StyleConfig`: every knob with its default, range, unit and help text, written once.
//!
//! [`table`] is the only place a knob is defined: from it come the struct, its defaults, the range checks, the JavaScript and
//! JSON names (camelCase), the command line's flags (kebab-case) and the text the page and `--help` show.
//! Settings arrive *partial*: whatever is not named keeps the preset's value.

mod check;
mod choices;
mod config;
mod presets;
mod table;

pub use choices::{Colour, ContentLoss, Frames, Init, Optimizer, Preset, StyleLoss};
pub use presets::{PresetEntry, presets};
pub use table::{KNOBS, Knob, LIVE, LayerWeight, StyleConfig, Values};
