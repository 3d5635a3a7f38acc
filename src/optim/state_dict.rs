//! State as plain data: values by name, and notes that JSON can say.
//!
//! Optimisers and the average know what they are made of, not how it is kept: they hand it out as this, and look at
//! every count and shape when they take it back, for what comes back may have been damaged or made up. The
//! values are on the host, where they can be looked at before any of them reaches a device.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use burn::tensor::{Device, Tensor, TensorData};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::compute::read;
use crate::error::{Error, Result, because};

/// Every finite number.
pub const FINITE: RangeInclusive<f32> = f32::MIN..=f32::MAX;
/// What an image's values are.
pub const PIXELS: RangeInclusive<f32> = 0.0..=1.0;

/// A tensor's values on the host, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTensor {
    /// The lengths of its dimensions; their product is the number of values.
    pub shape: [usize; 4],
    /// The values.
    pub values: Vec<f32>,
}

/// Tensors and notes by name (what PyTorch calls a state dict).
#[derive(Debug, Default)]
pub struct StateDict {
    /// The tensors.
    pub tensors: BTreeMap<String, HostTensor>,
    /// The notes.
    pub notes: Map<String, Value>,
}

impl StateDict {
    /// Reads a tensor from its device and puts it in under this name.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn put(&mut self, name: &str, tensor: &Tensor<4>) -> Result<()> {
        let values = read(tensor.clone()).await?;
        self.tensors.insert(name.into(), HostTensor { shape: tensor.dims(), values });
        Ok(())
    }

    /// Puts in anything that JSON can say.
    pub fn note(&mut self, name: &str, value: &impl Serialize) {
        self.notes.insert(name.into(), serde_json::to_value(value).unwrap_or_default());
    }

    /// The values of this name.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when they are not there, of another shape, or not all in the range; a value that is not
    /// finite is in none.
    pub fn values(&self, name: &str, shape: [usize; 4], range: &RangeInclusive<f32>) -> Result<&[f32]> {
        let tensor = self.tensors.get(name).ok_or_else(|| Error::Checkpoint(format!("it lacks \"{name}\"").into()))?;
        if tensor.shape != shape || tensor.values.len() != shape.iter().product::<usize>() {
            return Err(Error::Checkpoint(format!("\"{name}\" is of another size").into()));
        }
        if !tensor.values.iter().all(|value| range.contains(value)) {
            return Err(Error::Checkpoint(format!("\"{name}\" holds values it cannot have").into()));
        }
        Ok(&tensor.values)
    }

    /// The same on a device.
    ///
    /// # Errors
    /// As [`StateDict::values`].
    pub fn tensor(
        &self,
        name: &str,
        shape: [usize; 4],
        range: &RangeInclusive<f32>,
        device: &Device,
    ) -> Result<Tensor<4>> {
        let values = self.values(name, shape, range)?.to_vec();
        Ok(Tensor::from_data(TensorData::new(values, shape), device))
    }

    /// The tensor of this name, which has to be like another: of its shape, and put on its device.
    ///
    /// # Errors
    /// As [`StateDict::values`].
    pub fn tensor_like(&self, name: &str, like: &Tensor<4>, range: &RangeInclusive<f32>) -> Result<Tensor<4>> {
        self.tensor(name, like.dims(), range, &like.device())
    }

    /// The note of this name.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when it is not there or says something else.
    pub fn noted<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let value = self.notes.get(name).cloned().unwrap_or_default();
        serde_json::from_value(value)
            .map_err(|error| Error::Checkpoint(because(format!("its note \"{name}\" is wrong"), error)))
    }

    /// The count of this name.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when it is not there, no whole number or more than `most`.
    pub fn count(&self, name: &str, most: u32) -> Result<u32> {
        let count: u32 = self.noted(name)?;
        if count > most {
            Err(Error::Checkpoint(format!("its count \"{name}\" is too large").into()))
        } else {
            Ok(count)
        }
    }
}
