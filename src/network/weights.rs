//! VGG19's weights as static files: an 8-bit codebook per layer, in shards with a SHA-256 each.
//!
//! The shards, put end to end, are one *stream*: for every convolution in order its codebook (256
//! little-endian `f32`), its biases (`f32`) and one byte per weight, an index into the codebook, in
//! OIHW order. `manifest.json` says how long everything is and what the network expects as input.
//! Nothing is used before its hash matched.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::arch::{CONVOLUTIONS, Convolution};
use crate::compute::Kernel;
use crate::error::{Error, Result, quoted};

/// The manifest's version this code reads and writes.
pub const FORMAT_VERSION: u32 = 1;
/// Entries of a codebook.
pub const CODEBOOK: usize = 256;

/// `manifest.json`: everything about the shards but their bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The network.
    pub network: String,
    /// Where the weights come from.
    pub source: String,
    /// Under what terms.
    pub licence: String,
    /// What the first convolution expects.
    pub preprocessing: Preprocessing,
    /// The convolutions in stream order.
    pub layers: Vec<LayerEntry>,
    /// Mean activation of each convolution's ReLU over photographs, or empty where not measured.
    /// The loader divides it out, so that every layer's activations average 1.
    pub activation_means: Vec<f32>,
    /// Bytes of all shards together.
    pub bytes: u64,
    /// The shards in stream order.
    pub shards: Vec<ShardEntry>,
}

/// How RGB in \[0, 1\] becomes the first convolution's input: channels are put in `channels` order,
/// multiplied by `scale`, `mean` is subtracted and the rest divided by `std`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// `"RGB"` or `"BGR"`.
    pub channels: String,
    /// The pixel range: 1 or 255.
    pub scale: f32,
    /// Means, in `channels` order.
    pub mean: [f32; 3],
    /// Deviations, in `channels` order.
    pub std: [f32; 3],
}

/// One convolution in the stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerEntry {
    /// `conv1_1` … `conv5_1`.
    pub name: String,
    /// Output channels, input channels, 3, 3.
    pub shape: [usize; 4],
}

/// One shard file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShardEntry {
    /// The file's name beside the manifest.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 in lower-case hex.
    pub sha256: String,
}

impl LayerEntry {
    /// Bytes this layer takes in the stream.
    fn stream_bytes(&self) -> usize {
        4 * (CODEBOOK + self.shape[0]) + self.shape.iter().product::<usize>()
    }
}

impl Manifest {
    /// Reads and checks `manifest.json`.
    ///
    /// # Errors
    /// [`Error::Manifest`] when it is not JSON, of another version, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self> {
        let manifest: Self = serde_json::from_str(text).map_err(|e| Error::Manifest(quoted(&e.to_string(), 200)))?;
        manifest.check().map_err(Error::Manifest)?;
        Ok(manifest)
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.format_version != FORMAT_VERSION {
            return Err(format!("it is of version {}, this program reads {FORMAT_VERSION}", self.format_version));
        }
        let expected = CONVOLUTIONS.iter().map(|c| (c.name(), c.shape()));
        let found = self.layers.iter().map(|l| (l.name.clone(), l.shape));
        if !expected.eq(found) {
            return Err("its layers are not VGG19's conv1_1 to conv5_1".into());
        }
        let pre = &self.preprocessing;
        let finite = pre.mean.iter().chain(&pre.std).chain([&pre.scale]).all(|v| v.is_finite());
        if !["RGB", "BGR"].contains(&pre.channels.as_str())
            || !finite
            || pre.std.iter().any(|&s| s <= 0.0)
            || pre.scale <= 0.0
        {
            return Err("its preprocessing is not one this program knows".into());
        }
        let means = &self.activation_means;
        if !(means.is_empty() || means.len() == self.layers.len()) || means.iter().any(|m| !(m.is_finite() && *m > 0.0))
        {
            return Err("its activationMeans do not fit its layers".into());
        }
        let stream: usize = self.layers.iter().map(LayerEntry::stream_bytes).sum();
        let shards = self.shards.iter().try_fold(0u64, |sum, shard| sum.checked_add(shard.bytes));
        if shards != Some(stream as u64) || self.bytes != stream as u64 {
            return Err(format!("its shards do not add up to the {stream} bytes its layers need"));
        }
        let plain =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if let Some(shard) = self.shards.iter().find(|shard| !plain(&shard.file)) {
            return Err(format!("\"{}\" is not a plain file name", quoted(&shard.file, 80)));
        }
        Ok(())
    }
}

/// Collects shards, verifying each as it comes.
#[derive(Debug)]
pub struct WeightsLoader {
    manifest: Manifest,
    shards: Vec<Option<Vec<u8>>>,
}

impl WeightsLoader {
    /// A loader that waits for the manifest's shards.
    pub fn new(manifest: Manifest) -> Self {
        let shards = vec![None; manifest.shards.len()];
        Self { manifest, shards }
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Takes the shard of this name when its length and SHA-256 match the manifest.
    ///
    /// # Errors
    /// [`Error::Shard`] when they do not, or when the manifest names no such shard.
    pub fn add(&mut self, file: &str, bytes: Vec<u8>) -> Result<()> {
        let refuse = |reason: String| Err(Error::Shard { file: file.into(), reason });
        let Some(index) = self.manifest.shards.iter().position(|shard| shard.file == file) else {
            return refuse("the manifest does not name it".into());
        };
        let entry = &self.manifest.shards[index];
        if bytes.len() as u64 != entry.bytes {
            return refuse(format!("it has {} bytes instead of {}", bytes.len(), entry.bytes));
        }
        if sha256_hex(&bytes) != entry.sha256 {
            return refuse("its SHA-256 is not the manifest's".into());
        }
        self.shards[index] = Some(bytes);
        Ok(())
    }

    /// The weights, once every shard was taken.
    ///
    /// # Errors
    /// [`Error::Shard`] naming the first that is missing.
    pub fn finish(self) -> Result<Weights> {
        let mut stream = Vec::with_capacity(self.manifest.bytes as usize);
        for (entry, shard) in self.manifest.shards.iter().zip(self.shards) {
            let Some(bytes) = shard else {
                return Err(Error::Shard { file: entry.file.clone(), reason: "it is missing".into() });
            };
            stream.extend(bytes);
        }
        Ok(Weights { manifest: self.manifest, stream })
    }
}

/// SHA-256 in lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Verified weights, still quantised (12.9 MB).
#[derive(Debug)]
pub struct Weights {
    manifest: Manifest,
    stream: Vec<u8>,
}

impl Weights {
    /// Reads manifest and shards from a folder.
    ///
    /// # Errors
    /// What cannot be read or does not match.
    #[cfg(not(target_family = "wasm"))]
    pub fn read(folder: &std::path::Path) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).map_err(|e| Error::File { path: path.display().to_string(), reason: e.to_string() })
        };
        let text = String::from_utf8(read("manifest.json")?).map_err(|e| Error::Manifest(e.to_string()))?;
        let mut loader = WeightsLoader::new(Manifest::parse(&text)?);
        for shard in loader.manifest().shards.clone() {
            loader.add(&shard.file, read(&shard.file)?)?;
        }
        loader.finish()
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// One convolution exactly as published.
    pub fn raw(&self, convolution: usize) -> Kernel {
        let offset: usize = self.manifest.layers[..convolution].iter().map(LayerEntry::stream_bytes).sum();
        let shape = self.manifest.layers[convolution].shape;
        let (codebook, rest) = self.stream[offset..].split_at(4 * CODEBOOK);
        let (bias, rest) = rest.split_at(4 * shape[0]);
        let codebook = floats(codebook);
        let indices = &rest[..shape.iter().product()];
        Kernel { shape, weight: indices.iter().map(|&i| codebook[usize::from(i)]).collect(), bias: floats(bias) }
    }

    /// One convolution as the network runs it.
    ///
    /// Two exact rewritings, neither of which the picture can tell: the first convolution takes RGB
    /// in \[0, 1\] minus [`Weights::mean`] (channel order, scale and deviation are folded into its
    /// weights), and with m_l the layer's mean activation, W'_l = W_l·m_{l−1}/m_l and b'_l = b_l/m_l,
    /// so that activations average 1 (ReLU and pooling commute with a positive scale).
    pub fn normalised(&self, convolution: usize) -> Kernel {
        let Kernel { shape, mut weight, mut bias } = self.raw(convolution);
        let mean = |l: usize| self.manifest.activation_means.get(l).copied().unwrap_or(1.0);
        let below = if convolution == 0 { 1.0 } else { mean(convolution - 1) };
        let here = mean(convolution);
        weight.iter_mut().for_each(|w| *w *= below / here);
        bias.iter_mut().for_each(|b| *b /= here);
        if convolution == 0 {
            self.fold_preprocessing(&mut weight);
        }
        Kernel { shape, weight, bias }
    }

    /// What is subtracted from RGB in \[0, 1\] before the first convolution.
    pub fn mean(&self) -> [f32; 3] {
        let pre = &self.manifest.preprocessing;
        [0, 1, 2].map(|rgb| pre.mean[self.channel(rgb)] / pre.scale)
    }

    /// The network's channel for red (0), green (1), blue (2).
    fn channel(&self, rgb: usize) -> usize {
        if self.manifest.preprocessing.channels == "BGR" { 2 - rgb } else { rgb }
    }

    fn fold_preprocessing(&self, weight: &mut [f32]) {
        let pre = &self.manifest.preprocessing;
        for filter in weight.chunks_exact_mut(27) {
            let old: [f32; 27] = std::array::from_fn(|i| filter[i]);
            for rgb in 0..3 {
                let channel = self.channel(rgb);
                let factor = pre.scale / pre.std[channel];
                for tap in 0..9 {
                    filter[9 * rgb + tap] = old[9 * channel + tap] * factor;
                }
            }
        }
    }
}

/// Builds a stream's bytes from codebooks, biases and indices; see the module's text.
pub fn stream_of(codebook: &[f32], bias: &[f32], indices: &[u8]) -> Vec<u8> {
    codebook.iter().chain(bias).flat_map(|v| v.to_le_bytes()).chain(indices.iter().copied()).collect()
}

/// The stream's layer list.
pub fn layer_entries() -> Vec<LayerEntry> {
    CONVOLUTIONS.iter().map(|c: &Convolution| LayerEntry { name: c.name(), shape: c.shape() }).collect()
}

/// Little-endian `f32`s.
pub(crate) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}
