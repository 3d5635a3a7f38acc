//! Pictures and settings at the edge of arithmetic: every number stays finite, or a sentence says why not.

use crate::common::{assert_sentence, picture, weights};
use easel::{Compute, Error, Picture, Pictures, Style, StyleConfig, Stylizer};
use serde_json::{Value, json};

struct Bench {
    compute: Compute,
}

impl Bench {
    fn new() -> Self {
        Self { compute: Compute::cpu() }
    }

    /// Runs to the end; the losses of all steps, or why it was refused. Whatever happens, everything
    /// computed so far (image, moments, average) must be finite: a checkpoint with anything else is not taken back.
    fn run(&self, content: &Picture, style: &Picture, settings: Value) -> Result<(Vec<f64>, Picture), Error> {
        let mut whole = json!({ "size": 24, "minSize": 24, "iterations": 3 });
        whole.as_object_mut().expect("an object").extend(settings.as_object().expect("an object").clone());
        let config = StyleConfig::from_json(&whole.to_string())?;
        let styles = vec![Style::new(style.clone(), 1.0)];
        let pictures = Pictures { content: content.clone(), styles, init: None };
        let mut run = Stylizer::new(&self.compute, weights(), pictures, config)?;
        let mut losses = Vec::new();
        let mut failed = None;
        while !run.is_finished() && failed.is_none() {
            match pollster::block_on(run.step()) {
                Ok(progress) => losses.push(progress.losses.total),
                Err(error) => failed = Some(error),
            }
        }
        if let Some(saved) = pollster::block_on(run.checkpoint())? {
            run.resume(&saved).unwrap_or_else(|error| panic!("{whole}: {error}"));
        }
        let painted = pollster::block_on(run.picture())?;
        assert!(losses.iter().all(|loss| loss.is_finite()), "{whole}: {losses:?}");
        failed.map_or(Ok((losses, painted)), Err)
    }
}

fn constant(colour: [u8; 3]) -> Picture {
    let rgba: Vec<u8> = (0..32 * 24).flat_map(|_| [colour[0], colour[1], colour[2], 255]).collect();
    Picture::from_rgba("x", 32, 24, &rgba).expect("valid")
}

const BLACK: [u8; 3] = [0; 3];
const WHITE: [u8; 3] = [255; 3];
const TEAL: [u8; 3] = [10, 140, 130];

#[test]
#[ignore = "long"]
fn pictures_of_one_colour_stay_finite() {
    let bench = Bench::new();
    let photo = picture("a_content.png");
    for preset in ["classic", "painterly", "photoreal", "strokes"] {
        for (content, style) in [(BLACK, BLACK), (BLACK, WHITE), (WHITE, BLACK), (TEAL, WHITE)] {
            bench.run(&constant(content), &constant(style), json!({ "preset": preset })).expect("painted");
        }
        bench.run(&photo, &constant(TEAL), json!({ "preset": preset })).expect("painted");
        bench.run(&constant(TEAL), &photo, json!({ "preset": preset })).expect("painted");
    }
}

#[test]
fn pictures_of_one_colour_stay_finite_whatever_else_is_set() {
    let bench = Bench::new();
    for settings in [
        json!({ "colour": "match" }),
        json!({ "colour": "luminance" }),
        json!({ "init": "style-colour" }),
        json!({ "optimizer": "lbfgs" }),
        json!({ "optimizer": "lbfgs", "preset": "classic" }),
        json!({ "init": "noise", "preset": "texture" }),
    ] {
        for (content, style) in [(constant(BLACK), constant(WHITE)), (picture("a_content.png"), constant(BLACK))] {
            bench.run(&content, &style, settings.clone()).unwrap_or_else(|error| panic!("{settings}: {error}"));
        }
    }
}

/// A painting without spread has covariances of nearly one direction, the hardest for matrix roots; a
/// white one, with its strong borders, is the worst.
#[test]
fn losses_against_pictures_of_one_colour_are_small_and_not_negative() {
    let bench = Bench::new();
    let config = StyleConfig::default();
    for (style, image) in
        [(WHITE, WHITE), (WHITE, [254; 3]), (WHITE, TEAL), (WHITE, BLACK), (BLACK, BLACK), (BLACK, WHITE), (TEAL, TEAL)]
    {
        let styles = vec![Style::new(constant(style), 1.0)];
        let pictures = Pictures { content: constant(image), styles, init: None };
        let (losses, norm) =
            pollster::block_on(easel::losses(&bench.compute, weights(), &pictures, &constant(image), &config))
                .expect("losses");
        let bound = if style == image { 0.01 } else { 100.0 };
        let sound = |loss: &f64| (-1e-3..bound).contains(loss);
        assert!(losses.style.values().all(sound) && norm.is_finite(), "{style:?} {image:?}: {losses:?}, {norm}");
    }
}

/// Nothing to improve: a gradient of nothing but zeros must not be divided by.
#[test]
fn a_start_that_is_perfect_stays_as_it_is() {
    let bench = Bench::new();
    let photo = picture("a_content.png");
    for optimizer in ["adam", "lbfgs"] {
        let settings = json!({ "styleWeight": 0, "tvWeight": 0, "optimizer": optimizer, "averaging": 0 });
        let (losses, painted) = bench.run(&photo, &photo, settings).expect("painted");
        assert_eq!(losses, [0.0; 3], "{optimizer}");
        assert_eq!(painted, photo.resized(painted.width(), painted.height()), "{optimizer}");
    }
}

#[test]
fn a_photo_that_is_its_own_painting_is_left_nearly_as_it_is() {
    let bench = Bench::new();
    let photo = picture("a_content.png");
    for preset in ["classic", "painterly"] {
        let (_, painted) = bench
            .run(&photo, &photo, json!({ "preset": preset, "init": "content", "tvWeight": 0, "averaging": 0 }))
            .expect("painted");
        let small = photo.resized(painted.width(), painted.height());
        let apart: u64 = painted.rgb().iter().zip(small.rgb()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        assert!(apart as f64 / (painted.rgb().len() as f64) < 16.0, "{preset}: {apart}");
    }
}

#[test]
fn a_painting_of_one_pixel_is_refused_with_a_way_on() {
    let bench = Bench::new();
    let dot = picture("a_style.png").resized(1, 1);
    for preset in ["classic", "painterly"] {
        let said =
            bench.run(&picture("a_content.png"), &dot, json!({ "preset": preset })).expect_err("refused").to_string();
        assert_sentence(&said);
        assert!(said.contains("painting") && said.contains("1 × 1"), "{said}");
    }
    // As the photo it is enlarged: one colour.
    bench.run(&dot, &picture("a_style.png"), json!({})).expect("painted");
}

/// As large as the ranges allow, one by one and all together.
#[test]
#[ignore = "long"]
fn the_largest_and_smallest_settings_stay_finite_or_are_refused() {
    let bench = Bench::new();
    let (photo, painting) = (picture("a_content.png"), picture("a_style.png"));
    let heavy = |layer: &str| json!([{ "layer": layer, "weight": 1e12 }]);
    let all = json!({
        "contentWeight": 1e12, "styleWeight": 1e15, "tvWeight": 1e12, "photorealWeight": 1e12,
        "contentLayers": heavy("relu4_2"), "styleLayers": heavy("relu1_1"),
    });
    let mut refusals = 0;
    for preset in ["classic", "painterly"] {
        for optimizer in ["adam", "lbfgs"] {
            for settings in [
                all.clone(),
                json!({ "contentWeight": 1e12 }),
                json!({ "styleWeight": 1e15 }),
                json!({ "styleWeight": 1e15, "styleLayers": heavy("relu5_1") }),
                json!({ "tvWeight": 1e12 }),
                json!({ "photorealWeight": 1e12 }),
                json!({ "learningRate": 1.0 }),
                json!({ "learningRate": 1e-6, "averaging": 0.9999 }),
                json!({ "styleWeight": 0, "tvWeight": 0, "contentWeight": 1e-300 }),
                json!({ "contentWeight": 0, "tvWeight": 0, "styleWeight": 1e-300 }),
            ] {
                let mut settings = settings;
                settings["preset"] = json!(preset);
                settings["optimizer"] = json!(optimizer);
                match bench.run(&photo, &painting, settings.clone()) {
                    Ok((_, painted)) => {
                        let first = painted.rgb()[0];
                        assert!(
                            painted.rgb().iter().any(|&v| v != first),
                            "{settings}: nothing is left of the picture"
                        );
                    }
                    Err(error) => {
                        let known =
                            matches!(&error, Error::Diverged { .. }) || error.to_string().contains("32-bit numbers");
                        assert!(known, "{settings}: {error}");
                        assert_sentence(&error.to_string());
                        refusals += 1;
                    }
                }
            }
        }
    }
    assert!(refusals <= 8, "{refusals} of 40: most of what is allowed should work");
}

#[test]
fn no_losses_but_smoothness_or_nothing_at_all() {
    let bench = Bench::new();
    let (photo, painting) = (picture("a_content.png"), picture("a_style.png"));
    bench.run(&photo, &painting, json!({ "styleWeight": 0 })).expect("painted");
    bench.run(&photo, &painting, json!({ "contentWeight": 0 })).expect("painted");
    let layers = json!({ "styleLayers": [], "contentLayers": [{ "layer": "relu1_1", "weight": 1 }] });
    bench.run(&photo, &painting, layers).expect("painted");
    for nothing in [json!({ "styleWeight": 0, "contentWeight": 0 }), json!({ "styleLayers": [], "contentLayers": [] })]
    {
        let said = bench.run(&photo, &painting, nothing).expect_err("refused").to_string();
        assert!(said.contains("nothing to optimise"), "{said}");
    }
}

#[test]
fn numbers_that_are_none_or_out_of_range_are_refused_by_name() {
    for name in [
        "contentWeight",
        "styleWeight",
        "tvWeight",
        "photorealWeight",
        "learningRate",
        "averaging",
        "styleScale",
        "size",
        "seed",
    ] {
        for value in
            ["1e30", "-1", "-1e-9", "1e300", "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "null", "[1]", "{}", "true"]
        {
            let said = StyleConfig::from_json(&format!("{{\"{name}\": {value}}}")).expect_err(name).to_string();
            assert_sentence(&said);
            assert!(said.contains(name), "{name} = {value}: {said}");
        }
        for value in ["1e999", "NaN", "Infinity"] {
            let said = StyleConfig::from_json(&format!("{{\"{name}\": {value}}}")).expect_err(name).to_string();
            assert_sentence(&said);
        }
    }
    for weight in [-1.0, f64::NAN, f64::INFINITY, 1e30] {
        let style = Style::new(picture("a_style.png"), weight);
        let said = easel::check_styles(&[style]).expect_err("refused").to_string();
        assert!(said.contains("0 to 1000"), "{said}");
    }
}
