//! What is said to people on standard error and answered on standard output. Whoever listens may stop listening, as `head` does: the work
//! goes on all the same.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write, stderr, stdout};

use anyhow::Result;

use super::files::refused;

/// Says a line on standard error, as `eprintln!` does.
macro_rules! say {
    ($($part:tt)*) => { $crate::say::said(format_args!($($part)*)) };
}

/// Answers a line on standard output, as `println!` does; where that fails, the function it is in does.
macro_rules! answer {
    ($($part:tt)*) => { $crate::say::answered(format_args!($($part)*))? };
}

pub(crate) use {answer, say};

/// Says what an error comes from, if there is one.
pub fn told_causes(error: Option<&anyhow::Error>) {
    error.into_iter().flat_map(|error| error.chain().skip(1)).for_each(|cause| say!("caused by: {cause}"));
}

/// Says a line; nothing is lost where that fails.
pub fn said(line: Arguments) {
    let _ = writeln!(stderr(), "{line}");
}

/// Answers a line.
///
/// # Errors
/// Standard output that cannot be written, as to a full disk; a reader that has had enough is none.
pub fn answered(line: Arguments) -> Result<()> {
    match writeln!(stdout(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(refused("standard output".as_ref(), error).into()),
        _ => Ok(()),
    }
}
