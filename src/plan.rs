//! How much device memory a run takes, worked out beforehand.
//!
//! Walks the same way as [`crate::vgg`] does and counts what is alive: "will it fit?" can be answered
//! before anything is allocated. Counted are tensors in packed form; a device's allocator may round up.

use serde::Serialize;

use crate::config::StyleConfig;
use crate::schedule::deepest;
use crate::vgg::{CONVOLUTIONS, Convolution, Layer, starts_block};

/// Bytes of device memory at one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The network's weights.
    pub weights: u64,
    /// Content and style targets.
    pub targets: u64,
    /// The image, the optimiser's state and the average.
    pub image: u64,
    /// Activations kept from the way forward for the way back.
    pub activations: u64,
    /// The most that is alive at once, everything counted.
    pub peak: u64,
}

/// What is alive, and the most that ever was.
#[derive(Debug, Default)]
struct Tally {
    now: u64,
    peak: u64,
}

impl Tally {
    fn alloc(&mut self, bytes: u64) -> u64 {
        self.now += bytes;
        self.peak = self.peak.max(self.now);
        bytes
    }

    fn free(&mut self, bytes: u64) {
        self.now -= bytes;
    }
}

/// Plans a run with these settings at `width × height` pixels.
pub fn plan(width: u32, height: u32, config: &StyleConfig) -> Plan {
    let last = deepest(config);
    let used = &CONVOLUTIONS[..=last.index()];
    let pixels = 4 * u64::from(width) * u64::from(height);
    let weights = used.iter().map(weight_bytes).sum();
    let at = |layer: Layer| map_bytes(&CONVOLUTIONS[layer.index()], CONVOLUTIONS[layer.index()].outputs, width, height);
    let gram = |layer: Layer| 4 * (CONVOLUTIONS[layer.index()].outputs as u64).pow(2);
    let targets = config.content_layers.iter().map(|l| at(l.layer)).sum::<u64>()
        + config.style_layers.iter().map(|l| gram(l.layer)).sum::<u64>();
    // Image and both moments; the average is the image itself without averaging.
    let image = pixels * if config.averaging > 0.0 { 12 } else { 9 };

    let mut tally = Tally::default();
    tally.alloc(weights + targets + image);
    let input = tally.alloc(map_bytes(&CONVOLUTIONS[0], 4, width, height));
    let first = tally.alloc(at(Layer::all().next().unwrap_or(last)));
    let mut kept = Vec::new();
    for (l, conv) in used.iter().enumerate().skip(1) {
        let pooled = if starts_block(l) { tally.alloc(map_bytes(conv, conv.inputs, width, height)) } else { 0 };
        kept.push(tally.alloc(map_bytes(conv, conv.outputs, width, height)));
        tally.free(pooled);
        if l == 1 {
            tally.free(first);
        }
    }
    let activations = kept.iter().sum::<u64>() + input;

    let tapped = |l: usize| {
        let is = |w: &&crate::config::LayerWeight| w.layer.index() == l;
        config.style_layers.iter().chain(&config.content_layers).find(is).map(|w| at(w.layer))
    };
    let mut gradient = tally.alloc(tapped(last.index()).unwrap_or(0));
    if let Some(output) = kept.pop() {
        tally.alloc(gradient); // masked
        tally.free(gradient + output);
    }
    for l in (1..=last.index()).rev() {
        let below = kept.pop().unwrap_or_else(|| tally.alloc(first));
        let tap = tapped(l - 1).map_or(0, |bytes| tally.alloc(bytes));
        if starts_block(l) {
            let pooled = tally.alloc(map_bytes(&CONVOLUTIONS[l], CONVOLUTIONS[l].inputs, width, height));
            tally.free(gradient);
            gradient = tally.alloc(below);
            tally.free(pooled);
        } else {
            let old = gradient;
            gradient = tally.alloc(below);
            tally.free(old);
        }
        tally.free(tap + below);
    }
    tally.alloc(6 * pixels); // the image's gradient and the moved image
    Plan { weights, targets, image, activations, peak: tally.peak }
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
        assert!((3.8..4.1).contains(&growth), "{growth}");
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
