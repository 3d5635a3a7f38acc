//! The pool that all paintings' neighbours are in, and what is taken out of it: the goals of `neighbours`.

use burn::tensor::{Device, Tensor, TensorData};

use super::matching::{Matched, grid};
use super::neighbours::Neighbours;
use super::room::inside;
use super::style_term::{StyleTarget, StyleTerm};
use super::targets::{Painting, Targets};
use crate::compute::{Maps, read};
use crate::error::{Error, Result};
use crate::network::Layer;

/// Chooses the goals among the paintings' nearest by their weights, one for each painting, all ≥ 0.
///
/// At each pixel those paintings are candidates that have a weight and no mask, or a mask with the pixel inside. The nearest is
/// taken, distances being divided by the weights: a painting of half the weight has to be twice as near. Where there is no
/// candidate there is no goal.
///
/// # Errors
/// A painting with a weight that is too small for a style layer, or whose mask leaves it no pixel; the device's failure.
pub async fn choose(targets: &Targets, weights: &[f64]) -> Result<(Neighbours, Vec<StyleTerm>)> {
    let size = grid(targets.photo.width(), targets.photo.height());
    let mut candidates = Vec::new();
    for (painting, &weight) in targets.paintings.iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
        let inside = painting.mask.as_ref().map(|mask| inside(mask, size));
        if inside.as_ref().is_some_and(|inside| !inside.contains(&true)) {
            return Err(Error::EmptyMask);
        }
        candidates.push(Candidate { matched: matched(painting, &targets.style_layers)?, weight, inside });
    }
    let (goals, has_goal) = merged(&candidates, size, targets.device()).await?;
    let weight_of = |layer| targets.style_layers.iter().find(|(at, _)| *at == layer).map_or(0.0, |(_, weight)| *weight);
    let layers: Vec<Layer> = goals.iter().map(|(layer, _)| *layer).collect();
    let weighted = goals.into_iter().map(|(layer, maps)| (weight_of(layer), maps)).collect();
    let (neighbours, goals) = Neighbours::new(weighted, has_goal, size, targets.device());
    let terms = layers.into_iter().zip(goals).map(|(layer, goals)| {
        let target = StyleTarget::Neighbours(Box::new(goals));
        StyleTerm { layer, layer_weight: weight_of(layer), factor: 1.0, region: None, target }
    });
    Ok((neighbours, terms.collect()))
}

/// A painting that goals may be taken from.
struct Candidate<'a> {
    matched: &'a Matched,
    weight: f64,
    /// The pixels it applies to; all without.
    inside: Option<Vec<bool>>,
}

/// A painting's nearest, at every layer.
fn matched<'a>(painting: &'a Painting, layers: &[(Layer, f64)]) -> Result<&'a Matched> {
    match &painting.matched {
        Some(matched) => Ok(matched),
        None => {
            // The deepest is what it lacks.
            let last = layers.iter().map(|(layer, _)| *layer).max().unwrap_or(Layer::LAST);
            Err(painting.too_small(last))
        }
    }
}

/// Each layer's goals, and 1 for each pixel that has one, 0 for others.
async fn merged(
    candidates: &[Candidate<'_>],
    size: [usize; 2],
    device: &Device,
) -> Result<(Vec<(Layer, Maps)>, Vec<f32>)> {
    let count = size[0] * size[1];
    if let [Candidate { matched, inside: None, .. }] = candidates {
        return Ok((matched.layers.clone(), vec![1.0; count]));
    }
    let mut best = vec![(f64::INFINITY, usize::MAX); count];
    for (number, Candidate { matched, weight, inside }) in candidates.iter().enumerate() {
        let similarity = read(matched.similarity.clone()).await?;
        for (pixel, best) in best.iter_mut().enumerate() {
            let distance = (1.0 - f64::from(similarity[pixel])).max(0.0) / weight;
            if inside.as_ref().is_none_or(|inside| inside[pixel]) && distance < best.0 {
                *best = (distance, number);
            }
        }
    }
    let taken = |number: usize| best.iter().map(move |(_, from)| if *from == number { 1.0 } else { 0.0 });
    let mut goals: Vec<(Layer, Maps)> = Vec::new();
    for (number, Candidate { matched, .. }) in candidates.iter().enumerate() {
        let taken = TensorData::new(taken(number).collect::<Vec<f32>>(), [1, 1, size[0], size[1]]);
        let taken = Tensor::<4>::from_data(taken, device);
        for (i, (layer, maps)) in matched.layers.iter().enumerate() {
            let taken = Maps::from_plain(taken.clone(), maps.layout).data;
            let part = maps.data.clone() * taken;
            match goals.get_mut(i) {
                Some((_, goal)) => goal.data = goal.data.clone() + part,
                None => goals.push((*layer, Maps { data: part, ..maps.clone() })),
            }
        }
    }
    let has_goal = best.iter().map(|(_, from)| if *from == usize::MAX { 0.0 } else { 1.0 });
    Ok((goals, has_goal.collect()))
}
