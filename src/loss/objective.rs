//! The function that is minimised: how far an image falls short of one scale's targets, by the losses' weights.
//!
//! The targets are made once per scale, the weights are cheap to change: see [`Objective::weigh`].

use burn::tensor::{Device, Tensor};

use super::blend::Blend;
use super::content::Content;
use super::losses::Losses;
use super::shared::{BlendKey, StyleTargets};
use super::style::Style;
use super::style_term::{StyleTarget, StyleTerm};
use super::targets::Targets;
use super::temporal::Temporal;
use super::terms;
use crate::compute::{self, Layout, Sums, Wrap};
use crate::error::Result;
use crate::film::Moved;
use crate::network::{CONVOLUTIONS, Layer, Vgg, largest_at_once};
use crate::picture::Picture;
use crate::settings::{Colour, StyleConfig};

/// The losses of one scale, weighted.
#[derive(Debug)]
pub struct Objective {
    targets: Targets,
    weights: LossWeights,
    /// Made when style first has a weight.
    blend: Option<Blend>,
    shared: Option<StyleTargets>,
    /// What a film's frame holds to.
    temporal: Option<Temporal>,
    layout: Layout,
    /// The rows of each band; 0 where the network is gone through whole.
    band: usize,
    /// Which edges of the image meet.
    wrap: Wrap,
    /// Whether the device's memory was set aside.
    is_settled: bool,
}

/// What each loss is multiplied by; 0 leaves it out.
#[derive(Debug, Clone, Copy, Default)]
struct LossWeights {
    content: f64,
    style: f64,
    tv: f64,
    photoreal: f64,
}

/// The objective at an image: the loss terms still on the device, and the whole gradient.
#[derive(Debug)]
pub struct Evaluation {
    terms: Vec<Term>,
    sums: Sums,
    /// Of the total, with respect to the image, `[1, 3, height, width]`.
    pub gradient: Tensor<4>,
}

/// The name among style layers of the loss that looks at all of them together.
const TOGETHER: &str = "neighbours";

/// The loss terms so far, in the order of the totals among the sums.
struct Account {
    terms: Vec<Term>,
    sums: Sums,
}

#[derive(Debug)]
enum Term {
    Content,
    Style(Layer),
    Neighbours,
    Tv,
    Photoreal,
    Temporal,
}

impl Objective {
    /// Makes the targets for an image of `width × height` pixels and weighs them: [`Objective::unweighed`] and
    /// [`Objective::weigh`].
    ///
    /// # Errors
    /// As [`Objective::weigh`].
    pub async fn new(
        network: &Vgg,
        content: &Picture,
        styles: &[Style],
        size: (u32, u32),
        config: &StyleConfig,
        device: &Device,
    ) -> Result<Self> {
        let mut objective = Self::unweighed(network, content, styles, size, config, (None, None), device);
        objective.weigh(styles, config).await?;
        Ok(objective)
    }

    /// The targets for an image of `width × height` pixels, every weight 0 yet.
    ///
    /// The photo is resized to that size; each painting so that its long side is the image's times
    /// `styleScale`, but never enlarged. Nothing is waited for. What another run left of the paintings in `shared` is taken from there.
    /// `so_far` is the picture painted at the scale before, enlarged to that size, if there is one: neighbours are looked up with it.
    pub fn unweighed(
        network: &Vgg,
        content: &Picture,
        styles: &[Style],
        size: (u32, u32),
        config: &StyleConfig,
        (shared, so_far): (Option<&StyleTargets>, Option<Tensor<4>>),
        device: &Device,
    ) -> Self {
        let looks = shared.map(StyleTargets::looks);
        Self {
            targets: Targets::new(network, content, styles, size, config, (looks, so_far), device),
            weights: LossWeights::default(),
            blend: None,
            shared: shared.cloned(),
            temporal: None,
            layout: network.layout(),
            band: config.rows_at_a_time(),
            wrap: config.tile,
            is_settled: false,
        }
    }

    /// Holds the image to the last frame's picture, so firmly; 0 leaves it out.
    pub fn hold_to(&mut self, moved: &Moved, weight: f64) {
        let temporal = || Temporal::new(moved, weight, self.size(), self.targets.colour, self.targets.device());
        self.temporal = (weight > 0.0).then(temporal);
    }

    /// Whether it is for an image of `width × height` pixels in these colours: all that targets depend on, the rest of a
    /// run's settings being what they were.
    pub fn is_for(&self, size: (u32, u32), colour: Colour) -> bool {
        self.size() == size && self.targets.colour == colour
    }

    /// Width and height of the images it is for, in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.photo().width(), self.photo().height())
    }

    /// Whose colours the pictures have.
    pub fn colour(&self) -> Colour {
        self.targets.colour
    }

    /// The photo at the image's size.
    pub fn photo(&self) -> &Picture {
        &self.targets.photo
    }

    /// Takes the losses' weights from the settings and the paintings' from `styles`, the same paintings as before. Neither
    /// photo nor paintings are looked at again, and where nothing has changed nothing is done.
    ///
    /// # Errors
    /// A painting with a weight that is too small for the deepest style layer or whose mask leaves it no pixel; the
    /// device's failure. The weights from before are kept then.
    pub async fn weigh(&mut self, styles: &[Style], config: &StyleConfig) -> Result<()> {
        let shares: Vec<f64> = styles.iter().map(|style| style.weight).collect();
        let is_blended = self.blend.as_ref().is_some_and(|blend| blend.weights == shares);
        if config.style_weight > 0.0 && !is_blended {
            self.blend = Some(self.blended(&shares).await?);
        }
        self.weights = LossWeights {
            content: config.content_weight,
            style: config.style_weight,
            tv: config.tv_weight,
            photoreal: config.photoreal_weight,
        };
        if !self.is_settled {
            self.settle();
        }
        Ok(())
    }

    /// The paintings blended by these weights, by this run or one it shares with.
    async fn blended(&self, shares: &[f64]) -> Result<Blend> {
        let key = || {
            let looks = self.targets.paintings.iter().map(|painting| match painting.regions {
                None => painting.key.clone(),
                Some(_) => None,
            });
            Some(BlendKey { looks: looks.collect::<Option<_>>()?, layers: self.targets.style_layers.clone() })
        };
        let Some((shared, key)) = self.shared.as_ref().and_then(|shared| Some((shared, key()?))) else {
            return Blend::new(&self.targets, shares).await;
        };
        if let Some(blend) = shared.blend(&key, shares) {
            return Ok(blend);
        }
        let blend = Blend::new(&self.targets, shares).await?;
        shared.keep(&key, &blend);
        Ok(blend)
    }

    /// Gives back the memory that making the targets took and sets aside what steps will take, but where memory is short.
    fn settle(&mut self) {
        let Self { targets, layout, .. } = &*self;
        let device = targets.device();
        compute::release_memory(device);
        if !self.is_in_bands() {
            let tapped = self.tapped();
            let count = tapped.iter().max().map_or(0, |last| largest_at_once(*last, |layer| tapped.contains(&layer)));
            let size = [self.photo().height(), self.photo().width()].map(|side| side as usize);
            compute::reserve_memory(CONVOLUTIONS[0].outputs, size, count, *layout, device);
        }
        self.is_settled = true;
    }

    /// The content losses that count: layers, weights and what the photo asks of them.
    fn content(&self) -> impl Iterator<Item = (Layer, f64, &Content)> {
        let weighted =
            self.targets.content.iter().map(|(layer, weight, wanted)| (*layer, weight * self.weights.content, wanted));
        weighted.filter(|(_, weight, _)| *weight > 0.0)
    }

    /// The style losses that count.
    fn style(&self) -> impl Iterator<Item = &StyleTerm> {
        let terms = self.blend.iter().flat_map(|blend| &blend.terms);
        terms.filter(|term| term.weight(self.weights.style) > 0.0)
    }

    /// The layers whose activations a loss looks at.
    fn tapped(&self) -> Vec<Layer> {
        self.content().map(|(layer, ..)| layer).chain(self.style().map(|term| term.layer)).collect()
    }

    /// Whether the network is gone through in bands: memory is short.
    pub fn is_in_bands(&self) -> bool {
        self.band > 0
    }

    /// Gives back what memory is idle, where memory is short.
    pub fn release_memory(&self) {
        if self.is_in_bands() {
            compute::release_memory(self.targets.device());
        }
    }

    /// Evaluates the objective and its gradient at `image` (`[1, 3, height, width]`, RGB in \[0, 1\]).
    pub fn evaluate(&self, network: &Vgg, image: Tensor<4>) -> Evaluation {
        let tapped = self.tapped();
        let mut account = Account { terms: Vec::new(), sums: Sums::new(self.layout) };
        let at_image = tapped.iter().max().and_then(|last| match self.band {
            0 => self.whole(network, image.clone(), *last, &tapped, &mut account),
            _ => self.in_bands(network, image.clone(), *last, &tapped, &mut account),
        });
        let Account { mut terms, mut sums } = account;
        let mut gradient = at_image;
        if self.weights.tv > 0.0 {
            terms.push(Term::Tv);
            sums.begin();
            gradient = Some(terms::total_variation(image.clone(), self.wrap, self.weights.tv, gradient, &mut sums));
        }
        let mut gradient = gradient.unwrap_or_else(|| image.zeros_like());
        if self.weights.photoreal > 0.0
            && let Some(laplacian) = self.targets.laplacian()
        {
            terms.push(Term::Photoreal);
            sums.begin();
            gradient = gradient + laplacian.loss(image.clone(), self.weights.photoreal, &mut sums);
        }
        if let Some(temporal) = &self.temporal {
            terms.push(Term::Temporal);
            sums.begin();
            gradient = gradient + temporal.loss(image, &mut sums);
        }
        Evaluation { terms, sums, gradient }
    }

    /// The gradient of the losses that look at the network's activations.
    fn whole(
        &self,
        network: &Vgg,
        image: Tensor<4>,
        last: Layer,
        tapped: &[Layer],
        Account { terms, sums }: &mut Account,
    ) -> Option<Tensor<4>> {
        let mut looking = self.blend.as_ref().map(|blend| blend.look(self.weights.style));
        let activations = network.forward(image, self.wrap, last, tapped, |layer, maps| {
            let Some(looking) = &mut looking else { return };
            for term in self.style().filter(|term| term.layer == layer) {
                match term.target {
                    StyleTarget::Gram(_) | StyleTarget::Wasserstein(_) => terms.push(Term::Style(layer)),
                    // All layers' together, begun by the first.
                    StyleTarget::Neighbours(_) if terms.is_empty() => terms.push(Term::Neighbours),
                    StyleTarget::Neighbours(_) => {}
                }
                looking.see(term, maps, sums);
            }
        });
        let pulls = looking.map(|looking| looking.solve(sums));
        activations.gradient(None, |layer, maps| {
            let mut gradients = Vec::new();
            for (_, weight, wanted) in self.content().filter(|(at, ..)| *at == layer) {
                terms.push(Term::Content);
                sums.begin();
                gradients.push(wanted.loss(maps, weight, sums));
            }
            gradients.extend(pulls.iter().flat_map(|pulls| pulls.gradients(layer, maps)));
            gradients.into_iter().reduce(|sum, gradient| sum + gradient)
        })
    }

    /// The same in bands: each adds its share to the statistics on the way through, and to the content losses on the
    /// way back.
    fn in_bands(
        &self,
        network: &Vgg,
        image: Tensor<4>,
        last: Layer,
        tapped: &[Layer],
        Account { terms, sums }: &mut Account,
    ) -> Option<Tensor<4>> {
        let mut looking = self.blend.as_ref().map(|blend| blend.look(self.weights.style));
        let bands = network.forward_in_bands((image, self.wrap), last, self.band, tapped, |layer, part| {
            let Some(looking) = &mut looking else { return };
            self.style().filter(|term| term.layer == layer).for_each(|term| looking.gather(term, part));
        });
        let pulls = looking.map(|mut looking| {
            terms.extend(looking.see_gathered(sums).into_iter().map(Term::Style));
            looking.solve(sums)
        });
        let content: Vec<_> = self
            .content()
            .filter_map(|(layer, weight, wanted)| match wanted {
                Content::Features(target) => Some((layer, weight, target, sums.begin())),
                // Settings with this loss have no bands.
                Content::Likeness(_) => None,
            })
            .collect();
        terms.extend(content.iter().map(|_| Term::Content));
        bands.gradient(|layer, part| {
            let mut gradients = Vec::new();
            for (_, weight, target, total) in content.iter().filter(|(at, ..)| *at == layer) {
                sums.go_on(*total);
                gradients.push(terms::content_part(part, target, *weight, sums));
            }
            let at_own = pulls.iter().flat_map(|pulls| pulls.part_gradients(layer, part));
            let at_own = at_own.reduce(|sum, gradient| sum + gradient);
            gradients.extend(at_own.map(|gradient| part.placed(gradient)));
            gradients.into_iter().reduce(|sum, gradient| sum + gradient)
        })
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
                Term::Neighbours => *losses.style.entry(TOGETHER.into()).or_default() += value,
                Term::Tv => losses.tv += value,
                Term::Photoreal => losses.photoreal += value,
                Term::Temporal => losses.temporal += value,
            }
        }
        Ok(losses)
    }
}
