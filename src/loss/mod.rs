//! What is minimised: content, style by Gram matrices, the Wasserstein distance or neighbours, total variation, photorealism and what a
//! film's frame holds to, and the objective they make together.

mod blend;
mod content;
mod likeness;
mod looks;
mod losses;
mod matching;
mod matting;
mod moments;
mod neighbours;
mod objective;
mod pool;
mod region;
mod room;
mod roots;
mod shared;
mod statistics;
mod style;
mod style_term;
mod targets;
mod temporal;
mod terms;
mod wasserstein;

pub use likeness::{Likeness, pairs_bytes};
pub use losses::Losses;
pub use matting::Laplacian;
pub use moments::Moments;
pub use objective::{Evaluation, Objective};
pub use region::Region;
pub use room::check_room;
pub use shared::StyleTargets;
pub use style::{Style, check_styles, check_weights};
pub use temporal::temporal;
pub use terms::{content, gram, total_variation};
pub use wasserstein::Goals;
