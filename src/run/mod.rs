//! A run: its inputs, its scales, the algorithm, its state as bytes, and what it tells.

mod advice;
mod ahead;
mod estimate;
mod forecast;
mod init;
mod input;
mod instant;
#[cfg(test)]
mod interruptions;
mod live;
mod losses;
mod motions;
mod plan;
mod report;
mod resume;
mod schedule;
mod snapshot;
mod state;
mod stylizer;
mod warmup;

pub use advice::{Judge, Suggestion, suggest};
pub use ahead::AHEAD;
pub use estimate::Estimate;
pub use input::Pictures;
pub use instant::{
    InstantOptions, InstantPainter, InstantStyle, StyleReader, StyleVector, head_start, needs_own_vector,
};
pub use losses::losses;
pub use plan::{Paintings, Plan, plan};
pub use report::{Progress, Report, ScaleProgress, ScaleReport, Timings};
pub use schedule::{Scale, scales};
pub use stylizer::Stylizer;
pub use warmup::{probe, warm_up};
