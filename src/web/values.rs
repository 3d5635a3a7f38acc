//! What crosses to JavaScript: pictures, errors, plain values.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Error;
use crate::picture::Picture;

/// A finished or half-finished picture.
#[wasm_bindgen(js_name = Picture)]
pub struct JsPicture(pub(super) Picture);

#[wasm_bindgen(js_class = Picture)]
impl JsPicture {
    /// Pixels.
    #[wasm_bindgen(getter)]
    pub fn width(&self) -> u32 {
        self.0.width()
    }

    /// Pixels.
    #[wasm_bindgen(getter)]
    pub fn height(&self) -> u32 {
        self.0.height()
    }

    /// RGBA bytes, opaque.
    pub fn rgba(&self) -> wasm_bindgen::Clamped<Vec<u8>> {
        wasm_bindgen::Clamped(self.0.to_rgba())
    }
}

/// An error as JavaScript sees it, its `cause` included; what a new device may mend is named `DeviceError`, a state that is of no use
/// `CheckpointError`.
pub(super) fn thrown(error: Error) -> JsValue {
    let thrown = js_sys::Error::new(&error.to_string());
    if let Some(cause) = std::error::Error::source(&error) {
        thrown.set_cause(&js_sys::Error::new(&cause.to_string()));
    }
    match error {
        Error::DeviceFailed { .. } => thrown.set_name("DeviceError"),
        Error::Checkpoint(_) => thrown.set_name("CheckpointError"),
        _ => {}
    }
    thrown.into()
}

/// A value as a plain JavaScript one.
pub(super) fn to_js<T: Serialize>(value: &T) -> Result<JsValue, JsError> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|error| JsError::new(&error.to_string()))
}
