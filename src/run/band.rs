//! In how many rows at a time a picture goes through the network: whole where a device can hold that.

use std::collections::BTreeMap;

use super::plan::{Paintings, Plan};
use crate::compute::Form;
use crate::settings::StyleConfig;

/// What a run may take of a device's memory before it goes in bands, in bytes: no browser tells how much there is, and more
/// than this is refused by many that have it.
const BUDGET: u64 = 2_000_000_000;
/// The heights of bands that are chosen from, in rows of each stage. A band costs its halo's work besides its own: with 64
/// rows a step takes about 1.7 times as long as whole, with more hardly less, with fewer much more.
const BANDS: [u32; 4] = [64, 48, 32, 16];

/// The settings with the rows of a band, 0 for none: their own, or the most of those that fit into the memory and whose buffers a
/// device with these limits (by their names in WebGPU) can have. Where none fits, the fewest.
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
    let fits = |config: &StyleConfig| {
        let plan = Plan::new(width, height, paintings, config, form);
        plan.peak <= BUDGET && plan.largest <= largest
    };
    let mut candidates = [0].into_iter().chain(BANDS).map(of);
    candidates.find(fits).unwrap_or_else(|| of(BANDS[BANDS.len() - 1]))
}
