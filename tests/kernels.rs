//! Our WGSL kernels on a native GPU against plain tensor operations on the CPU.
//!
//! A software adapter will do: `make test` installs Mesa's lavapipe where no Vulkan driver is. Without any these tests
//! fail, for nothing else here would run the kernels.
#![cfg(feature = "cli")]

mod common;

use std::collections::BTreeSet;
use std::process::Command;

use common::data;
use easel::{
    Choice, Compute,
    parts::{Layout, Shape, Tiling, compare},
};
use pollster::block_on;
use serde::Deserialize;
use serde_json::Value;

/// What is compared, here and in the browser (`tests/browser/kernels.spec.js`).
#[derive(Deserialize)]
struct Comparison {
    /// Inputs, outputs, height and width: odd sides, single rows, columns and pixels, channels that fill no quad.
    shapes: Vec<[usize; 4]>,
    /// The names of what is compared at every shape.
    kernels: Vec<String>,
    /// The same where both sides are at least two pixels.
    poolings: Vec<String>,
}

#[test]
fn every_kernel_equals_the_plain_operations() {
    let compute = block_on(Compute::open(Choice::Gpu)).expect("a GPU or Mesa's lavapipe");
    let Layout::Packed { subgroups, .. } = compute.layout else { panic!("a GPU runs our kernels") };
    let Comparison { shapes, kernels, poolings } = serde_json::from_value(data("kernels.json")).expect("a comparison");
    for ([inputs, outputs, height, width], tiling) in
        shapes.into_iter().flat_map(|shape| [Tiling::Registers, Tiling::Workgroup].map(|tiling| (shape, tiling)))
    {
        let (shape, layout) = (Shape { inputs, outputs, height, width }, Layout::Packed { subgroups, tiling });
        let errors = block_on(compare(shape, layout, &compute.device)).expect("values");
        let pooled = if height > 1 && width > 1 { &poolings[..] } else { &[] };
        let expected: BTreeSet<&String> = kernels.iter().chain(pooled).collect();
        assert_eq!(errors.keys().collect::<BTreeSet<_>>(), expected, "at {shape:?}");
        for (kernel, error) in errors {
            assert!(error <= 1e-4, "{kernel} at {shape:?} in {tiling:?}: {error:.1e} off");
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
