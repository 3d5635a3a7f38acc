//! One layer's style loss for one group of paintings, in the three parts of an evaluation.
//!
//! On the way through the network each layer's activations are looked at, when all have been seen what is to be done about
//! them is found for all layers together, and on the way back each layer gets its gradient.

use burn::tensor::Tensor;

use super::neighbours::{self, Compared, Neighbours, Passing};
use super::region::Region;
use super::statistics::{Statistics, Tally};
use super::terms;
use super::wasserstein::{Goals, Look, Solved, moments_suffice};
use crate::compute::{Layout, Maps, Matrix, Sums};
use crate::network::{Layer, Part};
use crate::settings::StyleLoss;

/// One layer's style loss for one group of paintings.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone)]
pub enum StyleTarget {
    /// This Gram matrix.
    Gram(Box<Matrix>),
    /// The goal of this number among [`Goals`].
    Wasserstein(usize),
    /// Pixel by pixel, with the other layers together, these activations.
    Neighbours(Box<neighbours::Goals>),
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
    passing: Option<Passing<'a>>,
    gathered: Vec<Gathered<'a>>,
    seen: Vec<(&'a StyleTerm, Sight<'a>)>,
}

/// What was seen of a term's pixels so far, where they come part by part.
struct Gathered<'a> {
    term: &'a StyleTerm,
    /// How many there will be.
    pixels: usize,
    what: What,
}

enum What {
    /// Their statistics.
    Tally(Tally),
    /// Themselves, being few: `[1, C, 1, n]` each.
    Pixels(Vec<Tensor<4>>, Layout),
}

/// What was seen of a layer.
enum Sight<'a> {
    /// How far its Gram matrix is from the target, and the loss's weight.
    Gram(Box<Matrix>, f64),
    /// The number of what [`Look`] has taken in.
    Wasserstein(usize),
    /// Itself, with the other layers.
    Neighbours(&'a neighbours::Goals),
}

impl<'a> Looking<'a> {
    /// Nothing seen yet.
    pub fn new(goals: &'a Goals, neighbours: Option<&'a Neighbours>, style_weight: f64) -> Self {
        let passing = neighbours.map(|neighbours| Passing::new(neighbours, style_weight));
        Self { style_weight, look: goals.look(), passing, gathered: Vec::new(), seen: Vec::new() }
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
            StyleTarget::Neighbours(goals) => {
                if let Some(passing) = &mut self.passing {
                    passing.see(maps, goals, term.layer_weight, sums);
                }
                Sight::Neighbours(goals)
            }
        };
        self.seen.push((term, sight));
    }

    /// Looks at a part of a term's layer, after those above it.
    pub fn gather(&mut self, term: &'a StyleTerm, part: &Part) {
        let found = self.gathered.iter().position(|gathered| std::ptr::eq(gathered.term, term));
        let index = found.unwrap_or_else(|| {
            self.gathered.push(Gathered::new(term, part));
            self.gathered.len() - 1
        });
        for Piece { maps, .. } in term.pieces(part) {
            self.gathered[index].add(&maps);
        }
    }

    /// Comes to an end with all that was gathered: the layers in the order in which the losses' values are among the sums.
    pub fn see_gathered(&mut self, sums: &mut Sums) -> Vec<Layer> {
        let gathered = std::mem::take(&mut self.gathered);
        let layers = gathered.iter().map(|gathered| gathered.term.layer).collect();
        for Gathered { term, pixels, what } in gathered {
            let share = term.region.as_ref().map_or(1.0, Region::share);
            let weight = term.weight(self.style_weight) * share;
            let statistics = match what {
                What::Pixels(pieces, layout) => {
                    self.see_all(term, &Maps::from_plain(Tensor::cat(pieces, 3), layout), weight, sums);
                    continue;
                }
                What::Tally(tally) => tally.finish(),
            };
            let sight = match (&term.target, statistics) {
                (StyleTarget::Gram(target), Some(Statistics::Gram(gram))) => {
                    sums.begin();
                    Sight::Gram(Box::new(terms::gram_gap_of(*gram, target, weight, sums)), weight)
                }
                (StyleTarget::Wasserstein(goal), Some(Statistics::Moments(moments))) => {
                    Sight::Wasserstein(self.look.see_moments(*goal, &moments, pixels, weight, sums))
                }
                _ => continue,
            };
            self.seen.push((term, sight));
        }
        layers
    }

    /// Finds what is to be done about all that was seen.
    pub fn solve(self, sums: &mut Sums) -> Pulls<'a> {
        let solved = self.look.solve(sums);
        Pulls { seen: self.seen, solved, compared: self.passing.and_then(|passing| passing.solve(sums)) }
    }
}

impl<'a> Gathered<'a> {
    fn new(term: &'a StyleTerm, part: &Part) -> Self {
        let (pixels, channels) = (term.pixels(part), part.band.channels);
        let what = match term.target {
            StyleTarget::Gram(_) => What::Tally(Tally::new(StyleLoss::Gram)),
            StyleTarget::Wasserstein(_) if moments_suffice(pixels, channels) => {
                What::Tally(Tally::new(StyleLoss::Wasserstein))
            }
            StyleTarget::Wasserstein(_) | StyleTarget::Neighbours(_) => What::Pixels(Vec::new(), part.band.layout),
        };
        Self { term, pixels, what }
    }

    fn add(&mut self, maps: &Maps) {
        match &mut self.what {
            What::Tally(tally) => tally.add(maps),
            What::Pixels(pieces, _) => {
                pieces.push(maps.to_plain().reshape([1, maps.channels, 1, maps.pixels()]));
            }
        }
    }
}

/// Pixels of a part that a term looks at.
struct Piece {
    /// Their activations.
    maps: Maps,
    /// Which they are, if not all of the part's.
    region: Option<Region>,
    /// How many of the term's pixels there are in the parts and pieces before.
    before: usize,
}

impl StyleTerm {
    /// How many pixels it looks at in all parts together.
    fn pixels(&self, part: &Part) -> usize {
        self.region.as_ref().map_or(part.size[0] * part.size[1], Region::pixels)
    }

    /// What it looks at of a part.
    fn pieces(&self, part: &Part) -> Vec<Piece> {
        let (maps, first, [_, width]) = (part.maps(), part.first, part.size);
        let Some(region) = &self.region else {
            return vec![Piece { maps, region: None, before: first * width }];
        };
        let pieces = region.within(first..first + maps.height, width).into_iter();
        pieces.map(|(before, region)| Piece { maps: region.gather(&maps), region: Some(region), before }).collect()
    }
}

/// What is to be done about all layers.
pub struct Pulls<'a> {
    seen: Vec<(&'a StyleTerm, Sight<'a>)>,
    solved: Solved<'a>,
    compared: Option<Compared>,
}

impl Pulls<'_> {
    /// The losses' gradients at a layer's activations.
    pub fn gradients(&self, layer: Layer, maps: &Maps) -> impl Iterator<Item = Tensor<4>> {
        self.seen.iter().filter(move |(term, _)| term.layer == layer).map(|(term, sight)| match &term.region {
            None => self.gradient(term, sight, maps),
            Some(region) => region.scatter(self.gradient(term, sight, &region.gather(maps)), maps),
        })
    }

    /// The losses' gradients at a part of a layer's activations, where the layer was gathered.
    pub fn part_gradients(&self, layer: Layer, part: &Part) -> Vec<Tensor<4>> {
        let mut gradients = Vec::new();
        for (term, sight) in self.seen.iter().filter(|(term, _)| term.layer == layer) {
            let pixels = term.pixels(part) as f64;
            for Piece { maps, region, before } in term.pieces(part) {
                let gradient = match sight {
                    Sight::Gram(gap, weight) => terms::gram_pull(&maps, gap, weight * maps.pixels() as f64 / pixels),
                    Sight::Wasserstein(number) => self.solved.part_gradient(*number, &maps, before),
                    // Settings with this loss have no bands.
                    Sight::Neighbours(_) => maps.data.zeros_like(),
                };
                gradients.push(match region {
                    Some(region) => region.scatter(gradient, &part.maps()),
                    None => gradient,
                });
            }
        }
        gradients
    }

    fn gradient(&self, term: &StyleTerm, sight: &Sight, maps: &Maps) -> Tensor<4> {
        match sight {
            Sight::Gram(gap, weight) => terms::gram_pull(maps, gap, *weight),
            Sight::Wasserstein(number) => self.solved.gradient(*number, maps),
            Sight::Neighbours(goals) => match &self.compared {
                Some(compared) => compared.gradient(maps, goals, term.layer_weight),
                None => maps.data.zeros_like(),
            },
        }
    }
}
