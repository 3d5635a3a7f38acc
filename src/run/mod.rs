//! A run: its inputs, its scales, the algorithm, its state as bytes, and what it tells.

mod estimate;
mod init;
mod input;
mod report;
mod resume;
mod schedule;
mod snapshot;
mod stylizer;
mod warmup;

pub use estimate::{Estimate, Plan, plan};
pub use input::Pictures;
pub use report::{Progress, Report, ScaleProgress, ScaleReport, Timings};
pub use schedule::{Scale, scales};
pub use snapshot::Snapshot;
pub use stylizer::{Stylizer, losses};
pub use warmup::{probe, warm_up};
