//! How much device memory a run takes at one scale, worked out beforehand.
//!
//! Goes through the motions of a step on the very shelf the kernels take their buffers from, without a
//! device: "will it fit?" can be answered before anything is allocated.

use std::collections::BTreeSet;

use serde::Serialize;

use super::motions::{Motions, map_bytes, sides};
use crate::compute::{Compute, Form, Winograd, largest_buffer};
use crate::loss::{Laplacian, Style, pairs_bytes};
use crate::network::{CONVOLUTIONS, Convolution};
use crate::optim::{Average, Optimizer};
use crate::settings::{self, Colour, ContentLoss, LayerWeight, StyleConfig, StyleLoss};

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
    /// How large they are, if that is known.
    pub extent: Option<Extent>,
}

/// What no painting is larger than.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The longest of their long sides, in pixels.
    pub long: u32,
    /// How long a short side is at most, in thousandths of the long one.
    pub breadth: u32,
}

impl Paintings {
    /// These paintings.
    pub fn of(styles: &[Style]) -> Self {
        let sides = |style: &Style| [style.picture.width(), style.picture.height()];
        let long = |style: &Style| sides(style)[0].max(sides(style)[1]);
        let breadth =
            |style: &Style| (1000 * u64::from(sides(style)[0].min(sides(style)[1]))).div_ceil(long(style).into());
        let extent = |long, breadth| Some(Extent { long, breadth: u32::try_from(breadth).ok()? });
        Self {
            count: styles.len(),
            masked: styles.iter().filter(|style| style.mask.is_some()).count(),
            extent: styles.iter().map(long).max().zip(styles.iter().map(breadth).max()).and_then(|(a, b)| extent(a, b)),
        }
    }

    /// Those without a mask are blended together, each other one by itself.
    fn groups(self) -> u64 {
        (self.masked + usize::from(self.count > self.masked)) as u64
    }
}

impl Default for Paintings {
    /// One, everywhere.
    fn default() -> Self {
        Self { count: 1, masked: 0, extent: None }
    }
}

/// Square matrices kept of each layer's target: the covariance, its root and the root's inverse.
const TARGET_MATRICES: u64 = 3;
/// Images alive at once whatever the method: the one that is evaluated, its gradient with what the losses on pixels add
/// to it, and the next one.
const IMAGES: u64 = 5;

/// More of them where luminance alone is painted: the gradient that is the same in all channels, and what it takes to find it.
const GREY: u64 = 2;

/// Matrices of a size that it takes to add two parts' moments.
const GATHERING: u64 = 6;

/// Images alive while one is evaluated in bands: it, both of Adam's moments, the average, and the gradient that the losses on pixels
/// make of another one.
const KEPT: u64 = 5;

/// Plans a run with one painting at `width × height` pixels, on a device that convolves in this form, in bands if it takes more
/// than a device may be expected to hold. Of a picture that repeats the sides are those that [`super::scales`] rounds to.
pub fn plan(width: u32, height: u32, config: &StyleConfig, form: Form) -> Plan {
    let paintings = Paintings::default();
    with_band((width, height), paintings, config, form, u64::MAX).1
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
        let grey = if config.colour == Colour::Luminance { GREY } else { 0 };
        let images = (IMAGES + grey + Average::IMAGES + Optimizer::images(config.optimizer, pixels)) * 12 * pixels;
        let image = match config.rows_at_a_time() {
            0 => {
                motions.whole();
                images
            }
            rows => {
                motions.in_bands(rows);
                // Activations are given back before a step is made. Beside them is what is left of the last one, and what the losses
                // on pixels add to the gradient, which is counted among them.
                let kept = KEPT
                    + grey
                    + match config.optimizer {
                        settings::Optimizer::Adam => 0,
                        settings::Optimizer::Lbfgs => Optimizer::images(config.optimizer, pixels),
                    };
                (kept * 12 * pixels).max(images.saturating_sub(motions.bytes()))
            }
        };
        let steps = motions.bytes() + Laplacian::WORKING * photoreal + gathering_bytes(config);
        let shown = shown([height, width], paintings, config);
        let activations = steps.max(shown.map_or(0, |shown| looking_bytes(size, shown, config)));
        let first = shown.map_or(0, |shown| first_bytes(shown, config));
        let content = config.used_content_layers().map(|layer| &CONVOLUTIONS[layer.layer.index()]);
        let content = content.map(|conv| map_bytes(conv.outputs, sides(conv, [height, width])));
        let largest = content.chain([motions.largest(), first, 24 * pixels]).max().unwrap_or(0);
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
        config.used_style_layers().map(|layer| CONVOLUTIONS[layer.layer.index()].outputs).collect();
    channels.into_iter().map(|channels| GATHERING * 4 * (channels as u64).pow(2)).sum()
}

/// Both sides of the largest painting as the network is shown it. Of paintings that are not known yet nothing is told but by a search for
/// neighbours, which has no bands to resort to: there they are taken for large squares.
fn shown([height, width]: [u32; 2], paintings: Paintings, config: &StyleConfig) -> Option<[usize; 2]> {
    let any = (config.style_loss == StyleLoss::Neighbours).then_some(Extent { long: u32::MAX, breadth: 1000 });
    let Extent { long, breadth } = paintings.extent.or(any)?;
    let wanted = (f64::from(height.max(width)) * config.style_scale).round();
    let long = wanted.min(long.into());
    Some([long, (long * f64::from(breadth) / 1000.0).ceil()].map(|side| side as usize))
}

/// The first layer's maps of a painting of this size: the largest on its way through the network, where it goes through whole.
fn first_bytes(shown: [usize; 2], config: &StyleConfig) -> u64 {
    match config.rows_at_a_time() {
        0 => map_bytes(CONVOLUTIONS[0].outputs, shown),
        _ => 0,
    }
}

/// What it takes to look at the paintings, beside what is kept of them: the largest maps on the way and, to look up neighbours, the photo's
/// hypercolumns as rows, a painting's as maps and as rows.
fn looking_bytes(size: [usize; 2], shown: [usize; 2], config: &StyleConfig) -> u64 {
    let first = 2 * first_bytes(shown, config);
    if config.style_loss != StyleLoss::Neighbours {
        return first;
    }
    let photo = grid_bytes(size, config);
    // What was found before, and the nearer of both.
    let chosen = if config.turns > 0 { 2 * photo } else { 0 };
    photo + chosen + 2 * grid_bytes(shown, config) + first
}

/// All style layers' maps at a quarter of this height and width.
fn grid_bytes(size: [usize; 2], config: &StyleConfig) -> u64 {
    let grid = size.map(|side| (side / 4).max(1));
    config.used_style_layers().map(|layer| map_bytes(CONVOLUTIONS[layer.layer.index()].outputs, grid)).sum()
}

/// What is kept of the photo and the paintings at one scale, but for the Laplacian.
fn targets_bytes(width: u32, height: u32, paintings: Paintings, config: &StyleConfig) -> u64 {
    let convolution = |layer: LayerWeight| &CONVOLUTIONS[layer.layer.index()];
    let of_content = |conv: &Convolution| match config.content_loss {
        ContentLoss::Features => map_bytes(conv.outputs, sides(conv, [height, width])),
        ContentLoss::SelfSimilarity => pairs_bytes(sides(conv, [height, width]).iter().product()),
    };
    let content: u64 = config.used_content_layers().map(convolution).map(of_content).sum();
    let style =
        |bytes: &dyn Fn(&Convolution) -> u64| -> u64 { config.used_style_layers().map(convolution).map(bytes).sum() };
    if config.style_loss == StyleLoss::Neighbours {
        // Each painting's, and those chosen among them.
        let chosen = usize::from(paintings.count > 1 || paintings.masked > 0);
        return content
            + (paintings.count + chosen) as u64 * grid_bytes([height, width].map(|side| side as usize), config);
    }
    let matrices = style(&|conv| 4 * (conv.outputs as u64).pow(2));
    // Each painting's own, and what they are blended into.
    let (count, masked, groups) = (paintings.count as u64, paintings.masked as u64, paintings.groups());
    let each = if config.style_loss == StyleLoss::Wasserstein { TARGET_MATRICES } else { 1 };
    // A number for each pixel inside, at most all.
    let regions = style(&|conv| map_bytes(1, sides(conv, [height, width])));
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

/// The settings for an image of these sides on this device: in bands, if memory is short there.
pub(super) fn banded(compute: &Compute, size: (u32, u32), styles: &[Style], config: &StyleConfig) -> StyleConfig {
    let form = compute.form().unwrap_or(Form::Software);
    with_band(size, Paintings::of(styles), config, form, largest_buffer(&compute.info.limits)).0
}

/// The settings with the rows of a band, 0 for none: their own, or none where a run's plan is within the budget and no buffer is larger
/// than the largest, in bytes, that the device can have. And the plan.
pub(super) fn with_band(
    (width, height): (u32, u32),
    paintings: Paintings,
    config: &StyleConfig,
    form: Form,
    largest: u64,
) -> (StyleConfig, Plan) {
    let planned = |config: StyleConfig| {
        let plan = Plan::new(width, height, paintings, &config, form);
        (config, plan)
    };
    let of = |band: u32| planned(StyleConfig { band: Some(band), ..config.clone() });
    if config.band.is_some() {
        return planned(config.clone());
    }
    let whole = of(0);
    let (_, plan) = &whole;
    if plan.peak <= BUDGET && plan.largest <= largest { whole } else { of(BAND) }
}

#[cfg(test)]
mod tests;
