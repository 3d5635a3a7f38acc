//! Whether a painting says something at a scale: it must be large enough for the network, and its mask leave it a pixel.

use super::matching::grid;
use super::style::Style;
use crate::error::{Error, Result};
use crate::network::Layer;
use crate::picture::{Picture, fit};
use crate::settings::{StyleConfig, StyleLoss};

impl Style {
    /// Whether the picture is to take anything from the painting.
    pub fn counts(&self, config: &StyleConfig) -> bool {
        self.weight > 0.0 && config.style_weight > 0.0
    }

    /// Checks that the painting has room in an image of `width × height` pixels, whatever its weight.
    ///
    /// # Errors
    /// [`Error::PictureSize`] where it is too small there for a style layer, [`Error::EmptyMask`] where its mask leaves it no pixel.
    pub fn check_room(&self, (width, height): (u32, u32), config: &StyleConfig) -> Result<()> {
        let layers = || config.used_style_layers().map(|layer| layer.layer);
        let Some(last) = layers().max() else { return Ok(()) };
        let size = at_scale(&self.picture, width.max(height), config.style_scale);
        if !is_large_enough(size, last) {
            return Err(too_small(size, last));
        }
        let side = |pixels: u32, layer: Layer| pixels as usize >> layer.halvings();
        let marks = |mask: &Picture| match config.style_loss {
            StyleLoss::Neighbours => inside(mask, grid(width, height)).contains(&true),
            // A deep layer may have no pixel in a small region: the others speak for it.
            StyleLoss::Gram | StyleLoss::Wasserstein => {
                let has_a_pixel = |layer| inside(mask, [side(height, layer), side(width, layer)]).contains(&true);
                has_a_pixel(last) || layers().any(has_a_pixel) // the deepest is soon looked at
            }
        };
        if self.mask.as_ref().is_some_and(|mask| !marks(mask)) { Err(Error::EmptyMask) } else { Ok(()) }
    }
}

/// Checks that all paintings that count have room in an image of `width × height` pixels.
///
/// # Errors
/// As for [`Style::check_room`].
pub fn check_room(styles: &[Style], size: (u32, u32), config: &StyleConfig) -> Result<()> {
    styles.iter().filter(|style| style.counts(config)).try_for_each(|style| style.check_room(size, config))
}

/// The pixels of an image of `[height, width]` where a mask, brought to that size, is at least half white.
pub fn inside(mask: &Picture, [height, width]: [usize; 2]) -> Vec<bool> {
    let mask = mask.resized(width as u32, height as u32);
    mask.rgb().chunks_exact(3).map(|rgb| rgb.iter().map(|&value| u32::from(value)).sum::<u32>() >= 3 * 128).collect()
}

/// How large a run at this long side sees a painting: width and height in pixels.
pub fn at_scale(painting: &Picture, long_side: u32, style_scale: f64) -> (u32, u32) {
    let own = painting.width().max(painting.height());
    let wanted = ((f64::from(long_side) * style_scale).round() as u32).clamp(1, own);
    fit(painting.width(), painting.height(), wanted)
}

/// Whether the network can look at a picture down to a layer.
pub fn is_large_enough((width, height): (u32, u32), layer: Layer) -> bool {
    width.min(height) >= 1 << layer.halvings()
}

/// That a painting seen at this width and height is too small for a layer.
pub fn too_small((width, height): (u32, u32), layer: Layer) -> Error {
    Error::PictureSize {
        what: "A painting".into(),
        width: width.into(),
        height: height.into(),
        reason: format!(
            "at this size, but {layer} needs both sides to be at least {}. Choose a larger or less narrow painting, or raise size or styleScale",
            1 << layer.halvings()
        ),
    }
}
