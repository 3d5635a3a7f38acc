//! Compares the packed kernels on a device with the plain ones on the CPU.
//!
//! Drivers differ, and a wrong picture is worse than a slow one: the tests run this at many shapes.

mod case;

use std::collections::BTreeMap;

use burn::tensor::Device;

pub use self::case::Shape;
use self::case::{Case, Results};
use super::maps::Layout;
use super::sums::Sums;
use crate::error::Result;

/// Runs every operation in this layout on this device and in the plain layout on the CPU, on the same numbers.
///
/// For each by name the largest difference of two values, relative to the largest value: rounding makes some 1e-6 of
/// it. Infinity where the results differ in size, NaN where one holds NaN. Poolings are left out where a side is 1.
///
/// # Errors
/// The device's failure, as [`crate::Error::DeviceFailed`].
pub async fn compare(shape: Shape, layout: Layout, device: &Device) -> Result<BTreeMap<String, f64>> {
    Ok(differences(all(shape, layout, device).await?, all(shape, Layout::Plain, &Device::flex()).await?))
}

/// The same for the 3×3 convolutions alone, of which a device has a choice ([`super::Form`]).
///
/// # Errors
/// As of [`compare`].
pub async fn compare_convolutions(shape: Shape, layout: Layout, device: &Device) -> Result<BTreeMap<String, f64>> {
    let plain = convolutions(shape, Layout::Plain, &Device::flex()).await?;
    Ok(differences(convolutions(shape, layout, device).await?, plain))
}

/// The same for the kernels of matrices alone, whose tiles a device has a choice of ([`super::Tiling`]).
///
/// # Errors
/// As of [`compare`].
pub async fn compare_matrices(shape: Shape, layout: Layout, device: &Device) -> Result<BTreeMap<String, f64>> {
    let plain = matrices(shape, Layout::Plain, &Device::flex()).await?;
    Ok(differences(matrices(shape, layout, device).await?, plain))
}

fn differences(packed: Results, plain: Results) -> BTreeMap<String, f64> {
    let mut errors = BTreeMap::new();
    for ((name, packed), (_, plain)) in packed.into_iter().zip(plain) {
        let largest = plain.iter().fold(f32::MIN_POSITIVE, |m, v| m.max(v.abs()));
        let error = if packed.len() == plain.len() {
            packed.iter().zip(&plain).map(|(a, b)| (a - b).abs()).fold(0.0, nan_max)
        } else {
            f32::INFINITY
        };
        errors.insert(name, f64::from(error / largest));
    }
    errors
}

/// The larger, NaN being larger than all.
fn nan_max(a: f32, b: f32) -> f32 {
    if a.is_nan() || a > b { a } else { b }
}

/// The convolutions' results, on numbers that depend on the shape alone.
async fn convolutions(shape: Shape, layout: Layout, device: &Device) -> Result<Results> {
    let (mut case, below, tap) = Case::begin(shape, layout, device);
    case.convolutions(&below, &tap);
    case.read().await
}

/// The matrices' results, on such numbers.
async fn matrices(shape: Shape, layout: Layout, device: &Device) -> Result<Results> {
    let (mut case, below, tap) = Case::begin(shape, layout, device);
    case.products(&below);
    case.moments(&below, &tap, &mut Sums::new(layout));
    case.read().await
}

/// Every kernel's result, on numbers that depend on the shape alone.
async fn all(shape: Shape, layout: Layout, device: &Device) -> Result<Results> {
    let (mut case, below, tap) = Case::begin(shape, layout, device);
    case.convolutions(&below, &tap);
    let mut sums = Sums::new(layout);
    case.products(&below);
    case.moments(&below, &tap, &mut sums);
    case.regions(&below, &tap);
    case.fields();
    if shape.height > 1 && shape.width > 1 {
        case.poolings(&below, &tap);
    }
    case.sums(&below, &tap, &mut sums);
    case.rows(&below, &tap, &mut sums);
    case.around(&below, &tap, &mut sums);
    case.hypercolumns(&below, &tap, &mut sums);
    case.similarity(&below, &tap, &mut sums);
    let mut read_back = case.read().await?;
    const SUMS: [&str; 11] = [
        "trace of a covariance",
        "squares of rows",
        "variation",
        "difference in passing",
        "gram difference in passing",
        "dot",
        "squared difference",
        "difference of rows in passing",
        "variation around in passing",
        "cosines in passing",
        "self-similarity in passing",
    ];
    for (name, value) in SUMS.into_iter().zip(sums.read().await?) {
        read_back.push((name.into(), vec![value as f32]));
    }
    Ok(read_back)
}
