//! Paintings within masks.

use crate::common::{assert_close, picture, weights};
use burn::tensor::{Tensor, TensorData};
use easel::{
    Compute, Error, Picture, Pictures, Style, StyleConfig, Stylizer, losses,
    parts::{Layout, Maps, Region},
    read,
};
use pollster::block_on;

/// A mask whose columns are white where `inside` says so.
fn mask(width: u32, height: u32, inside: impl Fn(u32) -> bool) -> Picture {
    let rgba: Vec<u8> = (0..width * height)
        .flat_map(|at| if inside(at % width) { [255, 255, 255, 255] } else { [0, 0, 0, 255] })
        .collect();
    Picture::from_rgba("The mask", width, height, &rgba).expect("a mask")
}

fn config(style_loss: &str) -> StyleConfig {
    let text = format!(
        r#"{{"preset": "classic", "styleLoss": "{style_loss}", "size": 48, "minSize": 48, "iterations": 12, "averaging": 0}}"#
    );
    StyleConfig::from_json(&text).expect("settings")
}

fn styles(masks: [Option<Picture>; 2]) -> Vec<Style> {
    let mut styles = vec![Style::new(picture("a_style.png"), 1.0), Style::new(picture("c_style.png"), 1.0)];
    styles.iter_mut().zip(masks).for_each(|(style, mask)| style.mask = mask);
    styles
}

fn pictures(styles: Vec<Style>) -> Pictures {
    Pictures { content: picture("a_content.png"), styles, init: None }
}

fn judged(pictures: &Pictures, image: &Picture, config: &StyleConfig) -> (f64, f64) {
    let (terms, norm) = block_on(losses(&Compute::cpu(), weights(), pictures, image, config)).expect("losses");
    (terms.style_sum(), norm)
}

#[test]
fn gathering_takes_the_white_pixels_and_scattering_puts_them_back() {
    let device = Compute::cpu().device;
    let region = Region::new(&mask(4, 2, |x| x >= 2), [2, 4], &device).expect("a region");
    assert_eq!(region.share(), 0.5);
    let values: Vec<f32> = (0..16).map(|v| v as f32).collect();
    let maps = Maps::from_plain(Tensor::from_data(TensorData::new(values, [1, 2, 2, 4]), &device), Layout::Plain);
    let gathered = region.gather(&maps);
    assert_eq!(block_on(read(gathered.data.clone())).expect("read"), [2., 3., 6., 7., 10., 11., 14., 15.]);
    let back = block_on(read(region.scatter(gathered.data, &maps))).expect("read");
    assert_eq!(back, [0., 0., 2., 3., 0., 0., 6., 7., 0., 0., 10., 11., 0., 0., 14., 15.]);
    assert!(Region::new(&mask(4, 2, |_| false), [2, 4], &device).is_none());
}

#[test]
fn a_mask_that_is_white_all_over_changes_nothing() {
    let image = picture("a_x.png");
    for loss in ["gram", "wasserstein", "neighbours"] {
        let config = config(loss);
        let alone = |mask| pictures(vec![Style { mask, ..Style::new(picture("a_style.png"), 1.0) }]);
        let (whole, norm) = judged(&alone(None), &image, &config);
        let (masked, masked_norm) = judged(&alone(Some(mask(64, 64, |_| true))), &image, &config);
        // Up to a row's worth of pixels may be left out.
        assert_close(loss, masked, whole, 2e-2);
        assert_close(loss, masked_norm, norm, 2e-2);
    }
}

#[test]
#[ignore = "long"]
fn each_half_comes_nearer_to_its_own_painting() {
    for loss in ["gram", "neighbours"] {
        check_halves(&config(loss));
    }
}

fn check_halves(config: &StyleConfig) {
    let halves = [mask(64, 64, |x| x < 32), mask(64, 64, |x| x >= 32)];
    let run = |styles| {
        let mut run = Stylizer::new(&Compute::cpu(), weights(), pictures(styles), config.clone()).expect("a run");
        while !run.is_finished() {
            block_on(run.step()).expect("a step");
        }
        block_on(run.picture()).expect("a picture")
    };
    let [left, right] = halves.clone().map(Some);
    let painted = run(styles([left.clone(), right.clone()]));
    let swapped = run(styles([right.clone(), left.clone()]));
    let distance = |image: &Picture, masks| judged(&pictures(styles(masks)), image, config).0;
    let wanted = distance(&painted, [left.clone(), right.clone()]);
    let other = distance(&swapped, [left, right]);
    assert!(wanted < 0.9 * other, "{wanted} should be well below {other}");
}

#[test]
fn the_gradient_stays_inside_the_mask() {
    // With pixels alone to look at, what is outside has no reason to move.
    let text = r#"{"preset": "classic", "size": 48, "minSize": 48, "iterations": 1, "averaging": 0, "contentWeight": 0, "tvWeight": 0,
        "styleLayers": [{"layer": "relu1_1", "weight": 1}]}"#;
    let config = StyleConfig::from_json(text).expect("settings");
    let content = picture("a_content.png");
    let style = Style { mask: Some(mask(48, 48, |x| x < 24)), ..Style::new(picture("c_style.png"), 1.0) };
    let all = Pictures { content: content.clone(), styles: vec![style], init: None };
    let mut run = Stylizer::new(&Compute::cpu(), weights(), all, config).expect("a run");
    block_on(run.step()).expect("a step");
    let after = block_on(run.picture()).expect("a picture");
    let before = content.resized(after.width(), after.height());
    let moved = |from: usize, to: usize| -> u32 {
        let pixels = before.rgb().chunks(3).zip(after.rgb().chunks(3)).enumerate();
        let width = after.width() as usize;
        pixels
            .filter(|(at, _)| (from..to).contains(&(at % width)))
            .map(|(_, (a, b))| a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>())
            .sum()
    };
    let width = after.width() as usize;
    assert!(moved(0, width / 2) > 1000, "{}", moved(0, width / 2));
    assert_eq!(moved(width / 2 + 2, width), 0);
}

#[test]
fn a_black_mask_is_refused() {
    let style = Style { mask: Some(mask(8, 8, |_| false)), ..Style::new(picture("a_style.png"), 1.0) };
    let run = Stylizer::new(&Compute::cpu(), weights(), pictures(vec![style]), config("gram"));
    assert!(matches!(run, Err(Error::EmptyMask)));
}

#[test]
fn shares_of_masked_paintings_can_be_changed_on_the_way() {
    let halves = [mask(64, 64, |x| x < 32), mask(64, 64, |x| x >= 32)].map(Some);
    let weights = weights();
    for loss in ["gram", "wasserstein", "neighbours"] {
        let start =
            || Stylizer::new(&Compute::cpu(), weights, pictures(styles(halves.clone())), config(loss)).expect("a run");
        let mut run = start();
        block_on(run.step()).expect("a step");
        run.update(r#"{"weights": [2, 0.5], "styleWeight": 10}"#).expect("a change");
        let saved = block_on(run.checkpoint()).expect("saved").expect("after a step there is something");
        let mut fresh = start();
        fresh.resume(&saved).expect("its own checkpoint");
        let expected = block_on(fresh.step()).expect("a step").losses;
        assert_eq!(block_on(run.step()).expect("a step").losses, expected, "{loss}");
        let passes = if loss == "neighbours" { 5 } else { 3 };
        assert_eq!(run.report().passes, passes, "the photo and two paintings, once");
    }
}

/// Paintings that cannot be used are no hindrance before they get a weight, nor after they lose it.
#[test]
fn a_painting_that_cannot_be_used_is_refused_only_while_it_has_a_weight() {
    let mut black = styles([None, Some(mask(8, 8, |_| false))]);
    black[1].weight = 0.0;
    let mut dot = styles([None, None]);
    dot[1] = Style::new(picture("c_style.png").resized(1, 1), 0.0);
    for unusable in [black, dot] {
        let mut run = Stylizer::new(&Compute::cpu(), weights(), pictures(unusable), config("gram")).expect("a run");
        block_on(run.step()).expect("a step");
        let error = run.update(r#"{"weights": [1, 1]}"#).expect_err("refused");
        assert!(matches!(error, Error::EmptyMask | Error::PictureSize { .. }), "{error}");
        run.update(r#"{"weights": [2, 0]}"#).expect("a change");
        assert_eq!(block_on(run.step()).expect("a step").iteration, 2);
    }
}

/// What is too small or too narrow at a coarse scale is none at the finished size: the run begins where all have room.
#[test]
fn a_run_begins_where_its_paintings_have_room() {
    let scroll = || Style::new(picture("a_style.png").resized(144, 18), 1.0);
    let dot = |loss: &str| {
        let mask = mask(64, 64, |x| (30..34).contains(&x));
        (Style { mask: Some(mask), ..Style::new(picture("a_style.png"), 1.0) }, loss.to_string())
    };
    let sides = |styles: Vec<Style>, more: &str| {
        let config = format!(r#"{{"size": 128, "minSize": 32, "iterations": 1, "init": "content", {more}}}"#);
        let config = StyleConfig::from_json(&config).expect("settings");
        let mut run = Stylizer::new(&Compute::cpu(), weights(), pictures(styles), config).expect("a run");
        block_on(run.step()).expect("a step");
        let first = block_on(run.picture()).expect("a picture");
        first.width().max(first.height())
    };
    let gram = r#""styleLoss": "gram""#;
    assert_eq!(sides(vec![Style::new(picture("a_style.png"), 1.0)], gram), 32, "nothing is in the way");
    assert_eq!(sides(vec![scroll()], gram), 128, "16 pixels high");
    assert_eq!(sides(vec![scroll()], r#""styleLoss": "gram", "styleScale": 2"#), 64);
    let (style, loss) = dot(r#""styleLoss": "neighbours""#);
    assert!(sides(vec![style], &loss) > 32, "a mask of two pixels");
    // A weight may be raised on the way: the run begins where the painting has room, though it does not count yet.
    let later = Style { weight: 0.0, ..scroll() };
    assert_eq!(sides(vec![Style::new(picture("a_style.png"), 1.0), later], gram), 128);
    let never = Style::new(picture("a_style.png").resized(1, 1), 0.0);
    assert_eq!(sides(vec![Style::new(picture("a_style.png"), 1.0), never], gram), 32);
}
