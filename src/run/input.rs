//! What a run is given.

use crate::loss::Style;
use crate::picture::Picture;

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
