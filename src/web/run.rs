//! A run for the browser: steps pulled one by one, and what can be asked between them.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::values::{JsPicture, thrown, to_js};
use crate::run::{Progress, Stylizer};

/// A run in progress.
#[wasm_bindgen]
pub struct Run(pub(super) Stylizer);

#[wasm_bindgen]
impl Run {
    /// Whether every step is done.
    #[wasm_bindgen(getter)]
    pub fn finished(&self) -> bool {
        self.0.is_finished()
    }

    /// Steps between previews; 0 for none.
    #[wasm_bindgen(getter, js_name = previewEvery)]
    pub fn preview_every(&self) -> u32 {
        self.0.config().preview_every
    }

    /// Steps between progress reports.
    #[wasm_bindgen(getter, js_name = reportEvery)]
    pub fn report_every(&self) -> u32 {
        self.0.config().report_every
    }

    /// Steps done.
    #[wasm_bindgen(getter)]
    pub fn iteration(&self) -> u32 {
        self.0.iteration()
    }

    /// Steps planned.
    #[wasm_bindgen(getter)]
    pub fn iterations(&self) -> u32 {
        self.0.iterations()
    }

    /// Pixels of the picture in the next step and in those under way, by which to tell how long it may take; 0 after the last.
    #[wasm_bindgen(getter, js_name = nextPixels)]
    pub fn next_pixels(&self) -> f64 {
        self.0.pixels_at_work() as f64
    }

    /// Whether the next step is the first at its scale, with targets to be made before it.
    #[wasm_bindgen(getter, js_name = startsScale)]
    pub fn starts_scale(&self) -> bool {
        self.0.next_step().is_some_and(|(_, done)| done == 0)
    }

    /// Leaves out the scales after this one: the picture ends smaller.
    #[wasm_bindgen(js_name = stopGrowing)]
    pub fn stop_growing(&mut self, last: usize) {
        self.0.stop_growing(last);
    }

    /// Takes one step; the progress record of the public API, without the preview.
    pub async fn step(&mut self) -> Result<JsValue, JsValue> {
        public(&self.0.step().await.map_err(thrown)?)
    }

    /// The record of a step that was begun ahead, without another being begun; nothing when there are records of all.
    #[wasm_bindgen(js_name = catchUp)]
    pub async fn catch_up(&mut self) -> Result<JsValue, JsValue> {
        self.0.catch_up().await.map_err(thrown)?.map_or(Ok(JsValue::UNDEFINED), |progress| public(&progress))
    }

    /// Changes settings from the next step on: JSON with live knobs and `weights`, one per painting.
    pub fn update(&mut self, changes: &str) -> Result<(), JsError> {
        Ok(self.0.update(changes)?)
    }

    /// The run as bytes to be continued from; nothing before the first step.
    pub async fn checkpoint(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        self.0.checkpoint().await.map_err(thrown)
    }

    /// Continues from such bytes.
    pub fn resume(&mut self, checkpoint: &[u8]) -> Result<(), JsValue> {
        self.0.resume(checkpoint).map_err(thrown)
    }

    /// The picture as it stands.
    pub async fn picture(&self) -> Result<JsPicture, JsValue> {
        self.0.picture().await.map(JsPicture).map_err(thrown)
    }

    /// The run's report.
    pub fn report(&self) -> Result<JsValue, JsError> {
        to_js(&self.0.report())
    }
}

/// Progress as the public API has it.
fn public(progress: &Progress) -> Result<JsValue, JsValue> {
    #[derive(Serialize)]
    struct PublicLosses {
        total: f64,
        content: f64,
        style: f64,
        tv: f64,
        photoreal: f64,
    }
    let losses = &progress.losses;
    let public = PublicLosses {
        total: losses.total,
        content: losses.content,
        style: losses.style_sum(),
        tv: losses.tv,
        photoreal: losses.photoreal,
    };
    let (progress, losses) = (to_js(progress)?, to_js(&public)?);
    js_sys::Reflect::set(&progress, &"losses".into(), &losses).map_err(|_| JsError::new("progress is an object"))?;
    Ok(progress)
}
