//! Gradients against finite differences, and the kernels against plain sums.

use burn::tensor::{Device, Tensor, TensorData};
use easel::{
    Pooling,
    parts::{self, Filter, Goals, Kernel, Layout, Likeness, Maps, Matrix, Moments, Sums, Wrap},
    read,
};

/// Numbers that look random and are the same every time, in \[−1, 1).
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

fn tensor<const D: usize>(values: &[f32], shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
}

fn maps(values: &[f32], shape: [usize; 4]) -> Maps {
    Maps::from_plain(tensor(values, shape), Layout::Plain)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    pollster::block_on(read(tensor)).expect("read")
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// Compares a gradient with central differences along a random direction.
#[track_caller]
fn check_directional<const D: usize>(
    what: &str,
    at: &[f32],
    shape: [usize; D],
    step: f32,
    value: impl Fn(Tensor<D>) -> f64,
    gradient: Tensor<D>,
) {
    check_within(what, at, shape, step, 1e-3, value, gradient);
}

/// The same with a tolerance of its own.
#[track_caller]
fn check_within<const D: usize>(
    what: &str,
    at: &[f32],
    shape: [usize; D],
    step: f32,
    tolerance: f64,
    value: impl Fn(Tensor<D>) -> f64,
    gradient: Tensor<D>,
) {
    let direction = numbers(at.len(), 99);
    let moved = |sign: f32| {
        let shifted: Vec<f32> = at.iter().zip(&direction).map(|(a, d)| a + sign * step * d).collect();
        value(tensor(&shifted, shape))
    };
    let difference = (moved(1.0) - moved(-1.0)) / (2.0 * f64::from(step));
    let gradient = values(gradient);
    let found = dot(&gradient, &direction);
    // A random direction's derivative is about this large; one that happens to be smaller is compared
    // with it, for the differences' rounding does not shrink with their value.
    let typical = (dot(&gradient, &gradient) * dot(&direction, &direction) / at.len() as f64).sqrt();
    let error = (found - difference).abs() / difference.abs().max(typical);
    assert!(error <= tolerance, "{what} {shape:?}: {found} instead of {difference} (relative error {error:.2e})");
}

#[test]
fn losses_agree_with_finite_differences() {
    for [h, w] in [[8, 8], [7, 5], [1, 9], [3, 1]] {
        let shape = [1, 3, h, w];
        let at = numbers(3 * h * w, 1);
        let target = maps(&numbers(3 * h * w, 2), shape);
        let plain = |x| Maps::from_plain(x, Layout::Plain);
        let content = |x, sums: &mut Sums| parts::content(&plain(x), &target, 3.0, sums);
        check_loss("content", &at, shape, 1e-2, 1e-3, content);
        for wrap in [Wrap::None, Wrap::X, Wrap::Y, Wrap::Both] {
            let tv = |x, sums: &mut Sums| parts::total_variation(x, wrap, 2.0, None, sums);
            check_loss("tv", &at, shape, 1e-2, 1e-3, tv);
        }
        let gram_target = parts::gram(&target);
        let gram = |x, sums: &mut Sums| parts::gram_loss(&plain(x), &gram_target, 1e3, sums);
        check_loss("gram", &at, shape, 3e-3, 1e-3, gram);
    }
}

#[test]
fn the_wasserstein_loss_agrees_with_finite_differences() {
    // The last two have fewer pixels than channels.
    for [c, h, w] in [[3, 8, 8], [3, 7, 5], [3, 1, 9], [16, 3, 4], [24, 1, 5]] {
        let shape = [1, c, h, w];
        // With fewer pixels than channels the smallest eigenvalues bend the loss within a step. Single precision allows
        // no shorter steps: the value is a difference of traces.
        let (step, tolerance) = if h * w < c { (3e-2, 2e-2) } else { (1e-2, 2e-3) };
        let plain = |x| Maps::from_plain(x, Layout::Plain);
        let wanted = Moments::of(&maps(&numbers(c * h * w, 2), shape));
        check_loss("wasserstein", &numbers(c * h * w, 1), shape, step, tolerance, |x, sums: &mut Sums| {
            pollster::block_on(async {
                let goals = Goals::new(vec![wanted.clone()]).await.expect("goals");
                goals.loss(0, &plain(x), 3.0, sums)
            })
        });
    }
}

#[test]
fn the_angle_of_hypercolumns_agrees_with_finite_differences() {
    // Made smaller, larger, both, and not at all.
    for ([h, w], size) in [([8, 8], [2, 2]), ([3, 5], [6, 9]), ([7, 4], [3, 8]), ([1, 6], [1, 6])] {
        let grid = |channels, seed| maps(&numbers(channels * size[0] * size[1], seed), [1, channels, size[0], size[1]]);
        let (goals, other, other_goals) = (grid(5, 2), grid(3, 3), grid(3, 4));
        let centres = [&goals, &other_goals].map(parts::mean);
        let reach: Vec<f32> = numbers(size[0] * size[1], 5).iter().map(|v| v.abs()).collect();
        let reach = tensor(&reach, [1, 1, size[0], size[1]]);
        check_loss("angle", &numbers(5 * h * w, 1), [1, 5, h, w], 1e-2, 1e-3, |x, sums: &mut Sums| {
            let x = Maps::from_plain(x, Layout::Plain);
            let here = parts::resample(&x, size);
            let products = parts::add_products(&other, &centres[1], &other_goals, 0.3, None);
            let products = parts::add_products(&here, &centres[0], &goals, 0.7, Some(products));
            let mixture = parts::cosines(products, &reach, 2.0, sums);
            parts::resample_gradient(parts::cosine_gradient(&here, &centres[0], &goals, 0.7, &mixture), size, &x)
        });
    }
}

#[test]
fn self_similarity_agrees_with_finite_differences() {
    // A pixel, a few, and more than are looked at. Nothing pulls where one is alone.
    for [c, h, w] in [[5, 4, 6], [3, 1, 9], [4, 36, 31]] {
        let shape = [1, c, h, w];
        let positive = |seed| numbers(c * h * w, seed).iter().map(|v| v + 1.2).collect::<Vec<_>>();
        let target = Likeness::of(&maps(&positive(2), shape), 3, &Device::flex());
        // An absolute value bends where two meet, and of many pairs some do within a step.
        check_loss("self-similarity", &positive(1), shape, 1e-3, 1e-2, |x, sums: &mut Sums| {
            target.loss(&Maps::from_plain(x, Layout::Plain), 2.0, sums)
        });
    }
    for values in [[0.3, 0.7], [1.0, 2.0]] {
        // Directions alike: nothing but lengths differ.
        let (alike, wanted) = (maps(&[values[0], values[1]], [1, 1, 1, 2]), maps(&[0.5, 0.5], [1, 1, 1, 2]));
        let mut sums = Sums::new(Layout::Plain);
        let gradient = Likeness::of(&wanted, 0, &Device::flex()).loss(&alike, 1.0, &mut sums);
        let value = pollster::block_on(sums.read()).expect("read")[0];
        assert!(value.abs() < 1e-2 && self::values(gradient).iter().all(|v| v.abs() < 1e-2), "{value}");
    }
}

#[test]
fn a_mixtures_moments_are_those_of_all_pixels() {
    let (left, right) = (numbers(3 * 12, 3), numbers(3 * 12, 4));
    let side = |values: &[f32]| Moments::of(&maps(values, [1, 3, 3, 4]));
    let both: Vec<f32> = (0..3).flat_map(|c| [&left[c * 12..][..12], &right[c * 12..][..12]].concat()).collect();
    let mixture = Moments::mixture(&[(0.5, side(&left)), (0.5, side(&right))]).expect("two parts");
    let whole = Moments::of(&maps(&both, [1, 3, 6, 4]));
    for (a, b) in values(mixture.covariance.data).iter().zip(values(whole.covariance.data)) {
        assert!((a - b).abs() < 1e-5, "{a} instead of {b}");
    }
    assert!(Moments::mixture(&[]).is_none());
}

/// Compares a loss's gradient with differences of its value.
#[track_caller]
fn check_loss(
    what: &str,
    at: &[f32],
    shape: [usize; 4],
    step: f32,
    tolerance: f64,
    loss: impl Fn(Tensor<4>, &mut Sums) -> Tensor<4>,
) {
    let value = |x| {
        let mut sums = Sums::new(Layout::Plain);
        loss(x, &mut sums);
        pollster::block_on(sums.read()).expect("read")[0]
    };
    let gradient = loss(tensor(at, shape), &mut Sums::new(Layout::Plain));
    check_within(what, at, shape, step, tolerance, value, gradient);
}

#[test]
fn convolution_equals_plain_sums() {
    let shapes = [(3, 8, 6, 6), (5, 4, 7, 3), (8, 16, 1, 9), (16, 8, 9, 1), (4, 4, 1, 1)];
    let wraps = [Wrap::None, Wrap::X, Wrap::Y, Wrap::Both];
    for ((inputs, outputs, h, w), wrap) in shapes.into_iter().flat_map(|shape| wraps.map(|wrap| (shape, wrap))) {
        let kernel = Kernel {
            shape: [outputs, inputs, 3, 3],
            weight: numbers(outputs * inputs * 9, 3),
            bias: numbers(outputs, 4),
        };
        let x = numbers(inputs * h * w, 5);
        let at = |c: usize, y: isize, x_: isize| {
            // Beyond edges that meet it goes on at the opposite one.
            let along = |at: isize, side: usize, meet: bool| if meet { at.rem_euclid(side as isize) } else { at };
            let (y, x_) = (along(y, h, wrap.rows()), along(x_, w, wrap.columns()));
            let inside = y >= 0 && x_ >= 0 && y < h as isize && x_ < w as isize;
            if inside { f64::from(x[(c * h + y as usize) * w + x_ as usize]) } else { 0.0 }
        };
        let filter = Filter::new(kernel.clone(), Layout::Plain, &Device::flex());
        let maps = |values: &[f32], shape| Maps { wrap, ..maps(values, shape) };
        let output = parts::conv3x3_relu(&maps(&x, [1, inputs, h, w]), &filter);
        assert_eq!(output.data.dims(), [1, outputs, h, w]);
        let found = values(output.data.clone());
        let mut plain = vec![0f64; outputs * h * w];
        for (i, sum) in plain.iter_mut().enumerate() {
            let (o, y, x_) = (i / (h * w), (i / w % h) as isize, (i % w) as isize);
            *sum = f64::from(kernel.bias[o]);
            for c in 0..inputs {
                for tap in 0..9 {
                    let weight = f64::from(kernel.weight[(o * inputs + c) * 9 + tap]);
                    *sum += weight * at(c, y + (tap / 3) as isize - 1, x_ + (tap % 3) as isize - 1);
                }
            }
            assert!((f64::from(found[i]) - sum.max(0.0)).abs() < 1e-4, "{inputs}→{outputs} {h}×{w} {wrap:?} at {i}");
        }
        // ⟨gradient, direction⟩ is the derivative of ⟨g, output⟩ along the direction; away from ReLU's
        // kinks the output is linear, so the masked sum says it exactly.
        let g = numbers(outputs * h * w, 6);
        let masked = parts::mask(&output, tensor(&g, [1, outputs, h, w]));
        let gradient = parts::conv3x3_gradient_unmasked(masked, &filter, [h, w], wrap);
        let direction = numbers(inputs * h * w, 7);
        let no_bias = Filter::new(Kernel { bias: vec![1e3; outputs], ..kernel }, Layout::Plain, &Device::flex());
        let linear = values(parts::conv3x3_relu(&maps(&direction, [1, inputs, h, w]), &no_bias).data);
        let expected: f64 =
            (0..g.len()).filter(|&i| plain[i] > 0.0).map(|i| f64::from(g[i]) * (f64::from(linear[i]) - 1e3)).sum();
        let found = dot(&values(gradient), &direction);
        assert!(
            (found - expected).abs() < 2e-3 * expected.abs().max(1.0),
            "{inputs}→{outputs} {h}×{w} {wrap:?}: {found}, {expected}"
        );
    }
}

#[test]
fn pooling_and_its_gradient_agree() {
    for pooling in [Pooling::Max, Pooling::Average] {
        for [h, w] in [[4, 4], [5, 7], [2, 9]] {
            let shape = [1, 2, h, w];
            // Rectified maps are never negative; a gradient is masked where they are zero.
            let x: Vec<f32> = numbers(2 * h * w, 8).iter().map(|v| v.abs() + 0.1).collect();
            let pool = |x| parts::pool(&Maps::from_plain(x, Layout::Plain), pooling).data;
            assert_eq!(pool(tensor(&x, shape)).dims(), [1, 2, h / 2, w / 2]);
            let g = numbers(2 * (h / 2) * (w / 2), 9);
            let value = |x| dot(&values(pool(x)), &g);
            let gradient = parts::pool_gradient(tensor(&g, [1, 2, h / 2, w / 2]), &maps(&x, shape), None, pooling);
            check_directional("pooling", &x, shape, 1e-3, value, gradient);
        }
    }
}

#[test]
fn gram_gradient_is_that_of_the_gram_matrix() {
    let shape = [1, 3, 4, 5];
    let x = numbers(60, 10);
    let half = numbers(9, 11);
    let symmetric: Vec<f32> = (0..9).map(|i| half[i] + half[i % 3 * 3 + i / 3]).collect();
    let value = |x| dot(&values(parts::gram(&Maps::from_plain(x, Layout::Plain)).data), &symmetric);
    let at_gram = Matrix { data: tensor(&symmetric, [3, 3]), layout: Layout::Plain };
    let gradient = parts::gram_gradient(&maps(&x, shape), &at_gram, 1.0);
    check_directional("gram", &x, shape, 1e-2, value, gradient);
}
