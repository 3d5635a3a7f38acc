//! The function that is minimised: what one scale's targets are and how an image falls short of them.

use burn::tensor::{Device, Tensor};

use super::losses::Losses;
use super::matting::Laplacian;
use super::region::Region;
use super::style::Style;
use super::terms;
use super::wasserstein::{self, Moments};
use crate::compute::{self, Form, Maps, Sums};
use crate::error::{Error, Result};
use crate::network::{CONVOLUTIONS, Layer, Vgg, largest_at_once};
use crate::picture::{Affine, Picture, fit};
use crate::settings::{LayerWeight, StyleConfig, StyleLoss};

/// The targets of one scale.
#[derive(Debug)]
pub struct Objective {
    last: Layer,
    content: Vec<(Layer, f64, Maps)>,
    style: Vec<StyleTerm>,
    tv_weight: f64,
    photoreal: Option<(f64, Laplacian)>,
}

/// One layer's style loss for one group of paintings.
#[derive(Debug)]
struct StyleTerm {
    layer: Layer,
    weight: f64,
    region: Option<Region>,
    target: StyleTarget,
}

impl StyleTerm {
    /// The loss's gradient at the activations, its value among the sums.
    fn loss(&self, maps: &Maps, sums: &mut Sums) -> Tensor<4> {
        let at = |maps: &Maps, weight: f64, sums: &mut Sums| match &self.target {
            StyleTarget::Gram(target) => terms::gram(maps, target, weight, sums),
            StyleTarget::Wasserstein(target) => target.loss(maps, weight, sums),
        };
        match &self.region {
            None => at(maps, self.weight, sums),
            // A region's pixels are pulled as hard as they would be in a picture of their own.
            Some(region) => {
                let gradient = at(&region.gather(maps), self.weight * region.share(), sums);
                region.scatter(gradient, maps)
            }
        }
    }
}

/// Paintings that are blended: those without a mask together, each other alone.
struct Group<'a> {
    styles: Vec<&'a Style>,
    mask: Option<&'a Picture>,
    /// What the style weight is multiplied by: the group's mean weight by that of all paintings.
    factor: f64,
}

fn groups(styles: &[Style]) -> Vec<Group<'_>> {
    let used: Vec<&Style> = styles.iter().filter(|style| style.weight > 0.0).collect();
    let mean = |styles: &[&Style]| styles.iter().map(|style| style.weight).sum::<f64>() / styles.len() as f64;
    let (masked, everywhere): (Vec<_>, Vec<_>) = used.iter().copied().partition(|style| style.mask.is_some());
    let mut groups = Vec::new();
    for styles in std::iter::once(everywhere).chain(masked.into_iter().map(|style| vec![style])) {
        if let Some(first) = styles.first() {
            groups.push(Group { mask: first.mask.as_ref(), factor: mean(&styles) / mean(&used), styles });
        }
    }
    groups
}

/// What one layer's statistics shall become.
#[derive(Debug)]
enum StyleTarget {
    Gram(Box<Tensor<2>>),
    Wasserstein(Box<wasserstein::Target>),
}

/// The objective at an image: the loss terms still on the device, and the whole gradient.
#[derive(Debug)]
pub struct Evaluation {
    terms: Vec<Term>,
    sums: Sums,
    /// Of the total, with respect to the image, `[1, 3, height, width]`.
    pub gradient: Tensor<4>,
}

#[derive(Debug)]
enum Term {
    Content,
    Style(Layer),
    Tv,
    Photoreal,
}

impl Objective {
    /// Computes the targets for an image of `width × height` pixels.
    ///
    /// The photo is resized to that size; each painting so that its long side is the image's times
    /// `styleScale`, but never enlarged.
    ///
    /// # Errors
    /// A painting that is too small for the deepest layer in use, or the device's failure.
    pub async fn new(
        network: &Vgg,
        content: &Picture,
        styles: &[Style],
        (width, height): (u32, u32),
        config: &StyleConfig,
        device: &Device,
    ) -> Result<Self> {
        let used = |layers: &[LayerWeight], weight: f64| -> Vec<(Layer, f64)> {
            layers.iter().map(|l| (l.layer, l.weight * weight)).filter(|(_, w)| *w > 0.0).collect()
        };
        let content_layers = used(&config.content_layers, config.content_weight);
        let style_layers = used(&config.style_layers, config.style_weight);
        let photo = content.resized(width, height);
        let mut targets = Self {
            last: config.deepest(),
            content: Vec::new(),
            style: Vec::new(),
            tv_weight: config.tv_weight,
            photoreal: None,
        };
        if config.photoreal_weight > 0.0 {
            targets.photoreal = Laplacian::new(&photo, device).map(|laplacian| (config.photoreal_weight, laplacian));
        }

        if let Some(last) = content_layers.iter().map(|(layer, _)| *layer).max() {
            let image = Affine::of_content(config.colour).to_tensor(&photo, device);
            network.visit(image, last, |layer, maps| {
                let here = content_layers.iter().filter(|(at, _)| *at == layer);
                // A copy of its own size: it is kept for long, and what it is in may be a larger buffer lent.
                let copy = || Maps { data: maps.data.clone() * 1.0, ..maps.clone() };
                targets.content.extend(here.map(|&(layer, weight)| (layer, weight, copy())));
            });
        }
        for group in groups(styles) {
            targets.add_style(network, &group, &style_layers, &photo, config, device).await?;
        }
        // Losses of weight zero, and regions without a pixel at some layer, may have left the deepest out.
        targets.last = targets.tapped().into_iter().max().unwrap_or(targets.last);
        compute::release_memory(device);
        let is_tapped = |layer| targets.tapped().contains(&layer);
        let count = largest_at_once(targets.last, is_tapped);
        let size = [height as usize, width as usize];
        compute::reserve_memory(CONVOLUTIONS[0].outputs, size, count, network.form(), device);
        Ok(targets)
    }

    /// Adds the style losses of a group of paintings.
    async fn add_style(
        &mut self,
        network: &Vgg,
        group: &Group<'_>,
        layers: &[(Layer, f64)],
        photo: &Picture,
        config: &StyleConfig,
        device: &Device,
    ) -> Result<()> {
        let Some(last) = layers.iter().map(|(layer, _)| *layer).max() else { return Ok(()) };
        let total: f64 = group.styles.iter().map(|style| style.weight).sum();
        let mut statistics: Vec<Vec<(f64, Statistics)>> = layers.iter().map(|_| Vec::new()).collect();
        for style in &group.styles {
            let picture = at_scale(&style.picture, photo.width().max(photo.height()), config.style_scale);
            check_painting(&picture, last)?;
            let colours = Affine::of_style(config.colour, &picture, photo);
            network.visit(colours.to_tensor(&picture, device), last, |layer, maps| {
                let here = layers.iter().zip(&mut statistics).filter(|((at, _), _)| *at == layer);
                for (_, list) in here {
                    list.push((style.weight / total, Statistics::of(maps, config.style_loss)));
                }
            });
        }
        let size = [photo.height() as usize, photo.width() as usize];
        let mut empty = group.mask.is_some();
        for (&(layer, weight), list) in layers.iter().zip(statistics) {
            let region = group.mask.map(|mask| Region::new(mask, size.map(|side| side >> layer.halvings()), device));
            // A deep layer may have no pixel in a small region: the others speak for it.
            if matches!(region, Some(None)) {
                continue;
            }
            empty = false;
            if let Some(target) = Statistics::blend(list, network.form()).await? {
                let (weight, region) = (weight * group.factor, region.flatten());
                self.style.push(StyleTerm { layer, weight, region, target });
            }
        }
        if empty { Err(Error::EmptyMask) } else { Ok(()) }
    }

    /// The layers whose activations a loss looks at.
    fn tapped(&self) -> Vec<Layer> {
        let style = self.style.iter().map(|term| term.layer);
        self.content.iter().map(|(layer, ..)| *layer).chain(style).collect()
    }

    /// Evaluates the objective and its gradient at `image` (`[1, 3, height, width]`, RGB in \[0, 1\]).
    pub fn evaluate(&self, network: &Vgg, image: Tensor<4>) -> Evaluation {
        let activations = network.forward(image.clone(), self.last, &self.tapped());
        let mut sums = Sums::new(network.form());
        let mut terms = Vec::new();
        let at_image = activations.gradient(|layer, maps| {
            let mut gradients = Vec::new();
            for (_, weight, target) in self.content.iter().filter(|(at, ..)| *at == layer) {
                terms.push(Term::Content);
                sums.begin();
                gradients.push(terms::content(maps, target, *weight, &mut sums));
            }
            for term in self.style.iter().filter(|term| term.layer == layer) {
                terms.push(Term::Style(layer));
                sums.begin();
                gradients.push(term.loss(maps, &mut sums));
            }
            gradients.into_iter().reduce(|sum, gradient| sum + gradient)
        });
        let mut gradient = at_image.unwrap_or_else(|| image.zeros_like());
        if self.tv_weight > 0.0 {
            terms.push(Term::Tv);
            sums.begin();
            gradient = gradient + terms::total_variation(image.clone(), self.tv_weight, network.form(), &mut sums);
        }
        if let Some((weight, laplacian)) = &self.photoreal {
            terms.push(Term::Photoreal);
            sums.begin();
            gradient = gradient + laplacian.loss(image, *weight, &mut sums);
        }
        Evaluation { terms, sums, gradient }
    }
}

/// One painting's statistics at one layer.
enum Statistics {
    Gram(Box<Tensor<2>>),
    Moments(Box<Moments>),
}

impl Statistics {
    fn of(maps: &Maps, loss: StyleLoss) -> Self {
        match loss {
            StyleLoss::Gram => Self::Gram(Box::new(compute::gram(maps))),
            StyleLoss::Wasserstein => Self::Moments(Box::new(Moments::of(maps))),
        }
    }

    /// The target several paintings make by their shares.
    async fn blend(list: Vec<(f64, Self)>, form: Form) -> Result<Option<StyleTarget>> {
        let (mut grams, mut moments) = (Vec::new(), Vec::new());
        for (share, statistics) in list {
            match statistics {
                Self::Gram(gram) => grams.push(*gram * share),
                Self::Moments(part) => moments.push((share, *part)),
            }
        }
        if let Some(gram) = grams.into_iter().reduce(|a, b| a + b) {
            return Ok(Some(StyleTarget::Gram(Box::new(gram))));
        }
        match Moments::mixture(&moments) {
            Some(moments) => {
                Ok(Some(StyleTarget::Wasserstein(Box::new(wasserstein::Target::new(moments, form).await?))))
            }
            None => Ok(None),
        }
    }
}

impl Evaluation {
    /// Reads the loss terms from the device, in one small transfer.
    ///
    /// # Errors
    /// The device's own.
    pub async fn losses(self) -> Result<Losses> {
        let mut losses = Losses::default();
        for (term, value) in self.terms.into_iter().zip(self.sums.read().await?) {
            losses.total += value;
            match term {
                Term::Content => losses.content += value,
                Term::Style(layer) => *losses.style.entry(layer.to_string()).or_default() += value,
                Term::Tv => losses.tv += value,
                Term::Photoreal => losses.photoreal += value,
            }
        }
        Ok(losses)
    }
}

/// A painting as a run at this long side sees it.
fn at_scale(painting: &Picture, long_side: u32, style_scale: f64) -> Picture {
    let own = painting.width().max(painting.height());
    let wanted = ((f64::from(long_side) * style_scale).round() as u32).clamp(1, own);
    let (width, height) = fit(painting.width(), painting.height(), wanted);
    painting.resized(width, height)
}

fn check_painting(painting: &Picture, last: Layer) -> Result<()> {
    let shortest = 1 << last.halvings();
    if painting.width().min(painting.height()) >= shortest {
        return Ok(());
    }
    Err(Error::PictureSize {
        what: "A painting".into(),
        width: painting.width().into(),
        height: painting.height().into(),
        reason: format!(
            "at this size, but {last} needs both sides to be at least {shortest}. Choose a larger or less narrow painting, or raise size or styleScale"
        ),
    })
}
