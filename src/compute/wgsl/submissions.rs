//! How much work goes to the device in one submission.
//!
//! Browsers and operating systems take a device that works at one submission for too long, 2 s on Windows, for one that hangs, and
//! take it away from everybody; and while it does, nothing else is drawn. So what is queued goes off once it is as much as a
//! slow integrated GPU does in [`MILLIS`].

use std::cell::RefCell;
use std::collections::HashMap;

use cubecl::Device;

/// What a submission may take on a slow device, in milliseconds.
const MILLIS: f64 = 200.0;
/// What such a device does in a millisecond, in multiplications and additions: 200 GFLOP/s.
const SLOW: f64 = 200e6;

thread_local! {
    /// Multiplications and additions queued since the last submission, by device.
    static QUEUED: RefCell<HashMap<Device, f64>> = RefCell::default();
}

/// Whether it is time to submit, after a launch of so many multiplications and additions.
pub fn is_due(device: &Device, work: f64) -> bool {
    if work == 0.0 {
        return false;
    }
    QUEUED.with_borrow_mut(|queued| {
        let queued = queued.entry(device.clone()).or_default();
        *queued += work;
        let due = *queued >= MILLIS * SLOW;
        if due {
            *queued = 0.0;
        }
        due
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_queued_goes_off_when_it_is_enough() {
        let device = Device::default();
        let half = 0.5 * MILLIS * SLOW;
        assert!(!is_due(&device, half) && !is_due(&device, 0.0));
        assert!(is_due(&device, half));
        assert!(!is_due(&device, half), "it begins anew");
        assert!(is_due(&device, 10.0 * half), "one launch can be too much by itself");
    }
}
