//! A run's state as bytes, to be continued later: after a reload or a crash, on another device if need be.
//!
//! The container is safetensors: tensors by name (32-bit floats), and a JSON object of notes.

use std::collections::{BTreeMap, HashMap};

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::compute::read;
use crate::error::{Error, Result, quoted};

/// Where the container keeps the notes.
const NOTES: &str = "easel";

/// Tensors and notes by name.
#[derive(Debug, Default)]
pub struct Snapshot {
    tensors: BTreeMap<String, Tensor<4>>,
    notes: Map<String, Value>,
}

impl Snapshot {
    /// Puts a tensor in. Costs nothing yet: it is read by [`Snapshot::to_bytes`].
    pub fn put(&mut self, name: &str, tensor: &Tensor<4>) {
        self.tensors.insert(name.into(), tensor.clone());
    }

    /// Puts anything in that JSON can say.
    pub fn note(&mut self, name: &str, value: &impl Serialize) {
        self.notes.insert(name.into(), serde_json::to_value(value).unwrap_or_default());
    }

    /// The tensor of this name.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when it is not there.
    pub fn tensor(&self, name: &str) -> Result<Tensor<4>> {
        self.tensors.get(name).cloned().ok_or_else(|| Error::Checkpoint(format!("it lacks \"{name}\"")))
    }

    /// The note of this name.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when it is not there or says something else.
    pub fn noted<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let value = self.notes.get(name).cloned().unwrap_or_default();
        serde_json::from_value(value).map_err(|error| {
            Error::Checkpoint(format!("its note \"{name}\" is wrong ({})", quoted(&error.to_string(), 200)))
        })
    }

    /// Checks that every tensor is of this height and width.
    ///
    /// # Errors
    /// [`Error::Checkpoint`].
    pub fn check_size(&self, size: [usize; 2]) -> Result<()> {
        match self.tensors.iter().find(|(_, tensor)| tensor.dims()[2..] != size) {
            None => Ok(()),
            Some((name, _)) => Err(Error::Checkpoint(format!("\"{name}\" is of another size"))),
        }
    }

    /// Reads the tensors from their device and packs everything.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut planes = Vec::new();
        for (name, tensor) in &self.tensors {
            let bytes: Vec<u8> = read(tensor.clone()).await?.into_iter().flat_map(f32::to_le_bytes).collect();
            planes.push((name, tensor.dims().to_vec(), bytes));
        }
        let views = planes
            .iter()
            .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(damaged)?)))
            .collect::<Result<Vec<_>>>()?;
        let notes = HashMap::from([(NOTES.to_string(), Value::Object(self.notes.clone()).to_string())]);
        safetensors::serialize(views, Some(notes)).map_err(damaged)
    }

    /// Unpacks what [`Snapshot::to_bytes`] packed, onto a device.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] for anything else, numbers that are not finite included.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let notes = header.metadata().as_ref().and_then(|metadata| metadata.get(NOTES)).map(String::as_str);
        let notes = serde_json::from_str(notes.unwrap_or_default()).map_err(damaged)?;
        let mut tensors = BTreeMap::new();
        for (name, view) in SafeTensors::deserialize(bytes).map_err(damaged)?.tensors() {
            let (Dtype::F32, Ok(shape)) = (view.dtype(), <[usize; 4]>::try_from(view.shape())) else {
                return Err(Error::Checkpoint(format!("\"{name}\" has an unknown form")));
            };
            let values: Vec<f32> = view
                .data()
                .chunks_exact(4)
                .map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]]))
                .collect();
            if values.is_empty() || !values.iter().all(|value| value.is_finite()) {
                return Err(Error::Checkpoint(format!("\"{name}\" holds values that are not numbers")));
            }
            tensors.insert(name, Tensor::from_data(TensorData::new(values, shape), device));
        }
        Ok(Self { tensors, notes })
    }
}

fn damaged(error: impl std::fmt::Display) -> Error {
    Error::Checkpoint(format!("it is damaged ({})", quoted(&error.to_string(), 200)))
}
