//! The losses of any picture, without a run.

use super::input::{Pictures, unframe};
use super::plan::banded;
use super::schedule;
use crate::compute::{Compute, read};
use crate::error::{Error, Result};
use crate::loss::{Losses, Objective, check_styles};
use crate::network::{Vgg, Weights};
use crate::picture::{Affine, Picture};
use crate::settings::StyleConfig;

/// Every loss term of `image` at its own size, and the L2 norm of the total's gradient with respect to its pixels in
/// \[0, 1\], as a run of that size has them: of its luminance where only that is painted, in bands where memory would not do.
///
/// # Errors
/// Settings and pictures that cannot make a run (see [`super::Stylizer::new`]), an image of a size that no run
/// with this `tile` makes ([`Error::PictureSize`]), or the device's failure.
pub async fn losses(
    compute: &Compute,
    weights: &Weights,
    pictures: &Pictures,
    image: &Picture,
    config: &StyleConfig,
) -> Result<(Losses, f64)> {
    check_styles(&pictures.styles)?;
    let (width, height) = (image.width(), image.height());
    let own_size = StyleConfig { size: width.max(height), min_size: width.max(height), ..config.clone() };
    check_size((width, height), &own_size)?;
    let network = Vgg::new(weights, config.deepest(), config.pooling, compute);
    let mut pictures = pictures.clone();
    unframe(&mut pictures.styles, config.frames);
    let Pictures { content, styles, .. } = &pictures;
    let content = &content.seamless(config.tile);
    let config = banded(compute, (width, height), styles, config);
    let objective = Objective::new(&network, content, styles, (width, height), &config, &compute.device).await?;
    let image = Affine::of_content(config.colour).to_tensor(image, &compute.device);
    let evaluation = objective.evaluate(&network, image);
    let norm = evaluation.gradient.clone().powi_scalar(2).sum().sqrt();
    let norm = read(norm).await?.first().copied().unwrap_or(0.0);
    Ok((evaluation.losses().await?, norm.into()))
}

/// Refuses a size that the only scale of a run at it would not have: where edges meet, sides are rounded.
fn check_size((width, height): (u32, u32), config: &StyleConfig) -> Result<()> {
    match schedule::scales(width, height, config)?.last() {
        Some(last) if (last.width, last.height) != (width, height) => Err(Error::PictureSize {
            what: "The image".into(),
            width: width.into(),
            height: height.into(),
            reason: format!(
                "but a run that tiles so makes one of {} × {}. Choose an image of that size, or leave tile out",
                last.width, last.height
            ),
        }),
        _ => Ok(()),
    }
}
