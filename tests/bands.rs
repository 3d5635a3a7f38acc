//! Pictures gone through in bands of rows: the same losses and gradients as whole, but for rounding.
#![cfg(feature = "cli")]

use crate::common::{gpu, off, picture, weights};
use burn::tensor::{Tensor, TensorData};
use easel::{
    Compute, Frames, Losses, Objective, Paintings, Picture, Pictures, Plan, Style, StyleConfig, Stylizer, Vgg, losses,
    parts::{Form, Layout, Tiling},
    read,
};
use pollster::block_on;

/// Photo, image and paintings of a case.
struct Case {
    size: (u32, u32),
    content: Picture,
    image: Picture,
    styles: Vec<Style>,
}

/// Sides as they are, and a painting of other ones.
fn case(size: (u32, u32), is_masked: bool) -> Case {
    let (width, height) = size;
    let [content, image] = ["a_content.png", "a_x.png"].map(|name| picture(name).resized(width, height));
    let mut styles = vec![Style::new(picture("a_style.png").resized(width + 24, height - 23), 1.0)];
    if is_masked {
        // A wedge that some bands have much of and others nothing, and a few pixels in a corner.
        let inside = |x: u32, y: u32| y > height / 3 && x < y || x < 20 && y < 18;
        let mask: Vec<u8> = (0..width * height)
            .flat_map(|at| if inside(at % width, at / width) { [255; 4] } else { [0, 0, 0, 255] })
            .collect();
        let mask = Picture::from_rgba("The mask", width, height, &mask).expect("a mask");
        styles
            .push(Style { mask: Some(mask), ..Style::new(picture("c_style.png").resized(width + 3, height / 2), 0.7) });
    }
    Case { size, content, image, styles }
}

/// Losses and gradient of a case in bands of so many rows, 0 for whole.
fn evaluated(compute: &Compute, case: &Case, settings: &str, band: u32) -> (Losses, Vec<f32>) {
    evaluated_at(case.image.to_tensor(&compute.device), compute, case, settings, band)
}

/// The same at another image.
fn evaluated_at(image: Tensor<4>, compute: &Compute, case: &Case, settings: &str, band: u32) -> (Losses, Vec<f32>) {
    let config = StyleConfig { band: Some(band), ..StyleConfig::from_json(settings).expect("settings") };
    let network = Vgg::new(weights(), config.deepest(), config.pooling, compute);
    block_on(async {
        let Case { size, content, styles, .. } = case;
        let objective = Objective::new(&network, content, styles, *size, &config, &compute.device);
        let evaluation = objective.await.expect("targets").evaluate(&network, image);
        let gradient = read(evaluation.gradient.clone()).await.expect("values");
        (evaluation.losses().await.expect("values"), gradient)
    })
}

/// Fails unless every loss and the gradient are the same within 1e-4.
#[track_caller]
fn check(what: &str, whole: &(Losses, Vec<f32>), banded: &(Losses, Vec<f32>)) {
    check_within(1e-4, what, whole, banded);
}

/// How far a device's gradient may be off: Winograd's transforms round by where its tiles begin, which is enough to make pooling take
/// another of four pixels here and there.
fn allowed(compute: &Compute) -> f64 {
    if matches!(compute.form(), Some(Form::Winograd(_))) { 1e-3 } else { 1e-4 }
}

/// The same with another bound for the gradient.
#[track_caller]
fn check_within(allowed: f64, what: &str, whole: &(Losses, Vec<f32>), banded: &(Losses, Vec<f32>)) {
    let (losses, gradient) = whole;
    let (found, found_gradient) = banded;
    let near = |name: &str, a: f64, b: f64| {
        let error = (a - b).abs() / b.abs().max(1e-4 * losses.total);
        assert!(error <= 1e-4, "{what}: {name} is {a} in bands and {b} whole");
    };
    near("content", found.content, losses.content);
    near("tv", found.tv, losses.tv);
    near("photoreal", found.photoreal, losses.photoreal);
    near("total", found.total, losses.total);
    assert!(found.style.keys().eq(losses.style.keys()), "{what}: other layers");
    for (layer, value) in &losses.style {
        near(layer, found.style[layer], *value);
    }
    let error = off(gradient, found_gradient);
    println!("{what}: gradient {error:.1e} off, total {:.1e}", (found.total / losses.total - 1.0).abs());
    assert!(error <= allowed, "{what}: the gradient is {error:.1e} off");
}

/// All losses, either style loss, and what else changes the way.
const SETTINGS: [(&str, bool, &str); 6] = [
    ("gram", false, r#"{"styleLoss": "gram"}"#),
    (
        "wasserstein",
        false,
        r#"{"contentLayers": [{"layer": "relu4_2", "weight": 1}, {"layer": "relu2_2", "weight": 0.5}]}"#,
    ),
    ("gram, average pooling", false, r#"{"styleLoss": "gram", "pooling": "average", "photorealWeight": 100}"#),
    ("regions, gram", true, r#"{"styleLoss": "gram"}"#),
    ("regions, wasserstein", true, r#"{"tvWeight": 0}"#),
    (
        "shallow",
        false,
        r#"{"contentLayers": [{"layer": "relu3_4", "weight": 1}], "styleLayers": [{"layer": "relu1_2", "weight": 1}, {"layer": "relu3_4", "weight": 1}]}"#,
    ),
];

/// A case of odd sides. Wasserstein distances of deep layers, which the names tell of, need more pixels than those have channels, or
/// rounding is all their gradients show; everything else is as true of a small picture, and sooner seen.
fn odd(name: &str, is_masked: bool) -> Case {
    case(if name.contains("wasserstein") { (127, 193) } else { (75, 113) }, is_masked)
}

/// The same for a GPU that may be software's, which takes long for large pictures: Wasserstein distances of layers small ones have
/// enough pixels for; the deep ones are the CPU's to look at.
fn small(settings: &str) -> String {
    let layers = r#"{"styleLayers": [{"layer": "relu2_1", "weight": 1}, {"layer": "relu3_1", "weight": 1}]"#;
    let is_said = settings.contains("gram") || settings.contains("styleLayers");
    if is_said { settings.into() } else { format!("{layers}, {}", settings.trim_start_matches('{')) }
}

#[test]
#[ignore = "long"]
fn bands_change_nothing_on_the_cpu() {
    let compute = Compute::cpu();
    // Two of three heights a case, in turn: either loss sees all of them.
    for (i, (name, is_masked, settings)) in SETTINGS.into_iter().enumerate() {
        let case = odd(name, is_masked);
        let whole = evaluated(&compute, &case, settings, 0);
        for band in [[16, 32], [48, 16], [32, 48]][(i + i / 3) % 3] {
            let banded = evaluated(&compute, &case, settings, band);
            check(&format!("{name} in bands of {band}"), &whole, &banded);
        }
    }
    // More bands than rows in the deepest layers, and other sides.
    let settings = r#"{"styleLoss": "gram"}"#;
    let case = case((113, 75), false);
    let whole = evaluated(&compute, &case, settings, 0);
    check("bands of 3", &whole, &evaluated(&compute, &case, settings, 3));
}

#[test]
#[ignore = "long"]
fn bands_change_nothing_on_a_gpu() {
    let held = gpu();
    let mut compute = held.clone();
    let Layout::Packed { subgroups, form, .. } = compute.layout else { panic!("a GPU runs our kernels") };
    for (i, (name, is_masked, settings)) in SETTINGS.into_iter().enumerate() {
        // Lavapipe is slow: regions and shallow layers are looked at where edges meet.
        if is_masked || name == "shallow" {
            continue;
        }
        // And slowest with those in workgroup memory; what bands do with it they do to Gram matrices, too.
        let tiling = if settings.contains("gram") && i > 0 { Tiling::Workgroup } else { Tiling::Registers };
        compute.layout = Layout::Packed { subgroups, form, tiling, tile: None };
        let (case, settings) = (case((75, 113), false), small(settings));
        let whole = evaluated(&compute, &case, &settings, 0);
        let band = [16, 32, 48][i % 3];
        let banded = evaluated(&compute, &case, &settings, band);
        check_within(allowed(&compute), &format!("{name} in bands of {band}, {tiling:?}"), &whole, &banded);
    }
}

/// Where a covariance is nearly singular, as that of relu1_1 is here, the gradient of Wasserstein distances is rounded by more than 1e-4.
/// That has nothing to do with bands: an image that is another only in its last bits has a gradient as far away.
#[test]
#[ignore = "long"]
fn bands_are_no_further_from_the_whole_than_an_image_that_is_another_in_its_last_bits() {
    let compute = Compute::cpu();
    let (case, settings) = (case((112, 160), false), "{}");
    let (_, whole) = evaluated(&compute, &case, settings, 0);
    let image = case.image.to_tensor(&compute.device);
    let (shape, values) = (image.dims(), block_on(read(image)).expect("values"));
    let by_rounding = (0..3)
        .map(|i| {
            let next = |(at, value): (usize, &f32)| if at % 5 == i { value.next_up().min(1.0) } else { *value };
            let nudged = TensorData::new(values.iter().enumerate().map(next).collect::<Vec<_>>(), shape);
            let nudged = Tensor::from_data(nudged, &compute.device);
            off(&whole, &evaluated_at(nudged, &compute, &case, settings, 0).1)
        })
        .fold(0.0, f64::max);
    for band in [16, 32, 48] {
        let in_bands = off(&whole, &evaluated(&compute, &case, settings, band).1);
        println!("in bands of {band} {in_bands:.1e} off, by rounding {by_rounding:.1e}");
        assert!(in_bands <= 5.0 * by_rounding, "{in_bands:.1e} in bands of {band}, {by_rounding:.1e} by rounding");
    }
}

/// Edges that meet, halos going on at the opposite one.
const MEETING: [(&str, bool, &str); 5] = [
    ("meeting, gram", false, r#"{"styleLoss": "gram", "tile": "both", "photorealWeight": 100}"#),
    ("meeting, regions", true, r#"{"styleLoss": "gram", "tile": "y"}"#),
    ("meeting, wasserstein", true, r#"{"tile": "both"}"#),
    ("meeting at the sides", false, r#"{"styleLoss": "gram", "tile": "x"}"#),
    (
        "meeting, shallow",
        false,
        r#"{"styleLoss": "gram", "tile": "y", "pooling": "average", "contentLayers": [{"layer": "relu3_4", "weight": 1}], "styleLayers": [{"layer": "relu1_2", "weight": 1}, {"layer": "relu3_4", "weight": 1}]}"#,
    ),
];

/// A case whose sides that meet are multiples of 16; with Wasserstein distances of about the size at which they were looked at before,
/// for at others their gradients are rounded by more than 1e-4, whether in bands or not.
fn meeting(name: &str, is_masked: bool) -> Case {
    case(if name.contains("wasserstein") { (128, 192) } else { (80, 112) }, is_masked)
}

#[test]
#[ignore = "long"]
fn bands_of_edges_that_meet_change_nothing_on_the_cpu() {
    let compute = Compute::cpu();
    for (i, (name, is_masked, settings)) in MEETING.into_iter().enumerate() {
        let case = meeting(name, is_masked);
        let whole = evaluated(&compute, &case, settings, 0);
        // Two of three heights a case, in turn; Wasserstein distances, third here, of very many parts are rounded more.
        for band in [[3, 16], [48, 3], [16, 48]][i % 3] {
            let banded = evaluated(&compute, &case, settings, band);
            check(&format!("{name} in bands of {band}"), &whole, &banded);
        }
    }
}

#[test]
#[ignore = "long"]
fn bands_of_edges_that_meet_change_nothing_on_a_gpu() {
    let compute = gpu();
    for ((name, is_masked, settings), band) in MEETING.into_iter().zip([8, 32, 48, 16, 16]) {
        let (case, settings) = (case((80, 112), is_masked), small(settings));
        let whole = evaluated(&compute, &case, &settings, 0);
        let banded = evaluated(&compute, &case, &settings, band);
        check_within(allowed(&compute), &format!("{name} in bands of {band}"), &whole, &banded);
    }
}

/// The picture of these sides after ten steps with these settings in bands of so many rows, 0 for whole: values from 0 to 255.
fn ten_steps(size: (u32, u32), settings: &str, band: u32) -> Vec<f32> {
    let mut config = StyleConfig::from_json(settings).expect("settings");
    (config.size, config.min_size, config.iterations, config.band) = (size.1, size.1, 10, Some(band));
    let Case { content, styles, .. } = case(size, false);
    let pictures = Pictures { content, styles, init: None };
    let mut run = Stylizer::new(&Compute::cpu(), weights(), pictures, config).expect("a run");
    while !run.is_finished() {
        block_on(run.step()).expect("a step");
    }
    block_on(run.picture()).expect("a picture").rgb().iter().map(|&value| value.into()).collect()
}

/// How far two pictures are apart at most (but for one value in ten thousand) and on average.
fn apart(one: &[f32], other: &[f32]) -> (f32, f32) {
    let apart: Vec<f32> = one.iter().zip(other).map(|(a, b)| (a - b).abs()).collect();
    // A few pixels may stand where the sign of their gradient is chance, which is all that Adam goes by.
    let mut sorted = apart.clone();
    sorted.sort_by(f32::total_cmp);
    let most = sorted[sorted.len() - 1 - sorted.len() / 10_000];
    (most, apart.iter().sum::<f32>() / apart.len() as f32)
}

#[test]
#[ignore = "long"]
fn ten_steps_in_bands_end_on_the_same_picture() {
    // L-BFGS, which searches along a line, makes more of rounding the smaller the picture.
    for (size, settings) in [
        ((53, 81), r#"{"init": "content", "styleLoss": "gram", "learningRate": 0.01}"#),
        ((83, 129), r#"{"init": "content", "learningRate": 0.005}"#),
        ((83, 129), r#"{"init": "content", "styleLoss": "gram", "optimizer": "lbfgs"}"#),
    ] {
        let (most, mean) = apart(&ten_steps(size, settings, 32), &ten_steps(size, settings, 0));
        println!("{settings}: {most} at most, {mean:.1e} on average, of 255");
        assert!(most <= 1.0 && mean <= 0.01, "{settings}: {most} at most, {mean} on average, of 255");
    }
}

#[test]
#[ignore = "long"]
fn long_steps_in_bands_go_no_further_apart_than_rounding_drives_them() {
    // At the usual learning rate Adam makes any difference large within ten steps: a weight that is changed in its last bits does
    // as much.
    let [usual, nudged] = [r#"{"init": "content"}"#, r#"{"init": "content", "styleWeight": 1.0000003}"#];
    let [whole, banded, nudged] =
        [(usual, 0), (usual, 32), (nudged, 0)].map(|(settings, band)| ten_steps((83, 129), settings, band));
    let [(_, in_bands), (_, by_rounding)] = [apart(&banded, &whole), apart(&nudged, &whole)];
    println!("{in_bands:.1e} in bands, {by_rounding:.1e} by rounding, of 255 on average");
    assert!(in_bands <= 5.0 * by_rounding, "{in_bands} in bands, {by_rounding} by rounding, of 255 on average");
}

#[test]
#[ignore = "long"]
fn a_picture_too_large_to_be_judged_whole_is_judged_in_bands() {
    let mut compute = Compute::cpu();
    let (case, settings) = (case((193, 127), false), r#"{"styleLoss": "gram", "tvWeight": 0}"#);
    let [whole, banded] = [0, 48].map(|band| evaluated(&compute, &case, settings, band).0);
    assert_ne!(whole, banded, "sums differ in their last bits");
    compute.info.limits.insert("maxBufferSize", 1 << 20);
    let Case { content, image, styles, .. } = case;
    let pictures = Pictures { content, styles, init: None };
    let config = StyleConfig { frames: Frames::Keep, ..StyleConfig::from_json(settings).expect("settings") };
    let (found, _) = block_on(losses(&compute, weights(), &pictures, &image, &config)).expect("losses");
    assert_eq!(found, banded);
}

#[test]
#[ignore = "long"]
fn what_a_gpu_takes_in_bands_was_planned() {
    let compute = gpu();
    let (case, settings) = (case((256, 160), false), r#"{"styleLoss": "gram", "band": 32}"#);
    let config = StyleConfig::from_json(settings).expect("settings");
    let plan = Plan::new(256, 160, Paintings::default(), &config, compute.form().expect("a form"));
    let network = Vgg::new(weights(), config.deepest(), config.pooling, &compute);
    let Case { size, content, image, styles } = &case;
    let (held, image) = block_on(async {
        let objective =
            Objective::new(&network, content, styles, *size, &config, &compute.device).await.expect("targets");
        let image = image.to_tensor(&compute.device);
        let evaluation = objective.evaluate(&network, image.clone());
        evaluation.losses().await.expect("values");
        (compute.device.memory_pool_usage().expect("a GPU knows").bytes_reserved, image)
    });
    drop(image);
    let (planned, held) = ((plan.weights + plan.targets + plan.activations) as f64, held as f64);
    println!("{:.1} MB held, {:.1} planned, {plan:?}", held / 1e6, planned / 1e6);
    assert!((0.9..=1.1).contains(&(held / planned)), "{held} bytes held, {plan:?}");
}
