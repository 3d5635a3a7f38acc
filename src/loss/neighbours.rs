//! The neural neighbours style loss (Kolkin, Kucera, Paris, Sykora, Shechtman & Shakhnarovich, "Neural Neighbor Style Transfer", 2022).
//!
//! All style layers' activations at a pixel of a grid, a quarter of the picture's size, are its *hypercolumn*. Once at each scale every
//! hypercolumn of the photo is replaced by the painting's that is nearest to it by angle, both sets less their means (`matching`):
//! these are the goals. The loss is the mean over the grid of 1 − cos(hypercolumn, goal), both less the goals' mean.
//!
//! Departures from the paper:
//! - the goals' mean is taken off in the loss too, without which colours stay pale, for all hypercolumns point nearly the same way
//! - neighbours are looked up for the photo in the painting's colours ([`crate::picture::Affine::of_query`])
//! - layers larger than the grid are averaged over what a pixel of it covers: four single values left a pattern of dots
//! - VGG19 instead of VGG16; a layer of weight w and C channels counts w / C in products, its mean activation being 1 anyhow
//! - paintings with weights and masks share one pool of candidates (`pool`); turned ones are centred on their own means, and are in it
//!   where it is asked for
//! - the image is optimised by its pixels, not by a pyramid's; scales grow by √2; there is no last pass that looks up each layer by
//!   itself, and colours are not matched afterwards, which made them paler

use burn::tensor::{Device, Tensor, TensorData};

use super::matching::share;
use crate::compute::{self, Maps, Matrix, Sums};

/// One layer's part of the goals.
#[derive(Debug, Clone)]
pub struct Goals {
    /// Maps of the grid, less the centre; anything where there is no goal.
    maps: Maps,
    /// The mean of all goals, from which angles are seen.
    centre: Matrix,
}

/// What a scale's images are compared with: the goals themselves are among the style terms.
#[derive(Debug, Clone)]
pub struct Neighbours {
    /// One by each goal's length, 0 where there is none: `[1, 1, H, W]`.
    reach: Tensor<4>,
    /// The share of the grid that has goals.
    covered: f64,
    size: [usize; 2],
}

impl Neighbours {
    /// For goals by layer, each with the layer's weight, and 1 for each pixel of the grid that has goals, 0 for others, where they are
    /// zeros.
    pub fn new(goals: Vec<(f64, Maps)>, has_goal: Vec<f32>, size: [usize; 2], device: &Device) -> (Self, Vec<Goals>) {
        let covered = has_goal.iter().sum::<f32>() / has_goal.len() as f32;
        let mut products = None;
        let mut centred = Vec::new();
        for (weight, goal) in goals {
            let centre = compute::mean(&goal) * f64::from(covered.max(f32::MIN_POSITIVE)).recip();
            products = Some(compute::add_products(&goal, &centre, &goal, share(weight, goal.channels), products));
            centred.push(Goals { maps: Maps { data: compute::less(&goal, &centre), ..goal }, centre });
        }
        let [height, width] = size;
        let has_goal = Tensor::from_data(TensorData::new(has_goal, [1, 1, height, width]), device);
        let reach = match products {
            Some(products) => has_goal / products.narrow(1, 1, 1).clamp_min(1e-12).sqrt(),
            None => has_goal,
        };
        (Self { reach, covered: covered.into(), size }, centred)
    }
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
