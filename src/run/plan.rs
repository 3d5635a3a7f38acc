//! How much device memory a run takes at one scale, worked out beforehand.
//!
//! Goes through the motions of a step on the very shelf the kernels take their buffers from, without a
//! device: "will it fit?" can be answered before anything is allocated.

use std::rc::Rc;

use serde::Serialize;

use crate::compute::wgsl::buffers::{Shared, Shelf};
use crate::compute::wgsl::partial_bytes;
use crate::compute::{Form, Winograd};
use crate::loss::Laplacian;
use crate::network::{CONVOLUTIONS, Convolution, largest_at_once, starts_block};
use crate::optim::{Average, Optimizer};
use crate::settings::{LayerWeight, StyleConfig, StyleLoss};

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

/// Stands for a buffer in the shelf.
type Held = Rc<()>;

impl Shared for Held {
    fn is_idle(&self) -> bool {
        Self::strong_count(self) == 1
    }
}

/// Square matrices kept of each layer's target: the covariance, its root and the root's inverse.
const TARGET_MATRICES: u64 = 3;
/// Images alive at once whatever the method: the one that is evaluated, its gradient with what the losses on pixels add
/// to it, and the next one.
const IMAGES: u64 = 5;

/// Plans a run with one painting at `width × height` pixels, on a device that convolves in this form.
pub fn plan(width: u32, height: u32, config: &StyleConfig, form: Form) -> Plan {
    Plan::new(width, height, Paintings::default(), config, form)
}

impl Plan {
    /// Plans a run at `width × height` pixels, on a device that convolves in this form.
    pub fn new(width: u32, height: u32, paintings: Paintings, config: &StyleConfig, form: Form) -> Self {
        let last = config.deepest();
        let weights = CONVOLUTIONS[..=last.index()].iter().map(|conv| weight_bytes(conv, width, height, form)).sum();
        let pixels = u64::from(width) * u64::from(height);
        let photoreal = if config.photoreal_weight > 0.0 { 4 * pixels } else { 0 };
        let targets = targets_bytes(width, height, paintings, config) + Laplacian::KEPT * photoreal;
        let image = (IMAGES + Average::IMAGES + Optimizer::images(config.optimizer)) * 12 * pixels;

        let mut step = Step {
            shelf: Shelf::default(),
            config,
            width,
            height,
            form,
            last: last.index(),
            masked: paintings.masked > 0,
            groups: paintings.groups(),
        };
        let count = largest_at_once(last, |layer| step.is_tapped(layer.index()));
        let reserved: Vec<Held> = (0..count).map(|_| step.output(0)).collect();
        drop(reserved);
        // The second step may find other buffers idle than the first did.
        step.walk();
        step.walk();
        let activations = step.shelf.bytes() + Laplacian::WORKING * photoreal;
        Self { weights, targets, image, activations, peak: weights + targets + image + activations }
    }
}

/// What is kept of the photo and the paintings at one scale, but for the Laplacian.
fn targets_bytes(width: u32, height: u32, paintings: Paintings, config: &StyleConfig) -> u64 {
    let sum = |layers: &[LayerWeight], bytes: &dyn Fn(&Convolution) -> u64| -> u64 {
        layers.iter().map(|layer| bytes(&CONVOLUTIONS[layer.layer.index()])).sum()
    };
    let content = sum(&config.content_layers, &|conv| map_bytes(conv, conv.outputs, width, height));
    let matrices = sum(&config.style_layers, &|conv| 4 * (conv.outputs as u64).pow(2));
    // Each painting's own, and what they are blended into.
    let (count, masked, groups) = (paintings.count as u64, paintings.masked as u64, paintings.groups());
    let each = if config.style_loss == StyleLoss::Wasserstein { TARGET_MATRICES } else { 1 };
    // A number for each pixel inside, at most all.
    let regions = sum(&config.style_layers, &|conv| map_bytes(conv, 1, width, height));
    content + matrices * (count + groups * each) + regions * masked
}

/// The motions of one step: what `network::vgg` takes from the shelf and when it puts it back.
struct Step<'a> {
    shelf: Shelf<Held>,
    config: &'a StyleConfig,
    width: u32,
    height: u32,
    form: Form,
    last: usize,
    /// Whether a painting has a mask.
    masked: bool,
    /// How many groups of paintings have statistics of their own.
    groups: u64,
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

    /// What a convolution takes besides what it reads and makes, forward or back.
    fn convolve(&mut self, l: usize, forward: bool) {
        let conv = &CONVOLUTIONS[l];
        let [width, height] = sides(conv, self.width, self.height);
        let Some(winograd) = self.form.winograd(conv.inputs, conv.outputs, width * height) else { return };
        let (read, made) = if forward { (conv.inputs, conv.outputs) } else { (conv.outputs, conv.inputs) };
        for tiles in winograd.bands(height, width, read.max(made)) {
            let bytes = |channels: usize| (4 * Winograd::POINTS * tiles.len() * channels) as u64;
            let transformed = self.take(bytes(read));
            let products = self.take(bytes(made));
            drop((transformed, products));
        }
    }

    fn is_style(&self, l: usize) -> bool {
        self.config.style_layers.iter().any(|layer| layer.layer.index() == l)
    }

    fn is_tapped(&self, l: usize) -> bool {
        self.is_style(l) || self.config.content_layers.iter().any(|layer| layer.layer.index() == l)
    }

    /// Bytes of a matrix for each group of paintings at a layer.
    fn matrix_bytes(&self, l: usize) -> u64 {
        4 * self.groups * (CONVOLUTIONS[l].outputs as u64).pow(2)
    }

    /// What is kept of the statistics of a layer's output, and what it takes to find them.
    fn see(&mut self, l: usize, batch: &mut Option<Held>) -> Option<Held> {
        if !self.is_style(l) {
            return None;
        }
        let inside = self.masked.then(|| self.output(l));
        let side = |length: u32| (length as usize >> (CONVOLUTIONS[l].block - 1)) + 2;
        let partial = self.take(partial_bytes(CONVOLUTIONS[l].outputs, side(self.width) * side(self.height)));
        let kept = match self.config.style_loss {
            StyleLoss::Gram => Some(self.take(self.matrix_bytes(l))),
            // All layers' together.
            StyleLoss::Wasserstein => {
                if batch.is_none() {
                    *batch = Some(self.take(self.all_matrices()));
                }
                None
            }
        };
        drop((inside, partial));
        kept
    }

    fn all_matrices(&self) -> u64 {
        self.config.style_layers.iter().map(|layer| self.matrix_bytes(layer.layer.index())).sum()
    }

    /// Wasserstein distances are found for all layers at once: what is kept of that, and what it takes. A pair of roots and the
    /// next one, the matrices they are of and a factor are alive together.
    fn solve(&mut self) -> Option<Held> {
        let all = self.all_matrices();
        if self.config.style_loss == StyleLoss::Gram || all == 0 {
            return None;
        }
        let working: Vec<Held> = [1, 2, 1, 2].map(|times| self.take(times * all)).into();
        drop(working);
        Some(self.take(all))
    }

    /// The gradient of the losses at a layer, with what is needed to find it.
    fn tap(&mut self, l: usize) -> Option<Held> {
        // Of a mask's pixels, gathered: the maps and the gradient there.
        let gathered = if self.masked && self.is_style(l) { 2 } else { 0 };
        let inside: Vec<Held> = (0..gathered).map(|_| self.output(l)).collect();
        let gradient = self.is_tapped(l).then(|| self.output(l));
        // Several losses at a layer are added up.
        let sum = (self.masked && self.is_style(l)).then(|| self.output(l));
        drop((inside, sum));
        gradient
    }

    fn walk(&mut self) {
        let input = self.input(0);
        let mut kept = Vec::new();
        let mut batch = None;
        let mut x = self.output(0);
        let mut statistics = vec![self.see(0, &mut batch)];
        for l in 1..=self.last {
            let output = if starts_block(l) {
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
                self.convolve(l, true);
                drop(pooled);
                output
            } else {
                let output = self.output(l);
                self.convolve(l, true);
                if l > 1 {
                    kept.push(Kept::Maps(x));
                }
                output
            };
            statistics.push(self.see(l, &mut batch));
            x = output;
        }
        let solved = self.solve();
        let tap = self.tap(self.last);
        let mut gradient = self.output(self.last);
        drop((x, tap));
        for l in (1..=self.last).rev() {
            gradient = match kept.pop() {
                Some(Kept::Places(places)) => {
                    let pooled = self.input(l);
                    self.convolve(l, false);
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
                        self.convolve(l, false);
                        let apart = self.output(l - 1);
                        drop((pooled, tap, below));
                        apart
                    } else {
                        // Written over the map below.
                        self.convolve(l, false);
                        below
                    }
                }
            };
        }
        drop((gradient, input, statistics, batch, solved));
    }
}

/// Weights and biases, and what is made of the weights on the device.
fn weight_bytes(conv: &Convolution, width: u32, height: u32, form: Form) -> u64 {
    let weights = conv.outputs * conv.inputs.next_multiple_of(4);
    let [width, height] = sides(conv, width, height);
    let made = match form {
        Form::Software => 0,
        _ if form.winograd(conv.inputs, conv.outputs, width * height).is_some() => Winograd::POINTS * weights,
        // Turned, for the way back.
        _ => 9 * weights,
    };
    4 * (9 * weights + made + conv.outputs) as u64
}

/// Width and height where this convolution works, in pixels.
fn sides(conv: &Convolution, width: u32, height: u32) -> [usize; 2] {
    [width, height].map(|side| (side >> (conv.block - 1)) as usize)
}

/// The largest of all convolutions' results, in bytes.
pub(super) fn largest_maps(width: u32, height: u32) -> u64 {
    CONVOLUTIONS.iter().map(|conv| map_bytes(conv, conv.outputs, width, height)).max().unwrap_or(0)
}

/// Packed maps of so many channels where this convolution works, border counted.
fn map_bytes(conv: &Convolution, channels: usize, width: u32, height: u32) -> u64 {
    let [width, height] = sides(conv, width, height);
    4 * (channels * (width + 2) * (height + 2)) as u64
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
            assert_eq!(direct.activations, software.activations);
            assert!(direct.weights > 19 * software.weights / 10, "turned once");
            // Four times the weights but of the first convolution.
            assert!((205_000_000..210_000_000).contains(&(winograd_.weights - software.weights)));
            let more = winograd_.activations - software.activations;
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
    fn shallow_settings_need_less() {
        let layers =
            r#"{"contentLayers":[{"layer":"relu2_1","weight":1}],"styleLayers":[{"layer":"relu1_1","weight":1}]}"#;
        let shallow = StyleConfig::from_json(layers).expect("settings");
        assert!(plan(256, 256, &shallow).peak < plan(256, 256, &StyleConfig::default()).peak);
    }
}
