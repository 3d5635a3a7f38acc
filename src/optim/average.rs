//! Iterate averaging.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::run::Snapshot;

/// The bias-corrected exponential average of the iterates (Adam's own correction, applied to the
/// picture): what is shown and saved. With decay 0 it is the last iterate.
#[derive(Debug, Clone)]
pub struct Average {
    decay: f64,
    steps: i32,
    sum: Option<Tensor<4>>,
}

impl Average {
    /// An average that has seen nothing yet.
    pub fn new(decay: f64) -> Self {
        Self { decay, steps: 0, sum: None }
    }

    /// Takes the next iterate in.
    pub fn update(&mut self, image: &Tensor<4>) {
        self.sum = Some(match self.sum.take() {
            _ if self.decay == 0.0 => image.clone(),
            Some(sum) => sum * self.decay + image.clone() * (1.0 - self.decay),
            None => image.clone() * (1.0 - self.decay),
        });
        self.steps += 1;
    }

    /// The average, or nothing before the first update.
    pub fn get(&self) -> Option<Tensor<4>> {
        let correction = 1.0 - self.decay.powi(self.steps);
        self.sum.clone().map(|sum| if self.decay == 0.0 { sum } else { sum / correction })
    }
    /// Puts the state into a snapshot.
    pub fn save(&self, snapshot: &mut Snapshot) {
        snapshot.note("averaged", &self.steps);
        if let Some(sum) = &self.sum {
            snapshot.put("average", sum);
        }
    }

    /// An average of this decay as a snapshot has it.
    ///
    /// # Errors
    /// [`crate::error::Error::Checkpoint`].
    pub fn restored(decay: f64, snapshot: &Snapshot) -> Result<Self> {
        let steps = snapshot.noted("averaged")?;
        let sum = if steps > 0 { Some(snapshot.tensor("average")?) } else { None };
        Ok(Self { decay, steps, sum })
    }
}
