//! The browser's door: what `www/engine/worker.js` calls. Nothing outside this room has `#[wasm_bindgen]`.
//!
//! Everything here converts and delegates. Errors cross as JavaScript `Error`s whose message is the
//! sentence from [`crate::error`].

mod inputs;
mod instant;
mod run;
mod values;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use self::inputs::JsPictures;
use self::instant::{InstantStyles, Networks};
use self::run::Run;
use self::values::{JsPicture, thrown, to_js};
use crate::compute::{
    BrowserAdapter, Choice, Compute, Form, Kernels, Layout, Shape, Tile, Tiling, compare, compare_convolutions,
    largest_buffer, tune,
};
use crate::error::Error;
use crate::network::{Manifest, Weights, WeightsLoader};
use crate::picture::{self, Picture, check_header, check_length, unreadable, with_chroma_of};
use crate::run::{Estimate, Paintings, Stylizer, probe, warm_up};
use crate::settings::{KNOBS, StyleConfig, presets};

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

/// The compiled program, a `WebAssembly.Module`, from which another worker starts without compiling it again.
#[wasm_bindgen]
pub fn program() -> JsValue {
    wasm_bindgen::module()
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
    unreadable(what, bytes, reason.into()).into()
}

/// A PNG, JPEG or WebP file with settings (JSON) inside.
#[wasm_bindgen(js_name = embedSettings)]
pub fn embed_settings(bytes: &[u8], json: &str) -> Result<Vec<u8>, JsError> {
    Ok(picture::embed(bytes, json)?)
}

/// The settings (JSON) inside a picture file, if there are any.
#[wasm_bindgen(js_name = extractSettings)]
pub fn extract_settings(bytes: &[u8]) -> Option<String> {
    picture::extract(bytes)
}

/// An open device and, once loaded, the network's weights.
#[wasm_bindgen]
pub struct Engine {
    compute: Compute,
    loader: Option<WeightsLoader>,
    weights: Option<Weights>,
    instant: Networks,
}

#[wasm_bindgen]
impl Engine {
    /// Opens a device: `auto`, `webgpu` or `cpu`. `gpu_name` is what the browser calls its GPU, `subgroups` whether its
    /// devices have them, and `is_fallback` whether it is a fallback adapter, none of which wgpu 30 can tell. `kernels` is a word
    /// for those that a GPU is to use, as `tune` answers with it, and `gigaflops` what it does with them; what is believed best
    /// where there is none.
    pub async fn open(
        backend: String,
        gpu_name: String,
        subgroups: bool,
        is_fallback: Option<bool>,
        kernels: Option<String>,
        gigaflops: Option<f64>,
    ) -> Result<Engine, JsError> {
        let kernels = kernels.map(|word| word.parse::<Kernels>()).transpose()?;
        let is_fallback = is_fallback.unwrap_or(false);
        let adapter = BrowserAdapter { name: gpu_name, is_fallback, subgroups };
        let mut compute = Compute::open_in_browser(backend.parse::<Choice>()?, &adapter).await?;
        if let Some(kernels) = kernels {
            compute = compute.with_kernels(kernels);
        }
        let compute = gigaflops.into_iter().fold(compute, Compute::with_gigaflops);
        Ok(Self { compute, loader: None, weights: None, instant: Networks::default() })
    }

    /// `{ backend, adapter, limits, variants?, gigaflops? }`.
    #[wasm_bindgen(getter)]
    pub fn device(&self) -> Result<JsValue, JsError> {
        to_js(&self.compute.info)
    }

    /// The most bytes that one of the device's buffers can have, which `estimate` asks for; nothing on the CPU, which has no such limit.
    #[wasm_bindgen(getter, js_name = largestBuffer)]
    pub fn largest_buffer(&self) -> Option<f64> {
        let limits = &self.compute.info.limits;
        (!limits.is_empty()).then(|| largest_buffer(limits) as f64)
    }

    /// The word for the kernels in use; nothing on the CPU.
    #[wasm_bindgen(getter)]
    pub fn kernels(&self) -> Option<String> {
        self.compute.kernels().map(|kernels| kernels.to_string())
    }

    /// Finds the kernels for this device: `{ kernels, rejected: [{ kernels, operation, error }], times, gigaflops }`, or nothing on the
    /// CPU. The engine can be used meanwhile, and goes on with the kernels it had.
    pub fn tune(&self) -> js_sys::Promise {
        let compute = self.compute.clone();
        future_to_promise(async move {
            let tuning = tune(&compute).await.map_err(thrown)?;
            tuning.map_or(Ok(JsValue::UNDEFINED), |tuning| Ok(to_js(&tuning)?))
        })
    }

    /// Uses these kernels from now on, for runs yet to be started, with which the device does so much, if that is known.
    #[wasm_bindgen(js_name = useKernels)]
    pub fn use_kernels(&mut self, word: &str, gigaflops: Option<f64>) -> Result<(), JsError> {
        let compute = self.compute.clone().with_kernels(word.parse()?);
        self.compute = gigaflops.into_iter().fold(compute, Compute::with_gigaflops);
        Ok(())
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

    /// Compares this device's kernels, with or without subgroups, with the CPU's: the largest relative difference of each. `how` is the
    /// size of the tiles in workgroups' memory (`0`, `1`, `2`; none are used without one), or a word for how to convolve: then the
    /// convolutions alone are compared.
    #[wasm_bindgen(js_name = checkKernels)]
    pub async fn check_kernels(
        &self,
        inputs: usize,
        outputs: usize,
        height: usize,
        width: usize,
        subgroups: bool,
        how: Option<String>,
    ) -> Result<JsValue, JsError> {
        let (shape, device) = (Shape { inputs, outputs, height, width }, &self.compute.device);
        let form = self.compute.form().unwrap_or(Form::Software);
        let packed = |form, tile: Option<Tile>| {
            let tiling = if tile.is_some() { Tiling::Workgroup } else { Tiling::Registers };
            Layout::Packed { subgroups, form, tiling, tile }
        };
        let all = |tile| compare(shape, packed(form, tile), device);
        to_js(&match how.as_deref() {
            None => all(None).await?,
            Some("0") => all(Some(Tile::Small)).await?,
            Some("1") => all(Some(Tile::Medium)).await?,
            Some("2") => all(Some(Tile::Large)).await?,
            Some(word) => compare_convolutions(shape, packed(word.parse()?, None), device).await?,
        })
    }

    /// Prepares a run from pictures and partial settings (JSON).
    pub fn start(&self, pictures: JsPictures, config: &str) -> Result<Run, JsError> {
        let config = StyleConfig::from_json(config)?;
        let weights = self.weights.as_ref().ok_or_else(|| Error::Manifest("it was not loaded yet".into()))?;
        Ok(Run(Stylizer::new(&self.compute, weights, pictures.0, config)?))
    }

    /// Takes `manifest.json`'s text and begins to load a one-pass network, `transformer` or `predictor`; the shards to fetch.
    #[wasm_bindgen(js_name = instantShards)]
    pub fn instant_shards(&mut self, manifest: &str, set: &str) -> Result<JsValue, JsError> {
        self.instant.begin(manifest, set)
    }

    /// Takes one of its shards, verified against the manifest.
    #[wasm_bindgen(js_name = addInstantShard)]
    pub fn add_instant_shard(&mut self, set: &str, file: &str, bytes: Vec<u8>) -> Result<(), JsError> {
        self.instant.add(set, file, bytes)
    }

    /// Puts its shards together.
    #[wasm_bindgen(js_name = finishInstant)]
    pub fn finish_instant(&mut self, set: &str) -> Result<(), JsError> {
        self.instant.finish(set, &self.compute)
    }

    /// Whether a one-pass network is there.
    #[wasm_bindgen(js_name = hasInstant)]
    pub fn has_instant(&self, set: &str) -> Result<bool, JsError> {
        self.instant.has(set)
    }

    /// The 100 numbers of a painting, by the predictor. `frames` is the setting, `keep` where nothing is said: a photo has none. The
    /// engine can be used meanwhile.
    #[wasm_bindgen(js_name = styleVector)]
    pub fn style_vector(
        &self,
        width: u32,
        height: u32,
        rgba: &[u8],
        frames: Option<String>,
    ) -> Result<js_sys::Promise, JsValue> {
        let painting = Picture::from_rgba("The painting", width, height, rgba).map_err(thrown)?;
        let frames = frames.as_deref().unwrap_or("keep");
        let StyleConfig { frames, .. } = StyleConfig::from_one("frames", frames).map_err(thrown)?;
        self.instant.read(painting.unframed(frames).into_owned())
    }

    /// A picture in one pass, by the transformer: `own` are the photo's own numbers where `styles.needsOwn` says so,
    /// `options` partial ones as JSON, `{ size, strength, colour }`. The engine can be used meanwhile.
    pub fn instant(
        &self,
        width: u32,
        height: u32,
        rgba: &[u8],
        styles: InstantStyles,
        own: Option<Vec<f32>>,
        options: &str,
    ) -> Result<js_sys::Promise, JsValue> {
        let photo = Picture::from_rgba("The photo", width, height, rgba).map_err(thrown)?;
        self.instant.paint(photo, styles, own, options)
    }

    /// The pictures with the one to start from among them, if these settings want the one-pass networks' and it is not there.
    #[wasm_bindgen(js_name = headStart)]
    pub fn head_start(&self, pictures: JsPictures, config: &str) -> Result<js_sys::Promise, JsValue> {
        self.instant.head_start(pictures, StyleConfig::from_json(config).map_err(thrown)?)
    }

    /// The best `count` mixtures of paintings, given by their numbers, for a photo: a promise of `Suggestions`.
    pub fn suggest(
        &self,
        width: u32,
        height: u32,
        rgba: &[u8],
        styles: InstantStyles,
        count: usize,
    ) -> Result<js_sys::Promise, JsValue> {
        let photo = Picture::from_rgba("The photo", width, height, rgba).map_err(thrown)?;
        self.instant.suggest(photo, styles, count)
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
/// largest single buffer, its steps, and the megapixels of all its steps together. `paintings` is how many there are (1
/// when left out), `masked` how many of them have a mask (none), `kernels` the engine's word for those in use (without one, those
/// that take least), and `largest` its `largestBuffer` (without one, no buffer is too large).
#[wasm_bindgen]
pub fn estimate(
    width: u32,
    height: u32,
    config: &str,
    paintings: Option<usize>,
    masked: Option<usize>,
    kernels: Option<String>,
    largest: Option<f64>,
) -> Result<JsValue, JsError> {
    let paintings = Paintings { count: paintings.unwrap_or(1), masked: masked.unwrap_or(0), ..Paintings::default() };
    let form = kernels.map_or(Ok(Form::Software), |word| word.parse().map(|kernels: Kernels| kernels.form))?;
    let largest = largest.map_or(u64::MAX, |bytes| bytes as u64);
    to_js(&Estimate::new(width, height, paintings, &StyleConfig::from_json(config)?, form, largest)?)
}

/// The painted picture (RGBA) with the photo's chroma; `tile` is the setting it was painted with, none where nothing is said.
#[wasm_bindgen]
pub fn recolour(
    width: u32,
    height: u32,
    painted: &[u8],
    photo: &[u8],
    tile: Option<String>,
) -> Result<JsPicture, JsError> {
    let painted = Picture::from_rgba("The picture", width, height, painted)?;
    let photo = Picture::from_rgba("The photo", width, height, photo)?;
    let config = tile.map_or_else(|| Ok(StyleConfig::default()), |tile| StyleConfig::from_one("tile", tile))?;
    Ok(JsPicture(with_chroma_of(&photo.seamless(config.tile), &painted)))
}
