//! Steps under way: on a GPU others are begun before the losses of one are there.
//!
//! To read a value from a GPU takes a browser 0.5 to 3 ms, Firefox even 100, in which the device would stand idle. So the host is
//! [`AHEAD`] steps behind it. What it learns late matters to nobody but the reader: Adam needs no losses, and does not
//! follow a gradient that is not finite.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use web_time::{Duration, Instant};

use super::report::Progress;
use crate::error::Result;
use crate::loss::{Evaluation, Losses};

/// How many steps a GPU has begun beyond the one whose losses are waited for; those of a run's last steps come at once.
pub const AHEAD: usize = 2;

/// Who stays away from a run for so long, and twice a step's time, has paused it.
const PAUSE: Duration = Duration::from_secs(1);

/// The steps under way.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Whether there may be any: on the CPU nobody waits for anybody.
    pub allowed: bool,
    /// The oldest first.
    pub steps: VecDeque<Underway>,
    /// Of those before them that are over but were not reported, the reports.
    pub unreported: VecDeque<Progress>,
    /// When the last step was over.
    over: Option<Instant>,
    /// Of what is gone since then, how much the run was paused.
    paused: Duration,
    /// When the caller was last here.
    left: Option<Instant>,
}

/// A step the device has been told to take.
#[derive(Debug)]
pub(super) struct Underway {
    /// Its number over all scales, from 1.
    pub iteration: u32,
    pub scale: usize,
    /// Its number at its scale, from 1.
    pub steps: u32,
    /// When its targets began to be made, if it had to make any.
    pub entered: Instant,
    /// When it was begun.
    pub begun: Instant,
    pub reading: Reading,
}

/// Milliseconds a step took, with and without what went before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    pub whole: f64,
    pub step: f64,
}

impl Ahead {
    /// None yet.
    pub fn new(allowed: bool) -> Self {
        Self { allowed, ..Self::default() }
    }

    /// Whether all that was begun is reported.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.unreported.is_empty()
    }

    /// To be told when the caller comes for a step; `pace` is what one took of late, in milliseconds.
    pub fn comes(&mut self, pace: f64) {
        let away = self.left.map_or(Duration::ZERO, |left| left.elapsed());
        if away > PAUSE + Duration::from_secs_f64(2e-3 * pace) {
            self.paused += away;
        }
    }

    /// To be told when the caller leaves with one.
    pub fn leaves(&mut self) {
        self.left = Some(Instant::now());
    }

    /// What a step took that is over now: since the one before it was over, or since it was begun.
    pub fn took(&mut self, entered: Instant, begun: Instant) -> Took {
        let now = Instant::now();
        let since = |start: Instant| {
            let start = self.over.map_or(start, |over| over.max(start));
            now.duration_since(start).saturating_sub(self.paused).as_secs_f64() * 1e3
        };
        let took = Took { whole: since(entered), step: since(begun) };
        self.over = Some(now);
        self.paused = Duration::ZERO;
        took
    }
}

/// Losses on their way to the host.
pub(super) struct Reading {
    coming: Pin<Box<dyn Future<Output = Result<Losses>>>>,
    arrived: Option<Result<Losses>>,
}

impl Reading {
    /// Asks the device for them.
    pub fn of(evaluation: Evaluation) -> Self {
        let mut coming: Pin<Box<dyn Future<Output = Result<Losses>>>> = Box::pin(evaluation.losses());
        // Nothing is asked before it is polled.
        let arrived = match coming.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(losses) => Some(losses),
            Poll::Pending => None,
        };
        Self { coming, arrived }
    }

    /// Waits for them; who no longer does may wait again.
    pub async fn losses(&mut self) -> Result<Losses> {
        match self.arrived.take() {
            Some(losses) => losses,
            None => self.coming.as_mut().await,
        }
    }
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Reading").field("arrived", &self.arrived).finish_non_exhaustive()
    }
}
