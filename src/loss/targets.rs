//! What a run's pictures look like to the network at one scale.
//!
//! Weights can change with every step, pictures cannot: so nothing in here knows a loss's weight or a painting's share.
//! Every layer that any loss could look at is kept, every painting for itself, and each picture is resized and shown to
//! the network once.

use std::cell::OnceCell;

use burn::tensor::Device;

use super::matting::Laplacian;
use super::region::Region;
use super::style::Style;
use super::wasserstein::Moments;
use crate::compute::{self, Maps, Matrix};
use crate::error::{Error, Result};
use crate::network::{Layer, Vgg};
use crate::picture::{Affine, Picture, fit};
use crate::settings::{Colour, LayerWeight, StyleConfig, StyleLoss};

/// The targets of one scale, without weights.
#[derive(Debug)]
pub struct Targets {
    /// The photo at the scale's size.
    pub photo: Picture,
    /// Whose colours the pictures had.
    pub colour: Colour,
    /// Layers that carry the content, with their weights among themselves and the photo's activations.
    pub content: Vec<(Layer, f64, Maps)>,
    /// Layers that carry the style, with their weights among themselves.
    pub style_layers: Vec<(Layer, f64)>,
    /// The paintings, in their order.
    pub paintings: Vec<Painting>,
    /// Of the photo, made when first asked for.
    laplacian: OnceCell<Option<Laplacian>>,
    device: Device,
}

/// One painting at one scale.
#[derive(Debug)]
pub struct Painting {
    /// Width and height in pixels it was shown at.
    pub size: (u32, u32),
    /// By style layer, as far as the painting is large enough.
    statistics: Vec<(Layer, Statistics)>,
    /// Its region at each style layer, if it has a mask; nothing at a layer where no pixel is inside.
    pub regions: Option<Vec<Option<Region>>>,
}

/// One painting's statistics at one layer.
#[derive(Debug, Clone)]
pub enum Statistics {
    /// Its Gram matrix.
    Gram(Box<Matrix>),
    /// Its mean and covariance.
    Moments(Box<Moments>),
}

impl Targets {
    /// Shows the photo, resized to `width × height` pixels, and the paintings to the network.
    ///
    /// Each painting is resized so that its long side is the photo's times `styleScale`, but never enlarged. A painting
    /// too small for a layer goes without it: see [`Painting::statistics`].
    pub fn new(
        network: &Vgg,
        content: &Picture,
        styles: &[Style],
        (width, height): (u32, u32),
        config: &StyleConfig,
        device: &Device,
    ) -> Self {
        let used = |layers: &[LayerWeight]| -> Vec<(Layer, f64)> {
            layers.iter().map(|l| (l.layer, l.weight)).filter(|(_, weight)| *weight > 0.0).collect()
        };
        let content_layers = used(&config.content_layers);
        let mut targets = Self {
            photo: content.resized(width, height),
            colour: config.colour,
            content: Vec::new(),
            style_layers: used(&config.style_layers),
            paintings: Vec::new(),
            laplacian: OnceCell::new(),
            device: device.clone(),
        };
        if let Some(last) = content_layers.iter().map(|(layer, _)| *layer).max() {
            let image = Affine::of_content(config.colour).to_tensor(&targets.photo, device);
            network.visit(image, last, |layer, maps| {
                let here = content_layers.iter().filter(|(at, _)| *at == layer);
                // A copy of its own size: it is kept for long, and what it is in may be a larger buffer lent.
                let copy = || Maps { data: maps.data.clone() * 1.0, ..maps.clone() };
                targets.content.extend(here.map(|&(layer, weight)| (layer, weight, copy())));
            });
        }
        targets.paintings = styles.iter().map(|style| targets.painting(network, style, config)).collect();
        targets
    }

    fn painting(&self, network: &Vgg, style: &Style, config: &StyleConfig) -> Painting {
        let (width, height) = (self.photo.width(), self.photo.height());
        let picture = at_scale(&style.picture, width.max(height), config.style_scale);
        let size = (picture.width(), picture.height());
        let mut statistics = Vec::new();
        let layers = self.style_layers.iter().map(|(layer, _)| *layer);
        if let Some(last) = layers.clone().filter(|layer| is_large_enough(size, *layer)).max() {
            let colours = Affine::of_style(config.colour, &picture, &self.photo);
            network.visit(colours.to_tensor(&picture, &self.device), last, |layer, maps| {
                if layers.clone().any(|at| at == layer) {
                    statistics.push((layer, Statistics::of(maps, config.style_loss)));
                }
            });
        }
        let side = |pixels: u32, layer: Layer| pixels as usize >> layer.halvings();
        let region = |mask, layer| Region::new(mask, [side(height, layer), side(width, layer)], &self.device);
        let regions = style.mask.as_ref().map(|mask| layers.map(|layer| region(mask, layer)).collect());
        Painting { size, statistics, regions }
    }

    /// Where the targets are.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The photo's matting Laplacian; nothing when the photo is too small for any.
    pub fn laplacian(&self) -> Option<&Laplacian> {
        self.laplacian.get_or_init(|| Laplacian::new(&self.photo, &self.device)).as_ref()
    }
}

impl Painting {
    /// The statistics at a style layer.
    ///
    /// # Errors
    /// [`Error::PictureSize`] when the painting is too small for it.
    pub fn statistics(&self, layer: Layer) -> Result<&Statistics> {
        let here = self.statistics.iter().find(|(at, _)| *at == layer);
        here.map(|(_, statistics)| statistics).ok_or_else(|| Error::PictureSize {
            what: "A painting".into(),
            width: self.size.0.into(),
            height: self.size.1.into(),
            reason: format!(
                "at this size, but {layer} needs both sides to be at least {}. Choose a larger or less narrow painting, or raise size or styleScale",
                1 << layer.halvings()
            ),
        })
    }
}

impl Statistics {
    fn of(maps: &Maps, loss: StyleLoss) -> Self {
        // Copies, for the reason the content's activations are.
        match loss {
            StyleLoss::Gram => Self::Gram(Box::new(compute::gram(maps) * 1.0)),
            StyleLoss::Wasserstein => {
                let Moments { mean, covariance } = Moments::of(maps);
                Self::Moments(Box::new(Moments { mean: mean * 1.0, covariance: covariance * 1.0 }))
            }
        }
    }
}

/// A painting as a run at this long side sees it.
fn at_scale(painting: &Picture, long_side: u32, style_scale: f64) -> Picture {
    let own = painting.width().max(painting.height());
    let wanted = ((f64::from(long_side) * style_scale).round() as u32).clamp(1, own);
    let (width, height) = fit(painting.width(), painting.height(), wanted);
    painting.resized(width, height)
}

fn is_large_enough((width, height): (u32, u32), layer: Layer) -> bool {
    width.min(height) >= 1 << layer.halvings()
}
