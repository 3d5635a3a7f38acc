//! Adam.

use burn::tensor::Tensor;

use crate::compute::{self, AdamStep, Form};
use crate::error::Result;
use crate::run::Snapshot;

/// Adam (Kingma & Ba 2014, algorithm 1) with ε = 1e-8.
///
/// Departure from the paper's β₂ = 0.999: 0.99, which follows the quickly changing gradients of style
/// transfer better (crowsonkb/style-transfer-pytorch).
#[derive(Debug, Clone)]
pub struct Adam {
    learning_rate: f64,
    form: Form,
    steps: i32,
    /// The first moment above the second, `[2, 3, height, width]`.
    moments: Option<Tensor<4>>,
}

/// Decays of the two moments.
const BETA: [f64; 2] = [0.9, 0.99];
/// Keeps the division finite.
const EPSILON: f64 = 1e-8;

impl Adam {
    /// A fresh optimiser with the given step size, computing with the kernels of `form`.
    pub fn new(learning_rate: f64, form: Form) -> Self {
        Self { learning_rate, form, steps: 0, moments: None }
    }

    /// The image after one step against the gradient, clamped to \[0, 1\].
    pub fn step(&mut self, image: Tensor<4>, gradient: Tensor<4>) -> Tensor<4> {
        self.steps += 1;
        let step = AdamStep {
            learning_rate: self.learning_rate,
            decay: BETA,
            correction: BETA.map(|beta| 1.0 - beta.powi(self.steps)),
            epsilon: EPSILON,
        };
        let moments = self.moments.take().unwrap_or_else(|| gradient.zeros_like().repeat_dim(0, 2));
        let [moments, moved] = compute::adam(image, moments, gradient, step, self.form);
        self.moments = Some(moments);
        moved
    }

    /// Carries the moments to another scale: `resize` maps a tensor to the new size and may overshoot,
    /// so the second moment is cut off at zero. The step count goes on.
    pub fn rescale(&mut self, resize: impl Fn(Tensor<4>) -> Tensor<4>) {
        self.moments = self.moments.take().map(|moments| {
            let first = resize(moments.clone().narrow(0, 0, 1));
            let second = resize(moments.narrow(0, 1, 1)).clamp_min(0.0);
            Tensor::cat(vec![first, second], 0)
        });
    }
    pub(super) fn save(&self, snapshot: &mut Snapshot) {
        snapshot.note("steps", &self.steps);
        if let Some(moments) = &self.moments {
            snapshot.put("moments", moments);
        }
    }

    pub(super) fn restore(&mut self, snapshot: &Snapshot) -> Result<()> {
        self.steps = snapshot.noted("steps")?;
        self.moments = if self.steps > 0 { Some(snapshot.tensor("moments")?) } else { None };
        Ok(())
    }
}
