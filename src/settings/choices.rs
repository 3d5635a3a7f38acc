//! The settings that are one of a few words.

use serde::{Deserialize, Serialize};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// The words for the values in their order, as in JSON and on the command line.
            pub const NAMES: &'static [&'static str] = &[$($word,)*];
        }
    };
}

choice! {
    /// The recipe that settings start from.
    Preset {
        /// The default: the painting's strokes over the photo's forms.
        Painterly = "painterly",
        /// Larger strokes and less of the photo.
        Bold = "bold",
        /// More of the photo than the default keeps.
        Gentle = "gentle",
        /// The photo's own colours, only its luminance painted.
        Sketch = "sketch",
        /// The photo with its edges straight, in the painting's colours.
        Photoreal = "photoreal",
        /// The painting's style alone, without the photo's content.
        Texture = "texture",
        /// Piece by piece out of the painting's own strokes.
        Strokes = "strokes",
        /// Gatys et al. as this project's forerunner ran it, its Gram normalisation repaired.
        Classic = "classic",
    }
}
choice! {
    /// What of the activations is compared at each style layer.
    StyleLoss {
        /// Mean squared difference of Gram matrices (Gatys et al. 2015).
        Gram = "gram",
        /// Wasserstein-2 distance of Gaussians with the same means and covariances.
        Wasserstein = "wasserstein",
        /// The angle of each pixel's hypercolumn to the painting's nearest (Kolkin et al. 2022).
        Neighbours = "neighbours",
    }
}
choice! {
    /// What of the activations is compared at each content layer.
    ContentLoss {
        /// Themselves, by the mean squared difference (Gatys et al. 2015).
        Features = "features",
        /// How alike its pixels are to each other (Kolkin et al. 2019).
        SelfSimilarity = "self-similarity",
    }
}
choice! {
    /// The method by which the image is changed.
    Optimizer {
        /// Adam (Kingma & Ba 2014) with β = (0.9, 0.99).
        Adam = "adam",
        /// L-BFGS (Nocedal 1980) with the ten latest pairs.
        Lbfgs = "lbfgs",
    }
}
choice! {
    /// What the optimisation starts from.
    Init {
        /// The photo itself.
        Content = "content",
        /// Gaussian noise around mid-grey, each colour by itself; of luminance alone, grey.
        Noise = "noise",
        /// Noise with the paintings' mean and deviation in each colour.
        StyleColour = "style-colour",
        /// The photo painted in one pass, where that can be had; else the photo itself.
        Instant = "instant",
        /// A picture passed beside the settings.
        Image = "image",
    }
}
choice! {
    /// What is made of white margins and frames around the paintings.
    Frames {
        /// They are found and left out.
        Crop = "crop",
        /// They are part of the painting.
        Keep = "keep",
    }
}
choice! {
    /// Whose colours the picture takes.
    Colour {
        /// The paintings' colours.
        Style = "style",
        /// The photo's: only its luminance is painted, its chroma put back.
        Luminance = "luminance",
        /// The paintings', after their colours' mean and covariance were made the photo's.
        Match = "match",
    }
}
