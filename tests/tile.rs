//! Pictures whose edges meet: nothing in a run knows where such a picture begins.
#![cfg(feature = "cli")]

use crate::common::{assert_sentence, picture, weights};
use burn::tensor::ops::InterpolateMode;
use burn::tensor::{Device, Tensor, TensorData};
use easel::{
    Compute, Losses, Objective, Picture, Pictures, Style, StyleConfig, Stylizer, Vgg,
    parts::{Wrap, resize},
    read,
};
use pollster::block_on;

/// A picture moved along, what leaves it on one side coming in on the other.
fn rolled(picture: &Picture, [right, down]: [u32; 2]) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    let rgba: Vec<u8> = (0..width * height)
        .flat_map(|at| {
            let from = |place: u32, by: u32, side: u32| ((place + side - by % side) % side) as usize;
            let from = from(at / width, down, height) * width as usize + from(at % width, right, width);
            let rgb = &picture.rgb()[3 * from..][..3];
            [rgb[0], rgb[1], rgb[2], 255]
        })
        .collect();
    Picture::from_rgba("A picture", width, height, &rgba).expect("a picture")
}

/// The same of planes of values.
fn rolled_planes(values: &[f32], (width, height): (u32, u32), [right, down]: [u32; 2]) -> Vec<f32> {
    let (w, h) = (width as usize, height as usize);
    let from = |place: usize, by: u32, side: usize| (place + side - by as usize % side) % side;
    (0..values.len())
        .map(|at| values[at / (w * h) * w * h + from(at / w % h, down, h) * w + from(at % w, right, w)])
        .collect()
}

/// Losses and gradient at an image.
fn evaluated(compute: &Compute, content: &Picture, image: Tensor<4>, settings: &str) -> (Losses, Vec<f32>) {
    let config = StyleConfig::from_json(settings).expect("settings");
    let network = Vgg::new(weights(), config.deepest(), config.pooling, compute);
    let styles = [Style::new(picture("a_style.png"), 1.0)];
    block_on(async {
        let size = (content.width(), content.height());
        let objective = Objective::new(&network, content, &styles, size, &config, &compute.device);
        let evaluation = objective.await.expect("targets").evaluate(&network, image);
        let gradient = read(evaluation.gradient.clone()).await.expect("values");
        (evaluation.losses().await.expect("values"), gradient)
    })
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|v| v * v).sum::<f64>().sqrt()
}

const SIZE: (u32, u32) = (64, 48);

/// Photo and image of that size.
fn case() -> [Picture; 2] {
    ["a_content.png", "a_x.png"].map(|name| picture(name).resized(SIZE.0, SIZE.1))
}

/// All losses with both style losses, a way each.
const SETTINGS: [(&str, [u32; 2]); 4] = [
    (r#"{"styleLoss": "gram", "tile": "x", "photorealWeight": 100}"#, [32, 0]),
    (r#"{"tile": "y", "pooling": "average"}"#, [0, 16]),
    (r#"{"styleLoss": "gram", "tile": "both", "photorealWeight": 100}"#, [16, 32]),
    (r#"{"styleLoss": "gram", "tile": "both", "band": 16}"#, [16, 32]),
];

/// How far the gradient at a picture moved along is from the gradient moved along, the losses' largest difference beside it.
fn off(compute: &Compute, settings: &str, by: [u32; 2]) -> (f64, f64) {
    let [content, image] = case();
    let at =
        |content: &Picture, image: &Picture| evaluated(compute, content, image.to_tensor(&compute.device), settings);
    let (losses, gradient) = at(&content, &image);
    let (moved, moved_gradient) = at(&rolled(&content, by), &rolled(&image, by));
    let terms = |losses: &Losses| [losses.total, losses.content, losses.tv, losses.photoreal];
    let differ = terms(&losses).into_iter().zip(terms(&moved)).map(|(a, b)| (a - b).abs() / losses.total);
    let wanted = rolled_planes(&gradient, SIZE, by);
    let apart = norm(wanted.iter().zip(&moved_gradient).map(|(a, b)| f64::from(a - b)));
    (apart / norm(wanted.iter().map(|&v| v.into())), differ.fold(0.0, f64::max))
}

#[test]
#[ignore = "long"]
fn a_picture_moved_along_has_a_gradient_moved_along() {
    let compute = Compute::cpu();
    for (settings, by) in SETTINGS {
        let (gradient, losses) = off(&compute, settings, by);
        println!("{settings}: gradient {gradient:.1e} off, losses {losses:.1e}");
        assert!(gradient <= 1e-3 && losses <= 1e-5, "{settings}: {gradient:.1e} and {losses:.1e} off");
        // Where edges do not meet, or others do, it is another one.
        for other in ["none", if by[0] == 0 { "x" } else { "y" }] {
            let settings = StyleConfig { tile: word(other), ..StyleConfig::from_json(settings).expect("settings") };
            let (gradient, _) = off(&compute, &settings.to_json().to_string(), by);
            assert!(gradient > 1e-2, "{settings:?}: {gradient:.1e} off");
        }
    }
}

fn word(name: &str) -> Wrap {
    serde_json::from_value(name.into()).expect("a way")
}

#[test]
fn the_gradient_agrees_with_finite_differences() {
    let compute = Compute::cpu();
    let [content, image] = case();
    let shape = [1, 3, SIZE.1 as usize, SIZE.0 as usize];
    let at = block_on(read(image.to_tensor(&compute.device))).expect("values");
    for (settings, _) in SETTINGS {
        // The matting Laplacian's values are rounded too much for differences; its own tests look at it.
        let settings = &settings.replace("100", "0");
        let (_, gradient) = evaluated(&compute, &content, image.to_tensor(&compute.device), settings);
        // Uphill along the edges: elsewhere this is a network like any other.
        let is_edge = |i: usize| {
            let (y, x) = (i / shape[3] % shape[2], i % shape[3]);
            x < 3 || y < 3 || x + 3 >= shape[3] || y + 3 >= shape[2]
        };
        let steepest = gradient.iter().fold(0f32, |most, g| most.max(g.abs()));
        let slope = |(i, g): (usize, &f32)| if is_edge(i) { g / steepest } else { 0.0 };
        let direction: Vec<f32> = gradient.iter().enumerate().map(slope).collect();
        let value = |by: f32| {
            let moved: Vec<f32> = at.iter().zip(&direction).map(|(a, d)| a + by * d).collect();
            let moved = Tensor::from_data(TensorData::new(moved, shape), &compute.device);
            evaluated(&compute, &content, moved, settings).0.total
        };
        let found: f64 = gradient.iter().zip(&direction).map(|(&g, &d)| f64::from(g) * f64::from(d)).sum();
        let step = 4e-3;
        let difference = (value(step) - value(-step)) / (2.0 * f64::from(step));
        let error = (found - difference).abs() / difference.abs();
        println!("{settings}: {found:.4e}, {difference:.4e} by differences, {error:.1e} off");
        assert!(error <= 2e-2, "{settings}: {found} instead of {difference}");
    }
}

#[test]
fn enlarged_pictures_go_on_at_the_opposite_edge() {
    let (from, to) = ((48, 32), [48, 80]);
    let values: Vec<f32> = (0..3 * 32 * 48u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as f32 / 255.0).collect();
    let resized = |values: &[f32], wrap| {
        let image = Tensor::from_data(TensorData::new(values.to_vec(), [1, 3, 32, 48]), &Device::flex());
        block_on(read(resize(image, wrap, to, InterpolateMode::Bicubic))).expect("values")
    };
    for (wrap, by, wanted) in [(Wrap::X, [9, 0], [15, 0]), (Wrap::Y, [0, 4], [0, 6]), (Wrap::Both, [3, 2], [5, 3])] {
        let moved = resized(&rolled_planes(&values, from, by), wrap);
        let expected = rolled_planes(&resized(&values, wrap), (to[1] as u32, to[0] as u32), wanted);
        let apart = moved.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(apart < 1e-4, "{wrap:?}: {apart}");
    }
    // Inside, it is the picture that is not continued.
    let (alone, wrapped) = (resized(&values, Wrap::None), resized(&values, Wrap::Both));
    let inside = (0..alone.len()).filter(|i| (4..76).contains(&(i % 80)) && (4..44).contains(&(i / 80 % 48)));
    assert!(inside.into_iter().all(|i| (alone[i] - wrapped[i]).abs() < 1e-4));
    assert_ne!(alone, wrapped);
}

/// The mean absolute difference across the edges that meet, sideways and downwards, by that of neighbours on average; and the
/// largest of neighbours inside by that.
fn seams(picture: &Picture) -> [[f64; 2]; 2] {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let value = |x: usize, y: usize, c: usize| f64::from(picture.rgb()[3 * (y % height * width + x % width) + c]);
    let columns: Vec<f64> = (0..width)
        .map(|x| (0..height * 3).map(|i| (value(x, i / 3, i % 3) - value(x + 1, i / 3, i % 3)).abs()).sum())
        .collect();
    let rows: Vec<f64> = (0..height)
        .map(|y| (0..width * 3).map(|i| (value(i / 3, y, i % 3) - value(i / 3, y + 1, i % 3)).abs()).sum())
        .collect();
    [columns, rows].map(|all| {
        let (seam, inside) = all.split_last().expect("some");
        let mean = inside.iter().sum::<f64>() / inside.len() as f64;
        [seam / mean, inside.iter().copied().fold(0.0, f64::max) / mean]
    })
}

#[test]
#[ignore = "long"]
fn a_seamless_picture_has_no_seam() {
    let painted = |tile: &str| {
        let config = format!(r#"{{"size": 64, "minSize": 48, "iterations": 20, "init": "content", "tile": "{tile}"}}"#);
        let config = StyleConfig::from_json(&config).expect("settings");
        let styles = vec![Style::new(picture("c_style.png"), 1.0)];
        let pictures = Pictures { content: picture("a_content.png"), styles, init: None };
        let mut run = Stylizer::new(&Compute::cpu(), weights(), pictures, config).expect("a run");
        while !run.is_finished() {
            block_on(run.step()).expect("a step");
        }
        block_on(run.picture()).expect("a picture")
    };
    let (apart, both, sideways) = (seams(&painted("none")), seams(&painted("both")), seams(&painted("x")));
    println!("apart {apart:?}, both {both:?}, sideways {sideways:?}");
    // One line of so small a picture differs from the average by a tenth whichever it is.
    let met = [both[0], both[1], sideways[0]];
    assert!(met.iter().all(|[seam, most]| seam <= most), "{met:?}");
    assert!(met.iter().map(|[seam, _]| seam).sum::<f64>() / 3.0 <= 1.05, "{met:?}");
    assert!([apart[0], apart[1], sideways[1]].iter().all(|[seam, most]| seam > most), "{apart:?} {sideways:?}");
}

/// What a run starts from may be anybody's picture, or one in one pass, which knows of no edges that meet.
#[test]
fn a_picture_to_start_from_has_no_seam_either() {
    let (width, height) = (48, 32);
    let ramp = (0..width * height).map(|at| (at % width + at / width) as f32 / (width + height) as f32);
    let ramp = Picture::from_planes(width, height, &ramp.collect::<Vec<_>>().repeat(3));
    for init in ["image", "instant"] {
        // Hardly anything is painted over it.
        let config = r#"{"size": 48, "minSize": 48, "iterations": 1, "learningRate": 1e-6, "tile": "both", "init": ""#;
        let config = StyleConfig::from_json(&format!("{config}{init}\"}}")).expect("settings");
        let styles = vec![Style::new(picture("c_style.png"), 1.0)];
        let pictures = Pictures { content: picture("a_content.png").resized(48, 32), styles, init: Some(ramp.clone()) };
        let mut run = Stylizer::new(&Compute::cpu(), weights(), pictures, config).expect("a run");
        block_on(run.step()).expect("a step");
        let met = seams(&block_on(run.picture()).expect("a picture"));
        assert!(met.iter().all(|[seam, most]| seam <= most), "{init}: {met:?}");
    }
}

/// No run of a picture that repeats has other sides, so there are no losses of such a run.
#[test]
fn losses_of_sizes_that_no_seamless_run_has_are_refused() {
    let found = |tile: &str, (width, height): (u32, u32)| {
        let config = format!(
            r#"{{"tile": "{tile}", "contentWeight": 0, "styleLayers": [{{"layer": "relu1_1", "weight": 1}}]}}"#
        );
        let config = StyleConfig::from_json(&config).expect("settings");
        let styles = vec![Style::new(picture("c_style.png"), 1.0)];
        let pictures = Pictures { content: picture("a_content.png"), styles, init: None };
        let image = picture("a_x.png").resized(width, height);
        block_on(easel::losses(&Compute::cpu(), weights(), &pictures, &image, &config)).map(|(losses, _)| losses.total)
    };
    let cases = [("both", (50, 37), "48 × 32"), ("x", (50, 37), "48 × 37"), ("y", (48, 37), "48 × 32")];
    for (tile, size, nearest) in cases {
        let said = found(tile, size).map_err(|error| error.to_string()).expect_err("no such run");
        assert_sentence(&said);
        assert!(said.contains(&format!("{} × {}", size.0, size.1)) && said.contains(nearest), "{tile}: {said}");
    }
    for (tile, size) in [("both", (48, 32)), ("x", (48, 37)), ("y", (37, 48)), ("none", (50, 37))] {
        assert!(found(tile, size).is_ok_and(f64::is_finite), "{tile}, {size:?}");
    }
}
