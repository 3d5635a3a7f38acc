//! What the tests share: the weights, the reference pictures and numbers.

use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use easel::{Choice, Compute, Picture, Pictures, Style, Weights};
use pollster::block_on;
use serde_json::Value;

/// A file below the project's folder.
pub fn path(relative: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// The GPU, which a process can open once; one test at a time has it.
pub fn gpu() -> MutexGuard<'static, Compute> {
    static GPU: LazyLock<Mutex<Compute>> =
        LazyLock::new(|| Mutex::new(block_on(Compute::open(Choice::Gpu)).expect("a GPU or Mesa's lavapipe")));
    GPU.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The committed weights, read once.
pub fn weights() -> &'static Weights {
    static WEIGHTS: LazyLock<Weights> =
        LazyLock::new(|| Weights::read(&path("weights")).expect("the committed weights load"));
    &WEIGHTS
}

/// A picture of tests/data.
pub fn picture(name: &str) -> Picture {
    let bytes = std::fs::read(path("tests/data").join(name)).expect("a test picture");
    Picture::decode(name, &bytes).expect("a test picture decodes")
}

/// The JSON of tests/data.
pub fn data(name: &str) -> Value {
    let text = std::fs::read_to_string(path("tests/data").join(name)).expect("test data");
    serde_json::from_str(&text).expect("test data is JSON")
}

/// Photo and painting of a reference case.
pub fn pictures(case: &str) -> Pictures {
    Pictures {
        content: picture(&format!("{case}_content.png")),
        styles: vec![Style::new(picture(&format!("{case}_style.png")), 1.0)],
        init: None,
    }
}

/// Fails unless `actual` is within `tolerance` (relative) of `expected`.
#[track_caller]
pub fn assert_close(what: &str, actual: f64, expected: f64, tolerance: f64) {
    let error = (actual - expected).abs() / expected.abs().max(1e-12);
    assert!(error <= tolerance, "{what}: {actual} instead of {expected} (relative error {error:.2e})");
}

/// Fails unless a message is one for people: not empty, not technical debris, and it ends as sentences do.
#[track_caller]
pub fn assert_sentence(said: &str) {
    assert!(said.chars().count() >= 20 && said.ends_with('.') && !said.ends_with(".."), "not a sentence: {said:?}");
    assert!(said.chars().count() <= 1500 && !said.contains("Error {"), "not for people: {said:?}");
}

/// How far a gradient is from another, relative to that one's length.
pub fn off(gradient: &[f32], other: &[f32]) -> f64 {
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    assert_eq!(gradient.len(), other.len());
    let apart = norm(&mut gradient.iter().zip(other).map(|(a, b)| f64::from(a - b)));
    apart / norm(&mut gradient.iter().map(|v| f64::from(*v)))
}

/// What the program says of a command line.
#[cfg(feature = "cli")]
pub fn easel(args: &[&str]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_easel"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(args)
        .output()
        .expect("the program starts")
}

/// Fails unless the program refuses a command line with this exit code and a sentence that says so much.
#[cfg(feature = "cli")]
#[track_caller]
pub fn refused(code: i32, says: &str, args: &[&str]) {
    let output = easel(args);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
    assert!(text.contains(says), "{args:?} says: {text}");
    assert!(!text.contains("panicked"), "{text}");
}
