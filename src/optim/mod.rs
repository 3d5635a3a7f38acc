//! Optimisers over one image tensor.
//!
//! An optimiser is told the loss and its gradient at the image it asked for and answers with the image
//! to evaluate next: one evaluation per step, whatever the method.

mod adam;
mod average;
mod lbfgs;
mod state_dict;

use burn::tensor::Tensor;

use crate::compute::{Layout, Wrap};
use crate::error::Result;
use crate::settings::{self, StyleConfig};

pub use adam::Adam;
pub use average::Average;
pub use lbfgs::Lbfgs;
pub use state_dict::{HostTensor, PIXELS, StateDict};

/// The method in use.
///
/// A clone shares its tensors and costs next to nothing: who steps a clone has the state before to go back to.
#[derive(Debug, Clone)]
pub enum Optimizer {
    /// See [`Adam`].
    Adam(Box<Adam>),
    /// See [`Lbfgs`].
    Lbfgs(Box<Lbfgs>),
}

impl Optimizer {
    /// A fresh optimiser as the settings say.
    pub fn new(config: &StyleConfig, layout: Layout) -> Self {
        match config.optimizer {
            settings::Optimizer::Adam => Self::Adam(Box::new(Adam::new(config.learning_rate, layout))),
            settings::Optimizer::Lbfgs => Self::Lbfgs(Box::new(Lbfgs::new(layout))),
        }
    }

    /// The images of three planes of so many pixels that the method keeps alive at once, for the memory plan.
    pub fn images(method: settings::Optimizer, pixels: u64) -> u64 {
        match method {
            settings::Optimizer::Adam => Adam::IMAGES,
            settings::Optimizer::Lbfgs => Lbfgs::images(pixels),
        }
    }

    /// Carries the state to another scale; see [`Adam::rescale`]. L-BFGS starts afresh: its differences
    /// belong to the old objective.
    pub fn rescale(&mut self, wrap: Wrap, size: [usize; 2]) {
        match self {
            Self::Adam(adam) => adam.rescale(wrap, size),
            Self::Lbfgs(lbfgs) => lbfgs.restart(),
        }
    }

    /// Prepares for another objective at the same scale: what was learnt of the old one's curvature goes. Answers with the
    /// image to go on from where that is not the one asked for last: L-BFGS may have been trying a point that
    /// turns out to be bad, so it goes back to its best.
    pub fn objective_changed(&mut self) -> Option<Tensor<4>> {
        match self {
            Self::Adam(_) => None,
            Self::Lbfgs(lbfgs) => {
                let best = lbfgs.best();
                lbfgs.restart();
                best
            }
        }
    }

    /// Prepares for an image that is grey from now on, as all gradients will be: steps are the same in all three channels then. L-BFGS, whose
    /// steps are sums of such gradients since it began or was told of another objective, has nothing to prepare.
    pub fn becomes_grey(&mut self) {
        if let Self::Adam(adam) = self {
            adam.becomes_grey();
        }
    }

    /// Puts the state into `state`.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn save(&self, state: &mut StateDict) -> Result<()> {
        match self {
            Self::Adam(adam) => adam.save(state).await,
            Self::Lbfgs(lbfgs) => lbfgs.save(state).await,
        }
    }

    /// The optimiser the settings ask for, as `state` has it, for images like this one after at most so many steps.
    ///
    /// # Errors
    /// [`crate::error::Error::Checkpoint`].
    pub fn restored(
        config: &StyleConfig,
        layout: Layout,
        state: &StateDict,
        image: &Tensor<4>,
        steps: u32,
    ) -> Result<Self> {
        let mut fresh = Self::new(config, layout);
        match &mut fresh {
            Self::Adam(adam) => adam.restore(state, image, steps)?,
            Self::Lbfgs(lbfgs) => lbfgs.restore(state, image, steps)?,
        }
        Ok(fresh)
    }
}
