//! What a run's pictures look like to the network at one scale.
//!
//! Weights can change with every step, pictures cannot: so nothing in here knows a loss's weight or a painting's share.
//! Every layer that any loss could look at is kept, every painting for itself, and each picture is resized and shown to
//! the network once.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};

use super::content::Content;
use super::looks::{Look, LookKey, Looks};
use super::matching::{Matched, Query};
use super::matting::Laplacian;
use super::region::Region;
use super::room::{at_scale, is_large_enough, too_small};
use super::statistics::{Statistics, Tally};
use super::style::Style;
use crate::compute::{Maps, Rising, Wrap};
use crate::error::{Error, Result};
use crate::network::{Layer, Vgg};
use crate::picture::{Affine, Picture};
use crate::settings::{Colour, LayerWeight, StyleConfig, StyleLoss};

/// The targets of one scale, without weights.
#[derive(Debug)]
pub struct Targets {
    /// The photo at the scale's size.
    pub photo: Picture,
    /// Whose colours the pictures had.
    pub colour: Colour,
    /// Layers that carry the content, with their weights among themselves and what the photo asks of them.
    pub content: Vec<(Layer, f64, Content)>,
    /// Layers that carry the style, with their weights among themselves; with a loss of neighbours the largest is 1.
    pub style_layers: Vec<(Layer, f64)>,
    /// What is compared at them.
    pub style_loss: StyleLoss,
    /// The paintings, in their order.
    pub paintings: Vec<Painting>,
    /// Which edges of the photo meet.
    wrap: Wrap,
    /// Of the photo, made when first asked for.
    laplacian: OnceCell<Option<Laplacian>>,
    device: Device,
}

/// One painting at one scale.
#[derive(Debug)]
pub struct Painting {
    /// What it looks like at that scale's size.
    look: Look,
    /// All that depends on, where another photo's run can have the same.
    pub key: Option<LookKey>,
    /// What of it is nearest to the photo, where that is looked at and it is large enough.
    pub matched: Option<Matched>,
    /// Where it applies, if not everywhere.
    pub mask: Option<Picture>,
    /// Its region at each style layer, if it has a mask; nothing at a layer where no pixel is inside.
    pub regions: Option<Vec<Option<Region>>>,
}

impl Targets {
    /// Shows the photo, resized to `width × height` pixels, and the paintings to the network.
    ///
    /// Each painting is resized so that its long side is the photo's times `styleScale`, but never enlarged. A painting
    /// too small for a layer goes without it: see [`Painting::statistics`]. What was found of a painting before is taken from
    /// `known`, where there is such. `so_far` is the picture painted at the scale before, enlarged, if there is one.
    pub fn new(
        network: &Vgg,
        content: &Picture,
        styles: &[Style],
        (width, height): (u32, u32),
        config: &StyleConfig,
        (known, so_far): (Option<&Looks>, Option<Tensor<4>>),
        device: &Device,
    ) -> Self {
        let weighted = |LayerWeight { layer, weight }: LayerWeight| (layer, weight);
        let content_layers: Vec<(Layer, f64)> = config.used_content_layers().map(weighted).collect();
        let mut targets = Self {
            photo: content.resized(width, height),
            colour: config.colour,
            content: Vec::new(),
            style_layers: style_layers(config),
            style_loss: config.style_loss,
            paintings: Vec::new(),
            wrap: config.tile,
            laplacian: OnceCell::new(),
            device: device.clone(),
        };
        if let Some(last) = content_layers.iter().map(|(layer, _)| *layer).max() {
            let image = Affine::of_content(config.colour).to_tensor(&targets.photo, device);
            targets.content = match config.rows_at_a_time() {
                0 => {
                    let mut content = Vec::new();
                    network.visit(image, config.tile, last, |layer, maps| {
                        let here = content_layers.iter().filter(|(at, _)| *at == layer);
                        let wanted = || Content::of(maps, config.content_loss, config.seed, device);
                        content.extend(here.map(|&(layer, weight)| (layer, weight, wanted())));
                    });
                    content
                }
                rows => in_bands(network, (image, config.tile), &content_layers, rows)
                    .into_iter()
                    .map(|(layer, weight, maps)| (layer, weight, Content::Features(Box::new(maps))))
                    .collect(),
            };
        }
        let painting = |style| match config.style_loss {
            StyleLoss::Neighbours => targets.matched(network, style, so_far.as_ref(), config),
            StyleLoss::Gram | StyleLoss::Wasserstein => targets.painting(network, style, config, known),
        };
        targets.paintings = styles.iter().map(painting).collect();
        targets
    }

    /// Looks a painting up by what of it is nearest to the photo. That is never shared: every photo finds something else.
    fn matched(&self, network: &Vgg, style: &Style, so_far: Option<&Tensor<4>>, config: &StyleConfig) -> Painting {
        let size = self.size_of(style, config);
        let picture = style.picture.resized(size.0, size.1);
        let is_large = self.style_layers.iter().all(|(layer, _)| is_large_enough(size, *layer));
        let matched = (is_large && !self.style_layers.is_empty()).then(|| {
            let colours = Affine::of_style(config.colour, &picture, &self.photo);
            let photo = Affine::of_query(config.colour, &self.photo, &picture).to_tensor(&self.photo, &self.device);
            let query = Query::new(network, photo, so_far, &self.style_layers);
            query.find_turned(network, colours.to_tensor(&picture, &self.device), config.turns, &self.style_layers)
        });
        let look = Look { size, statistics: Vec::new() };
        Painting { look, key: None, matched, mask: style.mask.clone(), regions: None }
    }

    /// Width and height in pixels a painting is shown at.
    fn size_of(&self, style: &Style, config: &StyleConfig) -> (u32, u32) {
        at_scale(&style.picture, self.photo.width().max(self.photo.height()), config.style_scale)
    }

    fn painting(&self, network: &Vgg, style: &Style, config: &StyleConfig, known: Option<&Looks>) -> Painting {
        let (width, height) = (self.photo.width(), self.photo.height());
        let size = self.size_of(style, config);
        let find = || self.look(network, &style.picture.resized(size.0, size.1), config);
        let shared = known.and_then(|known| {
            let key = LookKey::of(&style.picture, size, &self.style_layers, config)?;
            Some((known.get(&key, find), key))
        });
        let (look, key) = match shared {
            Some((look, key)) => (look, Some(key)),
            None => (find(), None),
        };
        let side = |pixels: u32, layer: Layer| pixels as usize >> layer.halvings();
        let region = |mask, layer| Region::new(mask, [side(height, layer), side(width, layer)], &self.device);
        let layers = || self.style_layers.iter().map(|(layer, _)| *layer);
        let regions = style.mask.as_ref().map(|mask| layers().map(|layer| region(mask, layer)).collect());
        Painting { look, key, matched: None, mask: style.mask.clone(), regions }
    }

    /// Shows a painting, as large as it is, to the network.
    fn look(&self, network: &Vgg, picture: &Picture, config: &StyleConfig) -> Look {
        let size = (picture.width(), picture.height());
        let mut statistics: Vec<(Layer, Statistics)> = Vec::new();
        let layers = self.style_layers.iter().map(|(layer, _)| *layer);
        if let Some(last) = layers.clone().filter(|layer| is_large_enough(size, *layer)).max() {
            let colours = Affine::of_style(config.colour, picture, &self.photo);
            let image = colours.to_tensor(picture, &self.device);
            let wanted = |layer| layers.clone().any(|at| at == layer);
            statistics = match config.rows_at_a_time() {
                0 => {
                    let mut statistics = Vec::new();
                    network.visit(image, Wrap::None, last, |layer, maps| {
                        if wanted(layer) {
                            statistics.push((layer, Statistics::of(maps, config.style_loss)));
                        }
                    });
                    statistics
                }
                rows => {
                    let mut tallies: BTreeMap<Layer, Tally> = BTreeMap::new();
                    network.visit_in_bands((image, Wrap::None), last, rows, wanted, |layer, part| {
                        let tally = tallies.entry(layer).or_insert_with(|| Tally::new(config.style_loss));
                        tally.add(&part.maps());
                    });
                    tallies.into_iter().filter_map(|(layer, tally)| Some((layer, tally.finish()?))).collect()
                }
            };
        }
        Look { size, statistics }
    }

    /// Where the targets are.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The photo's matting Laplacian; nothing when the photo is too small for any.
    pub fn laplacian(&self) -> Option<&Laplacian> {
        self.laplacian.get_or_init(|| Laplacian::new(&self.photo, self.wrap, &self.device)).as_ref()
    }
}

impl Painting {
    /// The statistics at a style layer.
    ///
    /// # Errors
    /// [`Error::PictureSize`] when the painting is too small for it.
    pub fn statistics(&self, layer: Layer) -> Result<&Statistics> {
        let here = self.look.statistics.iter().find(|(at, _)| *at == layer);
        here.map(|(_, statistics)| statistics).ok_or_else(|| self.too_small(layer))
    }

    /// That it is too small for a layer.
    pub fn too_small(&self, layer: Layer) -> Error {
        too_small(self.look.size, layer)
    }
}

/// The style layers that count, with their weights among themselves. A loss of neighbours is made of angles, for
/// which only the weights' ratio matters: there the largest is 1, lest all lengths be taken for none.
fn style_layers(config: &StyleConfig) -> Vec<(Layer, f64)> {
    let largest = match config.style_loss {
        StyleLoss::Neighbours => config.used_style_layers().map(|layer| layer.weight).fold(0.0, f64::max),
        StyleLoss::Gram | StyleLoss::Wasserstein => 1.0,
    };
    config.used_style_layers().map(|LayerWeight { layer, weight }| (layer, weight / largest)).collect()
}

/// The activations at some layers, with their weights among themselves, found in bands of so many rows.
fn in_bands(network: &Vgg, image: (Tensor<4>, Wrap), layers: &[(Layer, f64)], rows: usize) -> Vec<(Layer, f64, Maps)> {
    let Some(last) = layers.iter().map(|(layer, _)| *layer).max() else { return Vec::new() };
    let mut rising: BTreeMap<Layer, (Maps, Rising)> = BTreeMap::new();
    let wanted = |layer| layers.iter().any(|(at, _)| *at == layer);
    network.visit_in_bands(image, last, rows, wanted, |layer, part| {
        let (maps, [height, width]) = (part.maps(), part.size);
        let whole = || Rising::maps([maps.channels, height, width], maps.layout, &maps.data);
        let like = || Maps { height, width, ..maps.clone() };
        let (_, rising) = rising.entry(layer).or_insert_with(|| (like(), whole()));
        rising.put(&maps.data, 0..maps.height);
    });
    let whole = |(layer, (like, rising)): (Layer, (Maps, Rising))| (layer, Maps { data: rising.finish(), ..like });
    let whole: BTreeMap<Layer, Maps> = rising.into_iter().map(whole).collect();
    let kept = layers.iter().filter_map(|&(layer, weight)| Some((layer, weight, whole.get(&layer)?.clone())));
    kept.collect()
}
