//! The network, the losses and the gradient against numbers from two independent implementations.

use crate::common::{assert_close, data, picture, pictures, weights};
use easel::{Compute, Layer, Objective, Picture, Pictures, Pooling, StyleConfig, Vgg, Weights, losses, parts, read};
use serde_json::{Value, json};

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// The reference's recipe for its Gram numbers.
fn gram_recipe() -> StyleConfig {
    StyleConfig::from_json(&json!({
        "styleLoss": "gram", "contentWeight": 5, "styleWeight": 100000, "tvWeight": 0,
        "contentLayers": [{ "layer": "relu4_2", "weight": 1 }],
        "styleLayers": [{ "layer": "relu1_1", "weight": 1.0 }, { "layer": "relu2_1", "weight": 0.8 },
            { "layer": "relu3_1", "weight": 0.4 }, { "layer": "relu4_1", "weight": 0.2 }, { "layer": "relu5_1", "weight": 0.1 }]
    }).to_string())
    .expect("a valid recipe")
}

#[test]
fn taps_match_the_reference() {
    let compute = Compute::cpu();
    let network = Vgg::new(weights(), Layer::LAST, Pooling::Max, &compute);
    let goldens = data("goldens.json");
    for case in ["a", "c"] {
        let activations =
            network.activations(picture(&format!("{case}_x.png")).to_tensor(&compute.device), Layer::LAST);
        let taps = goldens["cases"][format!("{case}/layernorm")]["taps"].as_object().expect("taps");
        for (name, expected) in taps {
            let tap = activations[Layer::from_name(name).expect("a layer").index()].to_plain();
            let [_, c, h, w] = tap.dims();
            assert_eq!(json!([c, h, w]), expected["shape"], "{case} {name}");
            let values = pollster::block_on(read(tap)).expect("read");
            let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64;
            assert_close(&format!("{case} {name} mean"), mean, number(&expected["mean"]), 1e-4);
            for sample in expected["samples"].as_array().expect("samples") {
                let at: Vec<usize> = serde_json::from_value(sample["at"].clone()).expect("indices");
                let value = f64::from(values[(at[0] * h + at[1]) * w + at[2]]);
                let expected = number(&sample["value"]);
                assert!(
                    (value - expected).abs() <= 1e-3 * expected.abs().max(1.0),
                    "{case} {name} {at:?}: {value}, {expected}"
                );
            }
        }
    }
}

#[test]
fn gram_matrices_match_the_reference() {
    let compute = Compute::cpu();
    let network = Vgg::new(weights(), Layer::LAST, Pooling::Max, &compute);
    let goldens = data("goldens.json");
    for case in ["a", "c"] {
        for image in ["x", "style"] {
            let activations =
                network.activations(picture(&format!("{case}_{image}.png")).to_tensor(&compute.device), Layer::LAST);
            let grams = goldens["cases"][format!("{case}/layernorm")]["gram"].as_object().expect("gram");
            for (name, expected) in grams {
                let gram = parts::gram(&activations[Layer::from_name(name).expect("a layer").index()]);
                let values = pollster::block_on(read(gram.data)).expect("read");
                let norm = values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt();
                assert_close(&format!("{case} {image} {name}"), norm, number(&expected[image]["frobenius"]), 1e-4);
            }
        }
    }
}

#[test]
fn gram_losses_and_gradient_match_the_reference() {
    let compute = Compute::cpu();
    let goldens = data("goldens.json");
    for case in ["a", "c"] {
        let expected = &goldens["cases"][format!("{case}/layernorm")]["recipes"]["gram"];
        let image = picture(&format!("{case}_x.png"));
        let (found, norm) =
            pollster::block_on(losses(&compute, weights(), &pictures(case), &image, &gram_recipe())).expect("losses");
        assert_close("content", found.content, number(&expected["terms"]["content"]), 1e-3);
        assert_eq!(found.style.len(), 5);
        for (layer, value) in &found.style {
            assert_close(layer, *value, number(&expected["terms"][format!("style_{layer}")]), 1e-3);
        }
        assert_close("total", found.total, number(&expected["total"]), 1e-3);
        assert_close("gradient norm", norm, number(&expected["grad"]["norm"]), 1e-3);
    }
}

#[test]
fn losses_and_gradients_match_numpy_at_odd_sizes_with_both_poolings_and_near_the_end_of_a_run() {
    let compute = Compute::cpu();
    let weights = weights();
    let reference = data("numpy.json");
    for case in reference["cases"].as_array().expect("cases") {
        let letter = case["case"].as_str().expect("a letter");
        let recipe = case["recipe"].as_str().expect("a recipe");
        let mut partial = reference["configs"][recipe].as_object().expect("a config").clone();
        partial.insert("pooling".into(), case["pooling"].clone());
        let config = StyleConfig::from_partial(partial).expect("a valid config");
        let image = picture(&format!("{letter}_x.png"));
        let what = format!("{letter} {recipe} {}", case["pooling"]);
        // Matrix roots in single precision.
        let exact = if recipe == "gram" { 1e-3 } else { 5e-3 };

        let (found, norm) =
            pollster::block_on(losses(&compute, weights, &pictures(letter), &image, &config)).expect("losses");
        let expected = &case["losses"];
        assert_close(&format!("{what} content"), found.content, number(&expected["content"]), 1e-3);
        assert_close(&format!("{what} tv"), found.tv, number(&expected["tv"]), 1e-4);
        for (layer, value) in &found.style {
            assert_close(&format!("{what} {layer}"), *value, number(&expected["style"][layer]), exact);
        }
        assert_close(&format!("{what} gradient norm"), norm, number(&expected["gradientNorm"]), 1e-3);

        let gradient = gradient(weights, &pictures(letter), &image, &config);
        let scale = norm / (gradient.len() as f64).sqrt();
        for (value, expected) in samples(&gradient, &image, &case["gradient"]) {
            let near = (value - expected).abs() <= 2.0 * exact * expected.abs().max(scale);
            assert!(near, "{what}: {value} instead of {expected}");
        }
    }
}

#[test]
fn wasserstein_losses_and_gradient_are_within_a_hundredth_of_exact_matrix_roots() {
    let compute = Compute::cpu();
    let weights = weights();
    let goldens = data("goldens.json");
    for case in ["a", "c"] {
        let expected = &goldens["cases"][format!("{case}/layernorm")]["recipes"]["w2"];
        let image = picture(&format!("{case}_x.png"));
        let config = wasserstein_recipe();
        let (found, norm) =
            pollster::block_on(losses(&compute, weights, &pictures(case), &image, &config)).expect("losses");
        assert_close("content", found.content, number(&expected["terms"]["content"]), 1e-3);
        assert_close("tv", found.tv, number(&expected["terms"]["tv"]), 1e-3);
        for (layer, value) in &found.style {
            // With 256 channels at most nothing is squared; see `wasserstein`.
            let tolerance = if ["relu1_1", "relu2_1", "relu3_1"].contains(&layer.as_str()) { 3e-4 } else { 5e-3 };
            assert_close(layer, *value, number(&expected["terms"][format!("style_{layer}")]), tolerance);
        }
        assert_close("total", found.total, number(&expected["total"]), 1e-2);
        assert_close("gradient norm", norm, number(&expected["grad"]["norm"]), 1e-3);
        let gradient = gradient(weights, &pictures(case), &image, &config);
        let (mut apart, mut whole) = (0.0, 0.0);
        for (value, expected) in samples(&gradient, &image, &expected["grad"]["samples"]) {
            apart += (value - expected).powi(2);
            whole += expected.powi(2);
        }
        assert!((apart / whole).sqrt() <= 1e-2, "{case}: {}", (apart / whole).sqrt());
    }
}

#[test]
fn the_neighbours_loss_and_its_gradient_match_numpy() {
    let weights = weights();
    let reference = data("neighbours.json");
    let upright = StyleConfig::from_json(&reference["config"].to_string()).expect("a valid config");
    let cases = |name: &str| reference[name].as_object().expect("cases").iter();
    let as_it_is = cases("cases").map(|(letter, expected)| (letter.as_str(), 0, expected));
    let turned = cases("turned").map(|(turns, expected)| ("d", turns.parse().expect("a number"), expected));
    for (letter, turns, expected) in as_it_is.chain(turned) {
        let config = StyleConfig { turns, ..upright.clone() };
        let image = picture(&format!("{letter}_x.png"));
        let (found, norm) =
            pollster::block_on(losses(&Compute::cpu(), weights, &pictures(letter), &image, &config)).expect("losses");
        assert_eq!(found.style.len(), 1, "{:?}", found.style);
        assert_close(&format!("{letter} loss"), found.style_sum(), number(&expected["loss"]), 1e-3);
        assert_close(&format!("{letter} gradient norm"), norm, number(&expected["gradientNorm"]), 1e-3);
        let gradient = gradient(weights, &pictures(letter), &image, &config);
        let scale = norm / (gradient.len() as f64).sqrt();
        for (value, expected) in samples(&gradient, &image, &expected["gradient"]) {
            let near = (value - expected).abs() <= 5e-3 * expected.abs().max(scale);
            assert!(near, "{letter} turned {turns} times: {value} instead of {expected}");
        }
    }
}

/// It is a mean of cosines: what layers weigh counts beside other layers' weights alone.
#[test]
fn the_neighbours_loss_heeds_layers_weights_by_their_ratio() {
    let image = picture("d_x.png");
    let found = |weights: [f64; 2]| {
        let layers =
            json!([{ "layer": "relu1_2", "weight": weights[0] }, { "layer": "relu2_1", "weight": weights[1] }]);
        let settings = json!({
            "styleLoss": "neighbours", "styleLayers": layers, "contentWeight": 0, "tvWeight": 0, "styleWeight": 1
        });
        let config = StyleConfig::from_json(&settings.to_string()).expect("settings");
        pollster::block_on(losses(&Compute::cpu(), self::weights(), &pictures("d"), &image, &config)).expect("losses")
    };
    let (as_one, norm) = found([0.25, 1.0]);
    for scale in [1e-14, 1e-12, 1e-6, 1e6, 1e12] {
        let (scaled, scaled_norm) = found([0.25 * scale, scale]);
        assert_close(&format!("loss at weights of {scale:e}"), scaled.style_sum(), as_one.style_sum(), 1e-6);
        assert_close(&format!("gradient norm at weights of {scale:e}"), scaled_norm, norm, 1e-5);
    }
    let (other, _) = found([1.0, 0.25]);
    assert!((other.style_sum() - as_one.style_sum()).abs() > 1e-3 * as_one.style_sum(), "their ratio counts");
}

#[test]
fn the_self_similarity_loss_and_its_gradient_match_numpy() {
    let weights = weights();
    let reference = data("likeness.json");
    let config = StyleConfig::from_json(&reference["config"].to_string()).expect("a valid config");
    for (letter, expected) in reference["cases"].as_object().expect("cases") {
        let image = picture(&format!("{letter}_x.png"));
        let (found, norm) =
            pollster::block_on(losses(&Compute::cpu(), weights, &pictures(letter), &image, &config)).expect("losses");
        assert_close(&format!("{letter} loss"), found.content, number(&expected["loss"]), 1e-3);
        assert_eq!(found.content, found.total);
        assert_close(&format!("{letter} gradient norm"), norm, number(&expected["gradientNorm"]), 2e-3);
        let gradient = gradient(weights, &pictures(letter), &image, &config);
        let scale = norm / (gradient.len() as f64).sqrt();
        for (value, expected) in samples(&gradient, &image, &expected["gradient"]) {
            let near = (value - expected).abs() <= 1e-2 * expected.abs().max(scale);
            assert!(near, "{letter}: {value} instead of {expected}");
        }
    }
}

/// The goldens' Wasserstein recipe: the layers' weights 256:64:16:4:1, as shares.
fn wasserstein_recipe() -> StyleConfig {
    let layers: Vec<_> = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
        .iter()
        .zip([256.0, 64.0, 16.0, 4.0, 1.0])
        .map(|(layer, share)| json!({ "layer": layer, "weight": share / 341.0 }))
        .collect();
    StyleConfig::from_json(
        &json!({
            "styleLoss": "wasserstein", "contentWeight": 0.015, "styleWeight": 1, "tvWeight": 2, "styleLayers": layers,
            "contentLayers": [{ "layer": "relu4_2", "weight": 1 }],
        })
        .to_string(),
    )
    .expect("a valid recipe")
}

/// The objective's gradient at an image, `[3, H, W]` flat.
fn gradient(weights: &Weights, pictures: &Pictures, image: &Picture, config: &StyleConfig) -> Vec<f32> {
    let compute = Compute::cpu();
    let network = Vgg::new(weights, Layer::LAST, config.pooling, &compute);
    let size = (image.width(), image.height());
    pollster::block_on(async {
        let objective = Objective::new(&network, &pictures.content, &pictures.styles, size, config, &compute.device)
            .await
            .expect("an objective");
        let at = image.to_tensor(&compute.device);
        read(objective.evaluate(&network, at).gradient).await.expect("read")
    })
}

/// Some of a gradient's entries beside a reference's, which names them by channel, row and column.
fn samples(gradient: &[f32], image: &Picture, samples: &Value) -> Vec<(f64, f64)> {
    let entry = |sample: &Value| {
        let at: Vec<usize> = serde_json::from_value(sample["at"].clone()).expect("indices");
        let index = (at[0] * image.height() as usize + at[1]) * image.width() as usize + at[2];
        (f64::from(gradient[index]), number(&sample["value"]))
    };
    samples.as_array().expect("samples").iter().map(entry).collect()
}
