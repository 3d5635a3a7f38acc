//! Our WGSL kernels on a native GPU against plain tensor operations on the CPU.
//!
//! A software adapter will do: `make test` installs Mesa's lavapipe where no Vulkan driver is. Without any these tests
//! fail, for nothing else here would run the kernels.
#![cfg(feature = "cli")]

mod common;

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::{Mutex, MutexGuard};

use common::{data, picture, pictures, weights};
use easel::{
    Choice, Compute, Layer, Objective, StyleConfig, Vgg,
    parts::{Form, Layout, Shape, Tile, Winograd, compare, compare_convolutions},
    read,
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

/// The GPU, or Mesa's lavapipe: a process can open it once, and the tests take turns.
fn gpu() -> MutexGuard<'static, Option<Compute>> {
    static GPU: Mutex<Option<Compute>> = Mutex::new(None);
    let mut gpu = GPU.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    gpu.get_or_insert_with(|| block_on(Compute::open(Choice::Gpu)).expect("a GPU or Mesa's lavapipe"));
    gpu
}

#[test]
fn every_kernel_equals_the_plain_operations() {
    let gpu = gpu();
    let compute = gpu.as_ref().expect("it is open");
    assert!(compute.layout.is_packed());
    let Comparison { shapes, kernels, poolings } = serde_json::from_value(data("kernels.json")).expect("a comparison");
    for [inputs, outputs, height, width] in shapes {
        let shape = Shape { inputs, outputs, height, width };
        let errors = block_on(compare(shape, compute.layout, &compute.device)).expect("values");
        let pooled = if height > 1 && width > 1 { &poolings[..] } else { &[] };
        let expected: BTreeSet<&String> = kernels.iter().chain(pooled).collect();
        assert_eq!(errors.keys().collect::<BTreeSet<_>>(), expected, "at {shape:?}");
        for (kernel, error) in errors {
            assert!(error <= 1e-4, "{kernel} at {shape:?}: {error:.1e} off");
        }
    }
}

/// Convolutions in this form, whatever the device would choose, at some shapes; each may be so far off.
fn check_form(form: Form, shapes: &[[usize; 4]], allowed: f64) {
    let gpu = gpu();
    let compute = gpu.as_ref().expect("it is open");
    let layout = Layout::Packed { subgroups: false, form };
    for &[inputs, outputs, height, width] in shapes {
        let shape = Shape { inputs, outputs, height, width };
        let errors = block_on(compare_convolutions(shape, layout, &compute.device)).expect("values");
        for kernel in ["forward", "gradient", "gradient and tap", "gradient unmasked", "gradient of an image"] {
            let error = errors[kernel];
            assert!(error <= allowed, "{form}: {kernel} at {shape:?} is {error:.1e} off");
        }
    }
}

#[test]
fn the_direct_form_equals_the_plain_operations() {
    let Comparison { shapes, .. } = serde_json::from_value(data("kernels.json")).expect("a comparison");
    check_form(Form::Direct, &shapes, 1e-4);
}

/// Channels for Winograd's, in maps of a pixel, of a row, with odd sides, just filling tiles, and with tiles enough for two
/// workgroups' rows.
const WINOGRAD_SHAPES: [[usize; 4]; 6] =
    [[64, 64, 1, 1], [64, 128, 1, 21], [128, 64, 19, 13], [64, 64, 16, 16], [64, 192, 9, 70], [64, 64, 50, 45]];

#[test]
fn winograd_in_every_tile_equals_the_plain_operations() {
    for tile in Tile::ALL {
        let form = Winograd { tile: Some(tile), least: 1, ..Winograd::default() };
        check_form(Form::Winograd(form), &WINOGRAD_SHAPES, 1e-3);
    }
}

#[test]
fn winograd_in_bands_equals_the_plain_operations() {
    for scratch in [1, 400_000] {
        let form = Winograd { scratch, ..Winograd::default() };
        check_form(Form::Winograd(form), &WINOGRAD_SHAPES[1..], 1e-3);
    }
}

/// The gradient of a whole loss at the photo, `[3, H, W]` flat.
fn gradient(compute: &Compute, config: &StyleConfig) -> Vec<f32> {
    let (pictures, photo) = (pictures("a"), picture("a_x.png"));
    let network = Vgg::new(&weights(), Layer::LAST, config.pooling, compute);
    let size = (photo.width(), photo.height());
    block_on(async {
        let objective = Objective::new(&network, &pictures.content, &pictures.styles, size, config, &compute.device);
        let at = photo.to_tensor(&compute.device);
        read(objective.await.expect("an objective").evaluate(&network, at).gradient).await.expect("values")
    })
}

#[test]
fn the_whole_gradient_is_the_cpus_in_every_form() {
    let gpu = gpu();
    for loss in ["gram", "wasserstein"] {
        let config = StyleConfig::from_json(&format!(r#"{{"styleLoss": "{loss}"}}"#)).expect("settings");
        let expected = gradient(&Compute::cpu(), &config);
        let norm = |values: &mut dyn Iterator<Item = f32>| values.map(|v| f64::from(v).powi(2)).sum::<f64>().sqrt();
        let length = norm(&mut expected.iter().copied());
        for form in [Form::Direct, Form::Winograd(Winograd { least: 1, ..Winograd::default() })] {
            let compute = gpu.as_ref().expect("it is open").clone().with_form(form);
            let found = gradient(&compute, &config);
            let apart = norm(&mut found.iter().zip(&expected).map(|(a, b)| a - b));
            assert!(apart <= 5e-3 * length, "{loss}, {form}: {:.1e} off", apart / length);
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
