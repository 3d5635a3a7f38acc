//! Easel turns a photo into a painting: neural style transfer with VGG19, in the browser or natively.
//!
//! A tour, from the outside in:
//! - `web`: the browser's door, the only file with `#[wasm_bindgen]`; `src/bin/easel.rs` is the native one
//! - [`stylize`]: the algorithm, [`stylize::Stylizer::step`]; read it beside the paper
//! - [`objective`]: the targets of one scale and how far an image is from them
//! - [`loss`]: content, style and total variation as pure functions
//! - [`wasserstein`]: the Wasserstein-2 style loss and its matrix roots
//! - [`region`]: the part of the picture a painting shapes
//! - [`schedule`]: coarse-to-fine scales as pure data
//! - [`start`]: what an optimisation starts from
//! - [`optim`]: the optimisers over one image tensor
//! - [`checkpoint`]: a run's state as bytes, to be continued later
//! - [`rehearsal`]: steps on nothing, to compile kernels and to time a device
//! - [`plan`]: how much device memory a run takes
//! - [`vgg`]: the network, forward and back, and its named taps
//! - [`kernels`]: the arithmetic nearly all the time is spent in
//! - [`weights`]: manifest, checksums, dequantisation; [`pack`] writes what it reads
//! - [`config`]: every knob, defined once
//! - [`colour`]: whose colours a picture takes; [`photoreal`]: edges that stay straight
//! - [`image`]: pictures and tensors; [`header`]: what a file claims to be; [`container`]: its parts;
//!   [`metadata`]: settings inside saved pictures; [`device`]: choosing where to compute
//! - [`message`]: what a run tells its caller; [`error`]: what can go wrong

#![deny(missing_docs)]

pub mod checkpoint;
pub mod colour;
pub mod config;
pub mod container;
pub mod device;
pub mod error;
pub mod header;
pub mod image;
pub mod kernels;
pub mod loss;
pub mod message;
pub mod metadata;
pub mod objective;
pub mod optim;
#[cfg(feature = "cli")]
pub mod pack;
pub mod photoreal;
pub mod plan;
pub mod region;
pub mod rehearsal;
pub mod schedule;
pub mod start;
pub mod stylize;
pub mod vgg;
pub mod wasserstein;
#[cfg(target_family = "wasm")]
mod web;
pub mod weights;
