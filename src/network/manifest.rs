//! `manifest.json`: everything there is to know about the weights folder but the weights.

use serde::{Deserialize, Serialize};

use super::arch::CONVOLUTIONS;
use super::instant::Set;
use super::shards::{self, ShardEntry};
use crate::error::{Error, Result};

/// The version of the manifest that this code reads and writes.
pub const FORMAT_VERSION: u32 = 1;
/// How many values a codebook has: as many as a byte can name.
pub const CODEBOOK: usize = 256;

/// The contents of `manifest.json`: everything about the shards but their bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The form of manifest and stream; 1 today.
    pub format_version: u32,
    /// The network's name, for people.
    pub network: String,
    /// Where the weights come from, for people.
    pub source: String,
    /// The terms under which they may be passed on.
    pub licence: String,
    /// What the first convolution expects as input.
    pub preprocessing: Preprocessing,
    /// The convolutions in stream order.
    pub layers: Vec<LayerEntry>,
    /// The mean activation of each convolution's ReLU over photographs, above 0, or nothing where it was not measured.
    /// [`Weights::normalised`](super::Weights::normalised) divides it out, so that every layer's activations average 1.
    pub activation_means: Vec<f32>,
    /// The length of all shards together, in bytes.
    pub bytes: u64,
    /// The shards in stream order.
    pub shards: Vec<ShardEntry>,
    /// The one-pass networks, where the folder holds them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instant: Option<InstantEntry>,
}

/// The one-pass networks in the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstantEntry {
    /// Where the weights come from, for people.
    pub source: String,
    /// The terms under which they may be passed on.
    pub licence: String,
    /// The network that paints.
    pub transformer: SetEntry,
    /// The network that reads a style off a painting.
    pub predictor: SetEntry,
}

/// One of the one-pass networks in the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetEntry {
    /// The length of its shards together, in bytes.
    pub bytes: u64,
    /// Its shards in stream order.
    pub shards: Vec<ShardEntry>,
}

impl InstantEntry {
    /// Returns one network's part.
    pub fn set(&self, set: Set) -> &SetEntry {
        match set {
            Set::Transformer => &self.transformer,
            Set::Predictor => &self.predictor,
        }
    }
}

/// How RGB in \[0, 1\] becomes the first convolution's input: channels are put in `channels` order,
/// multiplied by `scale`, `mean` is subtracted and the rest divided by `std`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// The order of the channels, `"RGB"` or `"BGR"`.
    pub channels: String,
    /// The pixel range that the network was trained with, 1 or 255.
    pub scale: f32,
    /// The means that are subtracted, in `channels` order and in that range.
    pub mean: [f32; 3],
    /// The deviations that are divided by, in `channels` order; above 0.
    pub std: [f32; 3],
}

/// One convolution in the stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerEntry {
    /// The convolution's name, `conv1_1` … `conv5_1`.
    pub name: String,
    /// The shape of its weights: output channels, input channels, 3, 3.
    pub shape: [usize; 4],
}

impl LayerEntry {
    /// Bytes this layer takes in the stream.
    pub(super) fn stream_bytes(&self) -> usize {
        4 * (CODEBOOK + self.shape[0]) + self.shape.iter().product::<usize>()
    }
}

impl Manifest {
    /// Reads the text of a `manifest.json` and checks that it fits this network and itself.
    ///
    /// # Errors
    /// [`Error::Manifest`] when it is not JSON, of another version, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self> {
        let manifest: Self = serde_json::from_str(text).map_err(|e| Error::Manifest(e.into()))?;
        manifest.check().map_err(|reason| Error::Manifest(reason.into()))?;
        Ok(manifest)
    }

    /// Reads the manifest of a weights folder, blocking.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read, [`Error::Manifest`] when it cannot be used.
    #[cfg(not(target_family = "wasm"))]
    pub fn read(folder: &std::path::Path) -> Result<Self> {
        let bytes = shards::read_file(folder, "manifest.json")?;
        Self::parse(&String::from_utf8(bytes).map_err(|e| Error::Manifest(e.into()))?)
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
        let stream = self.layers.iter().map(LayerEntry::stream_bytes).sum();
        shards::check(&self.shards, self.bytes, stream)?;
        for set in [Set::Transformer, Set::Predictor] {
            if let Some(SetEntry { bytes, shards }) = self.instant.as_ref().map(|instant| instant.set(set)) {
                shards::check(shards, *bytes, set.stream_bytes()).map_err(|why| format!("{}: {why}", set.name()))?;
            }
        }
        Ok(())
    }
}
