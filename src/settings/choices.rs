//! The settings that are one of a few words.

use serde::{Deserialize, Serialize};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// The words for the values, as in JSON and on the command line.
            pub const NAMES: &'static [&'static str] = &[$($word,)*];
        }
    };
}

choice! {
    /// A named recipe.
    Preset {
        /// The default.
        Painterly = "painterly",
        /// Larger strokes, less of the photo.
        Bold = "bold",
        /// More of the photo.
        Gentle = "gentle",
        /// The photo's own colours.
        Sketch = "sketch",
        /// An unbent photo in the painting's colours.
        Photoreal = "photoreal",
        /// Style only.
        Texture = "texture",
        /// Gatys et al. as this project's forerunner ran it, its Gram normalisation repaired.
        Classic = "classic",
    }
}
choice! {
    /// What is compared per style layer.
    StyleLoss {
        /// Mean squared difference of Gram matrices (Gatys et al. 2015).
        Gram = "gram",
        /// Wasserstein-2 distance of Gaussians with the same means and covariances.
        Wasserstein = "wasserstein",
    }
}
choice! {
    /// The optimisation method.
    Optimizer {
        /// Adam (Kingma & Ba 2014), β = (0.9, 0.99).
        Adam = "adam",
        /// L-BFGS (Nocedal 1980) with ten pairs.
        Lbfgs = "lbfgs",
    }
}
choice! {
    /// What the optimisation starts from.
    Init {
        /// The photo.
        Content = "content",
        /// Grey Gaussian noise.
        Noise = "noise",
        /// Noise with the paintings' mean and deviation in each colour.
        StyleColour = "style-colour",
        /// A picture passed beside the settings.
        Image = "image",
    }
}
choice! {
    /// Whose colours the picture takes.
    Colour {
        /// The paintings'.
        Style = "style",
        /// The photo's: only its luminance is painted, its chroma put back.
        Luminance = "luminance",
        /// The paintings', after their colours' mean and covariance were made the photo's.
        Match = "match",
    }
}
