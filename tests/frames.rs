//! Paintings with margins: runs see what is inside.

use crate::common::{path, picture, weights};
use easel::instant::{Set, SetWeights};
use easel::{
    Compute, Error, Frames, InstantPainter, Picture, Pictures, Style, StyleConfig, StyleReader, Stylizer, head_start,
};
use pollster::block_on;

/// A sample painting, 150 px long.
fn painting() -> Picture {
    let bytes = std::fs::read(path("www/samples/style-poppies.jpg")).expect("a sample");
    let whole = Picture::decode("poppies", &bytes).expect("a picture");
    whole.resized(150, 150 * whole.height() / whole.width())
}

/// The same with so many white pixels at the left, the top, the right and the bottom.
fn framed(inner: &Picture, [left, top, right, bottom]: [usize; 4]) -> Picture {
    let (across, down) = (inner.width() as usize, inner.height() as usize);
    let (width, height) = (across + left + right, down + top + bottom);
    let mut rgba = vec![255; 4 * width * height];
    for (y, row) in inner.to_rgba().chunks_exact(4 * across).enumerate() {
        let at = 4 * ((y + top) * width + left);
        rgba[at..at + row.len()].copy_from_slice(row);
    }
    Picture::from_rgba("framed", width as u32, height as u32, &rgba).expect("a picture")
}

const WIDTHS: [usize; 4] = [12, 20, 16, 9];

fn pictures(painting: Picture, mask: Option<Picture>) -> Pictures {
    let style = Style { mask, ..Style::new(painting, 1.0) };
    Pictures { content: picture("a_content.png"), styles: vec![style], init: None }
}

/// Loss and pixels of a short run.
fn painted(pictures: Pictures, more: &str) -> (f64, Picture) {
    let json = format!(r#"{{"size": 64, "minSize": 48, "iterations": 2, "init": "style-colour"{more}}}"#);
    let config = StyleConfig::from_json(&json).expect("settings");
    let mut run = Stylizer::new(&Compute::cpu(), weights(), pictures, config).expect("a run");
    let mut loss = f64::NAN;
    while !run.is_finished() {
        loss = block_on(run.step()).expect("a step").losses.total;
    }
    (loss, block_on(run.picture()).expect("a picture"))
}

#[test]
#[ignore = "long"]
fn a_white_frame_changes_nothing_unless_it_is_kept() {
    let mask = || {
        let halves: Vec<u8> = (0..64).flat_map(|at| if at % 8 < 4 { [255; 4] } else { [0, 0, 0, 255] }).collect();
        Picture::from_rgba("mask", 8, 8, &halves).expect("a mask")
    };
    for (mask, more) in [
        (None, ""),
        (None, r#", "styleLoss": "gram", "styleScale": 1.5"#),
        (None, r#", "preset": "texture""#),
        (None, r#", "preset": "strokes""#),
        (Some(mask()), ""),
    ] {
        let inner = painted(pictures(painting(), mask.clone()), more);
        assert!(painted(pictures(framed(&painting(), WIDTHS), mask.clone()), more) == inner, "{more}");
        let keep = format!(r#"{more}, "frames": "keep""#);
        assert!(painted(pictures(painting(), mask.clone()), &keep) == inner, "{more}: there is nothing to crop");
        assert!(painted(pictures(framed(&painting(), WIDTHS), mask), &keep).0 != inner.0, "{more}: the frame is kept");
    }
}

#[test]
fn losses_and_one_pass_pictures_see_what_is_inside() {
    let compute = Compute::cpu();
    let set = |set| SetWeights::read(&path("weights"), set).expect("the one-pass networks");
    let reader = StyleReader::new(&set(Set::Predictor));
    let painter = InstantPainter::new(set(Set::Transformer), &compute);
    let found = |painting: Picture, json: &str| {
        let (pictures, config) = (pictures(painting, None), StyleConfig::from_json(json).expect("settings"));
        let image = picture("a_x.png");
        let (losses, _) = block_on(easel::losses(&compute, weights(), &pictures, &image, &config)).expect("losses");
        (losses.total, block_on(head_start(&reader, &painter, &pictures, &config)).expect("a picture"))
    };
    let (crop, keep) = (r#"{"size": 64}"#, r#"{"size": 64, "frames": "keep"}"#);
    let inner = found(painting(), crop);
    assert!(found(framed(&painting(), WIDTHS), crop) == inner);
    let whole = found(framed(&painting(), WIDTHS), keep);
    assert!(whole.0 != inner.0 && whole.1 != inner.1);
    assert!(found(painting(), keep) == inner);
}

#[test]
fn a_run_goes_on_only_with_the_frames_it_had() {
    let begun = |frames: &str| {
        let config =
            format!(r#"{{"size": 32, "minSize": 32, "iterations": 4, "init": "content", "frames": "{frames}"}}"#);
        let config = StyleConfig::from_json(&config).expect("settings");
        Stylizer::new(&Compute::cpu(), weights(), pictures(framed(&painting(), WIDTHS), None), config).expect("a run")
    };
    let mut run = begun("crop");
    block_on(run.step()).expect("a step");
    let saved = block_on(run.checkpoint()).expect("no failure").expect("a checkpoint");
    assert!(matches!(begun("keep").resume(&saved), Err(Error::Checkpoint(_))));
    begun("crop").resume(&saved).expect("the same run");
}

#[test]
fn the_setting_is_a_word() {
    let frames = |json: &str| StyleConfig::from_json(json).map(|config| config.frames);
    assert_eq!(frames("{}").expect("the default"), Frames::Crop);
    assert_eq!(frames(r#"{"frames": "keep"}"#).expect("valid"), Frames::Keep);
    assert!(matches!(frames(r#"{"frames": "off"}"#), Err(Error::BadSetting { name, .. }) if name == "frames"));
}
