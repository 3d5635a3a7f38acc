//! A run's state as bytes, to be continued later: after a reload or a crash, on another device if need be.
//!
//! The container is safetensors: tensors by name (32-bit floats), and a JSON object of notes. What the tensors and
//! notes have to be is for those to say who take them back.

use std::collections::{BTreeMap, HashMap};

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

use crate::error::{Error, Reason, Result, because, quoted};
use crate::optim::{HostTensor, StateDict};

/// Where the container keeps the notes.
const NOTES: &str = "easel";

/// Packs tensors and notes.
///
/// # Errors
/// [`Error::Checkpoint`] if a tensor's values are not as many as its shape says.
pub fn pack(state: &StateDict) -> Result<Vec<u8>> {
    let bytes = |tensor: &HostTensor| tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let packed: Vec<_> = state.tensors.iter().map(|(name, tensor)| (name, &tensor.shape, bytes(tensor))).collect();
    let views = packed
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.to_vec(), bytes).map_err(damaged)?)))
        .collect::<Result<Vec<_>>>()?;
    let notes = HashMap::from([(NOTES.to_string(), Value::Object(state.notes.clone()).to_string())]);
    safetensors::serialize(views, Some(notes)).map_err(damaged)
}

/// Unpacks what [`pack`] packed.
///
/// # Errors
/// [`Error::Checkpoint`] for anything else.
pub fn unpack(bytes: &[u8]) -> Result<StateDict> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let notes = header.metadata().as_ref().and_then(|metadata| metadata.get(NOTES)).map(String::as_str);
    let notes = serde_json::from_str(notes.unwrap_or_default()).map_err(damaged)?;
    let mut tensors = BTreeMap::new();
    for (name, view) in SafeTensors::deserialize(bytes).map_err(damaged)?.iter() {
        let (Dtype::F32, Ok(shape)) = (view.dtype(), <[usize; 4]>::try_from(view.shape())) else {
            return Err(Error::Checkpoint(format!("\"{}\" has an unknown form", quoted(name, 80)).into()));
        };
        let words = view.data().chunks_exact(4);
        let values = words.map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect();
        tensors.insert(name.into(), HostTensor { shape, values });
    }
    Ok(StateDict { tensors, notes })
}

fn damaged(error: impl Into<Reason>) -> Error {
    Error::Checkpoint(because("it is damaged", error))
}
