//! One-pass pictures for the browser: loading their networks, reading styles, painting.

use std::rc::Rc;

use js_sys::{Float32Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::inputs::JsPictures;
use super::values::{JsPicture, thrown, to_js};
use crate::compute::Compute;
use crate::error::Error;
use crate::network::Manifest;
use crate::network::instant::{Set, SetLoader, VECTOR};
use crate::picture::Picture;
use crate::run::{
    InstantOptions, InstantPainter, InstantStyle, StyleReader, Suggestion, head_start, needs_own_vector, suggest,
};
use crate::settings::{Init, StyleConfig};

/// The one-pass networks, as far as they were loaded. What is under way holds what it needs of them: others can be loaded
/// meanwhile.
#[derive(Default)]
pub(super) struct Networks {
    /// By network, while its shards arrive.
    loaders: [Option<SetLoader>; 2],
    reader: Option<Rc<StyleReader>>,
    painter: Option<Rc<InstantPainter>>,
}

impl Networks {
    /// Begins loading a network; its shards.
    pub fn begin(&mut self, manifest: &str, set: &str) -> Result<JsValue, JsError> {
        let set = named(set)?;
        let loader = SetLoader::new(&Manifest::parse(manifest)?, set)?;
        let shards = to_js(&loader.shards())?;
        self.loaders[set as usize] = Some(loader);
        Ok(shards)
    }

    /// Takes one of its shards.
    pub fn add(&mut self, set: &str, file: &str, bytes: Vec<u8>) -> Result<(), JsError> {
        let loader = self.loaders[named(set)? as usize].as_mut().ok_or_else(not_loaded)?;
        Ok(loader.add(file, bytes)?)
    }

    /// Puts its shards together.
    pub fn finish(&mut self, set: &str, compute: &Compute) -> Result<(), JsError> {
        let set = named(set)?;
        let weights = self.loaders[set as usize].take().ok_or_else(not_loaded)?.finish()?;
        match set {
            Set::Transformer => self.painter = Some(Rc::new(InstantPainter::new(weights, compute))),
            Set::Predictor => self.reader = Some(Rc::new(StyleReader::new(&weights))),
        }
        Ok(())
    }

    /// Whether it is there.
    pub fn has(&self, set: &str) -> Result<bool, JsError> {
        Ok(match named(set)? {
            Set::Transformer => self.painter.is_some(),
            Set::Predictor => self.reader.is_some(),
        })
    }

    /// A painting's numbers, a `Float32Array`.
    pub fn read(&self, painting: Picture) -> Result<Promise, JsValue> {
        let reader = self.reader.clone().ok_or_else(|| thrown(not_loaded()))?;
        Ok(future_to_promise(async move {
            let vector = reader.read(&painting).await.map_err(thrown)?;
            Ok(Float32Array::from(vector.as_slice()).into())
        }))
    }

    /// The pictures with what a run starts from, where that is a picture in one pass.
    pub fn head_start(&self, mut pictures: JsPictures, config: StyleConfig) -> Result<Promise, JsValue> {
        let (Some(reader), Some(painter)) = (self.reader.clone(), self.painter.clone()) else {
            return Err(thrown(not_loaded()));
        };
        Ok(future_to_promise(async move {
            if config.init == Init::Instant && pictures.0.init.is_none() {
                let picture = head_start(&reader, &painter, &pictures.0, &config).await;
                pictures.0.init = Some(picture.map_err(thrown)?);
            }
            Ok(pictures.into())
        }))
    }

    /// The best mixtures of paintings for a photo, a [`Suggestions`].
    pub fn suggest(&self, photo: Picture, styles: InstantStyles, count: usize) -> Result<Promise, JsValue> {
        let (Some(reader), Some(painter)) = (self.reader.clone(), self.painter.clone()) else {
            return Err(thrown(not_loaded()));
        };
        Ok(future_to_promise(async move {
            let vectors: Vec<_> = styles.0.into_iter().map(|style| style.vector).collect();
            let ranked = suggest(&reader, &painter, &photo, &vectors, count).await.map_err(thrown)?;
            Ok(Suggestions(ranked).into())
        }))
    }

    /// A picture in one pass.
    pub fn paint(
        &self,
        photo: Picture,
        styles: InstantStyles,
        own: Option<Vec<f32>>,
        options: &str,
    ) -> Result<Promise, JsValue> {
        let painter = self.painter.clone().ok_or_else(|| thrown(not_loaded()))?;
        let options = InstantOptions::from_json(options).map_err(thrown)?;
        let own = own.map(checked).transpose()?;
        if own.is_none() && needs_own_vector(&styles.0, options.strength) {
            return Err(thrown(Error::Manifest("the photo's own style was not read yet".into())));
        }
        Ok(future_to_promise(async move {
            let painted = painter.paint(&photo, &styles.0, own.as_ref(), &options).await.map_err(thrown)?;
            Ok(JsPicture(painted).into())
        }))
    }
}

/// Paintings and mixtures ranked for a photo.
#[wasm_bindgen]
pub struct Suggestions(Vec<Suggestion>);

#[wasm_bindgen]
impl Suggestions {
    /// How many there are.
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> usize {
        self.0.len()
    }

    /// The weight of each painting.
    pub fn weights(&self, at: usize) -> Vec<f64> {
        self.0.get(at).map(|suggestion| suggestion.weights.clone()).unwrap_or_default()
    }

    /// How far from perfect it is judged to be.
    pub fn score(&self, at: usize) -> f64 {
        self.0.get(at).map_or(f64::NAN, |suggestion| suggestion.score)
    }

    /// The photo in it.
    pub fn picture(&self, at: usize) -> Option<JsPicture> {
        self.0.get(at).map(|suggestion| JsPicture(suggestion.picture.clone()))
    }
}

/// The paintings of a one-pass picture.
#[wasm_bindgen]
#[derive(Default)]
pub struct InstantStyles(pub(super) Vec<InstantStyle>);

#[wasm_bindgen]
impl InstantStyles {
    /// None yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a painting by its numbers.
    pub fn add(&mut self, vector: Vec<f32>, weight: f64) -> Result<(), JsValue> {
        self.0.push(InstantStyle { vector: checked(vector)?, weight, mask: None });
        Ok(())
    }

    /// Gives the painting added last a mask: the whiter, the more of the painting.
    #[wasm_bindgen(js_name = setMask)]
    pub fn set_mask(&mut self, width: u32, height: u32, rgba: &[u8]) -> Result<(), JsError> {
        let mask = Picture::from_rgba("The mask", width, height, rgba)?;
        if let Some(style) = self.0.last_mut() {
            style.mask = Some(mask);
        }
        Ok(())
    }

    /// Whether the photo's own numbers are needed at this strength.
    #[wasm_bindgen(js_name = needsOwn)]
    pub fn needs_own(&self, strength: f64) -> bool {
        needs_own_vector(&self.0, strength)
    }
}

/// A style's numbers, if they can be one's.
fn checked(vector: Vec<f32>) -> Result<Vec<f32>, JsValue> {
    if vector.len() == VECTOR && vector.iter().all(|value| value.is_finite()) {
        return Ok(vector);
    }
    let expected = format!("use the {VECTOR} numbers that a painting has");
    Err(thrown(Error::BadSetting { name: "vector".into(), value: format!("{} values", vector.len()), expected }))
}

fn named(set: &str) -> Result<Set, JsError> {
    [Set::Transformer, Set::Predictor]
        .into_iter()
        .find(|known| known.name() == set)
        .ok_or_else(|| JsError::new("there are the transformer and the predictor"))
}

fn not_loaded() -> Error {
    Error::Manifest("the one-pass networks were not loaded yet".into())
}
