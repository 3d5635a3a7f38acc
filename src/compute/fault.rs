//! Reads that take their time or fail, so that tests can see what is left when they do.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

use crate::error::{Error, Result};

thread_local! {
    static SLOW: Cell<bool> = const { Cell::new(false) };
    static BEFORE_FAILURE: Cell<Option<u32>> = const { Cell::new(None) };
}

/// From now on every read of this thread has to be waited for once, or none has.
pub fn slow_reads(slow: bool) {
    SLOW.set(slow);
}

/// Lets one read of this thread fail, after so many that succeed; or none.
pub fn fail_read(after: Option<u32>) {
    BEFORE_FAILURE.set(after);
}

/// What every read begins with.
pub async fn before_read() -> Result<()> {
    if SLOW.get() {
        let mut waited = false;
        poll_fn(|context| {
            if waited {
                return Poll::Ready(());
            }
            waited = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
    match BEFORE_FAILURE.get() {
        Some(0) => {
            BEFORE_FAILURE.set(None);
            Err(Error::DeviceFailed { device: "device".into(), reason: "a test said so".into() })
        }
        left => {
            BEFORE_FAILURE.set(left.map(|reads| reads - 1));
            Ok(())
        }
    }
}
