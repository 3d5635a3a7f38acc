//! How much device memory a run takes at one scale, worked out beforehand.
//!
//! Goes through the motions of a step on the very shelf the kernels take their buffers from, without a
//! device: "will it fit?" can be answered before anything is allocated.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::motions::{Motions, map_bytes, sides};
use crate::compute::{Form, Winograd};
use crate::loss::{Laplacian, Style, pairs_bytes};
use crate::network::{CONVOLUTIONS, Convolution};
use crate::optim::{Average, Optimizer};
use crate::settings::{self, ContentLoss, LayerWeight, StyleConfig, StyleLoss};

/// Bytes of device memory at one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The network's weights.
    pub weights: u64,
    /// Content and style targets, masks and the matting Laplacian.
    pub targets: u64,
    /// The image, its gradients, the optimiser's state and the average.
    pub image: u64,
    /// Activations and gradients, and what it takes to find them.
    pub activations: u64,
    /// The most that is alive at once, everything counted.
    pub peak: u64,
    /// The largest single buffer.
    pub largest: u64,
}

/// How many paintings a run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paintings {
    /// All of them.
    pub count: usize,
    /// Those with a mask; any of them may be white nearly all over.
    pub masked: usize,
}

impl Paintings {
    /// These paintings.
    pub fn of(styles: &[Style]) -> Self {
        Self { count: styles.len(), masked: styles.iter().filter(|style| style.mask.is_some()).count() }
    }

    /// Those without a mask are blended together, each other one by itself.
    fn groups(self) -> u64 {
        (self.masked + usize::from(self.count > self.masked)) as u64
    }
}

impl Default for Paintings {
    /// One, everywhere.
    fn default() -> Self {
        Self { count: 1, masked: 0 }
    }
}

/// Square matrices kept of each layer's target: the covariance, its root and the root's inverse.
const TARGET_MATRICES: u64 = 3;
/// Images alive at once whatever the method: the one that is evaluated, its gradient with what the losses on pixels add
/// to it, and the next one.
const IMAGES: u64 = 5;

/// Matrices of a size that it takes to add two parts' moments.
const GATHERING: u64 = 6;

/// Images alive while one is evaluated in bands: it, both of Adam's moments, the average, and the gradient that the losses on pixels
/// make of another one.
const KEPT: u64 = 5;

/// Plans a run with one painting at `width × height` pixels, on a device that convolves in this form, in bands if it takes more
/// than a device may be expected to hold. Of a picture that repeats the sides are those that [`super::scales`] rounds to.
pub fn plan(width: u32, height: u32, config: &StyleConfig, form: Form) -> Plan {
    let paintings = Paintings::default();
    with_band((width, height), paintings, config, form, &BTreeMap::new()).1
}

impl Plan {
    /// Plans a run at `width × height` pixels, on a device that convolves in this form, in the bands that the settings name.
    pub fn new(width: u32, height: u32, paintings: Paintings, config: &StyleConfig, form: Form) -> Self {
        let last = config.deepest();
        let weights = CONVOLUTIONS[..=last.index()].iter().map(|conv| weight_bytes(conv, form)).sum();
        let pixels = u64::from(width) * u64::from(height);
        let photoreal = if config.photoreal_weight > 0.0 { 4 * pixels } else { 0 };
        let targets = targets_bytes(width, height, paintings, config) + Laplacian::KEPT * photoreal;
        let size = [height, width].map(|side| side as usize);
        let mut motions = Motions::new(config, size, form, paintings.masked > 0, paintings.groups());
        let images = (IMAGES + Average::IMAGES + Optimizer::images(config.optimizer, pixels)) * 12 * pixels;
        let image = match config.rows_at_a_time() {
            0 => {
                motions.whole();
                images
            }
            rows => {
                motions.in_bands(rows);
                // Activations are given back before a step is made. Beside them is what is left of the last one, and what the losses
                // on pixels add to the gradient, which is counted among them.
                let kept = match config.optimizer {
                    settings::Optimizer::Adam => KEPT,
                    settings::Optimizer::Lbfgs => KEPT + Optimizer::images(config.optimizer, pixels),
                };
                (kept * 12 * pixels).max(images.saturating_sub(motions.bytes()))
            }
        };
        let steps = motions.bytes() + Laplacian::WORKING * photoreal + gathering_bytes(config);
        let activations = steps.max(looking_up_bytes(size, config));
        let content = config.content_layers.iter().map(|layer| &CONVOLUTIONS[layer.layer.index()]);
        let content = content.map(|conv| map_bytes(conv.outputs, sides(conv, [height, width])));
        let largest = content.chain([motions.largest(), 24 * pixels]).max().unwrap_or(0);
        Self { weights, targets, image, activations, peak: weights + targets + image + activations, largest }
    }
}

/// What Burn holds beside the shelf where a band's moments are added to those before it: matrices of each layer's size, found
/// in browsers.
fn gathering_bytes(config: &StyleConfig) -> u64 {
    if config.rows_at_a_time() == 0 || config.style_loss != StyleLoss::Wasserstein {
        return 0;
    }
    let channels: BTreeSet<usize> =
        config.style_layers.iter().map(|layer| CONVOLUTIONS[layer.layer.index()].outputs).collect();
    channels.into_iter().map(|channels| GATHERING * 4 * (channels as u64).pow(2)).sum()
}

/// What it takes to look up neighbours, beside what is kept of them: the photo's hypercolumns as rows, a painting's as maps and as
/// rows, and the largest maps on the way there. Paintings are taken to be square.
fn looking_up_bytes([height, width]: [usize; 2], config: &StyleConfig) -> u64 {
    if config.style_loss != StyleLoss::Neighbours {
        return 0;
    }
    let square = [height.max(width); 2].map(|side| (side as f64 * config.style_scale) as usize);
    let first = map_bytes(CONVOLUTIONS[0].outputs, square);
    let photo = grid_bytes([height, width], config);
    // What was found before, and the nearer of both.
    let chosen = if config.turns > 0 { 2 * photo } else { 0 };
    photo + chosen + 2 * grid_bytes(square, config) + 2 * first
}

/// All style layers' maps at a quarter of this height and width.
fn grid_bytes(size: [usize; 2], config: &StyleConfig) -> u64 {
    let grid = size.map(|side| (side / 4).max(1));
    config.style_layers.iter().map(|layer| map_bytes(CONVOLUTIONS[layer.layer.index()].outputs, grid)).sum()
}

/// What is kept of the photo and the paintings at one scale, but for the Laplacian.
fn targets_bytes(width: u32, height: u32, paintings: Paintings, config: &StyleConfig) -> u64 {
    let sum = |layers: &[LayerWeight], bytes: &dyn Fn(&Convolution) -> u64| -> u64 {
        layers.iter().map(|layer| bytes(&CONVOLUTIONS[layer.layer.index()])).sum()
    };
    let content = sum(&config.content_layers, &|conv| match config.content_loss {
        ContentLoss::Features => map_bytes(conv.outputs, sides(conv, [height, width])),
        ContentLoss::SelfSimilarity => pairs_bytes(sides(conv, [height, width]).iter().product()),
    });
    if config.style_loss == StyleLoss::Neighbours {
        // Each painting's, and those chosen among them.
        let chosen = usize::from(paintings.count > 1 || paintings.masked > 0);
        return content
            + (paintings.count + chosen) as u64 * grid_bytes([height, width].map(|side| side as usize), config);
    }
    let matrices = sum(&config.style_layers, &|conv| 4 * (conv.outputs as u64).pow(2));
    // Each painting's own, and what they are blended into.
    let (count, masked, groups) = (paintings.count as u64, paintings.masked as u64, paintings.groups());
    let each = if config.style_loss == StyleLoss::Wasserstein { TARGET_MATRICES } else { 1 };
    // A number for each pixel inside, at most all.
    let regions = sum(&config.style_layers, &|conv| map_bytes(1, sides(conv, [height, width])));
    content + matrices * (count + groups * each) + regions * masked
}

/// Weights, as this form reads them, and biases.
fn weight_bytes(conv: &Convolution, form: Form) -> u64 {
    let each = match form {
        Form::Software => 9,
        _ if form.winograd(conv.inputs, conv.outputs).is_some() => Winograd::POINTS,
        // And turned, for the way back.
        _ => 2 * 9,
    };
    4 * (each * conv.outputs * conv.inputs.next_multiple_of(4) + conv.outputs) as u64
}

/// What a run may take of a device's memory before it goes in bands, in bytes: no browser tells how much there is, and more
/// than this is refused by many that have it.
const BUDGET: u64 = 2_000_000_000;
/// The rows of a band where they are not said. With so many a step takes 1.6 times as long as whole, with 64 rows 1.5 times, which by
/// Winograd's form need 40 MB more at 2048 × 1365; with fewer it is much slower without needing much less, for what enters the stages is
/// the larger part.
const BAND: u32 = 48;

/// How many times as long as whole a step in bands takes.
pub(super) const BAND_COST: f64 = 1.6;

/// The settings with the rows of a band, 0 for none: their own, or none where a run's plan is within the budget and its buffers are
/// such as a device with these limits (by their names in WebGPU) can have. And the plan.
pub(super) fn with_band(
    (width, height): (u32, u32),
    paintings: Paintings,
    config: &StyleConfig,
    form: Form,
    limits: &BTreeMap<&'static str, u64>,
) -> (StyleConfig, Plan) {
    let planned = |config: StyleConfig| {
        let plan = Plan::new(width, height, paintings, &config, form);
        (config, plan)
    };
    let of = |band: u32| planned(StyleConfig { band: Some(band), ..config.clone() });
    if config.band.is_some() {
        return planned(config.clone());
    }
    let names = ["maxBufferSize", "maxStorageBufferBindingSize"];
    let largest = names.iter().filter_map(|name| limits.get(name)).min().copied().unwrap_or(u64::MAX);
    let whole = of(0);
    let (_, plan) = &whole;
    if plan.peak <= BUDGET && plan.largest <= largest { whole } else { of(BAND) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As all forms need it.
    fn plan(width: u32, height: u32, config: &StyleConfig) -> Plan {
        super::plan(width, height, config, Form::Software)
    }

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
    fn what_winograd_needs_is_counted() {
        let (config, winograd) = (StyleConfig::default(), Winograd::default());
        for side in [256, 512, 1024] {
            let plan = |form| super::plan(side, side, &config, form);
            let [software, direct, winograd_] = [Form::Software, Form::Direct, Form::Winograd(winograd)].map(plan);
            // In workgroups' memory there are more partial Gram matrices at a time, in registers fewer and larger ones.
            let apart = direct.activations as f64 / software.activations as f64;
            assert!((0.9..1.15).contains(&apart), "{side}²: {apart}");
            assert!(direct.weights > 19 * software.weights / 10, "turned once");
            // Four times the weights in place of themselves, but of the first convolution.
            assert!((150_000_000..158_000_000).contains(&(winograd_.weights - software.weights)));
            let more = winograd_.activations - direct.activations;
            // Two at a time; but what is kept may have taken one that was idle.
            assert!(more <= 4 * winograd.scratch as u64, "{side}²: {more}");
        }
        let tight = Winograd { scratch: 1 << 20, ..winograd };
        let [wide, tight] =
            [winograd, tight].map(|form| super::plan(512, 512, &config, Form::Winograd(form)).activations);
        assert!(tight < wide, "shorter bands need less");
    }

    fn settings(json: &str) -> StyleConfig {
        StyleConfig::from_json(json).expect("settings")
    }

    /// One value for each pixel of 1024².
    const PLANE: u64 = 4 << 20;

    #[test]
    fn the_pairs_of_lbfgs_are_counted() {
        let [adam, lbfgs] =
            ["adam", "lbfgs"].map(|name| plan(1024, 1024, &settings(&format!(r#"{{"optimizer": "{name}"}}"#))));
        // Ten pairs of images of three planes, less Adam's two moments before and after a step.
        let apart = lbfgs.image - adam.image;
        assert!(((20 - 4) * 3 * PLANE..30 * 3 * PLANE).contains(&apart), "{apart}");
        assert_eq!(lbfgs.peak - adam.peak, apart);
        // Three are kept of a large picture, and one is about to be.
        let large = plan(4096, 2731, &settings(r#"{"optimizer": "lbfgs"}"#));
        assert!(large.image <= (5 + 2 * 4 + 7) * 12 * 4096 * 2731, "{large:?}");
    }

    #[test]
    fn the_matting_laplacian_is_counted() {
        let [without, with] =
            [0, 1].map(|weight| plan(1024, 1024, &settings(&format!(r#"{{"photorealWeight": {weight}}}"#))));
        // Photo, means, inverses and windows are kept.
        assert_eq!(with.targets - without.targets, 16 * PLANE);
        // Fits of three channels by three colours.
        assert!(with.activations - without.activations >= 27 * PLANE);
        assert_eq!(with.peak - without.peak, with.targets + with.activations - without.targets - without.activations);
    }

    #[test]
    fn every_painting_and_every_mask_is_counted() {
        let config = StyleConfig::default();
        let plan = |count, masked| Plan::new(1024, 1024, Paintings { count, masked }, &config, Form::Software);
        // One matrix of C² numbers at each style layer.
        let matrices = 4 * [64u64, 128, 256, 512, 512].map(|channels| channels.pow(2)).iter().sum::<u64>();
        assert_eq!(plan(2, 0).targets - plan(1, 0).targets, matrices);
        // Paintings with masks are blended each for itself, and every mask's pixels are listed at every style layer.
        let places: u64 = (0..5).map(|halvings| PLANE >> (2 * halvings)).sum();
        let apart = plan(2, 2).targets - plan(2, 0).targets - TARGET_MATRICES * matrices;
        assert!((2 * places..2 * places + PLANE / 10).contains(&apart), "{apart}");
        // What is inside is gathered from the largest maps, 64 channels.
        assert!(plan(1, 1).activations - plan(1, 0).activations >= 64 * PLANE);
        assert_eq!(plan(2, 2).activations, plan(2, 1).activations, "one after another");
    }

    #[test]
    fn large_pictures_go_in_bands_and_fit() {
        let config = StyleConfig::default();
        let forms = [Form::Software, Form::Direct, Form::Winograd(Winograd::default())];
        for (form, [large, larger]) in forms.into_iter().zip([[0.75, 2.4], [0.8, 2.46], [0.9, 2.5]]) {
            for (width, height, most) in [(2048, 1365, large), (1365, 2048, large), (4096, 2731, larger)] {
                let plan = super::plan(width, height, &config, form);
                assert!(plan.peak as f64 <= most * 1e9, "{width} × {height}, {form}: {plan:?}");
            }
        }
        let whole = |side| super::plan(side, side, &config, Form::Software).activations;
        assert!(whole(1024) > 1_000_000_000, "what fits goes whole");
        // A device that can have no large buffer.
        let limits = BTreeMap::from([("maxStorageBufferBindingSize", 128 << 20)]);
        let chosen = |side| with_band((side, side), Paintings::default(), &config, Form::Direct, &limits).0.band;
        assert_eq!([chosen(512), chosen(1024)], [Some(0), Some(BAND)]);
        let own = StyleConfig { band: Some(16), ..StyleConfig::default() };
        let limits = BTreeMap::new();
        assert_eq!(with_band((64, 64), Paintings::default(), &own, Form::Direct, &limits).0, own);
    }

    #[test]
    fn what_neighbours_need_is_counted() {
        let config = settings(r#"{"preset": "strokes"}"#);
        let plan = |count, masked| Plan::new(512, 512, Paintings { count, masked }, &config, Form::Software);
        // 2944 channels at 128².
        let one = 4 * 2944 * 130 * 130;
        assert_eq!(plan(2, 0).targets - plan(1, 0).targets, 2 * one);
        assert_eq!(plan(1, 1).targets - plan(1, 0).targets, one);
        assert!(plan(1, 0).activations >= 3 * one, "as rows and maps");
        let turned = StyleConfig { turns: 3, ..config.clone() };
        let turned = Plan::new(512, 512, Paintings::default(), &turned, Form::Software);
        assert!(turned.activations > plan(1, 0).activations, "what was found before");
        assert_eq!(
            with_band((2048, 2048), Paintings::default(), &config, Form::Direct, &BTreeMap::new()).0.rows_at_a_time(),
            0
        );
    }

    #[test]
    fn pairs_of_pixels_are_counted() {
        let [features, pairs] = ["features", "self-similarity"]
            .map(|loss| plan(1024, 1024, &settings(&format!(r#"{{"contentLoss": "{loss}"}}"#))));
        // 512 channels at 128², or all pairs of 1024 pixels, of which there are four more on the way.
        assert_eq!(features.targets - pairs.targets, 4 * (512 * 130 * 130 - 1024 * 1024));
        assert!((0..=4 * PLANE).contains(&(pairs.activations - features.activations)), "{pairs:?} {features:?}");
    }

    #[test]
    fn narrow_bands_need_less() {
        let of = |band| plan(512, 2048, &StyleConfig { band: Some(band), ..StyleConfig::default() }).activations;
        assert!(of(16) < of(64) && of(64) < of(256) && of(256) < of(0));
    }

    #[test]
    fn shallow_settings_need_less() {
        let layers =
            r#"{"contentLayers":[{"layer":"relu2_1","weight":1}],"styleLayers":[{"layer":"relu1_1","weight":1}]}"#;
        let shallow = StyleConfig::from_json(layers).expect("settings");
        assert!(plan(256, 256, &shallow).peak < plan(256, 256, &StyleConfig::default()).peak);
    }
}
