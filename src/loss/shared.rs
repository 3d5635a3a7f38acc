//! Style targets that runs with the same paintings share.

use std::sync::{Arc, Mutex, PoisonError};

use super::blend::Blend;
use super::looks::{LookKey, Looks};
use crate::network::Layer;

/// What runs with the same paintings need to find only once: the paintings' statistics at each size they are shown at, and what
/// they are blended into with its matrix roots. A clone shares all of it; threads may share it, too.
///
/// Every run that uses it has to have the same weights of the network and the same device. All else is looked at: another
/// painting, size, pooling, loss, list of layers or band makes targets of its own, so a run ends on the same pixels with it and
/// without. Nothing is shared where paintings take their colours from the photo (`colour` `match` or `luminance`), and of
/// paintings with masks only the statistics are, for where they apply is another matter at each photo's shape. What is kept takes up
/// to 2.3 MB of the device's memory for each painting at each scale, three times that for the blend.
#[derive(Debug, Clone, Default)]
pub struct StyleTargets {
    looks: Looks,
    blends: Arc<Mutex<Vec<(BlendKey, Blend)>>>,
}

/// All that a blend depends on but the paintings' weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BlendKey {
    pub looks: Vec<LookKey>,
    pub layers: Vec<(Layer, f64)>,
}

impl StyleTargets {
    pub(super) fn looks(&self) -> &Looks {
        &self.looks
    }

    /// The paintings blended by these weights, if they were.
    pub(super) fn blend(&self, key: &BlendKey, weights: &[f64]) -> Option<Blend> {
        let kept = self.blends.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = kept.iter().filter(|(other, blend)| other == key && blend.weights == weights);
        found.next().map(|(_, blend)| blend.clone())
    }

    /// Keeps a blend, in place of one by other weights.
    pub(super) fn keep(&self, key: &BlendKey, blend: &Blend) {
        let mut kept = self.blends.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(other, _)| other != key);
        kept.push((key.clone(), blend.clone()));
    }
}
