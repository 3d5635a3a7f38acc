//! Steps on nothing: to compile a device's kernels before they are needed, and to time it.

use web_time::Instant;

use crate::compute::{Compute, Form, Winograd};
use crate::error::Result;
use crate::loss::{Objective, Style};
use crate::network::{Layer, Vgg};
use crate::optim::Adam;
use crate::picture::Picture;
use crate::settings::StyleConfig;

/// A run's first objective and what it needs, on a grey square.
struct Rehearsal {
    network: Vgg,
    objective: Objective,
    picture: Picture,
}

impl Rehearsal {
    /// With a network of at most `widest` channels.
    async fn new(side: u32, widest: usize, compute: &Compute, config: &StyleConfig) -> Result<Self> {
        let network = Vgg::sketch(config.deepest(), config.pooling, widest, compute);
        let picture = Picture::from_planes(side, side, &vec![0.5; 3 * (side as usize).pow(2)]);
        let styles = [Style::new(picture.clone(), 1.0)];
        let objective = Objective::new(&network, &picture, &styles, (side, side), config, &compute.device).await?;
        Ok(Self { network, objective, picture })
    }

    async fn step(&self, compute: &Compute, config: &StyleConfig) -> Result<()> {
        let image = self.picture.to_tensor(&compute.device);
        let evaluation = self.objective.evaluate(&self.network, image.clone());
        Adam::new(config.learning_rate, compute.layout).step(image, evaluation.gradient.clone(), 1.0);
        evaluation.losses().await?;
        Ok(())
    }
}

/// Makes the device compile the kernels that a run with these settings needs, so that its first step
/// need not wait: one step on a tiny image with a network of few channels.
///
/// # Errors
/// The device's failure.
pub async fn warm_up(compute: &Compute, config: &StyleConfig) -> Result<()> {
    if !compute.layout.is_packed() {
        return Ok(());
    }
    let side = 1 << Layer::LAST.halvings();
    let Some(Form::Winograd(winograd)) = compute.form() else {
        // Five pixels at the deepest layer: maps of a tile or two are convolved by kernels of their own, which no picture that is
        // worth painting needs, and which take software adapters longer to compile than all others.
        return Rehearsal::new(5 * side, 8, compute, config).await?.step(compute, config).await;
    };
    // Larger pictures come to larger tiles.
    for tile in winograd.tiles() {
        let compute = compute.clone().with_form(Form::Winograd(Winograd { tile: Some(tile), ..winograd }));
        Rehearsal::new(side, Winograd::CHANNELS, &compute, config).await?.step(&compute, config).await?;
    }
    Ok(())
}

/// Milliseconds a step takes per megapixel: the better of two steps on a small image.
///
/// Small images keep a large device less busy than large ones do, so this is rather too much there.
///
/// # Errors
/// The device's failure.
pub async fn probe(compute: &Compute, config: &StyleConfig) -> Result<f64> {
    let side = if compute.layout.is_packed() { 96 } else { 64 };
    let rehearsal = Rehearsal::new(side, usize::MAX, compute, config).await?;
    rehearsal.step(compute, config).await?;
    let mut best = f64::INFINITY;
    for _ in 0..2 {
        let begun = Instant::now();
        rehearsal.step(compute, config).await?;
        best = best.min(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(best * 1e6 / f64::from(side).powi(2))
}
