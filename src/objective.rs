//! The function that is minimised: what one scale's targets are and how an image falls short of them.

use burn::tensor::{Device, Tensor};

use crate::colour::Affine;
use crate::config::{LayerWeight, StyleConfig, StyleLoss};
use crate::error::{Error, Result};
use crate::image::{Picture, fit};
use crate::kernels::{self, Form, Maps, Sums};
use crate::loss;
use crate::message::Losses;
use crate::photoreal::Laplacian;
use crate::schedule::deepest;
use crate::vgg::{Layer, Vgg};
use crate::wasserstein::{self, Moments};

/// A painting and its share in the style.
#[derive(Debug, Clone)]
pub struct Style {
    /// The painting.
    pub picture: Picture,
    /// Its weight, ≥ 0; the weights of all paintings are divided by their sum.
    pub weight: f64,
}

/// Checks that paintings can be blended: at least one, weights within \[0, 1000\], some above 0.
///
/// # Errors
/// [`Error::NoStyle`] or [`Error::StyleWeight`].
pub fn check_styles(styles: &[Style]) -> Result<()> {
    if let Some(style) = styles.iter().find(|s| !(0.0..=1000.0).contains(&s.weight)) {
        return Err(Error::StyleWeight(style.weight));
    }
    if styles.iter().all(|s| s.weight == 0.0) {
        return Err(Error::NoStyle);
    }
    Ok(())
}

/// The targets of one scale.
#[derive(Debug)]
pub struct Objective {
    last: Layer,
    content: Vec<(Layer, f64, Maps)>,
    style: Vec<(Layer, f64, StyleTarget)>,
    tv_weight: f64,
    photoreal: Option<(f64, Laplacian)>,
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
            last: deepest(config),
            content: Vec::new(),
            style: Vec::new(),
            tv_weight: config.tv_weight,
            photoreal: None,
        };
        if config.photoreal_weight > 0.0 {
            targets.photoreal = Laplacian::new(&photo, device).map(|laplacian| (config.photoreal_weight, laplacian));
        }

        if let Some(last) = content_layers.iter().map(|(layer, _)| *layer).max() {
            let image = photo.to_tensor_as(&Affine::of_content(config.colour), device);
            let activations = network.forward(image, last);
            targets.content = content_layers.into_iter().map(|(layer, w)| (layer, w, activations.at(layer))).collect();
        }
        if let Some(last) = style_layers.iter().map(|(layer, _)| *layer).max() {
            let total: f64 = styles.iter().map(|style| style.weight).sum();
            let mut statistics: Vec<Vec<(f64, Statistics)>> = style_layers.iter().map(|_| Vec::new()).collect();
            for style in styles.iter().filter(|style| style.weight > 0.0) {
                let picture = at_scale(&style.picture, width.max(height), config.style_scale);
                check_painting(&picture, last)?;
                let colours = Affine::of_style(config.colour, &picture, &photo);
                let activations = network.forward(picture.to_tensor_as(&colours, device), last);
                for (&(layer, _), list) in style_layers.iter().zip(&mut statistics) {
                    list.push((style.weight / total, Statistics::of(&activations.at(layer), config.style_loss)));
                }
            }
            for ((layer, weight), list) in style_layers.into_iter().zip(statistics) {
                if let Some(target) = Statistics::blend(list, network.form()).await? {
                    targets.style.push((layer, weight, target));
                }
            }
        }
        Ok(targets)
    }

    /// Evaluates the objective and its gradient at `image` (`[1, 3, height, width]`, RGB in \[0, 1\]).
    pub fn evaluate(&self, network: &Vgg, image: Tensor<4>) -> Evaluation {
        let activations = network.forward(image.clone(), self.last);
        let mut sums = Sums::new(network.form());
        let mut terms = Vec::new();
        let at_image = activations.gradient(|layer, maps| {
            let mut gradients = Vec::new();
            for (_, weight, target) in self.content.iter().filter(|(at, ..)| *at == layer) {
                terms.push(Term::Content);
                sums.begin();
                gradients.push(loss::content(maps, target, *weight, &mut sums));
            }
            for (_, weight, target) in self.style.iter().filter(|(at, ..)| *at == layer) {
                terms.push(Term::Style(layer));
                sums.begin();
                gradients.push(match target {
                    StyleTarget::Gram(target) => loss::gram(maps, target, *weight, &mut sums),
                    StyleTarget::Wasserstein(target) => target.loss(maps, *weight, &mut sums),
                });
            }
            gradients.into_iter().reduce(|sum, gradient| sum + gradient)
        });
        let mut gradient = at_image.unwrap_or_else(|| image.zeros_like());
        if self.tv_weight > 0.0 {
            terms.push(Term::Tv);
            sums.begin();
            gradient = gradient + loss::total_variation(image.clone(), self.tv_weight, network.form(), &mut sums);
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
            StyleLoss::Gram => Self::Gram(Box::new(kernels::gram(maps))),
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

/// Reads a tensor's values, without blocking.
///
/// # Errors
/// [`Error::DeviceFailed`].
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let failed = |reason: String| Error::DeviceFailed { device: "device".into(), reason };
    let data = tensor.into_data_async().await.map_err(|error| failed(error.to_string()))?;
    data.try_into_vec::<f32>().map_err(|error| failed(format!("{error:?}")))
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
