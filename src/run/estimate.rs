//! How much device memory a run takes, worked out beforehand.
//!
//! Goes through the motions of a step on the very shelf the kernels take their buffers from, without a
//! device: "will it fit?" can be answered before anything is allocated.

use std::rc::Rc;

use serde::Serialize;

use super::schedule::{self, Scale};
use crate::compute::wgsl::buffers::{Shared, Shelf};
use crate::error::Result;
use crate::network::{CONVOLUTIONS, Convolution, Layer, largest_at_once, starts_block};
use crate::settings::{StyleConfig, StyleLoss};

/// Bytes of device memory at one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The network's weights.
    pub weights: u64,
    /// Content and style targets.
    pub targets: u64,
    /// The image, the optimiser's state and the average.
    pub image: u64,
    /// Activations and gradients, and what it takes to find them.
    pub activations: u64,
    /// The most that is alive at once, everything counted.
    pub peak: u64,
}

/// What a whole run would take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// Device memory at its peak, in bytes.
    pub bytes: u64,
    /// The largest single buffer, in bytes.
    pub largest: u64,
    /// Steps over all scales.
    pub iterations: u32,
    /// Pixels of all steps together, in millions: times a step's milliseconds per megapixel it is the time.
    pub megapixels: f64,
}

impl Estimate {
    /// For a photo of `width × height` pixels.
    ///
    /// # Errors
    /// As [`schedule::scales`].
    pub fn new(width: u32, height: u32, config: &StyleConfig) -> Result<Self> {
        let scales = schedule::scales(width, height, config)?;
        let largest = |scale: &Scale| {
            let maps = CONVOLUTIONS.iter().map(|conv| map_bytes(conv, conv.outputs, scale.width, scale.height));
            maps.max().unwrap_or(0)
        };
        Ok(Self {
            bytes: scales.iter().map(|scale| plan(scale.width, scale.height, config).peak).max().unwrap_or(0),
            largest: scales.iter().map(largest).max().unwrap_or(0),
            iterations: scales.iter().map(|scale| scale.iterations).sum(),
            megapixels: scales.iter().map(|scale| scale.work() as f64 / 1e6).sum(),
        })
    }
}

/// Stands for a buffer in the shelf.
type Held = Rc<()>;

impl Shared for Held {
    fn is_idle(&self) -> bool {
        Self::strong_count(self) == 1
    }
}

/// Square matrices alive at once while one layer's Wasserstein distance is worked out.
const WORKING_MATRICES: usize = 8;
/// Those kept of each layer's target: the covariance and its root.
const TARGET_MATRICES: u64 = 2;
/// Images of three planes alive at once: image, gradients, Adam's moments and what becomes of them, the average.
const PLANES: u64 = 11;

/// Plans a run with these settings at `width × height` pixels.
pub fn plan(width: u32, height: u32, config: &StyleConfig) -> Plan {
    let last = config.deepest();
    let used = &CONVOLUTIONS[..=last.index()];
    let weights = used.iter().map(weight_bytes).sum();
    let wasserstein = config.style_loss == StyleLoss::Wasserstein;
    let matrix = |layer: Layer| 4 * (CONVOLUTIONS[layer.index()].outputs as u64).pow(2);
    let at = |l: usize| map_bytes(&CONVOLUTIONS[l], CONVOLUTIONS[l].outputs, width, height);
    let targets = config.content_layers.iter().map(|l| at(l.layer.index())).sum::<u64>()
        + config.style_layers.iter().map(|l| matrix(l.layer)).sum::<u64>()
            * if wasserstein { TARGET_MATRICES } else { 1 };
    let image = PLANES * 12 * u64::from(width) * u64::from(height);
    let mut step = Step { shelf: Shelf::default(), config, width, height, last: last.index() };
    let count = largest_at_once(last, |layer| step.is_tapped(layer.index()));
    let reserved: Vec<Held> = (0..count).map(|_| step.output(0)).collect();
    drop(reserved);
    // The second step may find other buffers idle than the first did.
    step.walk();
    step.walk();
    let activations = step.shelf.bytes();
    Plan { weights, targets, image, activations, peak: weights + targets + image + activations }
}

/// The motions of one step: what `network::vgg` takes from the shelf and when it puts it back.
struct Step<'a> {
    shelf: Shelf<Held>,
    config: &'a StyleConfig,
    width: u32,
    height: u32,
    last: usize,
}

/// What is kept of one convolution's output.
enum Kept {
    Maps(Held),
    Places(Held),
}

impl Step<'_> {
    fn take(&mut self, bytes: u64) -> Held {
        self.shelf.take(bytes, |_| Held::default()).1
    }

    fn input_bytes(&self, l: usize) -> u64 {
        map_bytes(&CONVOLUTIONS[l], CONVOLUTIONS[l].inputs.next_multiple_of(4), self.width, self.height)
    }

    /// A convolution's input, or the gradient there.
    fn input(&mut self, l: usize) -> Held {
        self.take(self.input_bytes(l))
    }

    /// Its output, or the gradient there.
    fn output(&mut self, l: usize) -> Held {
        self.take(map_bytes(&CONVOLUTIONS[l], CONVOLUTIONS[l].outputs, self.width, self.height))
    }

    fn is_style(&self, l: usize) -> bool {
        self.config.style_layers.iter().any(|layer| layer.layer.index() == l)
    }

    fn is_tapped(&self, l: usize) -> bool {
        self.is_style(l) || self.config.content_layers.iter().any(|layer| layer.layer.index() == l)
    }

    /// The gradient of the losses at a layer, with what is needed to find it.
    fn tap(&mut self, l: usize) -> Option<Held> {
        let matrices = match (self.is_style(l), self.config.style_loss) {
            (false, _) => 0,
            (true, StyleLoss::Gram) => 1,
            (true, StyleLoss::Wasserstein) => WORKING_MATRICES,
        };
        let bytes = 4 * (CONVOLUTIONS[l].outputs as u64).pow(2);
        let working: Vec<Held> = (0..matrices).map(|_| self.take(bytes)).collect();
        let gradient = self.is_tapped(l).then(|| self.output(l));
        drop(working);
        gradient
    }

    fn walk(&mut self) {
        let input = self.input(0);
        let mut kept = Vec::new();
        let mut x = self.output(0);
        for l in 1..=self.last {
            x = if starts_block(l) {
                let pooled = self.input(l);
                if self.is_tapped(l - 1) {
                    kept.push(Kept::Maps(x));
                } else {
                    // A byte for each pooled value.
                    let places = self.input_bytes(l) / 4;
                    kept.push(Kept::Places(self.take(places)));
                    drop(x);
                }
                let output = self.output(l);
                drop(pooled);
                output
            } else {
                let output = self.output(l);
                if l > 1 {
                    kept.push(Kept::Maps(x));
                }
                output
            };
        }
        let tap = self.tap(self.last);
        let mut gradient = self.output(self.last);
        drop((x, tap));
        for l in (1..=self.last).rev() {
            gradient = match kept.pop() {
                Some(Kept::Places(places)) => {
                    let pooled = self.input(l);
                    drop(gradient);
                    let below = self.output(l - 1);
                    drop((pooled, places));
                    below
                }
                other => {
                    let below = match other {
                        Some(Kept::Maps(maps)) => maps,
                        _ => self.output(0),
                    };
                    let tap = self.tap(l - 1);
                    if starts_block(l) {
                        let pooled = self.input(l);
                        let apart = self.output(l - 1);
                        drop((pooled, tap, below));
                        apart
                    } else {
                        // Written over the map below.
                        below
                    }
                }
            };
        }
        drop((gradient, input));
    }
}

fn weight_bytes(conv: &Convolution) -> u64 {
    4 * (conv.outputs * (conv.inputs.next_multiple_of(4) * 9 + 1)) as u64
}

/// Packed maps of so many channels where this convolution works, border counted.
fn map_bytes(conv: &Convolution, channels: usize, width: u32, height: u32) -> u64 {
    let side = |length: u32| u64::from(length >> (conv.block - 1)) + 2;
    4 * channels as u64 * side(width) * side(height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_grows_with_the_pixels_and_stays_within_what_is_promised() {
        let config = StyleConfig::default();
        let [small, large] = [512, 1024].map(|side| plan(side, side, &config));
        assert!(small.peak <= 450_000_000 && large.peak <= 1_600_000_000, "{small:?} {large:?}");
        let growth = (large.peak - large.weights) as f64 / (small.peak - small.weights) as f64;
        assert!((3.4..4.1).contains(&growth), "{growth}");
        // 13 convolutions, about 12.94 million weights.
        assert!((51_000_000..53_000_000).contains(&small.weights));
    }

    #[test]
    fn shallow_settings_need_less() {
        let layers =
            r#"{"contentLayers":[{"layer":"relu2_1","weight":1}],"styleLayers":[{"layer":"relu1_1","weight":1}]}"#;
        let shallow = StyleConfig::from_json(layers).expect("settings");
        assert!(plan(256, 256, &shallow).peak < plan(256, 256, &StyleConfig::default()).peak);
    }
}
