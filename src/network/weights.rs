//! VGG19's weights as static files: an 8-bit codebook per layer, in shards with a SHA-256 each.
//!
//! The shards, put end to end, are one *stream*: for every convolution in order its codebook (256
//! little-endian `f32`), its biases (`f32`) and one byte per weight, an index into the codebook, in
//! OIHW order. `manifest.json` says how long everything is and what the network expects as input.

use super::manifest::{CODEBOOK, LayerEntry, Manifest};
use super::shards::{Shards, floats};
use crate::compute::Kernel;
use crate::error::Result;

/// Collects the shards as they arrive, in any order, and verifies each.
#[derive(Debug)]
pub struct WeightsLoader {
    manifest: Manifest,
    shards: Shards,
}

impl WeightsLoader {
    /// Makes a loader that waits for the shards the manifest names.
    pub fn new(manifest: Manifest) -> Self {
        let shards = Shards::new(manifest.shards.clone());
        Self { manifest, shards }
    }

    /// Returns the manifest the shards are checked against.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Takes the shard of this name if its length and SHA-256 are the manifest's.
    ///
    /// # Errors
    /// [`Error::Shard`](crate::Error::Shard) when they do not, or when the manifest names no such shard.
    pub fn add(&mut self, file: &str, bytes: Vec<u8>) -> Result<()> {
        self.shards.add(file, bytes)
    }

    /// Returns the weights, once every shard was taken.
    ///
    /// # Errors
    /// [`Error::Shard`](crate::Error::Shard) naming the first that is missing.
    pub fn finish(self) -> Result<Weights> {
        Ok(Weights { stream: self.shards.finish()?, manifest: self.manifest })
    }
}

/// The network's verified weights, still quantised: 12.9 MB.
#[derive(Debug)]
pub struct Weights {
    manifest: Manifest,
    stream: Vec<u8>,
}

impl Weights {
    /// Reads manifest and shards from a folder, blocking; in a browser a [`WeightsLoader`] takes them as they are fetched.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) for what cannot be read, [`Error::Manifest`](crate::Error::Manifest) and
    /// [`Error::Shard`](crate::Error::Shard) for what does not match.
    #[cfg(not(target_family = "wasm"))]
    pub fn read(folder: &std::path::Path) -> Result<Self> {
        let mut loader = WeightsLoader::new(Manifest::read(folder)?);
        loader.shards.add_all(folder)?;
        loader.finish()
    }

    /// Returns the manifest the weights came with.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns a convolution exactly as published. It is counted from 0, in the order of [`CONVOLUTIONS`](super::CONVOLUTIONS).
    ///
    /// # Panics
    /// When there is no such convolution.
    pub fn raw(&self, convolution: usize) -> Kernel {
        let offset: usize = self.manifest.layers[..convolution].iter().map(LayerEntry::stream_bytes).sum();
        let shape = self.manifest.layers[convolution].shape;
        let (codebook, rest) = self.stream[offset..].split_at(4 * CODEBOOK);
        let (bias, rest) = rest.split_at(4 * shape[0]);
        let codebook = floats(codebook);
        let indices = &rest[..shape.iter().product()];
        Kernel { shape, weight: indices.iter().map(|&i| codebook[usize::from(i)]).collect(), bias: floats(bias) }
    }

    /// Returns a convolution, counted from 0, as the network runs it.
    ///
    /// Two exact rewritings, neither of which the picture can tell: the first convolution takes RGB
    /// in \[0, 1\] minus [`Weights::mean`] (channel order, scale and deviation are folded into its
    /// weights), and with m_l the layer's mean activation, W'_l = W_l·m_{l−1}/m_l and b'_l = b_l/m_l,
    /// so that activations average 1 (ReLU and pooling commute with a positive scale).
    ///
    /// # Panics
    /// When there is no such convolution.
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

    /// Returns what is subtracted from RGB in \[0, 1\] before the first convolution: red, green, blue.
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
