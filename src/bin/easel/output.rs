//! Results for programs.

use anyhow::Result;
use serde_json::Value;

/// Prints a result as JSON on standard output.
pub fn print_json(value: &Value) -> Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
