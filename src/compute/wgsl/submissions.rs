//! How much work goes to the device in one launch and in one submission.
//!
//! Browsers and operating systems take a device that works at one submission for too long, 2 s on Windows, for one that hangs, and
//! take it away from everybody; and while it does, nothing else is drawn. So what is queued goes off once it is as much as the
//! device does in [`MILLIS`], and a launch that is more than that goes in parts. How fast a device is, tuning measures; until
//! then it is taken for a slow one of its kind.

use std::sync::Mutex;

/// What a submission may take, in milliseconds.
const MILLIS: f64 = 200.0;
/// What a launch may take that works on [`SMALL`] tensors. Parts cost a launch each, and there the whole step is short.
const PATIENCE: f64 = 500.0;
/// So many values has the largest layer of a picture of 256², its border counted.
const SMALL: usize = 64 * 258 * 258;
/// What a slow integrated GPU does in a millisecond, in multiplications and additions: 200 GFLOP/s.
const SLOW: f64 = 200e6;
/// What a software adapter does on two cores: 10 GFLOP/s.
const SOFTWARE: f64 = 10e6;
/// Nothing is as slow as this: 10 MFLOP/s.
const LEAST: f64 = 1e4;

/// What a device has to do.
#[derive(Debug, Clone, Copy)]
struct Queue {
    /// Multiplications and additions in a millisecond.
    rate: f64,
    /// Those queued since the last submission.
    queued: f64,
    /// All there ever were.
    all: f64,
}

/// The GPU's: a process, or in a browser a worker, opens one.
static QUEUE: Mutex<Queue> = Mutex::new(Queue::new());

fn with<T>(act: impl FnOnce(&mut Queue) -> T) -> T {
    act(&mut QUEUE.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// What a device does in a millisecond that nobody has measured, in multiplications and additions.
pub fn assumed_rate(is_software: bool) -> f64 {
    if is_software { SOFTWARE } else { SLOW }
}

/// Says how much the GPU does in a millisecond, in multiplications and additions.
pub fn set_rate(rate: f64) {
    with(|queue| queue.rate = rate.max(LEAST));
}

/// Multiplications and additions that were ever queued.
pub fn queued() -> f64 {
    with(|queue| queue.all)
}

/// In how many parts a launch goes, of so much work on tensors of at most so many values.
pub fn parts(work: f64, values: usize) -> usize {
    with(|queue| queue.parts(work, values))
}

/// Whether it is time to submit, before a launch of so much work: with it the submission would take too long.
pub fn is_due(work: f64) -> bool {
    with(|queue| queue.is_due(work))
}

impl Queue {
    const fn new() -> Self {
        Self { rate: SLOW, queued: 0.0, all: 0.0 }
    }

    fn parts(&self, work: f64, values: usize) -> usize {
        let millis = work / self.rate;
        let most = if values > SMALL { MILLIS } else { PATIENCE };
        if millis > most { (millis / MILLIS).ceil() as usize } else { 1 }
    }

    fn is_due(&mut self, work: f64) -> bool {
        let before = self.queued;
        self.all += work;
        self.queued += work;
        let is_due = before > 0.0 && self.queued > MILLIS * self.rate;
        if is_due {
            self.queued = work;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_queued_goes_off_before_it_is_too_much() {
        let mut queue = Queue::new();
        let half = 0.5 * MILLIS * SLOW;
        assert!(!queue.is_due(half) && !queue.is_due(0.0) && !queue.is_due(half));
        assert!(queue.is_due(half), "the third one waits for the next submission");
        assert!(!queue.is_due(half), "which has it already");
        assert!(queue.is_due(10.0 * half), "one launch can be too much by itself");
        assert!(queue.is_due(half));
        assert_eq!(queue.all, 15.0 * half);
    }

    #[test]
    fn launches_go_in_parts_where_the_device_is_slow_for_them() {
        let queue = Queue::new();
        let work = MILLIS * SLOW;
        assert_eq!(queue.parts(work, 2 * SMALL), 1);
        assert_eq!(queue.parts(2.1 * work, 2 * SMALL), 3);
        assert_eq!(queue.parts(2.1 * work, SMALL), 1, "a small picture's are left whole for longer");
        assert_eq!(queue.parts(2.6 * work, SMALL), 3);
        let slower = Queue { rate: SLOW / 2.0, ..queue };
        assert_eq!(slower.parts(work, 2 * SMALL), 2);
    }
}
