//! Our WGSL kernels on a native GPU against plain tensor operations on the CPU.
//!
//! A software adapter will do: `make test` installs Mesa's lavapipe where no Vulkan driver is. Without any these tests
//! fail, for nothing else here would run the kernels.
#![cfg(feature = "cli")]

use std::collections::BTreeSet;
use std::process::Command;

use easel::{
    Choice, Compute,
    parts::{Shape, compare},
};
use pollster::block_on;
use serde_json::Value;

/// Inputs, outputs, height and width: odd sides, single rows, columns and pixels, channels that fill no quad.
const SHAPES: [[usize; 4]; 8] = [
    [8, 8, 4, 4],
    [8, 16, 5, 7],
    [16, 8, 1, 9],
    [8, 24, 9, 1],
    [24, 16, 1, 1],
    [64, 64, 13, 6],
    [72, 40, 17, 19],
    [8, 8, 70, 33],
];

/// What is compared at every shape.
const KERNELS: &str = "adam, covariance, difference, dot, forward, forward of an image, from rows, gather, gradient, \
    gradient and tap, gradient of an image, gradient unmasked, gradient where the map is still needed, gram, gram gradient, \
    gram of a difference, mask, mean, moments gradient, product, product of rows, products of few rows, scaled, scatter, \
    squared difference, variation, variation gradient";

/// What is compared where both sides are at least two pixels.
const POOLINGS: &str = "pool Average, pool Max, pool gradient Average, pool gradient Average and tap, \
    pool gradient Average by places, pool gradient Max, pool gradient Max and tap, pool gradient Max by places";

#[test]
fn every_kernel_equals_the_plain_operations() {
    let compute = block_on(Compute::open(Choice::Gpu)).expect("a GPU or Mesa's lavapipe");
    assert!(compute.layout.is_packed());
    for [inputs, outputs, height, width] in SHAPES {
        let shape = Shape { inputs, outputs, height, width };
        let errors = block_on(compare(shape, compute.layout, &compute.device)).expect("values");
        let mut expected: BTreeSet<&str> = KERNELS.split(", ").collect();
        if height > 1 && width > 1 {
            expected.extend(POOLINGS.split(", "));
        }
        assert_eq!(errors.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected);
        for (kernel, error) in errors {
            assert!(error <= 1e-4, "{kernel} at {shape:?}: {error:.1e} off");
        }
    }
}

/// What the program says of a run on a device, as JSON.
fn easel(command: &str, device: &str, more: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_easel"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([command, "--content", "tests/data/a_content.png", "--style", "tests/data/a_style.png", "--json"])
        .args(["--style-loss", "gram", "--device", device])
        .args(more)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{device}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn the_program_computes_on_the_gpu() {
    let losses = |device| easel("losses", device, &["--image", "tests/data/a_x.png"]);
    let (cpu, gpu, vulkan) = (losses("cpu"), losses("gpu"), losses("vulkan"));
    for figure in ["total", "content", "gradientNorm"] {
        let [cpu, gpu, vulkan] = [&cpu, &gpu, &vulkan].map(|values| values[figure].as_f64().expect("a number"));
        assert!((cpu - gpu).abs() <= 1e-4 * cpu, "{figure}: {gpu} on the GPU, {cpu} on the CPU");
        assert_eq!(gpu, vulkan, "{figure}: two words for the same");
    }
}

#[test]
fn auto_never_takes_a_software_adapter() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.png").to_str().expect("utf-8").to_string();
    let adapter = |device| {
        let report = easel("stylize", device, &["--out", &out, "--size", "16", "--iterations", "1"]);
        report["device"]["adapter"].as_str().expect("a name").to_lowercase()
    };
    // On a machine with a GPU this says little; where `make test` installed lavapipe, all.
    let (gpu, auto) = (adapter("gpu"), adapter("auto"));
    assert_ne!(gpu, "cpu (burn flex)");
    if gpu.contains("llvmpipe") {
        assert_eq!(auto, "cpu (burn flex)");
    } else {
        assert_eq!(auto, gpu);
    }
}
