//! Does the advisor's ranking of one-pass pictures say something of finished ones?
//!
//! `tests/data/advice` holds finished pictures: photos painted to the end (128 px, the default look) in each of the sample
//! paintings. The judge ranks the paintings twice, by their one-pass pictures and by these, and pairs of paintings are
//! counted that both rankings put in the same order: chance is one half. Nothing of the judge was fitted to them.
#![cfg(feature = "cli")]

use crate::common::{easel, path};
use easel::instant::{Set, SetWeights};
use easel::{Compute, InstantOptions, InstantPainter, InstantStyle, Judge, Picture, StyleReader, suggest};
use pollster::block_on;
use serde_json::Value;

fn sample(name: &str) -> Picture {
    let file = path(&format!("www/samples/{name}.jpg"));
    Picture::decode(name, &std::fs::read(file).expect("a sample")).expect("a picture")
}

fn networks() -> (StyleReader, InstantPainter) {
    let weights = |set| SetWeights::read(&path("weights"), set).expect("the committed weights load");
    (StyleReader::new(&weights(Set::Predictor)), InstantPainter::new(weights(Set::Transformer), &Compute::cpu()))
}

/// The finished pictures there are: photo and painting.
fn finished() -> Vec<(String, String)> {
    let mut names: Vec<String> = std::fs::read_dir(path("tests/data/advice"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("utf-8"))
        .collect();
    names.sort();
    let pair = |name: &String| {
        name.strip_suffix(".jpg").and_then(|stem| stem.split_once('_').map(|(a, b)| (a.to_string(), b.to_string())))
    };
    names.iter().filter_map(pair).collect()
}

/// Of all pairs of places, the share whose order is the same by both lists.
fn concordance(a: &[f64], b: &[f64]) -> f64 {
    let pairs: Vec<bool> =
        (0..a.len()).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| (a[i] < a[j]) == (b[i] < b[j])).collect();
    pairs.iter().filter(|same| **same).count() as f64 / pairs.len() as f64
}

#[test]
fn its_ranking_of_one_pass_pictures_foretells_that_of_finished_ones() {
    let (reader, painter) = networks();
    let mut pairs = finished();
    let mut shares = Vec::new();
    while let Some((photo, _)) = pairs.first().cloned() {
        let (these, others) = pairs.into_iter().partition::<Vec<_>, _>(|(of, _)| *of == photo);
        pairs = others;
        let content = sample(&format!("photo-{photo}"));
        let judge = block_on(Judge::new(&reader, &content)).expect("a judge");
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (_, painting) in &these {
            let vector = block_on(reader.read(&sample(&format!("style-{painting}")))).expect("numbers");
            let style = InstantStyle { vector: vector.clone(), weight: 1.0, mask: None };
            let options = InstantOptions { size: 128, ..InstantOptions::default() };
            let instant = block_on(painter.paint(&content, &[style], None, &options)).expect("a picture");
            let file = path(&format!("tests/data/advice/{photo}_{painting}.jpg"));
            let ended = Picture::decode(painting, &std::fs::read(file).expect("a file")).expect("a picture");
            before.push(block_on(judge.score(&instant, &vector)).expect("a score"));
            after.push(block_on(judge.score(&ended, &vector)).expect("a score"));
        }
        assert!(these.len() >= 10, "{photo}: every sample painting");
        let share = concordance(&before, &after);
        println!("{photo}: {share:.2} of the pairs of {} paintings in the same order", these.len());
        shares.push(share);
    }
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    println!("all photos: {mean:.2}");
    assert!(shares.len() >= 2 && mean >= 0.6, "{mean:.2}");
}

#[test]
fn suggestions_differ_and_come_best_first() {
    let (reader, painter) = networks();
    let photo = sample("photo-coffee");
    let read = |name: &str| block_on(reader.read(&sample(name))).expect("numbers");
    let paintings = ["style-cafe-terrace", "style-great-wave", "style-poppies"].map(read);
    let ranked = block_on(suggest(&reader, &painter, &photo, &paintings, 3)).expect("suggestions");
    assert_eq!(ranked.len(), 3);
    assert!(ranked.windows(2).all(|pair| pair[0].score <= pair[1].score));
    for (i, suggestion) in ranked.iter().enumerate() {
        assert!((suggestion.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{:?}", suggestion.weights);
        assert_eq!(suggestion.picture.width().max(suggestion.picture.height()), 192);
        assert!(ranked[..i].iter().all(|other| other.weights != suggestion.weights));
    }
    assert!(block_on(suggest(&reader, &painter, &photo, &[], 3)).is_err(), "no paintings");
}

/// What is printed can be given back: paintings without the weights that they came with.
#[test]
fn suggest_names_paintings_without_their_weights() {
    let args =
        ["suggest", "--content", "tests/data/c_content.png", "--style", "tests/data/a_style.png:2", "--device", "cpu"];
    let said = |more: &[&str]| String::from_utf8(easel(&[&args[..], more].concat()).stdout).expect("text");
    assert!(said(&[]).ends_with("  tests/data/a_style.png:1\n"), "{}", said(&[]));
    let json: Value = serde_json::from_str(&said(&["--json"])).expect("JSON");
    assert_eq!(json["paintings"], serde_json::json!(["tests/data/a_style.png"]));
}
