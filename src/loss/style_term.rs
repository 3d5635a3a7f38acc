//! One layer's style loss for one group of paintings, in the three parts of an evaluation.
//!
//! On the way through the network each layer's activations are looked at, when all have been seen what is to be done about
//! them is found for all layers together, and on the way back each layer gets its gradient.

use burn::tensor::Tensor;

use super::region::Region;
use super::terms;
use super::wasserstein::{Goals, Look, Solved};
use crate::compute::{Maps, Matrix, Sums};
use crate::network::Layer;

/// One layer's style loss for one group of paintings.
#[derive(Debug)]
pub struct StyleTerm {
    /// Where it looks.
    pub layer: Layer,
    /// The layer's weight among the style layers.
    pub layer_weight: f64,
    /// What the style's weight is multiplied by: the group's mean weight by that of all paintings.
    pub factor: f64,
    /// The pixels it looks at; all without one.
    pub region: Option<Region>,
    /// What the layer's statistics shall become.
    pub target: StyleTarget,
}

/// What one layer's statistics shall become.
#[derive(Debug)]
pub enum StyleTarget {
    /// This Gram matrix.
    Gram(Box<Matrix>),
    /// The goal of this number among [`Goals`].
    Wasserstein(usize),
}

impl StyleTerm {
    /// What the term's loss is multiplied by where all style is multiplied by `style_weight`.
    pub fn weight(&self, style_weight: f64) -> f64 {
        self.layer_weight * style_weight * self.factor
    }
}

/// An image on its way through the network.
pub struct Looking<'a> {
    style_weight: f64,
    look: Look<'a>,
    seen: Vec<(&'a StyleTerm, Sight)>,
}

/// What was seen of a layer.
enum Sight {
    /// How far its Gram matrix is from the target, and the loss's weight.
    Gram(Box<Matrix>, f64),
    /// The number of what [`Look`] has taken in.
    Wasserstein(usize),
}

impl<'a> Looking<'a> {
    /// Nothing seen yet.
    pub fn new(goals: &'a Goals, style_weight: f64) -> Self {
        Self { style_weight, look: goals.look(), seen: Vec::new() }
    }

    /// Looks at a term's layer; the value of the loss is to be found in a new total among the sums.
    pub fn see(&mut self, term: &'a StyleTerm, maps: &Maps, sums: &mut Sums) {
        let weight = term.weight(self.style_weight);
        match &term.region {
            None => self.see_all(term, maps, weight, sums),
            // A region's pixels are pulled as hard as they would be in a picture of their own.
            Some(region) => self.see_all(term, &region.gather(maps), weight * region.share(), sums),
        }
    }

    fn see_all(&mut self, term: &'a StyleTerm, maps: &Maps, weight: f64, sums: &mut Sums) {
        let sight = match &term.target {
            StyleTarget::Gram(target) => {
                sums.begin();
                Sight::Gram(Box::new(terms::gram_gap(maps, target, weight, sums)), weight)
            }
            StyleTarget::Wasserstein(goal) => Sight::Wasserstein(self.look.see(*goal, maps, weight, sums)),
        };
        self.seen.push((term, sight));
    }

    /// Finds what is to be done about all that was seen.
    pub fn solve(self, sums: &mut Sums) -> Pulls<'a> {
        Pulls { seen: self.seen, solved: self.look.solve(sums) }
    }
}

/// What is to be done about all layers.
pub struct Pulls<'a> {
    seen: Vec<(&'a StyleTerm, Sight)>,
    solved: Solved<'a>,
}

impl Pulls<'_> {
    /// The losses' gradients at a layer's activations.
    pub fn gradients(&self, layer: Layer, maps: &Maps) -> impl Iterator<Item = Tensor<4>> {
        self.seen.iter().filter(move |(term, _)| term.layer == layer).map(|(term, sight)| match &term.region {
            None => self.gradient(sight, maps),
            Some(region) => region.scatter(self.gradient(sight, &region.gather(maps)), maps),
        })
    }

    fn gradient(&self, sight: &Sight, maps: &Maps) -> Tensor<4> {
        match sight {
            Sight::Gram(gap, weight) => terms::gram_pull(maps, gap, *weight),
            Sight::Wasserstein(number) => self.solved.gradient(*number, maps),
        }
    }
}
