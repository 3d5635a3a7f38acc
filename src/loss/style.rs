//! Paintings and their shares in the style.

use crate::error::{Error, Result};
use crate::picture::Picture;

/// A painting and its share in the style.
#[derive(Debug, Clone)]
pub struct Style {
    /// The painting.
    pub picture: Picture,
    /// Its weight, ≥ 0. Those without a mask are blended by their weights' shares in the sum; each with a mask pulls where it applies by its
    /// weight against the mean of all, and so do those without one by theirs: two masked paintings of one weight each pull in full.
    pub weight: f64,
    /// Where it applies: white is inside, at the picture's aspect ratio. Everywhere without one.
    pub mask: Option<Picture>,
}

impl Style {
    /// A painting that applies everywhere.
    pub fn new(picture: Picture, weight: f64) -> Self {
        Self { picture, weight, mask: None }
    }
}

/// Checks that paintings can be blended: at least one, weights within \[0, 1000\], some above 0.
///
/// # Errors
/// [`Error::NoStyle`] or [`Error::StyleWeight`].
pub fn check_styles(styles: &[Style]) -> Result<()> {
    check_weights(styles.iter().map(|style| style.weight))
}

/// Checks that weights make a blend, as [`check_styles`] does.
///
/// # Errors
/// [`Error::NoStyle`] or [`Error::StyleWeight`].
pub fn check_weights(weights: impl Iterator<Item = f64> + Clone) -> Result<()> {
    if let Some(weight) = weights.clone().find(|weight| !(0.0..=1000.0).contains(weight)) {
        return Err(Error::StyleWeight(weight));
    }
    if weights.sum::<f64>() == 0.0 {
        return Err(Error::NoStyle);
    }
    Ok(())
}
