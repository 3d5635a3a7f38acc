//! What carries a photo's content at a layer.

use burn::tensor::{Device, Tensor};

use super::likeness::Likeness;
use super::terms;
use crate::compute::{Maps, Sums};
use crate::settings::ContentLoss;

/// What a layer's activations are compared with.
#[derive(Debug)]
pub enum Content {
    /// The photo's.
    Features(Box<Maps>),
    /// How alike the photo's are to each other.
    Likeness(Box<Likeness>),
}

impl Content {
    /// That of the photo's activations, of which it takes a copy, if it keeps them, of its own size: what they are in may be a larger
    /// buffer lent.
    pub fn of(maps: &Maps, loss: ContentLoss, seed: u32, device: &Device) -> Self {
        match loss {
            ContentLoss::Features => Self::Features(Box::new(Maps { data: maps.data.clone() * 1.0, ..maps.clone() })),
            ContentLoss::SelfSimilarity => Self::Likeness(Box::new(Likeness::of(maps, seed, device))),
        }
    }

    /// The loss's value among the sums, and its gradient at the maps.
    pub fn loss(&self, maps: &Maps, weight: f64, sums: &mut Sums) -> Tensor<4> {
        match self {
            Self::Features(target) => terms::content(maps, target, weight, sums),
            Self::Likeness(likeness) => likeness.loss(maps, weight, sums),
        }
    }
}
