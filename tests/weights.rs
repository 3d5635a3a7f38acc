//! The committed weights, and refusing what does not match them.

use crate::common::{data, path, picture, weights};
use easel::{CONVOLUTIONS, Compute, Layer, Manifest, Pooling, Vgg, WeightsLoader, read, sha256_hex};

fn manifest_text() -> String {
    std::fs::read_to_string(path("weights/manifest.json")).expect("the committed manifest")
}

fn loader() -> WeightsLoader {
    WeightsLoader::new(Manifest::parse(&manifest_text()).expect("a valid manifest"))
}

fn shard(name: &str) -> Vec<u8> {
    std::fs::read(path("weights").join(name)).expect("a committed shard")
}

#[test]
fn the_committed_weights_are_small_and_sharded() {
    let manifest = loader().manifest().clone();
    assert!(manifest.bytes <= 13_100_000, "{} bytes", manifest.bytes);
    for entry in &manifest.shards {
        assert!((2_000_000..=4_194_304).contains(&entry.bytes), "{} has {} bytes", entry.file, entry.bytes);
    }
    let parameters: usize = CONVOLUTIONS.iter().map(|c| c.shape().iter().product::<usize>()).sum();
    assert_eq!(parameters, 12_940_992);
}

#[test]
fn raw_weights_give_the_references_raw_activations() {
    let mut raw = loader().manifest().clone();
    raw.activation_means.clear();
    let mut loader = WeightsLoader::new(raw);
    for entry in loader.manifest().shards.clone() {
        loader.add(&entry.file, shard(&entry.file)).expect("a shard that matches");
    }
    let weights = loader.finish().expect("complete");
    let compute = Compute::cpu();
    let network = Vgg::new(&weights, Layer::LAST, Pooling::Max, &compute);
    let activations = network.activations(picture("a_x.png").to_tensor(&compute.device), Layer::LAST);
    for (name, expected) in data("goldens.json")["cases"]["a/raw"]["taps"].as_object().expect("taps") {
        let values = pollster::block_on(read(activations[Layer::from_name(name).expect("a layer").index()].to_plain()))
            .expect("read");
        let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64;
        crate::common::assert_close(name, mean, expected["mean"].as_f64().expect("a number"), 1e-4);
    }
}

/// Against numbers that tests/data/make_weights.py worked out from the shards' bytes, without this program.
#[test]
fn the_weights_are_the_published_ones_rescaled() {
    let expected = data("weights.json");
    let weights = weights();
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    let mut seen = 0;
    for entry in expected["samples"].as_array().expect("samples") {
        let index = |key: &str| entry[key].as_u64().expect("an index") as usize;
        let layer = index("convolution");
        let (raw, normalised) = (weights.raw(layer), weights.normalised(layer));
        for (kernel, which) in [(&raw, "raw"), (&normalised, "normalised")] {
            let numbers = &entry[which];
            // Where the network reads red, in the order of its source's channels, there is blue in the published ones.
            let at = index(if which == "raw" { "rawWeight" } else { "weight" });
            let what = format!("{which} weight {at} of convolution {layer}");
            crate::common::assert_close(&what, kernel.weight[at].into(), number(&numbers["weight"]), 1e-6);
            crate::common::assert_close(&what, kernel.bias[index("bias")].into(), number(&numbers["bias"]), 1e-6);
        }
        seen += 1;
    }
    assert!(seen >= 8, "{seen} samples");
    for (found, expected) in weights.mean().into_iter().zip(expected["mean"].as_array().expect("three means")) {
        crate::common::assert_close("mean", found.into(), number(expected), 1e-6);
    }
}

#[test]
fn a_flipped_bit_is_refused() {
    let mut loader = loader();
    let file = loader.manifest().shards[1].file.clone();
    let mut bytes = shard(&file);
    bytes[12_345] ^= 4;
    let message = loader.add(&file, bytes).expect_err("tampered").to_string();
    assert!(message.contains(&file) && message.contains("SHA-256"), "{message}");
}

#[test]
fn a_short_unknown_or_missing_shard_is_refused() {
    let mut loader = loader();
    let shards = loader.manifest().shards.clone();
    assert!(loader.add(&shards[0].file, shard(&shards[0].file)[1..].to_vec()).is_err());
    assert!(loader.add("other.bin", vec![1, 2, 3]).is_err());
    for entry in &shards[1..] {
        loader.add(&entry.file, shard(&entry.file)).expect("a shard that matches");
    }
    let message = loader.finish().expect_err("one is missing").to_string();
    assert!(message.contains(&shards[0].file), "{message}");
}

#[test]
fn manifests_that_contradict_themselves_are_refused() {
    let text = manifest_text();
    let broken = [
        ("\"formatVersion\": 1", "\"formatVersion\": 2"),
        ("\"BGR\"", "\"GBR\""),
        ("conv3_2", "conv3_9"),
        ("vgg19-0", "../vgg19-0"),
        ("\"std\": [\n      1.0", "\"std\": [\n      0.0"),
    ];
    for (from, to) in broken {
        assert!(text.contains(from), "the manifest has {from}");
        assert!(Manifest::parse(&text.replace(from, to)).is_err(), "{from} → {to} was taken");
    }
    assert!(Manifest::parse("").is_err());
    assert!(Manifest::parse("{}").is_err());
    assert!(Manifest::parse(&text).is_ok());
}

#[test]
fn hashes_are_sha_256() {
    assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
