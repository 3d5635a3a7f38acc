//! Whole runs on the CPU, small.

use crate::common::{picture, pictures, weights};
use easel::{Compute, Error, Init, Picture, Pictures, Progress, Style, StyleConfig, StyleTargets, Stylizer};

fn config(json: &str) -> StyleConfig {
    StyleConfig::from_json(json).expect("valid settings")
}

fn run(pictures: Pictures, config: StyleConfig) -> (Vec<Progress>, Picture) {
    let compute = Compute::cpu();
    let mut run = Stylizer::new(&compute, weights(), pictures, config).expect("a run");
    let mut steps = Vec::new();
    while !run.is_finished() {
        steps.push(pollster::block_on(run.step()).expect("a step"));
    }
    (steps, pollster::block_on(run.picture()).expect("a picture"))
}

fn difference(a: &Picture, b: &Picture) -> f64 {
    let sum: u64 = a.rgb().iter().zip(b.rgb()).map(|(&a, &b)| u64::from(a.abs_diff(b))).sum();
    sum as f64 / a.rgb().len() as f64
}

#[test]
fn a_run_lowers_the_loss_and_changes_the_picture() {
    let photo = pictures("c").content;
    let (steps, painted) = run(pictures("c"), config(r#"{"size": 96, "iterations": 8}"#));
    assert_eq!((painted.width(), painted.height()), (64, 96));
    assert_eq!(steps.iter().map(|p| p.iteration).collect::<Vec<_>>(), (1..=8).collect::<Vec<_>>());
    assert!(steps.iter().all(|p| p.iterations == 8 && p.scale.count == 1));
    assert!(
        steps[7].losses.total < 0.75 * steps[0].losses.total,
        "{} → {}",
        steps[0].losses.total,
        steps[7].losses.total
    );
    assert!(difference(&painted, &photo.resized(64, 96)) > 4.0);
}

#[test]
fn the_same_seed_gives_the_same_picture() {
    let settings = config(r#"{"size": 32, "iterations": 2, "init": "noise", "seed": 5}"#);
    let (_, first) = run(pictures("a"), settings.clone());
    let (_, again) = run(pictures("a"), settings.clone());
    let (_, other) = run(pictures("a"), StyleConfig { seed: 6, ..settings });
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn scales_follow_one_another() {
    let (steps, painted) = run(
        pictures("a"),
        config(r#"{"size": 64, "minSize": 32, "iterations": 2, "firstIterations": 3, "averaging": 0.9}"#),
    );
    let widths: Vec<u32> = steps.iter().map(|p| p.scale.width).collect();
    assert_eq!(widths, [32, 32, 32, 45, 45, 64, 64]);
    assert_eq!(painted.width(), 64);
    assert!(steps.iter().all(|p| p.iterations == 7 && p.losses.total.is_finite()));
}

/// How near it is to the time's is for the forecast's own tests, which have a clock that can be relied on.
#[test]
fn the_fraction_grows_to_1_and_is_there_with_the_last_step() {
    let (steps, _) = run(pictures("a"), config(SCALES));
    let fractions: Vec<f64> = steps.iter().map(|p| p.fraction).collect();
    assert!(fractions[0] > 0.0 && fractions.is_sorted(), "{fractions:?}");
    let whole: Vec<bool> = fractions.iter().map(|&fraction| fraction == 1.0).collect();
    assert_eq!(whole, [false, false, false, false, false, false, true], "{fractions:?}");
    assert!(steps.iter().all(|p| (p.eta_seconds == 0.0) == (p.fraction == 1.0)));
}

const SCALES: &str = r#"{"preset": "classic", "size": 64, "minSize": 32, "iterations": 2, "firstIterations": 3}"#;

#[test]
fn a_run_can_be_told_to_stop_growing() {
    // After so many steps: the last scale wanted, and the width and the number of steps it ends with.
    for (after, last, width, iterations) in
        [(0, 0, 32, 3), (1, 1, 45, 5), (4, 0, 45, 5), (1, 2, 64, 7), (2, usize::MAX, 64, 7), (6, 0, 64, 7)]
    {
        let mut run = Stylizer::new(&Compute::cpu(), weights(), pictures("a"), config(SCALES)).expect("a run");
        for _ in 0..after {
            pollster::block_on(run.step()).expect("a step");
        }
        run.stop_growing(last);
        assert_eq!(run.iterations(), iterations, "{last} after {after}");
        let mut fraction = 0.0;
        while !run.is_finished() {
            fraction = pollster::block_on(run.step()).expect("a step").fraction;
        }
        assert_eq!((pollster::block_on(run.picture()).expect("a picture").width(), fraction), (width, 1.0));
    }
}

#[test]
fn after_the_last_step_there_is_none() {
    let settings = config(r#"{"preset": "classic", "size": 32, "minSize": 32, "iterations": 1}"#);
    let mut run = Stylizer::new(&Compute::cpu(), weights(), pictures("a"), settings).expect("a run");
    pollster::block_on(run.step()).expect("a step");
    let picture = pollster::block_on(run.picture()).expect("a picture");
    let error = pollster::block_on(run.step()).expect_err("it is done");
    assert!(matches!(error, Error::Finished));
    crate::common::assert_sentence(&error.to_string());
    assert_eq!(pollster::block_on(run.picture()).expect("a picture"), picture);
}

#[test]
fn neighbours_of_no_layer_leave_the_content() {
    let none = r#"{"preset": "strokes", "size": 32, "minSize": 32, "iterations": 1, "styleLayers": []}"#;
    let mut run = Stylizer::new(&Compute::cpu(), weights(), pictures("a"), config(none)).expect("a run");
    let progress = pollster::block_on(run.step()).expect("a step");
    assert_eq!(progress.losses.style_sum(), 0.0);
}

/// Red less green and blue less green, which luminance does not touch.
fn chroma(picture: &Picture) -> Vec<[i32; 2]> {
    let chroma = |p: &[u8]| [i32::from(p[0]) - i32::from(p[1]), i32::from(p[2]) - i32::from(p[1])];
    picture.rgb().chunks_exact(3).map(chroma).collect()
}

#[test]
fn in_luminance_the_photo_keeps_its_chroma_and_not_its_brightness() {
    let photo = pictures("a").content.resized(48, 48);
    let kept = |painted: &Picture| {
        let near = |(a, b): (&[i32; 2], &[i32; 2])| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1);
        chroma(painted).iter().zip(&chroma(&photo)).all(near)
    };
    let settings = |colour: &str| {
        config(&format!(r#"{{"size": 48, "minSize": 48, "iterations": 6, "averaging": 0, "colour": "{colour}"}}"#))
    };
    let (steps, painted) = run(pictures("a"), settings("luminance"));
    assert!(kept(&painted) && difference(&painted, &photo) > 4.0, "{}", difference(&painted, &photo));
    assert!(steps[5].losses.total < steps[0].losses.total);
    assert!(!kept(&run(pictures("a"), settings("style")).1));

    // Changed on the way, it is so from the next step on.
    let mut changed = Stylizer::new(&Compute::cpu(), weights(), pictures("a"), settings("style")).expect("a run");
    pollster::block_on(changed.step()).expect("a step");
    changed.update(r#"{"colour": "luminance"}"#).expect("a change");
    pollster::block_on(changed.step()).expect("a step");
    assert!(kept(&pollster::block_on(changed.picture()).expect("a picture")));
}

/// What is reported is the loss of a picture that can be had: the image has no colours to be thrown away when it is shown.
#[test]
fn a_run_in_luminance_is_of_a_grey_picture() {
    let (compute, weights) = (Compute::cpu(), weights());
    let mut grey = pictures("a");
    // Of a grey photo the picture is the image itself.
    let planes: Vec<f32> = grey.content.rgb().iter().step_by(3).map(|&value| f32::from(value) / 255.0).collect();
    grey.content = Picture::from_planes(grey.content.width(), grey.content.height(), &planes.repeat(3));
    for more in
        [r#""optimizer": "adam""#, r#""optimizer": "lbfgs""#, r#""init": "noise", "band": 16"#, r#""colour": "style""#]
    {
        let settings = r#""size": 32, "minSize": 32, "iterations": 6, "averaging": 0, "tvWeight": 0"#;
        let first = if more.contains("colour") { "" } else { r#", "colour": "luminance""# };
        let settings = config(&format!("{{{settings}, {more}{first}}}"));
        let mut run = Stylizer::new(&compute, weights, grey.clone(), settings.clone()).expect("a run");
        let mut losses = Vec::new();
        let mut before = None;
        while !run.is_finished() {
            before = Some(pollster::block_on(run.picture()).expect("a picture"));
            losses.push(pollster::block_on(run.step()).expect("a step").losses.total);
            if run.iteration() == 2 {
                run.update(r#"{"colour": "luminance"}"#).expect("a change");
            }
        }
        let saved = pollster::block_on(run.checkpoint()).expect("the device answers").expect("a step was taken");
        let tensors = safetensors::SafeTensors::deserialize(&saved).expect("tensors");
        let image = tensors.tensor("image").expect("the image").data().to_vec();
        let [red, green, blue] = [0, 1, 2].map(|plane| &image[plane * image.len() / 3..][..image.len() / 3]);
        assert!(red == green && green == blue, "{more}: in colours");
        // Adam's last losses are of the image before its last step, L-BFGS shows the best.
        let (shown, reported) = match more.contains("lbfgs") {
            true => {
                (pollster::block_on(run.picture()).expect("a picture"), losses.iter().copied().fold(f64::MAX, f64::min))
            }
            false => (before.expect("a step"), losses[5]),
        };
        let settings = StyleConfig { colour: easel::Colour::Luminance, ..settings };
        let found = pollster::block_on(easel::losses(&compute, weights, &grey, &shown, &settings)).expect("losses");
        crate::common::assert_close(more, found.0.total, reported, 0.01);
    }
}

#[test]
fn every_start_works() {
    let settings = config(r#"{"size": 32, "iterations": 1}"#);
    for init in [Init::Content, Init::Noise, Init::StyleColour, Init::Image] {
        let mut all = pictures("a");
        all.init = Some(all.styles[0].picture.clone());
        let (steps, _) = run(all, StyleConfig { init, ..settings.clone() });
        assert!(steps[0].losses.total.is_finite(), "{init:?}");
    }
    let compute = Compute::cpu();
    let missing = Stylizer::new(&compute, weights(), pictures("a"), StyleConfig { init: Init::Image, ..settings });
    assert!(missing.is_err(), "init image without an image is refused");
}

#[test]
fn a_painting_of_weight_zero_is_as_good_as_absent() {
    let settings = config(r#"{"size": 32, "iterations": 2}"#);
    let mut both = pictures("a");
    both.styles.push(Style::new(crate::common::picture("c_style.png"), 0.0));
    let (with, _) = run(both, settings.clone());
    let (without, _) = run(pictures("a"), settings);
    assert_eq!(with[1].losses, without[1].losses);
}

#[test]
fn what_cannot_be_painted_is_refused() {
    let compute = Compute::cpu();
    let weights = weights();
    let refused = |pictures: Pictures, json: &str| {
        let mut run = Stylizer::new(&compute, weights, pictures, config(json))?;
        pollster::block_on(run.step()).map(|_| ())
    };
    let mut none = pictures("a");
    none.styles.clear();
    assert!(matches!(refused(none, "{}"), Err(Error::NoStyle)));
    let mut zero = pictures("a");
    zero.styles[0].weight = 0.0;
    assert!(matches!(refused(zero, "{}"), Err(Error::NoStyle)));
    let mut negative = pictures("a");
    negative.styles[0].weight = -1.0;
    assert!(matches!(refused(negative, "{}"), Err(Error::StyleWeight(_))));
    let mut narrow = pictures("a");
    narrow.content = narrow.content.resized(400, 1);
    assert!(matches!(refused(narrow, r#"{"size": 128}"#), Err(Error::PictureSize { .. })));
    let mut dot = pictures("a");
    dot.styles[0].picture = dot.styles[0].picture.resized(1, 1);
    assert!(matches!(refused(dot, r#"{"size": 32}"#), Err(Error::PictureSize { .. })));
}

#[test]
fn settings_are_checked_one_by_one() {
    let refused = |json: &str| StyleConfig::from_json(json).expect_err(json).to_string();
    assert!(refused(r#"{"sise": 256}"#).contains("Did you mean \"size\"?"));
    assert!(refused(r#"{"size": 1e9}"#).contains("16 to 4096"));
    assert!(refused(r#"{"size": "big"}"#).contains("size"));
    assert!(refused(r#"{"size": 256.5}"#).contains("whole"));
    assert!(refused(r#"{"pooling": "median"}"#).contains("max, average"));
    assert!(refused(r#"{"styleLayers": [{"layer": "relu9_9", "weight": 1}]}"#).contains("relu5_1"));
    assert!(refused(r#"{"styleLayers": [{"layer": "relu1_1", "weight": -1}]}"#).contains("relu1_1"));
    assert!(refused(r#"{"styleWeight": 0, "contentWeight": 0}"#).contains("optimise"));
    assert!(refused("[]").contains("object"));
    assert!(refused("{").contains("could not be read"));
    assert_eq!(config(r#"{"size": 256.0}"#).size, 256);
}

/// Statistics without any spread are the hardest for matrix roots.
#[test]
fn blank_pictures_give_finite_losses() {
    let compute = Compute::cpu();
    let blank = |level: u8| {
        let rgba: Vec<u8> = (0..24 * 32).flat_map(|_| [level, level / 2, 255 - level, 255]).collect();
        Picture::from_rgba("x", 32, 24, &rgba).expect("valid")
    };
    for (content, style) in [(0, 0), (0, 255), (255, 0), (120, 30)] {
        let styles = vec![Style::new(blank(style), 1.0)];
        let pictures = Pictures { content: blank(content), styles, init: None };
        let config = StyleConfig::from_json(r#"{"size": 32, "minSize": 32}"#).expect("valid");
        let image = pictures.content.clone();
        let (losses, norm) =
            pollster::block_on(easel::losses(&compute, weights(), &pictures, &image, &config)).expect("losses");
        assert!(losses.total.is_finite() && losses.total > -1e-2 && norm.is_finite(), "{content} {style}: {losses:?}");
    }
}

#[test]
#[ignore = "long"]
fn runs_that_share_their_paintings_end_on_the_same_pixels_and_look_less() {
    let (compute, weights) = (Compute::cpu(), weights());
    let both = |mask: bool| {
        let half: Vec<u8> = (0..64).flat_map(|at| [if at % 8 < 4 { 255 } else { 0 }; 4]).collect();
        let mask = mask.then(|| Picture::from_rgba("The mask", 8, 8, &half).expect("a mask"));
        let second = Style { mask, ..Style::new(picture("c_style.png"), 0.5) };
        vec![Style::new(picture("a_style.png"), 1.0), second]
    };
    let painted = |settings: &str, styles: &[Style], photo: &str, targets: Option<&StyleTargets>| {
        let pictures = Pictures { content: picture(photo), styles: styles.to_vec(), init: None };
        let config = StyleConfig::from_json(settings).expect("settings");
        let run = Stylizer::new(&compute, weights, pictures, config).expect("a run");
        let mut run = match targets {
            Some(targets) => run.sharing(targets),
            None => run,
        };
        while !run.is_finished() {
            pollster::block_on(run.step()).expect("a step");
        }
        (pollster::block_on(run.picture()).expect("a picture"), run.report().passes)
    };
    let size = r#""size": 45, "minSize": 32, "iterations": 1, "firstIterations": 2, "init": "content""#;
    // What is shared, and what is not: whose look depends on the photo, and what is blended by masks.
    for (is_shared, mask, more) in [
        (true, false, ""),
        (true, false, r#", "preset": "classic""#),
        (true, false, r#", "styleScale": 0.7, "band": 16"#),
        (true, true, ""),
        (false, false, r#", "colour": "match""#),
        (false, true, r#", "colour": "luminance""#),
    ] {
        let (settings, styles, targets) = (format!("{{{size}{more}}}"), both(mask), StyleTargets::default());
        // Another photo with other settings has been there before.
        painted(&format!("{{{size}, \"styleScale\": 0.9}}"), &styles, "a_content.png", Some(&targets));
        painted(&settings, &styles, "a_content.png", Some(&targets));
        let (alone, passes) = painted(&settings, &styles, "c_content.png", None);
        let (shared, fewer) = painted(&settings, &styles, "c_content.png", Some(&targets));
        assert!(shared == alone, "{settings}: other pixels");
        assert_eq!(fewer < passes, is_shared, "{settings}: {fewer} passes of {passes}");
    }
}
