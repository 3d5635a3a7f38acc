//! All native tests in one program: what they are made of is compiled and linked once, and while one waits for the GPU, others run.
//!
//! One file's alone: `cargo test --profile quick --features cli --test native tile::`. What takes more than a few seconds is marked as
//! `#[ignore = "long"]`, and runs with `make test`, or with `-- --include-ignored`.

mod common;

mod advice;
mod bands;
mod batch;
mod cli;
mod fields;
mod film;
mod frames;
mod fuzz;
mod gradients;
mod images;
mod inputs;
mod instant;
mod interrupted;
mod kernels;
mod launches;
mod numerics;
mod optimisers;
mod packing;
mod reference;
mod regions;
mod resume;
mod stylize;
mod tile;
mod weights;
