//! `easel knobs`: the table of settings, as the page and the documentation show it.

use anyhow::Result;
use easel::KNOBS;
use serde_json::json;

use super::output::print_json;

/// Prints every setting with its range, unit and help as JSON.
pub fn knobs() -> Result<()> {
    print_json(&json!(KNOBS))
}
