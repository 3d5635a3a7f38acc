//! The one-pass networks' arithmetic on the host against Burn's own operations (`tests/kernels.rs` compares the GPU's with the host's).
#![cfg(feature = "cli")]

use burn::tensor::module::{conv2d, interpolate};
use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions, PadMode};
use burn::tensor::{Device, Tensor, TensorData, activation};
use easel::parts::{Activation, Field, Kernel, Place, Shares, Styling, Window};
use pollster::block_on;

/// So many numbers in [−1, 1), the same every time.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    (0..count as u32)
        .map(|i| {
            (i.wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(40_503)) >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

fn tensor(values: Vec<f32>, shape: [usize; 4]) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn kernel(shape: [usize; 4], seed: u32) -> Kernel {
    Kernel { shape, weight: numbers(shape.iter().product(), seed), bias: numbers(shape[0], seed + 1) }
}

/// A field and the same as `[1, 3, height, width]`.
fn both([height, width]: [usize; 2]) -> (Field, Tensor<4>) {
    let planes = numbers(3 * height * width, 7);
    (Field::from_planes(&planes, [height, width], &Place::Host), tensor(planes, [1, 3, height, width]))
}

/// Burn's way to the same convolution.
fn plain(x: Tensor<4>, kernel: &Kernel, stride: usize, enlarge: usize) -> Tensor<4> {
    let [_, _, height, width] = x.dims();
    let (side, outputs) = (kernel.shape[2], kernel.shape[0]);
    let size = [height * enlarge, width * enlarge];
    let options = InterpolateOptions::new(InterpolateMode::Nearest).with_output_size(size);
    let x = if enlarge > 1 { interpolate(x, options) } else { x };
    let reach = side / 2;
    let x = x.pad((reach, reach, reach, reach), PadMode::Reflect);
    let weight = tensor(kernel.weight.clone(), kernel.shape);
    let bias = Tensor::from_data(TensorData::new(kernel.bias.clone(), [outputs]), &Device::flex());
    conv2d(x, weight, Some(bias), ConvOptions::new([stride, stride], [0, 0], [1, 1], 1))
}

fn assert_same(field: Field, expected: Tensor<4>, what: &str) {
    let [_, channels, height, width] = expected.dims();
    assert_eq!(field.size(), [height, width], "{what}");
    let found = block_on(field.into_planes(channels, [height, width])).expect("values");
    let expected = block_on(easel::read(expected)).expect("values");
    let largest = expected.iter().fold(1e-3f32, |m, v| m.max(v.abs()));
    let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(found.len() == expected.len() && worst <= 1e-5 * largest, "{what}: {worst:.1e} of {largest}");
}

#[test]
fn convolutions_are_burns() {
    // Odd sides, sides below a tile, and outputs that fill one block, two, or none.
    for size in [[12, 16], [9, 7], [6, 33], [70, 5]] {
        for outputs in [3, 8, 12, 16] {
            for (side, stride, enlarge) in [(9, 1, 1), (3, 1, 1), (3, 2, 1), (3, 1, 2)] {
                let (field, x) = both(size);
                let kernel = kernel([outputs, 3, side, side], 11);
                let filter = Window::new(&kernel, stride, enlarge, &Place::Host);
                let what = format!("{size:?}, {outputs} outputs of {side}², stride {stride}, enlarged {enlarge}");
                assert_same(field.convolved(&filter), plain(x, &kernel, stride, enlarge), &what);
            }
        }
    }
}

#[test]
fn restyling_is_instance_normalisation_and_its_mixtures() {
    let (size, channels, epsilon) = ([9, 14], 8, 1e-3);
    let (field, x) = both(size);
    let kernel = kernel([channels, 3, 3, 3], 3);
    let field = field.convolved(&Window::new(&kernel, 1, 1, &Place::Host));
    let x = plain(x, &kernel, 1, 1);
    let rows = numbers(4 * channels, 5);
    let rows: Vec<Vec<f32>> = rows.chunks_exact(channels).map(<[f32]>::to_vec).collect();
    let (gamma, beta) = rows.split_at(2);

    let mean = x.clone().mean_dim(2).mean_dim(3);
    let centred = x.clone() - mean;
    let variance = centred.clone().square().mean_dim(2).mean_dim(3);
    let normal = centred / (variance + epsilon).sqrt();
    let per_channel = |values: &[f32]| tensor(values.to_vec(), [1, channels, 1, 1]);
    let styled = |style: usize| normal.clone() * per_channel(&gamma[style]) + per_channel(&beta[style]);

    let styling = |styles: usize, shares, activation| {
        let (gamma, beta) = (&gamma[..styles], &beta[..styles]);
        Styling { gamma, beta, epsilon, shares, activation }
    };
    let one = field.clone().restyled(&styling(1, None, Activation::Relu), None);
    assert_same(one, activation::relu(styled(0)), "one style");
    let added = field.clone().restyled(&styling(1, None, Activation::Identity), Some(&field));
    assert_same(added, styled(0) + x.clone(), "one style, added");

    let share: Vec<f32> = numbers(size[0] * size[1], 9).into_iter().map(f32::abs).collect();
    let pairs = share.iter().flat_map(|share| [*share, 1.0 - share]).collect();
    let shares = Shares::new(pairs, size, 2, &Place::Host);
    let mixed = field.clone().restyled(&styling(2, Some(&shares), Activation::Sigmoid), Some(&field));
    let share = tensor(share, [1, 1, size[0], size[1]]);
    let expected = styled(0) * share.clone() + styled(1) * (share.neg() + 1.0);
    assert_same(mixed, activation::sigmoid(expected + x), "two styles");
}
