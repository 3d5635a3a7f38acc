//! The value of every loss term.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Every weighted loss term of an image.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Losses {
    /// All content layers together.
    pub content: f64,
    /// By style layer.
    pub style: BTreeMap<String, f64>,
    /// Total variation.
    pub tv: f64,
    /// Photorealism; left out where it is not in use.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub photoreal: f64,
    /// Distance from the last frame's picture; left out where there is none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub temporal: f64,
    /// The sum of all terms.
    pub total: f64,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl Losses {
    /// All style layers together.
    pub fn style_sum(&self) -> f64 {
        self.style.values().fold(0.0, |sum, value| sum + value) // none are 0, not -0
    }
}
