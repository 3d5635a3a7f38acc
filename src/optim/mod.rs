//! Optimisers over one image tensor.
//!
//! An optimiser is told the loss and its gradient at the image it asked for and answers with the image
//! to evaluate next: one evaluation per step, whatever the method.

mod adam;
mod average;
mod lbfgs;

use burn::tensor::Tensor;

use crate::compute::Form;
use crate::error::Result;
use crate::run::Snapshot;
use crate::settings::{self, StyleConfig};

pub use adam::Adam;
pub use average::Average;
pub use lbfgs::Lbfgs;

/// The method in use.
#[derive(Debug)]
pub enum Optimizer {
    /// See [`Adam`].
    Adam(Box<Adam>),
    /// See [`Lbfgs`].
    Lbfgs(Box<Lbfgs>),
}

impl Optimizer {
    /// A fresh optimiser as the settings say.
    pub fn new(config: &StyleConfig, form: Form) -> Self {
        match config.optimizer {
            settings::Optimizer::Adam => Self::Adam(Box::new(Adam::new(config.learning_rate, form))),
            settings::Optimizer::Lbfgs => Self::Lbfgs(Box::new(Lbfgs::new(form))),
        }
    }

    /// Carries the state to another scale; see [`Adam::rescale`]. L-BFGS starts afresh: its differences
    /// belong to the old objective.
    pub fn rescale(&mut self, resize: impl Fn(Tensor<4>) -> Tensor<4>) {
        match self {
            Self::Adam(adam) => adam.rescale(resize),
            Self::Lbfgs(lbfgs) => lbfgs.restart(),
        }
    }
    /// Prepares for another objective at the same scale: what was learnt of the old one's curvature goes.
    pub fn objective_changed(&mut self) {
        if let Self::Lbfgs(lbfgs) = self {
            lbfgs.restart();
        }
    }

    /// Puts the state into a snapshot.
    pub fn save(&self, snapshot: &mut Snapshot) {
        match self {
            Self::Adam(adam) => adam.save(snapshot),
            Self::Lbfgs(lbfgs) => lbfgs.save(snapshot),
        }
    }

    /// The optimiser the settings ask for, as a snapshot has it.
    ///
    /// # Errors
    /// [`crate::error::Error::Checkpoint`].
    pub fn restored(config: &StyleConfig, form: Form, snapshot: &Snapshot) -> Result<Self> {
        let mut fresh = Self::new(config, form);
        match &mut fresh {
            Self::Adam(adam) => adam.restore(snapshot)?,
            Self::Lbfgs(lbfgs) => lbfgs.restore(snapshot)?,
        }
        Ok(fresh)
    }
}
