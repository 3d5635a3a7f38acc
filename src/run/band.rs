//! In how many rows at a time a picture goes through the network: whole where a device can hold that.

use std::collections::BTreeMap;

use super::plan::{Paintings, Plan};
use crate::compute::Form;
use crate::settings::StyleConfig;

/// What a run may take of a device's memory before it goes in bands, in bytes: no browser tells how much there is, and more
/// than this is refused by many that have it.
const BUDGET: u64 = 2_000_000_000;
/// The rows of a band where they are not said. With so many a step takes about one and a half times as long as whole; with more it is hardly
/// faster, and with fewer much slower without needing much less, for what enters the stages is the larger part.
const BAND: u32 = 64;

/// How many times as long as whole a step in bands takes.
pub(super) const BAND_COST: f64 = 1.5;

/// The settings with the rows of a band, 0 for none: their own, or none where a run's plan is within the budget and its buffers are
/// such as a device with these limits (by their names in WebGPU) can have.
pub(super) fn with_band(
    (width, height): (u32, u32),
    paintings: Paintings,
    config: &StyleConfig,
    form: Form,
    limits: &BTreeMap<&'static str, u64>,
) -> StyleConfig {
    let of = |band: u32| StyleConfig { band: Some(band), ..config.clone() };
    if config.band.is_some() {
        return config.clone();
    }
    let names = ["maxBufferSize", "maxStorageBufferBindingSize"];
    let largest = names.iter().filter_map(|name| limits.get(name)).min().copied().unwrap_or(u64::MAX);
    let whole = of(0);
    let plan = Plan::new(width, height, paintings, &whole, form);
    if plan.peak <= BUDGET && plan.largest <= largest { whole } else { of(BAND) }
}
