//! Named sets of settings: `presets.json`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::choices::Preset;

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

/// All presets, in the order the page shows them: `src/settings/presets.json`.
pub fn presets() -> Vec<PresetEntry> {
    // The tests read this file too.
    serde_json::from_str(include_str!("presets.json")).unwrap_or_default()
}
