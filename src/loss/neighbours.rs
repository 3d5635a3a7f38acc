//! The neural neighbours style loss (Kolkin, Kucera, Paris, Sykora, Shechtman & Shakhnarovich, "Neural Neighbor Style Transfer", 2022).
//!
//! All style layers' activations at a pixel of a grid, a quarter of the picture's size, are its *hypercolumn*. Once at each scale every
//! hypercolumn of the photo is replaced by the painting's that is nearest to it by angle, both sets less their means ([`Query`],
//! [`Matched`]): these are the goals. The loss is the mean over the grid of 1 − cos(hypercolumn, goal), both less the goals' mean.
//!
//! Departures from the paper: the goals' mean is taken off, without which colours stay pale, for all hypercolumns point nearly the same
//! way; neighbours are looked up for the photo in the painting's colours ([`crate::picture::Affine::of_query`]); layers larger than the grid are averaged over what a pixel of it covers, where four single values left a pattern of dots; VGG19 instead of VGG16; a layer of weight w and C channels counts w / C in the angles' products, its mean
//! activation being 1 by the network's normalisation; paintings with weights and masks share one pool of candidates ([`Neighbours::new`]); the image is optimised by its pixels, not by a pyramid's; scales grow by
//! √2; there is no pass that looks up each layer by itself, and colours are not matched afterwards.

use burn::tensor::ops::InterpolateMode;
use burn::tensor::{Device, Tensor, TensorData};

use super::style_term::{StyleTarget, StyleTerm};
use super::targets::{Painting, Targets};
use crate::compute::{self, Hypercolumns, Maps, Matrix, Sums, nearest, read};
use crate::error::{Error, Result};
use crate::network::{Layer, Vgg};
use crate::picture::Picture;

/// How much of the picture so far is mixed into what goals are looked up for, at all scales but the first.
const OWN_SHARE: f64 = 0.25;

/// Height and width of the grid for an image of `width × height` pixels.
pub fn grid(width: u32, height: u32) -> [usize; 2] {
    [height, width].map(|side| (side as usize / 4).max(1))
}

/// The photo's hypercolumns, in a painting's colours, for which the nearest are looked up.
#[derive(Debug)]
pub struct Query {
    hypercolumns: Hypercolumns,
    /// Height and width of the grid.
    size: [usize; 2],
}

/// One painting's hypercolumns that are nearest to the photo's.
#[derive(Debug)]
pub struct Matched {
    /// By style layer: maps of the photo's grid.
    layers: Vec<(Layer, Maps)>,
    /// How near each is: the cosine, `[1, 1, 1, H · W]`.
    similarity: Tensor<4>,
}

impl Query {
    /// Of a photo as tensor (`[1, 3, height, width]`), a share of the picture so far mixed in: the coarser scale's, enlarged to that
    /// size, with the photo's detail that it cannot have.
    pub fn new(network: &Vgg, photo: Tensor<4>, so_far: Option<&Tensor<4>>, layers: &[(Layer, f64)]) -> Self {
        let [_, _, height, width] = photo.dims();
        let size = grid(width as u32, height as u32);
        let image = match so_far {
            Some(so_far) => {
                let small = [height.div_ceil(2), width.div_ceil(2)];
                let coarse = compute::resize(photo.clone(), small, InterpolateMode::Bilinear);
                let detail = photo.clone() - compute::resize(coarse, [height, width], InterpolateMode::Bilinear);
                photo * (1.0 - OWN_SHARE) + (so_far.clone() + detail) * OWN_SHARE
            }
            None => photo,
        };
        Self { hypercolumns: of_rows(&hypercolumns(network, image, layers, size), layers), size }
    }

    /// A painting's nearest. It must be large enough for every layer.
    pub fn find(&self, network: &Vgg, painting: Tensor<4>, layers: &[(Layer, f64)]) -> Matched {
        let [_, _, height, width] = painting.dims();
        let maps = hypercolumns(network, painting, layers, grid(width as u32, height as u32));
        let found = nearest(&self.hypercolumns, &of_rows(&maps, layers));
        let goals = maps.iter().map(|(layer, maps)| (*layer, compute::gather(maps, &found.places, self.size)));
        Matched { layers: goals.collect(), similarity: found.similarity }
    }
}

/// The activations at some layers, brought to one size.
fn hypercolumns(network: &Vgg, image: Tensor<4>, layers: &[(Layer, f64)], size: [usize; 2]) -> Vec<(Layer, Maps)> {
    let mut all = Vec::new();
    if let Some(last) = layers.iter().map(|(layer, _)| *layer).max() {
        network.visit(image, last, |layer, maps| {
            if layers.iter().any(|(at, _)| *at == layer) {
                // A copy of its own size: what it is in may be a larger buffer lent.
                let maps = compute::resample(maps, size);
                all.push((layer, Maps { data: maps.data.clone() * 1.0, ..maps }));
            }
        });
    }
    all
}

fn of_rows(maps: &[(Layer, Maps)], layers: &[(Layer, f64)]) -> Hypercolumns {
    let weighted = maps.iter().map(|(layer, maps)| {
        let weight = layers.iter().find(|(at, _)| at == layer).map_or(0.0, |(_, weight)| *weight);
        (maps, share(weight, maps.channels))
    });
    Hypercolumns::new(&weighted.collect::<Vec<_>>())
}

/// What a layer of this weight and so many channels counts in products.
fn share(weight: f64, channels: usize) -> f64 {
    weight / channels as f64
}

/// One layer's part of the goals.
#[derive(Debug)]
pub struct Goals {
    /// Maps of the grid, less the centre; anything where there is no goal.
    maps: Maps,
    /// The mean of all goals, from which angles are seen.
    centre: Matrix,
}

/// What a scale's images are compared with: the goals themselves are among the [`StyleTerm`]s.
#[derive(Debug)]
pub struct Neighbours {
    /// One by each goal's length, 0 where there is none: `[1, 1, H, W]`.
    reach: Tensor<4>,
    /// The share of the grid that has goals.
    covered: f64,
    size: [usize; 2],
}

impl Neighbours {
    /// Chooses the goals among the paintings' nearest by their weights, one for each painting, all ≥ 0.
    ///
    /// At each pixel those paintings are candidates that have a weight and no mask, or a mask with the pixel inside. The nearest is
    /// taken, distances being divided by the weights: a painting of half the weight has to be twice as near. Where there is no
    /// candidate there is no goal.
    ///
    /// # Errors
    /// A painting with a weight that is too small for a style layer, or whose mask leaves it no pixel; the device's failure.
    pub async fn new(targets: &Targets, weights: &[f64]) -> Result<(Self, Vec<StyleTerm>)> {
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
        let covered = has_goal.iter().sum::<f32>() / has_goal.len() as f32;
        let mut products = None;
        let mut terms = Vec::new();
        for (layer, goal) in goals {
            let weight = targets.style_layers.iter().find(|(at, _)| *at == layer).map_or(0.0, |(_, weight)| *weight);
            // Where there is no goal there are zeros.
            let centre = compute::mean(&goal) * f64::from(covered.max(f32::MIN_POSITIVE)).recip();
            products = Some(compute::add_products(&goal, &centre, &goal, share(weight, goal.channels), products));
            let maps = Maps { data: compute::less(&goal, &centre), ..goal };
            let target = StyleTarget::Neighbours(Box::new(Goals { maps, centre }));
            terms.push(StyleTerm { layer, layer_weight: weight, factor: 1.0, region: None, target });
        }
        let [height, width] = size;
        let has_goal = Tensor::from_data(TensorData::new(has_goal, [1, 1, height, width]), targets.device());
        let reach = match products {
            Some(products) => has_goal / products.narrow(1, 1, 1).clamp_min(1e-12).sqrt(),
            None => has_goal,
        };
        Ok((Self { reach, covered: covered.into(), size }, terms))
    }
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

/// The pixels of a grid where a mask is at least half white.
fn inside(mask: &Picture, [height, width]: [usize; 2]) -> Vec<bool> {
    let mask = mask.resized(width as u32, height as u32);
    mask.rgb().chunks_exact(3).map(|rgb| rgb.iter().map(|&v| u32::from(v)).sum::<u32>() >= 3 * 128).collect()
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

/// An image's hypercolumns on their way past.
#[derive(Debug)]
pub struct Passing<'a> {
    neighbours: &'a Neighbours,
    weight: f64,
    /// Products with the goals and squares, of the layers so far.
    products: Option<Tensor<4>>,
    /// The total among the sums.
    total: Option<usize>,
}

impl<'a> Passing<'a> {
    /// Nothing has passed yet; the loss is multiplied by `weight`.
    pub fn new(neighbours: &'a Neighbours, weight: f64) -> Self {
        Self { neighbours, weight, products: None, total: None }
    }

    /// Takes in a layer's activations, whose goals these are. The first begins a total among the sums.
    pub fn see(&mut self, maps: &Maps, goals: &Goals, weight: f64, sums: &mut Sums) {
        self.total.get_or_insert_with(|| sums.begin());
        let here = compute::resample(maps, self.neighbours.size);
        let weight = share(weight, maps.channels);
        let Goals { maps, centre } = goals;
        self.products = Some(compute::add_products(&here, centre, maps, weight, self.products.take()));
    }

    /// Compares the hypercolumns with the goals, the value going among the sums.
    pub fn solve(self, sums: &mut Sums) -> Option<Compared> {
        let (Some(products), Some(total)) = (self.products, self.total) else { return None };
        let Neighbours { reach, covered, size } = self.neighbours;
        sums.go_on(total);
        sums.constant(self.weight * covered);
        let each = self.weight / (size[0] * size[1]) as f64;
        Some(Compared { mixture: compute::cosines(products, reach, each, sums), size: *size })
    }
}

/// Hypercolumns that were compared with their goals.
#[derive(Debug)]
pub struct Compared {
    mixture: Tensor<4>,
    size: [usize; 2],
}

impl Compared {
    /// The loss's gradient at a layer's activations, whose goals these are.
    pub fn gradient(&self, maps: &Maps, goals: &Goals, weight: f64) -> Tensor<4> {
        let here = compute::resample(maps, self.size);
        let gradient =
            compute::cosine_gradient(&here, &goals.centre, &goals.maps, share(weight, maps.channels), &self.mixture);
        compute::resample_gradient(gradient, self.size, maps)
    }
}
