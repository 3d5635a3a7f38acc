//! The browser's door: what `www/engine/worker.js` calls. The only file with `#[wasm_bindgen]`.
//!
//! Everything here converts and delegates. Errors cross as JavaScript `Error`s whose message is the
//! sentence from [`crate::error`].

use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::colour::with_chroma_of;
use crate::config::{KNOBS, StyleConfig, presets};
use crate::device::{Choice, Compute};
use crate::error::Error;
use crate::image::{Picture, check_header, check_length, unreadable};
use crate::kernels::Form;
use crate::kernels::check::{Shape, compare};
use crate::metadata;
use crate::objective::Style;
use crate::plan::Estimate;
use crate::rehearsal::{probe, warm_up};
use crate::schedule::{self, Scale};
use crate::stylize::{Pictures, Stylizer};
use crate::weights::{Manifest, Weights, WeightsLoader};

unsafe extern "C" {
    fn __wasm_call_ctors();
}

/// Makes a bug's message, and what the GPU libraries log as errors (a shader that does not compile is
/// only logged), show in the console.
#[wasm_bindgen(start)]
pub fn start() {
    // The linker takes a program that never calls its constructors for a command and runs all of them with every
    // call from JavaScript: CubeCL registers hundreds, and a launch makes dozens of such calls (7 ms of them).
    // SAFETY: the linker makes this function; it runs once, before anything else does.
    unsafe { __wasm_call_ctors() };
    console_error_panic_hook::set_once();
    // Fails only when a logger is set already.
    let _ = console_log::init_with_level(log::Level::Error);
}

/// Refuses a file that is empty or too large, by its length alone.
#[wasm_bindgen(js_name = checkLength)]
pub fn check_length_js(what: &str, bytes: f64) -> Result<(), JsError> {
    Ok(check_length(what, bytes as u64)?)
}

/// Refuses a file whose header names impossible dimensions, before anything decodes it.
#[wasm_bindgen(js_name = checkHeader)]
pub fn check_header_js(what: &str, bytes: &[u8]) -> Result<(), JsError> {
    check_header(what, bytes)?;
    Ok(())
}

/// The sentence for a file the browser could not decode: what it is if its bytes tell, else the
/// browser's reason.
#[wasm_bindgen(js_name = notAPicture)]
pub fn not_a_picture(what: &str, reason: &str, bytes: &[u8]) -> JsError {
    unreadable(what, bytes, reason).into()
}

/// A PNG, JPEG or WebP file with settings (JSON) inside.
#[wasm_bindgen(js_name = embedSettings)]
pub fn embed_settings(bytes: &[u8], json: &str) -> Result<Vec<u8>, JsError> {
    Ok(metadata::embed(bytes, json)?)
}

/// The settings (JSON) inside a picture file, if there are any.
#[wasm_bindgen(js_name = extractSettings)]
pub fn extract_settings(bytes: &[u8]) -> Option<String> {
    metadata::extract(bytes)
}

/// The pictures of a job, taken over one by one as RGBA.
#[wasm_bindgen(js_name = Pictures)]
pub struct JsPictures {
    content: Picture,
    styles: Vec<Style>,
    init: Option<Picture>,
}

#[wasm_bindgen(js_class = Pictures)]
impl JsPictures {
    /// Begins with the photo.
    #[wasm_bindgen(constructor)]
    pub fn new(width: u32, height: u32, rgba: &[u8]) -> Result<JsPictures, JsError> {
        let content = Picture::from_rgba("The photo", width, height, rgba)?;
        Ok(Self { content, styles: Vec::new(), init: None })
    }

    /// Adds a painting.
    #[wasm_bindgen(js_name = addStyle)]
    pub fn add_style(&mut self, width: u32, height: u32, rgba: &[u8], weight: f64) -> Result<(), JsError> {
        let picture = Picture::from_rgba("The painting", width, height, rgba)?;
        self.styles.push(Style::new(picture, weight));
        Ok(())
    }

    /// Gives the painting added last a mask: where it is white the painting applies.
    #[wasm_bindgen(js_name = setMask)]
    pub fn set_mask(&mut self, width: u32, height: u32, rgba: &[u8]) -> Result<(), JsError> {
        let mask = Picture::from_rgba("The mask", width, height, rgba)?;
        if let Some(style) = self.styles.last_mut() {
            style.mask = Some(mask);
        }
        Ok(())
    }

    /// Sets the picture to start from.
    #[wasm_bindgen(js_name = setInit)]
    pub fn set_init(&mut self, width: u32, height: u32, rgba: &[u8]) -> Result<(), JsError> {
        self.init = Some(Picture::from_rgba("The picture to start from", width, height, rgba)?);
        Ok(())
    }
}

/// An open device and, once loaded, the network's weights.
#[wasm_bindgen]
pub struct Engine {
    compute: Compute,
    loader: Option<WeightsLoader>,
    weights: Option<Weights>,
}

#[wasm_bindgen]
impl Engine {
    /// Opens a device: `auto`, `webgpu` or `cpu`. `gpu_name` is what the browser calls its GPU and
    /// `subgroups` whether the device has them, neither of which wgpu 30 can tell.
    pub async fn open(backend: String, gpu_name: String, subgroups: bool) -> Result<Engine, JsError> {
        let mut compute = Compute::open(backend.parse::<Choice>()?).await?;
        if compute.info.backend != "cpu" && !gpu_name.is_empty() {
            compute.info.adapter = gpu_name;
        }
        if compute.form.is_packed() {
            compute.form = Form::Packed { subgroups };
        }
        Ok(Self { compute, loader: None, weights: None })
    }

    /// `{ backend, adapter, limits }`.
    #[wasm_bindgen(getter)]
    pub fn device(&self) -> Result<JsValue, JsError> {
        to_js(&self.compute.info)
    }

    /// Whether the weights are all there.
    #[wasm_bindgen(getter)]
    pub fn ready(&self) -> bool {
        self.weights.is_some()
    }

    /// Takes `manifest.json`'s text; returns the shards to fetch, `[{ file, bytes, sha256 }]`.
    #[wasm_bindgen(js_name = setManifest)]
    pub fn set_manifest(&mut self, text: &str) -> Result<JsValue, JsError> {
        let loader = WeightsLoader::new(Manifest::parse(text)?);
        let shards = to_js(&loader.manifest().shards)?;
        self.loader = Some(loader);
        Ok(shards)
    }

    /// Takes one shard, verified against the manifest.
    #[wasm_bindgen(js_name = addShard)]
    pub fn add_shard(&mut self, file: &str, bytes: Vec<u8>) -> Result<(), JsError> {
        Ok(self.loader_mut()?.add(file, bytes)?)
    }

    /// Puts the shards together; the engine is ready then.
    #[wasm_bindgen(js_name = finishWeights)]
    pub fn finish_weights(&mut self) -> Result<(), JsError> {
        self.loader_mut()?;
        if let Some(loader) = self.loader.take() {
            self.weights = Some(loader.finish()?);
        }
        Ok(())
    }

    /// Compiles the kernels a run with the default settings needs. The engine can be used meanwhile.
    #[wasm_bindgen(js_name = warmUp)]
    pub fn warm_up(&self) -> js_sys::Promise {
        let compute = self.compute.clone();
        future_to_promise(async move {
            match warm_up(&compute, &StyleConfig::default()).await {
                Ok(()) => Ok(JsValue::UNDEFINED),
                Err(error) => Err(thrown(error)),
            }
        })
    }

    /// Milliseconds a step takes per megapixel with the default settings, measured with a network of the
    /// real size without weights.
    pub fn probe(&self) -> js_sys::Promise {
        let compute = self.compute.clone();
        future_to_promise(async move { Ok(probe(&compute, &StyleConfig::default()).await.map_err(thrown)?.into()) })
    }

    /// Compares this device's kernels, with or without subgroups, with the CPU's: the largest relative
    /// difference of each.
    #[wasm_bindgen(js_name = checkKernels)]
    pub async fn check_kernels(
        &self,
        inputs: usize,
        outputs: usize,
        height: usize,
        width: usize,
        subgroups: bool,
    ) -> Result<JsValue, JsError> {
        let shape = Shape { inputs, outputs, height, width };
        to_js(&compare(shape, Form::Packed { subgroups }, &self.compute.device).await?)
    }

    /// Prepares a run from pictures and partial settings (JSON).
    pub fn start(&self, pictures: JsPictures, config: &str) -> Result<Run, JsError> {
        let config = StyleConfig::from_json(config)?;
        let weights = self.weights.as_ref().ok_or_else(|| Error::Manifest("it was not loaded yet".into()))?;
        let JsPictures { content, styles, init } = pictures;
        let scales = schedule::scales(content.width(), content.height(), &config)?;
        Ok(Run(Stylizer::new(&self.compute, weights, Pictures { content, styles, init }, config)?, scales))
    }

    fn loader_mut(&mut self) -> Result<&mut WeightsLoader, Error> {
        self.loader.as_mut().ok_or_else(|| Error::Manifest("it was not loaded yet".into()))
    }
}

/// Checks partial settings (JSON) and returns them completed.
#[wasm_bindgen(js_name = completeConfig)]
pub fn complete_config(config: &str) -> Result<JsValue, JsError> {
    to_js(&StyleConfig::from_json(config)?)
}

/// Every setting with its range, unit and help, and every preset: `{ knobs, presets, defaults }`.
#[wasm_bindgen]
pub fn settings() -> Result<JsValue, JsError> {
    to_js(&serde_json::json!({ "knobs": KNOBS, "presets": presets(), "defaults": StyleConfig::default() }))
}

/// What a run would take: `{ bytes, largest, iterations, megapixels }`, the device memory at its peak, the
/// largest single buffer, its steps, and the megapixels of all its steps together.
#[wasm_bindgen]
pub fn estimate(width: u32, height: u32, config: &str) -> Result<JsValue, JsError> {
    to_js(&Estimate::new(width, height, &StyleConfig::from_json(config)?)?)
}

/// The painted picture (RGBA) with the photo's chroma.
#[wasm_bindgen]
pub fn recolour(width: u32, height: u32, painted: &[u8], photo: &[u8]) -> Result<JsPicture, JsError> {
    let painted = Picture::from_rgba("The picture", width, height, painted)?;
    let photo = Picture::from_rgba("The photo", width, height, photo)?;
    Ok(JsPicture(with_chroma_of(&photo, &painted)))
}

/// A run in progress, and its scales.
#[wasm_bindgen]
pub struct Run(Stylizer, Vec<Scale>);

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

    /// Pixels of the picture in the next step, by which to tell how long it may take; 0 after the last.
    #[wasm_bindgen(getter, js_name = nextPixels)]
    pub fn next_pixels(&self) -> f64 {
        self.next_step().map_or(0.0, |(scale, _)| f64::from(scale.width) * f64::from(scale.height))
    }

    /// Whether the next step is the first at its scale, with targets to be made before it.
    #[wasm_bindgen(getter, js_name = startsScale)]
    pub fn starts_scale(&self) -> bool {
        self.next_step().is_some_and(|(_, done)| done == 0)
    }

    /// Leaves out the scales after this one: the picture ends smaller.
    #[wasm_bindgen(js_name = stopGrowing)]
    pub fn stop_growing(&mut self, last: usize) {
        self.0.stop_growing(last);
    }

    /// Takes one step; the progress record of the public API, without the preview.
    pub async fn step(&mut self) -> Result<JsValue, JsValue> {
        #[derive(Serialize)]
        struct PublicLosses {
            total: f64,
            content: f64,
            style: f64,
            tv: f64,
            photoreal: f64,
        }
        let progress = self.0.step().await.map_err(thrown)?;
        let losses = &progress.losses;
        let public = PublicLosses {
            total: losses.total,
            content: losses.content,
            style: losses.style_sum(),
            tv: losses.tv,
            photoreal: losses.photoreal,
        };
        let (progress, losses) = (to_js(&progress)?, to_js(&public)?);
        js_sys::Reflect::set(&progress, &"losses".into(), &losses)
            .map_err(|_| JsError::new("progress is an object"))?;
        Ok(progress)
    }

    /// Changes settings from the next step on: JSON with live knobs and `weights`, one per painting.
    pub fn update(&mut self, changes: &str) -> Result<(), JsError> {
        Ok(self.0.update(changes)?)
    }

    /// The run as bytes to be continued from; nothing before the first step.
    pub async fn checkpoint(&self) -> Result<Option<Vec<u8>>, JsValue> {
        self.0.checkpoint().await.map_err(thrown)
    }

    /// Continues from such bytes.
    pub fn resume(&mut self, checkpoint: &[u8]) -> Result<(), JsError> {
        Ok(self.0.resume(checkpoint)?)
    }

    /// The picture as it stands.
    pub async fn picture(&self) -> Result<JsPicture, JsValue> {
        self.0.picture().await.map(JsPicture).map_err(thrown)
    }

    /// The run's report.
    pub fn report(&self) -> Result<JsValue, JsError> {
        to_js(&self.0.report())
    }

    /// The scale of the next step and the steps done there; nothing after the last.
    fn next_step(&self) -> Option<(&Scale, u32)> {
        if self.0.is_finished() {
            return None;
        }
        let mut done = self.0.iteration();
        for scale in &self.1 {
            if done < scale.iterations {
                return Some((scale, done));
            }
            done -= scale.iterations;
        }
        None
    }
}

/// A finished or half-finished picture.
#[wasm_bindgen(js_name = Picture)]
pub struct JsPicture(Picture);

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

/// An error as JavaScript sees it; what a new device may mend is named `DeviceError`.
fn thrown(error: Error) -> JsValue {
    let thrown = js_sys::Error::new(&error.to_string());
    if matches!(error, Error::DeviceFailed { .. }) {
        thrown.set_name("DeviceError");
    }
    thrown.into()
}

fn to_js<T: Serialize>(value: &T) -> Result<JsValue, JsError> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|error| JsError::new(&error.to_string()))
}
