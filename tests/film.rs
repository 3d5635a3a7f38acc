//! Films: flows found, what they cannot explain left out, and frames that hold together.
#![cfg(feature = "cli")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{gpu, path};
use burn::tensor::{Device, Tensor, TensorData};
use easel::parts::{Layout, Sums, temporal};
use easel::{Compute, Flow, Moved, Picture, read};
use pollster::block_on;
use serde_json::Value;

/// A sample photo.
fn sample(name: &str) -> Picture {
    let bytes = fs::read(path("www/samples").join(name)).expect("a sample");
    Picture::decode(name, &bytes).expect("a photo")
}

/// What a camera of `size` pixels sees of a photo that is so many times as fine, its corner at this pixel of the photo.
fn view(photo: &Picture, [left, top]: [u32; 2], (width, height): (u32, u32), finer: u32) -> Picture {
    let rgba: Vec<u8> = (top..top + height * finer)
        .flat_map(|y| (left..left + width * finer).map(move |x| (y * photo.width() + x) as usize))
        .flat_map(|at| [photo.rgb()[3 * at], photo.rgb()[3 * at + 1], photo.rgb()[3 * at + 2], 255])
        .collect();
    let seen = Picture::from_rgba("A view", width * finer, height * finer, &rgba).expect("a view");
    seen.resized(width, height)
}

/// A picture with another one over it, its corner at this pixel.
fn with_square(below: &Picture, square: &Picture, [left, top]: [u32; 2]) -> Picture {
    let mut rgba = below.to_rgba();
    for (y, row) in square.to_rgba().chunks_exact(4 * square.width() as usize).enumerate() {
        let at = 4 * ((top as usize + y) * below.width() as usize + left as usize);
        rgba[at..at + row.len()].copy_from_slice(row);
    }
    Picture::from_rgba("A frame", below.width(), below.height(), &rgba).expect("a frame")
}

/// The value below which nine of ten are.
fn most(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() * 9 / 10).copied().unwrap_or(f32::INFINITY)
}

#[test]
fn known_shifts_are_found_within_a_quarter_of_a_pixel() {
    let (width, height) = (100, 80);
    for (name, finer, first) in [("photo-astronaut.jpg", 3, [60, 60]), ("photo-coffee.jpg", 3, [60, 60])] {
        let photo = sample(name);
        for by in [[0, 0], [1, 0], [4, -5], [-13, 7], [30, 18], [-48, 40]] {
            let second = [0, 1].map(|axis| (first[axis] + by[axis]) as u32);
            let first = first.map(|side| side as u32);
            let [before, after] = [first, second].map(|corner| view(&photo, corner, (width, height), finer));
            // What is at x now was at x + moved before.
            let moved = by.map(|by| by as f32 / finer as f32);
            let flow = Flow::between(&after, &before);
            let trust = Moved::new(&before, &before, &after);
            let (mut apart, mut inside) = (Vec::new(), 0);
            for (at, trust) in trust.trust().iter().enumerate() {
                let [x, y] = [at as u32 % width, at as u32 / width];
                let there = [x as f32 + moved[0], y as f32 + moved[1]];
                if !(0.0..=(width - 1) as f32).contains(&there[0]) || !(0.0..=(height - 1) as f32).contains(&there[1]) {
                    let beyond = |place: f32, side: u32| (-place).max(place - (side - 1) as f32);
                    let is_far = beyond(there[0], width).max(beyond(there[1], height)) > 2.0;
                    assert!(!is_far || *trust < 0.5, "{name} {moved:?}: {x}, {y} was not there");
                    continue;
                }
                inside += 1;
                if *trust > 0.5 {
                    let [right, down] = flow.at(x as isize, y as isize);
                    apart.push((right - moved[0]).hypot(down - moved[1]));
                }
            }
            let (mean, share) = (apart.iter().sum::<f32>() / apart.len() as f32, apart.len() as f32 / inside as f32);
            assert!(mean < 0.2 && share > 0.8, "{name} {moved:?}: {mean} px off, {share} trusted");
            assert!(most(apart) < 0.4, "{name} {moved:?}");
        }
    }
}

#[test]
fn what_the_last_frame_hid_is_not_trusted() {
    let (still, square) = (sample("photo-coffee.jpg").resized(120, 80), sample("photo-astronaut.jpg").resized(32, 32));
    let [before, after] = [[30, 20], [37, 23]].map(|corner| with_square(&still, &square, corner));
    let moved = Moved::new(&before, &before, &after);
    let mean = |wanted: &dyn Fn(u32, u32) -> bool| {
        let here = moved.trust().iter().enumerate().filter(|(at, _)| wanted(*at as u32 % 120, *at as u32 / 120));
        let trusts: Vec<f32> = here.map(|(_, &trust)| trust).collect();
        trusts.iter().sum::<f32>() / trusts.len() as f32
    };
    let within = |x: u32, y: u32, [left, top]: [u32; 2], margin: u32| {
        (left + margin..left + 32 - margin).contains(&x) && (top + margin..top + 32 - margin).contains(&y)
    };
    let uncovered = mean(&|x, y| within(x, y, [30, 20], 0) && !within(x, y, [37, 23], 0));
    assert!(uncovered < 0.1, "what was behind the square: {uncovered}");
    let square = mean(&|x, y| within(x, y, [37, 23], 3));
    assert!(square > 0.9, "the square itself: {square}");
    let still = mean(&|x, y| !(24..75).contains(&x) || !(14..61).contains(&y));
    assert!(still > 0.95, "what stood still: {still}");
}

#[test]
fn moved_to_and_fro_a_picture_stays_sharp() {
    let photo = sample("photo-astronaut.jpg");
    let [here, there] = [[100, 100], [101, 101]].map(|corner| view(&photo, corner, (96, 80), 2));
    let contrast = |picture: &Picture| -> f64 {
        let grey: Vec<i32> = picture.rgb().chunks_exact(3).map(|rgb| rgb.iter().map(|&v| i32::from(v)).sum()).collect();
        let inner = (8..72).flat_map(|y| (8..88).map(move |x| y * 96 + x));
        inner.map(|at| f64::from((grey[at + 1] - grey[at]).abs() + (grey[at + 96] - grey[at]).abs())).sum()
    };
    // Half a pixel twelve times, which is all a filter can do to a picture.
    let mut picture = here.clone();
    for _ in 0..6 {
        picture = Moved::new(&picture, &here, &there).picture().clone();
        picture = Moved::new(&picture, &there, &here).picture().clone();
    }
    let kept = contrast(&picture) / contrast(&here);
    assert!((0.85..1.1).contains(&kept), "{kept} of the contrast is left");
}

#[test]
fn the_temporal_loss_is_its_formula_and_its_gradient_that_of_finite_differences() {
    let numbers = |count: u32, seed: u32| -> Vec<f32> {
        (0..count).map(|at| ((at * 37 + seed * 101) % 89) as f32 / 89.0).collect()
    };
    let tensor = |values: &[f32], channels: usize| -> Tensor<4> {
        Tensor::from_data(TensorData::new(values.to_vec(), [1, channels, 5, 4]), &Device::flex())
    };
    let (image, wanted, mut trust) = (numbers(60, 1), numbers(60, 2), numbers(20, 3));
    trust[7] = 0.0;
    let loss = |image: &[f32]| {
        let mut sums = Sums::new(Layout::Plain);
        let gradient = temporal(tensor(image, 3), tensor(&wanted, 3), tensor(&trust, 1), 6.0, &mut sums);
        block_on(async { (sums.read().await.expect("read")[0], read(gradient).await.expect("read")) })
    };
    let (value, gradient) = loss(&image);
    let squares = image.iter().zip(&wanted).enumerate().map(|(at, (x, w))| f64::from(trust[at % 20] * (x - w).powi(2)));
    let expected = 6.0 * squares.sum::<f64>() / 60.0;
    assert!((value - expected).abs() < 1e-6 * expected, "{value}, not {expected}");
    for at in 0..60 {
        let moved = |by: f32| {
            let mut image = image.clone();
            image[at] += by;
            loss(&image).0
        };
        let slope = (moved(0.05) - moved(-0.05)) / 0.1;
        assert!((f64::from(gradient[at]) - slope).abs() < 1e-5, "{at}: {} instead of {slope}", gradient[at]);
        assert!(at % 20 != 7 || gradient[at] == 0.0, "what is not trusted pulls nothing");
    }
}

#[test]
fn a_gpu_finds_the_same_temporal_loss() {
    let numbers = |count: u32, seed: u32| -> Vec<f32> {
        (0..count).map(|at| ((at * 53 + seed * 71) % 97) as f32 / 97.0).collect()
    };
    let (image, wanted, trust) = (numbers(3 * 33 * 21, 1), numbers(3 * 33 * 21, 2), numbers(33 * 21, 3));
    let on = |compute: &Compute| {
        let tensor = |values: &[f32], channels: usize| -> Tensor<4> {
            Tensor::from_data(TensorData::new(values.to_vec(), [1, channels, 21, 33]), &compute.device)
        };
        let mut sums = Sums::new(compute.layout);
        let gradient = temporal(tensor(&image, 3), tensor(&wanted, 3), tensor(&trust, 1), 40.0, &mut sums);
        block_on(async { (sums.read().await.expect("read")[0], read(gradient).await.expect("read")) })
    };
    let (value, gradient) = on(&Compute::cpu());
    let (other, other_gradient) = on(&gpu());
    assert!((value - other).abs() < 1e-5 * value, "{other} instead of {value}");
    let most = gradient.iter().zip(&other_gradient).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(gradient.len() == other_gradient.len() && most < 1e-6, "{most}");
}

/// Runs `easel batch` on a folder of frames; the lines of JSON, the text of standard error and the exit code.
fn batch(content: &Path, out: &Path, more: &[&str]) -> (Vec<Value>, String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_easel"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["batch", "--style", "www/samples/style-great-wave.jpg", "--device", "cpu", "--json", "--content"])
        .args([content.as_os_str(), "--out".as_ref(), out.as_os_str()])
        .args(more)
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let lines = String::from_utf8_lossy(&output.stdout);
    let lines = lines.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    (lines, String::from_utf8_lossy(&output.stderr).into_owned(), output.status.code())
}

/// Frames of a camera that goes over a photo, as `frame-1.png` and so on, by these pixels of the photo a frame.
fn pan(folder: &Path, count: u32, by: [u32; 2], (width, height): (u32, u32)) {
    let photo = sample("photo-astronaut.jpg");
    for frame in 0..count {
        let corner = [frame * by[0], 60 + frame * by[1]];
        let path = folder.join(format!("frame-{}.png", frame + 1));
        let bytes = view(&photo, corner, (width, height), 3).encode(&path, 90).expect("a PNG");
        fs::write(path, bytes).expect("written");
    }
}

fn opened(path: &Path) -> Picture {
    Picture::decode("a picture", &fs::read(path).expect("a file")).expect("a picture")
}

/// How much each frame's picture differs from the last one's, moved, on average.
fn flicker(frames: &Path, pictures: &Path, count: u32) -> f64 {
    let at = |folder: &Path, frame: u32| opened(&folder.join(format!("frame-{frame}.png")));
    let apart = (2..=count).map(|frame| {
        let moved = Moved::new(&at(pictures, frame - 1), &at(frames, frame - 1), &at(frames, frame));
        moved.flicker(&at(pictures, frame)).expect("something is trusted")
    });
    apart.sum::<f64>() / f64::from(count - 1)
}

/// Paints a pan as a sequence and frame by frame: the flicker of both, and what was said of the sequence.
fn both(count: u32, size: (u32, u32), by: [u32; 2], more: &[&str]) -> ([f64; 2], Vec<Value>) {
    let folder = tempfile::tempdir().expect("a folder");
    let [frames, together, apart] = ["in", "together", "apart"].map(|name| folder.path().join(name));
    fs::create_dir(&frames).expect("made");
    pan(&frames, count, by, size);
    let (lines, said, code) = batch(&frames, &together, &[more, &["--sequence"]].concat());
    assert_eq!(code, Some(0), "{said}");
    batch(&frames, &apart, more);
    ([&together, &apart].map(|out| flicker(&frames, out, count)), lines)
}

#[test]
#[ignore = "long"]
fn a_pan_in_one_pass_flickers_less_than_half_as_much() {
    for by in [[6, 3], [4, 2]] {
        let ([together, apart], lines) = both(12, (96, 72), by, &["--instant", "--size", "96"]);
        println!("one pass, {by:?}: {together:.2} instead of {apart:.2}");
        assert!(together <= 0.5 * apart, "{together} instead of {apart}");
        let said: Vec<f64> = lines.iter().filter_map(|line| line["flicker"].as_f64()).collect();
        assert_eq!(said.len(), 11, "of all but the first");
        assert!((said.iter().sum::<f64>() / 11.0 - together).abs() < 0.05, "{said:?} instead of {together}");
        // In natural order: 2 comes before 10.
        let names = lines.iter().map(|line| line["content"].as_str().unwrap_or_default());
        assert!(names.zip(1..).all(|(name, frame)| name.ends_with(&format!("frame-{frame}.png"))), "{lines:?}");
    }
}

#[test]
#[ignore = "long"]
fn a_pan_step_by_step_flickers_less_than_half_as_much() {
    let settings = ["--size", "48", "--iterations", "8"];
    for more in [&[][..], &["--optimizer", "lbfgs", "--band", "16", "--colour", "luminance"]] {
        let ([together, apart], _) = both(4, (48, 36), [6, 3], &[&settings, more].concat());
        println!("step by step {more:?}: {together:.2} instead of {apart:.2}");
        assert!(together <= 0.5 * apart, "{more:?}: {together} instead of {apart}");
    }
}

#[test]
fn a_sequence_goes_on_where_it_stopped_and_begins_afresh_after_a_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("in")).expect("made");
    pan(&path("in"), 4, [6, 3], (64, 48));
    fs::write(path("in/frame-3.png"), "no picture").expect("written");
    let outcomes = |more: &[&str]| {
        let (lines, said, code) =
            batch(&path("in"), &path("out"), &[&["--instant", "--size", "64", "--sequence"], more].concat());
        let words: Vec<String> = lines.iter().map(|line| line["outcome"].as_str().unwrap_or_default().into()).collect();
        let follows: Vec<bool> = lines.iter().map(|line| line["flicker"].is_number()).collect();
        (words.join(" "), follows, said, code)
    };
    let (words, follows, said, code) = outcomes(&[]);
    assert_eq!((words.as_str(), code), ("painted painted failed painted", Some(1)));
    assert_eq!(follows, [false, true, false, false]);
    assert!(said.contains("begins afresh"), "{said}");
    assert_eq!(outcomes(&[]).0, "skipped skipped failed skipped");
    // Frames hang together: from the first one that is another, all are painted anew, and the last from files.
    let second = fs::read(path("out/frame-2.png")).expect("a picture");
    fs::remove_file(path("out/frame-2.png")).expect("removed");
    assert_eq!(outcomes(&[]).0, "skipped painted failed skipped");
    assert!(fs::read(path("out/frame-2.png")).expect("a picture") == second, "the same again");
    fs::copy(path("in/frame-2.png"), path("in/frame-3.png")).expect("copied");
    assert_eq!(outcomes(&[]).0, "skipped skipped painted painted");
    assert_eq!(outcomes(&["--temporal-weight", "3"]).0, "painted painted painted painted");
    // Another scene, and another shape.
    let other = sample("photo-coffee.jpg");
    for (frame, size) in [(3, (64, 48)), (4, (48, 64))] {
        let file = path(&format!("in/frame-{frame}.png"));
        fs::write(&file, other.resized(size.0, size.1).encode(&file, 90).expect("a PNG")).expect("written");
    }
    let (words, follows, said, _) = outcomes(&["--temporal-weight", "3"]);
    assert_eq!((words.as_str(), &follows[..]), ("skipped skipped painted painted", &[false; 4][..]), "{said}");
    assert!(said.contains("hardly anything of the last one") && said.contains("another shape"), "{said}");
}

#[test]
fn what_makes_no_sense_with_a_sequence_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    pan(folder.path(), 1, [0, 0], (32, 24));
    for (says, more) in [
        ("let one process paint all", &["--sequence", "--shard", "1/2"][..]),
        ("leave it at 1", &["--sequence", "--jobs", "2"]),
        ("add --sequence", &["--temporal-weight", "2"]),
        ("use a number from 0", &["--sequence", "--temporal-weight", "-1"]),
    ] {
        let (_, said, code) = batch(folder.path(), &folder.path().join("out"), &[&["--instant"], more].concat());
        assert!(code == Some(2) && said.contains(says), "{more:?} says: {said}");
    }
}
