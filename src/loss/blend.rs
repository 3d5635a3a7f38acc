//! Paintings blended by their shares into what each layer's statistics shall become.

use super::moments::Moments;
use super::neighbours::Neighbours;
use super::pool;
use super::region::Region;
use super::statistics::Statistics;
use super::style_term::{Looking, StyleTarget, StyleTerm};
use super::targets::{Painting, Targets};
use super::wasserstein::Goals;
use crate::compute::Matrix;
use crate::error::{Error, Result};
use crate::network::Layer;
use crate::settings::StyleLoss;

/// The style of all paintings by their weights.
#[derive(Debug, Clone)]
pub struct Blend {
    /// The paintings' weights it was made with.
    pub weights: Vec<f64>,
    /// By layer, the shallowest first, and group of paintings.
    pub terms: Vec<StyleTerm>,
    /// What Wasserstein distances are from.
    goals: Goals,
    /// Where the terms look at neighbours.
    neighbours: Option<Neighbours>,
}

/// What a layer's statistics shall become.
enum Blended {
    Gram(Box<Matrix>),
    Moments(Box<Moments>),
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
        if targets.style_loss == StyleLoss::Neighbours && !targets.style_layers.is_empty() {
            let (neighbours, terms) = pool::choose(targets, weights).await?;
            let goals = Goals::new(Vec::new()).await?;
            return Ok(Self { weights: weights.to_vec(), terms, goals, neighbours: Some(neighbours) });
        }
        let (mut terms, mut moments) = (Vec::new(), Vec::new());
        for group in groups(&targets.paintings, weights) {
            let before = terms.len();
            for (i, &(layer, layer_weight)) in targets.style_layers.iter().enumerate() {
                let region = group.regions().map(|regions| regions[i].clone());
                // A deep layer may have no pixel in a small region: the others speak for it.
                if matches!(region, Some(None)) {
                    continue;
                }
                let target = match group.blended(layer, &targets.style_layers)? {
                    Some(Blended::Gram(gram)) => StyleTarget::Gram(gram),
                    Some(Blended::Moments(wanted)) => {
                        moments.push(*wanted);
                        StyleTarget::Wasserstein(moments.len() - 1)
                    }
                    None => continue,
                };
                let (factor, region) = (group.factor, region.flatten());
                terms.push(StyleTerm { layer, layer_weight, factor, region, target });
            }
            if group.regions().is_some() && !targets.style_layers.is_empty() && terms.len() == before {
                return Err(Error::EmptyMask);
            }
        }
        terms.sort_by_key(|term| term.layer);
        Ok(Self { weights: weights.to_vec(), terms, goals: Goals::new(moments).await?, neighbours: None })
    }

    /// Begins to look at an image.
    pub fn look(&self, style_weight: f64) -> Looking<'_> {
        Looking::new(&self.goals, self.neighbours.as_ref(), style_weight)
    }
}

impl Group<'_> {
    /// The regions by style layer: only a painting alone has a mask.
    fn regions(&self) -> Option<&[Option<Region>]> {
        self.paintings.first().and_then(|(_, painting)| painting.regions.as_deref())
    }

    /// What all paintings together make a layer's statistics.
    fn blended(&self, layer: Layer, layers: &[(Layer, f64)]) -> Result<Option<Blended>> {
        // The deepest first, which is what a small painting lacks.
        if let Some(last) = layers.iter().map(|(layer, _)| *layer).max() {
            self.paintings.iter().try_for_each(|(_, painting)| painting.statistics(last).map(drop))?;
        }
        let total: f64 = self.paintings.iter().map(|(weight, _)| weight).sum();
        let (mut grams, mut moments) = (Vec::new(), Vec::new());
        for (weight, painting) in &self.paintings {
            match painting.statistics(layer)?.clone() {
                Statistics::Gram(gram) => grams.push(*gram * (weight / total)),
                Statistics::Moments(part) => moments.push((weight / total, *part)),
            }
        }
        if let Some(gram) = grams.into_iter().reduce(|a, b| a + b) {
            return Ok(Some(Blended::Gram(Box::new(gram))));
        }
        Ok(Moments::mixture(&moments).map(|moments| Blended::Moments(Box::new(moments))))
    }
}
