//! Named sets of settings: `presets.json`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::choices::Preset;

/// A preset as the page, the command line and the documentation show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetEntry {
    /// The word for it in the setting `preset`.
    pub name: Preset,
    /// Its name for people.
    pub title: String,
    /// What it does, in a sentence without its full stop.
    pub help: String,
    /// The settings in which it differs from the defaults, by their camelCase names.
    pub settings: Map<String, Value>,
}

/// Returns all presets in the order the page shows them, as `src/settings/presets.json` has them.
pub fn presets() -> Vec<PresetEntry> {
    // The tests read this file too.
    serde_json::from_str(include_str!("presets.json")).unwrap_or_default()
}
