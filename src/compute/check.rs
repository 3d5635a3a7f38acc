//! Compares the packed kernels on a device with the plain ones on the CPU.
//!
//! Drivers differ, and a wrong picture is worse than a slow one: the tests run this at many shapes.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::maps::{Form, Maps};
use super::numbers::{AdamStep, Kernel, Pooling};
use super::operations::{self, Filter, Pooled};
use super::read::read;
use super::sums::Sums;
use crate::error::Result;

/// A shape to compare at; both channel counts multiples of 8.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Input channels of the convolution.
    pub inputs: usize,
    /// Its output channels.
    pub outputs: usize,
    /// Pixels.
    pub height: usize,
    /// Pixels.
    pub width: usize,
}

/// The largest difference of each kernel, relative to the largest value.
///
/// # Errors
/// The device's failure.
pub async fn compare(shape: Shape, form: Form, device: &Device) -> Result<BTreeMap<String, f64>> {
    let packed = all(shape, form, device).await?;
    let plain = all(shape, Form::Plain, &Device::flex()).await?;
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
    Ok(errors)
}

/// The larger, NaN being larger than all.
fn nan_max(a: f32, b: f32) -> f32 {
    if a.is_nan() || a > b { a } else { b }
}

/// Every kernel's result, flat, on numbers that depend on the shape alone.
async fn all(shape: Shape, form: Form, device: &Device) -> Result<Vec<(String, Vec<f32>)>> {
    let Shape { inputs, outputs, height, width } = shape;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut numbers = |count: usize| -> Vec<f32> {
        (0..count).map(|_| (random.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0).collect()
    };
    let tensor = |values: Vec<f32>, shape: [usize; 4]| Tensor::<4>::from_data(TensorData::new(values, shape), device);
    let filter = |kernel: Kernel| Filter::new(kernel, form, device);
    let mut maps = |channels: usize, h: usize, w: usize, rectified: bool| {
        let values = numbers(channels * h * w);
        // A third of a rectified map is zero, as after a ReLU.
        let cut = |v: f32| if rectified { (v + 0.3).max(0.0) } else { v };
        Maps::from_plain(tensor(values.into_iter().map(cut).collect(), [1, channels, h, w]), form)
    };
    let below = maps(inputs, height, width, true);
    let above = maps(outputs, height, width, false);
    let tap = maps(inputs, height, width, false);
    let first = maps(64, height, width, false);
    let half = (height > 1 && width > 1).then(|| maps(inputs, height / 2, width / 2, false));
    let matrix: Vec<f32> = numbers(inputs * inputs);
    let kernel =
        Kernel { shape: [outputs, inputs, 3, 3], weight: numbers(outputs * inputs * 9), bias: numbers(outputs) };
    let image = tensor(numbers(3 * height * width), [1, 3, height, width]);
    let image_filter = filter(Kernel { shape: [64, 3, 3, 3], weight: numbers(64 * 27), bias: numbers(64) });
    let filter = filter(kernel);

    // A copy nobody else holds, which may be written over.
    let alone = |maps: &Maps| Maps { data: maps.data.clone() * 1.0, ..maps.clone() };
    let flat = |maps: Maps| maps.to_plain().flatten::<1>(0, 3);
    let shaped = |data: Tensor<4>, like: &Maps| flat(Maps { data, ..like.clone() });
    let symmetric: Vec<f32> = (0..matrix.len()).map(|i| matrix[i] + matrix[i % inputs * inputs + i / inputs]).collect();
    let symmetric = Tensor::<2>::from_data(TensorData::new(symmetric, [inputs, inputs]), device);
    let input = operations::input(image.clone(), [0.4, 0.5, 0.6], form);
    let adam = |image: Tensor<4>, moments: Tensor<4>, gradient: Tensor<4>, correction: [f64; 2]| {
        let step = AdamStep { learning_rate: 0.02, decay: [0.9, 0.99], correction, epsilon: 1e-8 };
        operations::adam(image, moments, gradient, step, form)
    };
    let still = image.zeros_like().repeat_dim(0, 2);
    let [moments, stepped] = adam(image.clone(), still, image.clone() + 0.1, [0.1, 0.01]);
    let [_, stepped] = adam(stepped, moments, image.clone() - 0.3, [0.19, 0.0199]);
    // What the losses are made of, and their sums, which one read brings.
    let other = Maps { data: tap.data.clone(), ..below.clone() };
    let mut sums = Sums::new(form);
    let variation = operations::variation(image, 3.0, form, &mut sums);
    sums.begin();
    sums.squared_difference(below.data.clone(), other.data.clone(), 0.5);
    sums.begin();
    let apart = operations::gram_difference(&below, &operations::gram(&other));
    sums.dot(apart.clone(), apart.clone(), 5.0);

    let square = |values: &[f32]| Tensor::<2>::from_data(TensorData::new(values.to_vec(), [inputs, inputs]), device);
    let product = operations::matmul(square(&matrix), symmetric.clone(), [0.7, -0.3], form);
    let (mean, goal) = (operations::mean(&below), operations::mean(&other));
    let rows = operations::centred(&below, &mean);
    // Sums over the rows, however many zeros fill them up.
    let rows_product = operations::matmul_transposed(symmetric.clone(), square(&matrix), [0.3, -0.2], form);
    let moments = operations::moments_gradient(&below, symmetric.clone(), mean.clone(), goal, 0.5);

    // Every pixel but each third.
    let inside: Vec<f32> = (0..height * width).filter(|at| at % 3 != 1).map(|at| at as f32).collect();
    let columns = inside.len().isqrt();
    let region = [inside.len() / columns, columns];
    let count = region[0] * region[1];
    let places = tensor(inside[..count].to_vec(), [1, 1, 1, count]);

    let mut results: Vec<(String, Tensor<1>)> = vec![
        ("forward".into(), flat(operations::conv3x3_relu(&below, &filter))),
        ("forward of an image".into(), flat(operations::conv3x3_relu(&input, &image_filter))),
        (
            "gradient".into(),
            shaped(operations::conv3x3_gradient(above.data.clone(), &filter, alone(&below), None), &below),
        ),
        (
            "gradient where the map is still needed".into(),
            shaped(operations::conv3x3_gradient(above.data.clone(), &filter, below.clone(), None), &below),
        ),
        (
            "gradient and tap".into(),
            shaped(
                operations::conv3x3_gradient(above.data.clone(), &filter, alone(&below), Some(tap.data.clone())),
                &below,
            ),
        ),
        (
            "gradient unmasked".into(),
            shaped(operations::conv3x3_gradient_unmasked(above.data.clone(), &filter, [height, width]), &below),
        ),
        ("gradient of an image".into(), {
            operations::image_gradient(first.data, &image_filter, [height, width]).flatten(0, 3)
        }),
        ("adam".into(), stepped.flatten(0, 3)),
        ("variation gradient".into(), variation.flatten(0, 3)),
        ("difference".into(), shaped(operations::difference(&below, &other, 2.0), &below)),
        ("gram of a difference".into(), shaped(operations::gram_gradient(&below, apart, 5.0), &below)),
        ("mask".into(), shaped(operations::mask(&below, tap.data.clone()), &below)),
        ("gram".into(), operations::gram(&below).flatten(0, 1)),
        ("product".into(), product.flatten(0, 1)),
        ("product of rows".into(), rows_product.flatten(0, 1)),
        (
            "from rows".into(),
            shaped(
                operations::from_rows(
                    &below,
                    [rows.clone(), rows.clone() * 0.5],
                    [mean.clone(), mean.clone() * 0.3],
                    2.0,
                ),
                &below,
            ),
        ),
        // As polar factors are found: neither is square.
        (
            "products of few rows".into(),
            shaped(
                operations::from_rows(
                    &below,
                    [
                        operations::matmul(
                            operations::matmul_transposed(rows.clone(), rows.clone(), [0.2, 0.5], form),
                            rows.clone(),
                            [0.7, 0.0],
                            form,
                        ),
                        operations::matmul(rows.clone(), symmetric.clone(), [0.3, 0.0], form),
                    ],
                    [mean.clone(), mean.clone()],
                    1.0,
                ),
                &below,
            ),
        ),
        (
            "scaled".into(),
            operations::scaled_by(symmetric.clone(), &operations::squares(&symmetric, form), -0.25, 0.5, form)
                .flatten(0, 1),
        ),
        ("covariance".into(), operations::covariance(&below, &mean, 0.1).flatten(0, 1)),
        ("mean".into(), mean.flatten(0, 1)),
        ("moments gradient".into(), flat(Maps { data: operations::mask(&below, moments), ..below.clone() })),
        ("gather".into(), flat(operations::gather(&below, &places, region))),
        ("scatter".into(), {
            let gathered = operations::gather(&tap, &places, region);
            shaped(operations::scatter(gathered.data, &places, region, &below), &below)
        }),
        ("gram gradient".into(), shaped(operations::gram_gradient(&below, symmetric, 0.5), &below)),
    ];
    if let Some(half) = half {
        for pooling in [Pooling::Max, Pooling::Average] {
            results.push((format!("pool {pooling:?}"), flat(operations::pool(&below, pooling))));
            let pooled = Pooled::of(below.clone(), pooling).gradient(half.data.clone(), pooling);
            results.push((format!("pool gradient {pooling:?} by places"), shaped(pooled, &below)));
            for tap in [None, Some(tap.data.clone())] {
                let name = format!("pool gradient {pooling:?} {}", if tap.is_some() { "and tap" } else { "" });
                results
                    .push((name, shaped(operations::pool_gradient(half.data.clone(), &below, tap, pooling), &below)));
            }
        }
    }
    let mut read_back = Vec::new();
    for (name, tensor) in results {
        read_back.push((name, read(tensor).await?));
    }
    for (name, value) in ["variation", "squared difference", "dot"].into_iter().zip(sums.read().await?) {
        read_back.push((name.into(), vec![value as f32]));
    }
    Ok(read_back)
}
