//! What a run is given.

use std::borrow::Cow;

use crate::loss::Style;
use crate::picture::Picture;
use crate::settings::Frames;

/// The pictures of a run.
#[derive(Debug, Clone)]
pub struct Pictures {
    /// The photo.
    pub content: Picture,
    /// The paintings.
    pub styles: Vec<Style>,
    /// What to start from: with `init: "image"` it has to be there; with `"instant"` it is what [`head_start`] gives, and
    /// without it the photo is taken.
    ///
    /// [`head_start`]: super::head_start
    pub init: Option<Picture>,
}

impl Pictures {
    /// Leaves out the paintings' margins and frames, unless these are to be kept. Masks are of the picture, not of the painting, and
    /// stay as they are.
    pub(super) fn unframe(&mut self, frames: Frames) {
        for style in &mut self.styles {
            if let Cow::Owned(picture) = style.picture.unframed(frames) {
                style.picture = picture;
            }
        }
    }
}
