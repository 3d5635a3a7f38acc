//! The one-pass networks' weights as static files: 8 bits a weight with a scale per output channel.
//!
//! A network's stream is, for every convolution in order, its scales (little-endian `f32`, one per output channel), its
//! biases (`f32`) and its weights (`i8`, OIHW order): weight = scale × `i8`, which loses nothing of what was published.
//! The two networks are files apart, for most visitors never need the predictor.

use super::arch::{Convolution, Set};
use crate::compute::Kernel;
use crate::error::{Error, Result};
use crate::network::manifest::Manifest;
use crate::network::shards::{ShardEntry, Shards, floats};

/// Collects one network's shards as they arrive, in any order, and verifies each.
#[derive(Debug)]
pub struct SetLoader {
    set: Set,
    shards: Shards,
}

impl SetLoader {
    /// Makes a loader that waits for the shards the manifest names for this network.
    ///
    /// # Errors
    /// [`Error::NoInstant`] when it names none, for the weights folder holds VGG19 alone.
    pub fn new(manifest: &Manifest, set: Set) -> Result<Self> {
        let instant = manifest.instant.as_ref().ok_or(Error::NoInstant)?;
        Ok(Self { set, shards: Shards::new(instant.set(set).shards.clone()) })
    }

    /// Returns the shards waited for, in stream order.
    pub fn shards(&self) -> &[ShardEntry] {
        self.shards.entries()
    }

    /// Takes the shard of this name if its length and SHA-256 are the manifest's.
    ///
    /// # Errors
    /// [`Error::Shard`] when they do not, or when the manifest names no such shard.
    pub fn add(&mut self, file: &str, bytes: Vec<u8>) -> Result<()> {
        self.shards.add(file, bytes)
    }

    /// Returns the weights, once every shard was taken.
    ///
    /// # Errors
    /// [`Error::Shard`] naming the first that is missing.
    pub fn finish(self) -> Result<SetWeights> {
        Ok(SetWeights { set: self.set, stream: self.shards.finish()? })
    }
}

/// One network's verified weights, still quantised.
#[derive(Debug)]
pub struct SetWeights {
    set: Set,
    stream: Vec<u8>,
}

impl SetWeights {
    /// Reads one network's shards from the weights folder, blocking; in a browser a [`SetLoader`] takes them as they are
    /// fetched.
    ///
    /// # Errors
    /// [`Error::File`] for what cannot be read, [`Error::Manifest`] and [`Error::Shard`] for what does not match,
    /// [`Error::NoInstant`] where the folder holds no such network.
    #[cfg(not(target_family = "wasm"))]
    pub fn read(folder: &std::path::Path, set: Set) -> Result<Self> {
        let mut loader = SetLoader::new(&Manifest::read(folder)?, set)?;
        loader.shards.add_all(folder)?;
        loader.finish()
    }

    /// Returns which network's these are.
    pub fn set(&self) -> Set {
        self.set
    }

    /// Returns the convolution of this name, exactly as published.
    ///
    /// # Panics
    /// When the network has none of that name: the names are those of [`Set::convolutions`].
    pub fn kernel(&self, name: &str) -> Kernel {
        let mut offset = 0;
        for convolution in self.set.convolutions() {
            if convolution.name == name {
                return kernel(&convolution, &self.stream[offset..]);
            }
            offset += convolution.stream_bytes();
        }
        panic!("the {} has no convolution {name}", self.set.name())
    }
}

/// One convolution's bytes in the stream.
#[cfg(feature = "cli")]
pub(in crate::network) fn stream_of(scales: &[f32], biases: &[f32], weights: &[i8]) -> Vec<u8> {
    let floats = scales.iter().chain(biases).flat_map(|v| v.to_le_bytes());
    floats.chain(weights.iter().map(|w| w.to_le_bytes()[0])).collect()
}

/// What [`stream_of`] wrote, at the beginning of `bytes`.
fn kernel(convolution: &Convolution, bytes: &[u8]) -> Kernel {
    let shape = convolution.shape;
    let (scales, rest) = bytes.split_at(4 * shape[0]);
    let (bias, rest) = rest.split_at(4 * shape[0]);
    let filter: usize = shape[1..].iter().product();
    let filters = rest.chunks_exact(filter).zip(floats(scales));
    let weight = filters.flat_map(|(filter, scale)| filter.iter().map(move |&w| f32::from(w as i8) * scale)).collect();
    Kernel { shape, weight, bias: floats(bias) }
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let convolution = Convolution { name: "x".into(), shape: [2, 1, 1, 3] };
        let weights = [-128, -1, 0, 1, 2, 127];
        let mut stream = stream_of(&[0.5, 0.25], &[-1.5, 3.0], &weights);
        assert_eq!(stream.len(), convolution.stream_bytes());
        stream.push(77); // the next one's
        let expected =
            Kernel { shape: [2, 1, 1, 3], weight: vec![-64.0, -0.5, 0.0, 0.25, 0.5, 31.75], bias: vec![-1.5, 3.0] };
        assert_eq!(kernel(&convolution, &stream), expected);
    }
}
