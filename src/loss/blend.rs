//! Paintings blended by their shares into what each layer's statistics shall become.

use burn::tensor::Tensor;

use super::region::Region;
use super::targets::{Painting, Statistics, Targets};
use super::terms;
use super::wasserstein::{self, Moments};
use crate::compute::{Maps, Matrix, Sums};
use crate::error::{Error, Result};
use crate::network::Layer;

/// The style of all paintings by their weights.
#[derive(Debug)]
pub struct Blend {
    /// The paintings' weights it was made with.
    pub weights: Vec<f64>,
    /// By layer and group of paintings.
    pub terms: Vec<StyleTerm>,
}

/// One layer's style loss for one group of paintings.
#[derive(Debug)]
pub struct StyleTerm {
    /// Where it looks.
    pub layer: Layer,
    /// The layer's weight among the style layers.
    layer_weight: f64,
    /// What the style's weight is multiplied by: the group's mean weight by that of all paintings.
    factor: f64,
    region: Option<Region>,
    target: StyleTarget,
}

/// What one layer's statistics shall become.
#[derive(Debug)]
enum StyleTarget {
    Gram(Box<Matrix>),
    Wasserstein(Box<wasserstein::Target>),
}

/// Paintings that are blended: those without a mask together, each other alone.
struct Group<'a> {
    /// With their weights, all above 0.
    paintings: Vec<(f64, &'a Painting)>,
    factor: f64,
}

fn groups<'a>(paintings: &'a [Painting], weights: &[f64]) -> Vec<Group<'a>> {
    let used: Vec<_> = weights.iter().copied().zip(paintings).filter(|(weight, _)| *weight > 0.0).collect();
    let mean = |group: &[(f64, &Painting)]| group.iter().map(|(weight, _)| weight).sum::<f64>() / group.len() as f64;
    let (masked, everywhere): (Vec<_>, Vec<_>) =
        used.iter().copied().partition(|(_, painting)| painting.regions.is_some());
    std::iter::once(everywhere)
        .chain(masked.into_iter().map(|painting| vec![painting]))
        .filter(|group| !group.is_empty())
        .map(|paintings| Group { factor: mean(&paintings) / mean(&used), paintings })
        .collect()
}

impl Blend {
    /// Blends the paintings by these weights, one for each, all ≥ 0.
    ///
    /// # Errors
    /// A painting with a weight that is too small for a style layer, or whose mask leaves it no pixel; the device's failure.
    pub async fn new(targets: &Targets, weights: &[f64]) -> Result<Self> {
        let mut blend = Self { weights: weights.to_vec(), terms: Vec::new() };
        for group in groups(&targets.paintings, weights) {
            blend.add(&group, &targets.style_layers).await?;
        }
        Ok(blend)
    }

    async fn add(&mut self, group: &Group<'_>, layers: &[(Layer, f64)]) -> Result<()> {
        let total: f64 = group.paintings.iter().map(|(weight, _)| weight).sum();
        // The deepest first, which is what a small painting lacks.
        if let Some(last) = layers.iter().map(|(layer, _)| *layer).max() {
            group.paintings.iter().try_for_each(|(_, painting)| painting.statistics(last).map(drop))?;
        }
        // Only a painting alone has a mask.
        let regions = group.paintings.first().and_then(|(_, painting)| painting.regions.as_deref());
        let before = self.terms.len();
        for (i, &(layer, layer_weight)) in layers.iter().enumerate() {
            let region = regions.map(|regions| regions[i].clone());
            // A deep layer may have no pixel in a small region: the others speak for it.
            if matches!(region, Some(None)) {
                continue;
            }
            let mut parts = Vec::new();
            for (weight, painting) in &group.paintings {
                parts.push((weight / total, painting.statistics(layer)?.clone()));
            }
            if let Some(target) = StyleTarget::blend(parts).await? {
                let region = region.flatten();
                self.terms.push(StyleTerm { layer, layer_weight, factor: group.factor, region, target });
            }
        }
        if regions.is_some() && !layers.is_empty() && self.terms.len() == before {
            return Err(Error::EmptyMask);
        }
        Ok(())
    }
}

impl StyleTerm {
    /// What the term's loss is multiplied by where all style is multiplied by `style_weight`.
    pub fn weight(&self, style_weight: f64) -> f64 {
        self.layer_weight * style_weight * self.factor
    }

    /// The loss's gradient at the activations, its value among the sums.
    pub fn loss(&self, maps: &Maps, style_weight: f64, sums: &mut Sums) -> Tensor<4> {
        let weight = self.weight(style_weight);
        let at = |maps: &Maps, weight: f64, sums: &mut Sums| match &self.target {
            StyleTarget::Gram(target) => terms::gram(maps, target, weight, sums),
            StyleTarget::Wasserstein(target) => target.loss(maps, weight, sums),
        };
        match &self.region {
            None => at(maps, weight, sums),
            // A region's pixels are pulled as hard as they would be in a picture of their own.
            Some(region) => {
                let gradient = at(&region.gather(maps), weight * region.share(), sums);
                region.scatter(gradient, maps)
            }
        }
    }
}

impl StyleTarget {
    /// The target that several paintings make by their shares, which sum to 1.
    async fn blend(parts: Vec<(f64, Statistics)>) -> Result<Option<Self>> {
        let (mut grams, mut moments) = (Vec::new(), Vec::new());
        for (share, statistics) in parts {
            match statistics {
                Statistics::Gram(gram) => grams.push(*gram * share),
                Statistics::Moments(part) => moments.push((share, *part)),
            }
        }
        if let Some(gram) = grams.into_iter().reduce(|a, b| a + b) {
            return Ok(Some(Self::Gram(Box::new(gram))));
        }
        match Moments::mixture(&moments) {
            Some(moments) => Ok(Some(Self::Wasserstein(Box::new(wasserstein::Target::new(moments).await?)))),
            None => Ok(None),
        }
    }
}
