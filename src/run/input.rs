//! What a run is given.

use std::borrow::Cow;

use super::schedule::{Scale, scales, scales_with_room};
use crate::error::Result;
use crate::loss::Style;
use crate::picture::Picture;
use crate::settings::{Frames, StyleConfig};

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

/// Leaves out the paintings' margins and frames, unless these are to be kept. Masks are of the picture, not of the painting, and
/// stay as they are.
pub(super) fn unframe(styles: &mut [Style], frames: Frames) {
    for style in styles {
        if let Cow::Owned(picture) = style.picture.unframed(frames) {
            style.picture = picture;
        }
    }
}

/// The scales of a run of this photo and these paintings, unframed: begun no coarser than where every painting has room, but for those
/// that have none in the finished picture either. Weights do not count, for they may change on the way.
pub(super) fn scales_of(content: &Picture, styles: &[Style], config: &StyleConfig) -> Result<Vec<Scale>> {
    let (width, height) = (content.width(), content.height());
    let finished = scales(width, height, config)?.last().map(|last| (last.width, last.height));
    let has_room = |style: &&Style, size| style.check_room(size, config).is_ok();
    let usable: Vec<&Style> =
        styles.iter().filter(|style| finished.is_some_and(|size| has_room(style, size))).collect();
    scales_with_room(width, height, config, |size| usable.iter().all(|style| has_room(style, size)))
}
