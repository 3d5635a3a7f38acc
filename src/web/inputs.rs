//! A job's pictures from the browser.

use wasm_bindgen::prelude::*;

use crate::loss::Style;
use crate::picture::Picture;
use crate::run::Pictures;

/// The pictures of a job, taken over one by one as RGBA.
#[wasm_bindgen(js_name = Pictures)]
pub struct JsPictures(pub(super) Pictures);

#[wasm_bindgen(js_class = Pictures)]
impl JsPictures {
    /// Begins with the photo.
    #[wasm_bindgen(constructor)]
    pub fn new(width: u32, height: u32, rgba: &[u8]) -> Result<JsPictures, JsError> {
        let content = Picture::from_rgba("The photo", width, height, rgba)?;
        Ok(Self(Pictures { content, styles: Vec::new(), init: None }))
    }

    /// Adds a painting.
    #[wasm_bindgen(js_name = addStyle)]
    pub fn add_style(&mut self, width: u32, height: u32, rgba: &[u8], weight: f64) -> Result<(), JsError> {
        let picture = Picture::from_rgba("The painting", width, height, rgba)?;
        self.0.styles.push(Style::new(picture, weight));
        Ok(())
    }

    /// Gives the painting added last a mask: where it is white the painting applies.
    #[wasm_bindgen(js_name = setMask)]
    pub fn set_mask(&mut self, width: u32, height: u32, rgba: &[u8]) -> Result<(), JsError> {
        let mask = Picture::from_rgba("The mask", width, height, rgba)?;
        if let Some(style) = self.0.styles.last_mut() {
            style.mask = Some(mask);
        }
        Ok(())
    }

    /// Sets the picture to start from.
    #[wasm_bindgen(js_name = setInit)]
    pub fn set_init(&mut self, width: u32, height: u32, rgba: &[u8]) -> Result<(), JsError> {
        self.0.init = Some(Picture::from_rgba("The picture to start from", width, height, rgba)?);
        Ok(())
    }
}
