//! What is minimised: content, style by Gram matrices or the Wasserstein distance, total variation and photorealism, and the
//! objective they make together.

mod losses;
mod matting;
mod objective;
mod region;
mod style;
mod terms;
mod wasserstein;

pub use losses::Losses;
pub use objective::{Evaluation, Objective};
pub use region::Region;
pub use style::{Style, check_styles};
pub use terms::{content, gram, total_variation};
pub use wasserstein::{Moments, Target};
