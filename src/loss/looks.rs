//! What a painting looks like to the network: its statistics at every style layer, which photos can share.

use std::sync::{Arc, Mutex, PoisonError};

use super::statistics::Statistics;
use crate::compute::Pooling;
use crate::network::Layer;
use crate::picture::Picture;
use crate::settings::{Colour, StyleConfig, StyleLoss};

/// A painting as the network sees it at one size.
#[derive(Debug, Clone)]
pub struct Look {
    /// Width and height in pixels it was shown at.
    pub size: (u32, u32),
    /// By style layer, as far as the painting is large enough.
    pub statistics: Vec<(Layer, Statistics)>,
}

/// All that a painting's look depends on, the network's weights and the device apart.
#[derive(Debug, Clone, PartialEq)]
pub struct LookKey {
    painting: String,
    size: (u32, u32),
    loss: StyleLoss,
    layers: Vec<Layer>,
    pooling: Pooling,
    rows: usize,
}

impl LookKey {
    /// Of a painting shown at this size; nothing where its colours become the photo's first, so that no two photos see the same.
    pub fn of(painting: &Picture, size: (u32, u32), layers: &[(Layer, f64)], config: &StyleConfig) -> Option<Self> {
        (config.colour == Colour::Style).then(|| Self {
            painting: painting.digest(),
            size,
            loss: config.style_loss,
            layers: layers.iter().map(|(layer, _)| *layer).collect(),
            pooling: config.pooling,
            // In bands statistics are the same but for rounding.
            rows: config.rows_at_a_time(),
        })
    }
}

/// Looks that were found.
#[derive(Debug, Clone, Default)]
pub struct Looks(Arc<Mutex<Vec<(LookKey, Look)>>>);

impl Looks {
    /// The look of this key, found now if it was not before. Whoever asks meanwhile waits.
    pub fn get(&self, key: &LookKey, find: impl FnOnce() -> Look) -> Look {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, look)) = known.iter().find(|(other, _)| other == key) {
            return look.clone();
        }
        let look = find();
        known.push((key.clone(), look.clone()));
        look
    }
}
