//! Our WGSL kernels on a native GPU against plain tensor operations on the CPU.
//!
//! A software adapter will do: `make test` installs Mesa's lavapipe where no Vulkan driver is. Without any these tests
//! fail, for nothing else here would run the kernels.
#![cfg(feature = "cli")]

use std::collections::BTreeSet;

use crate::common::{data, easel, gpu, off, picture, pictures, weights};
use burn::tensor::{Tensor, TensorData};
use easel::{
    Compute, Layer, Objective, Pictures, StyleConfig, Vgg,
    parts::{
        AdamStep, Form, Kernels, Layout, Shape, Tile, Tiling, Winograd, WinogradTile, adam, compare,
        compare_convolutions, tune,
    },
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

#[test]
#[ignore = "long"]
fn every_kernel_equals_the_plain_operations() {
    let compute = gpu();
    let Layout::Packed { subgroups, form, .. } = compute.layout else { panic!("a GPU runs our kernels") };
    let Comparison { shapes, kernels, poolings } = serde_json::from_value(data("kernels.json")).expect("a comparison");
    let tiles = [None, Some(Tile::Small), Some(Tile::Medium), Some(Tile::Large)];
    for ([inputs, outputs, height, width], tile) in shapes.into_iter().flat_map(|shape| tiles.map(|tile| (shape, tile)))
    {
        let tiling = if tile.is_some() { Tiling::Workgroup } else { Tiling::Registers };
        let (shape, layout) =
            (Shape { inputs, outputs, height, width }, Layout::Packed { subgroups, form, tiling, tile });
        let errors = block_on(compare(shape, layout, &compute.device)).expect("values");
        let pooled = if height > 1 && width > 1 { &poolings[..] } else { &[] };
        let expected: BTreeSet<&String> = kernels.iter().chain(pooled).collect();
        assert_eq!(errors.keys().collect::<BTreeSet<_>>(), expected, "at {shape:?}");
        for (kernel, error) in errors {
            assert!(error <= 1e-4, "{kernel} at {shape:?} by {tile:?}: {error:.1e} off");
        }
    }
}

#[test]
fn a_device_is_tuned_to_kernels_that_are_right() {
    let compute = gpu();
    let tuning = block_on(tune(&compute)).expect("the device answers").expect("a GPU has a choice");
    assert!(tuning.rejected.is_empty(), "{tuning:?}");
    let kernels = tuning.kernels.clone().expect("some are right");
    assert!(kernels.parse::<Kernels>().is_ok());
    // Software is not timed, for it is known.
    assert_eq!(tuning.times.is_empty(), compute.is_software, "{tuning:?}");
    assert!(tuning.gigaflops.is_some_and(|rate| (0.1..1e6).contains(&rate)), "{tuning:?}");
    println!("{}: {tuning:?}", compute.info.adapter);
    assert!(block_on(tune(&Compute::cpu())).expect("nothing to do").is_none());
}

/// A slow device gets its launches in parts; each writes what is its own.
#[test]
#[ignore = "long"]
fn a_launch_in_parts_does_what_a_whole_one_does() {
    let held = gpu();
    let slow = held.clone().with_gigaflops(0.01); // 2 MFLOP at a time
    let (shape, odd) = ([64, 128, 37, 29], [24, 40, 61, 7]);
    let winograd = Form::Winograd(Winograd::default());
    for (form, [inputs, outputs, height, width]) in
        [(Form::Software, shape), (Form::Software, odd), (Form::Direct, shape), (Form::Direct, odd), (winograd, shape)]
    {
        let tiling = if form == Form::Software { Tiling::Registers } else { Tiling::Workgroup };
        let (shape, layout) =
            (Shape { inputs, outputs, height, width }, Layout::Packed { subgroups: false, form, tiling, tile: None });
        for (kernel, error) in block_on(compare(shape, layout, &slow.device)).expect("values") {
            let allowed = if form == winograd { 1e-3 } else { 1e-4 };
            assert!(error <= allowed, "{form}: {kernel} at {shape:?} is {error:.1e} off");
        }
    }
    held.clone().with_gigaflops(held.info.gigaflops.unwrap_or(10.0));
}

/// Losses are read too late to keep Adam from following a gradient that is none.
#[test]
fn adam_does_not_follow_a_gradient_that_is_not_finite() {
    let compute = gpu();
    let tensor =
        |values: [f32; 6], shape| Tensor::<4>::from_data(TensorData::new(values.to_vec(), shape), &compute.device);
    let image = tensor([0.5; 6], [1, 3, 1, 2]);
    let gradient = tensor([f32::NAN, f32::INFINITY, 1e30, -1.0, 0.5, f32::NEG_INFINITY], [1, 3, 1, 2]);
    let moments = Tensor::ones([2, 3, 1, 2], &compute.device) * 0.25;
    let step = AdamStep { learning_rate: 0.1, decay: [0.9, 0.99], correction: [0.1, 0.01], epsilon: 1e-8 };
    let [moments, moved] = adam(image, Some(moments), gradient, step, compute.layout);
    let (moments, moved) = (block_on(read(moments)).expect("values"), block_on(read(moved)).expect("values"));
    for (at, (&pixel, moment)) in moved.iter().zip(&moments).enumerate() {
        let followed = [3, 4].contains(&at);
        assert_eq!(pixel != 0.5, followed, "pixel {at} is {pixel}");
        assert_eq!(*moment != 0.25, followed, "its moment is {moment}");
    }
}

#[test]
fn moments_that_are_not_there_yet_are_zero() {
    let compute = gpu();
    let values = |shape: [usize; 4], scale: f32| {
        let values: Vec<f32> = (0..shape.iter().product()).map(|i| scale * ((i * 37 % 101) as f32 / 101.0)).collect();
        Tensor::<4>::from_data(TensorData::new(values, shape), &compute.device)
    };
    let (image, gradient) = (values([1, 3, 5, 7], 1.0), values([1, 3, 5, 7], 2.0) - 1.0);
    let step = AdamStep { learning_rate: 0.1, decay: [0.9, 0.99], correction: [0.1, 0.01], epsilon: 1e-8 };
    let zeros = Tensor::zeros([2, 3, 5, 7], &compute.device);
    let stepped = |moments| adam(image.clone(), moments, gradient.clone(), step, compute.layout);
    for (found, expected) in stepped(None).into_iter().zip(stepped(Some(zeros))) {
        let [found, expected] = [found, expected].map(|tensor| block_on(read(tensor)).expect("values"));
        assert!(found.iter().any(|value| *value != 0.0));
        assert_eq!(found, expected);
    }
}

/// The gradient of all losses of a case at a picture, and their total.
fn gradient(compute: &Compute, network: &Vgg, case: &str, settings: &str) -> (Vec<f32>, f64) {
    let config = StyleConfig::from_json(settings).expect("settings");
    let Pictures { content, styles, .. } = pictures(case);
    let (size, image) = ((content.width(), content.height()), picture(&format!("{case}_x.png")));
    block_on(async {
        let objective = Objective::new(network, &content, &styles, size, &config, &compute.device).await;
        let image = image.to_tensor(&compute.device);
        let evaluation = objective.expect("targets").evaluate(network, image);
        let gradient = read(evaluation.gradient.clone()).await.expect("values");
        (gradient, evaluation.losses().await.expect("values").total)
    })
}

#[test]
#[ignore = "long"]
fn the_whole_gradient_is_the_cpus() {
    let (weights, cpu, held) = (weights(), Compute::cpu(), gpu());
    let Layout::Packed { subgroups, .. } = held.layout else { panic!("a GPU runs our kernels") };
    // Of one of these layers only some pixels are looked at.
    let likeness = r#"{ "contentLoss": "self-similarity", "contentWeight": 1, "contentLayers": [
        { "layer": "relu1_2", "weight": 1 }, { "layer": "relu3_1", "weight": 1 }, { "layer": "relu4_2", "weight": 1 }] }"#;
    let cases = [
        ("a", "gram", r#"{ "styleLoss": "gram" }"#),
        ("a", "wasserstein", r#"{ "styleLoss": "wasserstein" }"#),
        ("a", "neighbours", r#"{ "styleLoss": "neighbours" }"#),
        ("c", "neighbours, turned", r#"{ "styleLoss": "neighbours", "turns": 3 }"#),
        ("a", "self-similarity", likeness),
        ("a", "gram, around", r#"{ "styleLoss": "gram", "tile": "x", "photorealWeight": 100 }"#),
        ("a", "wasserstein, around", r#"{ "styleLoss": "wasserstein", "tile": "both", "photorealWeight": 100 }"#),
    ];
    let network = |compute: &Compute| Vgg::new(weights, Layer::LAST, StyleConfig::default().pooling, compute);
    let plain = network(&cpu);
    let expected = cases.map(|(case, _, settings)| gradient(&cpu, &plain, case, settings));
    // Every loss by either kind of matrix kernels. What a loss does with maps, turned ones among them, is the same whichever form convolved
    // them, so the third form is looked at by the plainest loss, and where edges meet, which convolutions know of.
    let winograd = Form::Winograd(Winograd::default());
    let direct = ["gram", "wasserstein", "neighbours", "self-similarity", "gram, around"];
    let forms = [
        (Form::Software, Tiling::Registers, &cases.map(|(_, loss, _)| loss)[..]),
        (Form::Direct, Tiling::Workgroup, &direct),
        (winograd, Tiling::Workgroup, &["gram", "gram, around"]),
    ];
    for (form, tiling, by) in forms {
        let mut gpu = held.clone();
        gpu.layout = Layout::Packed { subgroups, form, tiling, tile: None };
        let network = network(&gpu);
        for ((case, loss, settings), (expected, total)) in cases.into_iter().zip(&expected) {
            if !by.contains(&loss) {
                continue;
            }
            let (found, found_total) = gradient(&gpu, &network, case, settings);
            let error = off(expected, &found);
            println!(
                "{loss} of {case}, {form}, {tiling:?}: gradient {error:.1e} off, {found_total} instead of {total}"
            );
            assert!(error <= 5e-3, "{loss} of {case}, {form}, {tiling:?}: {error:.1e} off");
            assert!((found_total / total - 1.0).abs() <= 5e-3, "{loss} of {case}: {found_total} instead of {total}");
        }
    }
}

/// Convolutions in this form, whatever the device would choose, at some shapes; each may be so far off.
fn check_form(form: Form, shapes: &[[usize; 4]], allowed: f64) {
    let compute = gpu();
    let layout = Layout::Packed { subgroups: false, form, tiling: Tiling::Workgroup, tile: None };
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
    for tile in WinogradTile::ALL {
        let form = Winograd { tile: Some(tile), ..Winograd::default() };
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

/// What the program says of a run on a device, as JSON.
fn told(command: &str, device: &str, more: &[&str]) -> Value {
    let pictures = ["--content", "tests/data/a_content.png", "--style", "tests/data/a_style.png"];
    let output =
        easel(&[&[command, "--json", "--style-loss", "gram", "--device", device], &pictures[..], more].concat());
    assert!(output.status.success(), "{device}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn the_program_computes_on_the_gpu() {
    let losses = |device| told("losses", device, &["--image", "tests/data/a_x.png"]);
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
        let report = told("stylize", device, &["--out", &out, "--size", "16", "--iterations", "1"]);
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
