//! The kernels as plain tensor operations on `[1, C, H, W]`.
//!
//! The data gradient of a 3×3 convolution with zero or circular padding is a convolution again, with the filters
//! turned by 180° and input and output channels exchanged. The weights never change, so that form is
//! made once.

use burn::tensor::module::{
    avg_pool2d, avg_pool2d_backward, conv2d, max_pool2d, max_pool2d_with_indices, max_pool2d_with_indices_backward,
};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions, PadMode};
use burn::tensor::{Device, IndexingUpdateOp, Int, Tensor, TensorData, activation};

use super::numbers::{AdamStep, Kernel, LEAST_DISTANCE, Pooling, Wrap};
use super::wrap::padded;

/// Average pooling shrinks activations; this keeps their magnitude about what maxima give
/// (crowsonkb/style-transfer-pytorch scales so too).
pub const AVERAGE_SCALE: f32 = 2.0;

/// A convolution's weights for both directions.
#[derive(Debug, Clone)]
pub struct Filter {
    /// `[outputs, inputs, 3, 3]`.
    forward: Tensor<4>,
    /// `[inputs, outputs, 3, 3]`, turned by 180°.
    backward: Tensor<4>,
    /// `[outputs]`.
    bias: Tensor<1>,
}

impl Filter {
    pub fn new(kernel: Kernel, device: &Device) -> Self {
        let turned = kernel.turned();
        let upload = |kernel: Kernel| Tensor::from_data(TensorData::new(kernel.weight, kernel.shape), device);
        let bias = Tensor::from_data(TensorData::new(kernel.bias.clone(), [kernel.shape[0]]), device);
        Self { forward: upload(kernel), backward: upload(turned), bias }
    }

    pub fn outputs(&self) -> usize {
        self.bias.dims()[0]
    }
}

pub fn conv3x3_relu(x: Tensor<4>, wrap: Wrap, filter: &Filter) -> Tensor<4> {
    activation::relu(same(x, wrap, &filter.forward, Some(filter.bias.clone())))
}

pub fn conv3x3_gradient(gradient: Tensor<4>, wrap: Wrap, filter: &Filter) -> Tensor<4> {
    same(gradient, wrap, &filter.backward, None)
}

fn same(x: Tensor<4>, wrap: Wrap, weight: &Tensor<4>, bias: Option<Tensor<1>>) -> Tensor<4> {
    let zeros = [wrap.rows(), wrap.columns()].map(|meet| usize::from(!meet));
    conv2d(padded(x, wrap, [1, 1]), weight.clone(), bias, ConvOptions::new([1, 1], zeros, [1, 1], 1))
}

pub fn pool(x: Tensor<4>, pooling: Pooling) -> Tensor<4> {
    match pooling {
        Pooling::Max => max_pool2d(x, MaxPoolOptions::new([2, 2])),
        Pooling::Average => avg_pool2d(x, AvgPoolOptions::new([2, 2])) * AVERAGE_SCALE,
    }
}

pub fn pool_gradient(below: Tensor<4>, gradient: Tensor<4>, pooling: Pooling) -> Tensor<4> {
    let (two, none, one) = ([2, 2], [0, 0], [1, 1]);
    match pooling {
        Pooling::Max => {
            let (_, indices) = max_pool2d_with_indices(below.clone(), MaxPoolOptions::new(two));
            max_pool2d_with_indices_backward(below, two, two, none, one, false, gradient, indices)
        }
        Pooling::Average => avg_pool2d_backward(below, gradient * AVERAGE_SCALE, two, two, none, true, false),
    }
}

/// `F Fᵀ` with F the maps as `[C, H·W]`.
pub fn gram_sum(maps: Tensor<4>) -> Tensor<2> {
    let features = features(maps);
    features.clone().matmul(features.transpose())
}

/// `S F`, in the maps' shape.
pub fn gram_product(maps: Tensor<4>, matrix: Tensor<2>) -> Tensor<4> {
    let shape = maps.dims();
    matrix.matmul(features(maps)).reshape(shape)
}

pub fn mean(maps: Tensor<4>) -> Tensor<2> {
    features(maps).mean_dim(1).transpose()
}

pub fn covariance(maps: Tensor<4>, mean: Tensor<2>, ridge: f64) -> Tensor<2> {
    let centred = features(maps) - mean.transpose();
    let [channels, pixels] = centred.dims();
    let identity = Tensor::eye(channels, &centred.device());
    centred.clone().matmul(centred.transpose()) / pixels as f64 + identity * ridge
}

/// A matrix plus `shift · I`; where that is zero the matrix need not be square.
pub fn shifted(matrix: Tensor<2>, shift: f64) -> Tensor<2> {
    if shift == 0.0 {
        return matrix;
    }
    let identity = Tensor::eye(matrix.dims()[0], &matrix.device());
    matrix + identity * shift
}

pub fn centred(maps: Tensor<4>, mean: Tensor<2>) -> Tensor<2> {
    features(maps).transpose() - mean
}

pub fn from_rows(shape: [usize; 4], [a, b]: [Tensor<2>; 2], [mean, goal]: [Tensor<2>; 2], scale: f64) -> Tensor<4> {
    ((a - b + (mean - goal)) * scale).transpose().reshape(shape)
}

/// A matrix times a power of a scalar (`[1]`), of which zero counts as next to nothing (1e-30).
pub fn times_power(matrix: Tensor<2>, scalar: Tensor<1>, power: f64) -> Tensor<2> {
    matrix * scalar.clamp_min(1e-30).powf_scalar(power).reshape([1, 1])
}

/// The sum of the diagonal.
pub fn trace(matrix: Tensor<2>) -> Tensor<1> {
    let identity = Tensor::eye(matrix.dims()[0], &matrix.device());
    (matrix * identity).sum()
}

pub fn moments_gradient(maps: Tensor<4>, matrix: Tensor<2>, [mean, goal]: [Tensor<2>; 2], scale: f64) -> Tensor<4> {
    let shape = maps.dims();
    let centred = features(maps) - mean.clone().transpose();
    ((matrix.matmul(centred) + (mean - goal).transpose()) * scale).reshape(shape)
}

pub fn gather(maps: Tensor<4>, places: Tensor<1, Int>, [rows, columns]: [usize; 2]) -> Tensor<4> {
    let channels = maps.dims()[1];
    features(maps).select(1, places).reshape([1, channels, rows, columns])
}

pub fn scatter(gathered: Tensor<4>, places: Tensor<1, Int>, shape: [usize; 4]) -> Tensor<4> {
    let [_, channels, height, width] = shape;
    let zeros = Tensor::<2>::zeros([channels, height * width], &gathered.device());
    zeros.select_assign(1, places, features(gathered), IndexingUpdateOp::Add).reshape(shape)
}

fn features(maps: Tensor<4>) -> Tensor<2> {
    let [_, c, h, w] = maps.dims();
    maps.reshape([c, h * w])
}

pub fn adam(image: Tensor<4>, moments: Option<Tensor<4>>, gradient: Tensor<4>, step: AdamStep) -> [Tensor<4>; 2] {
    let AdamStep { learning_rate, decay, correction, epsilon } = step;
    let moments = moments.unwrap_or_else(|| gradient.zeros_like().repeat_dim(0, 2));
    let m = moments.clone().narrow(0, 0, 1) * decay[0] + gradient.clone() * (1.0 - decay[0]);
    let v = moments.narrow(0, 1, 1) * decay[1] + gradient.square() * (1.0 - decay[1]);
    let direction = (m.clone() / correction[0]) / ((v.clone() / correction[1]).sqrt() + epsilon);
    [Tensor::cat(vec![m, v], 0), (image - direction * learning_rate).clamp(0.0, 1.0)]
}

/// `weight` times the total variation, and its gradient, from Burn's autodiff.
pub fn variation(image: Tensor<4>, wrap: Wrap, weight: f64) -> (Tensor<1>, Tensor<4>) {
    let leaf = image.autodiff().require_grad();
    let [_, _, h, w] = leaf.dims();
    // Edges that do not meet are repeated.
    let [rows, columns] = [wrap.rows(), wrap.columns()].map(|meet| usize::from(!meet));
    let padded = padded(leaf.clone(), wrap, [1, 1]).pad((columns, columns, rows, rows), PadMode::Edge);
    // The mean squared difference between two windows of the padded image, each given by its
    // top-left corner.
    let difference = |[ay, ax]: [usize; 2], [by, bx]: [usize; 2], h: usize, w: usize| {
        let window = |y, x| padded.clone().narrow(2, y, h).narrow(3, x, w);
        (window(ay, ax) - window(by, bx)).square().mean()
    };
    let straight = difference([1, 2], [1, 1], h, w) + difference([2, 1], [1, 1], h, w);
    let (h, w) = (h + rows, w + columns);
    let diagonal = difference([1, 1], [0, 0], h, w) + difference([1, 0], [0, 1], h, w);
    let value = (straight / 3.0 + diagonal / 12.0) * (2.0 * weight);
    let gradients = value.backward();
    let gradient = leaf.grad(&gradients).unwrap_or_else(|| leaf.clone().without_autodiff().zeros_like());
    (value.without_autodiff(), gradient)
}

/// What each pixel of a line is made of: pixels of another line, by their shares.
type Mixture = Vec<Vec<(usize, f32)>>;

/// The pixels of a line of `to` as mixtures of one of `from`: of what they cover where they are fewer, else of the two nearest.
fn line(from: usize, to: usize) -> Mixture {
    let each = from as f64 / to as f64;
    let covered = |at: usize| {
        let (start, end) = (at as f64 * each, (at + 1) as f64 * each);
        let share = |other: usize| (end.min((other + 1) as f64) - start.max(other as f64)) / each;
        (start as usize..(end.ceil() as usize).min(from)).map(|other| (other, share(other).max(0.0) as f32)).collect()
    };
    let nearest = |at: usize| {
        let place = ((at as f64 + 0.5) * each - 0.5).clamp(0.0, (from - 1) as f64);
        let share = place.fract() as f32;
        vec![(place as usize, 1.0 - share), ((place as usize + 1).min(from - 1), share)]
    };
    (0..to).map(|at| if to < from { covered(at) } else { nearest(at) }).collect()
}

/// What each of `from` pixels has given to the others.
fn transposed(mixture: &Mixture, from: usize) -> Mixture {
    let mut given = vec![Vec::new(); from];
    for (at, shares) in mixture.iter().enumerate() {
        shares.iter().filter(|(_, share)| *share != 0.0).for_each(|&(place, share)| given[place].push((at, share)));
    }
    given
}

/// A tensor whose lines along a dimension are mixed.
fn mixed(x: Tensor<4>, dimension: usize, mixture: &Mixture) -> Tensor<4> {
    let mut shape = [1; 4];
    shape[dimension] = mixture.len();
    let device = x.device();
    let most = mixture.iter().map(Vec::len).max().unwrap_or(0);
    let parts = (0..most).map(|k| {
        let (places, shares): (Vec<i32>, Vec<f32>) =
            mixture.iter().map(|all| all.get(k).map_or((0, 0.0), |&(place, share)| (place as i32, share))).unzip();
        let places = Tensor::<1, Int>::from_data(TensorData::new(places, [mixture.len()]), &device);
        x.clone().select(dimension, places) * Tensor::<4>::from_data(TensorData::new(shares, shape), &device)
    });
    let sum = parts.reduce(|a, b| a + b);
    sum.unwrap_or_else(|| x.zeros_like())
}

pub fn resample(maps: Tensor<4>, [height, width]: [usize; 2]) -> Tensor<4> {
    let [_, _, h, w] = maps.dims();
    // The rows first: what is left is smaller.
    mixed(mixed(maps, 2, &line(h, height)), 3, &line(w, width))
}

pub fn resample_gradient(gradient: Tensor<4>, [height, width]: [usize; 2]) -> Tensor<4> {
    let [_, _, h, w] = gradient.dims();
    let columns = mixed(gradient, 3, &transposed(&line(width, w), width));
    mixed(columns, 2, &transposed(&line(height, h), height))
}

/// The best of each row so far (`[1, 1, 2, n]`: values, then columns) and of `products` (`[n, columns]`), whose columns are counted
/// from `first` on and have a factor each.
pub fn nearer(best: Tensor<4>, products: Tensor<2>, scales: Tensor<4>, first: usize) -> Tensor<4> {
    let [rows, columns] = products.dims();
    let scales = scales.narrow(3, first, columns).reshape([1, columns]);
    let (values, places) = (products * scales).max_dim_with_indices(1);
    let found = |tensor: Tensor<2>| tensor.reshape([1, 1, 1, rows]);
    let (values, places) = (found(values), found(places.float() + first as f64));
    let (so_far, at) = (best.clone().narrow(2, 0, 1), best.narrow(2, 1, 1));
    let is_nearer = values.clone().greater(so_far.clone());
    Tensor::cat(vec![so_far.mask_where(is_nearer.clone(), values), at.mask_where(is_nearer, places)], 2)
}

/// Cosine distances, given the cosines `[n, n]`, by the sum of their row, a little added: `[n, n]`, and those sums `[n, 1]`.
fn spread_and_sums(cosines: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    let [count, _] = cosines.dims();
    let distances = -cosines + 1.0;
    let sums = distances.clone().sum_dim(1) + LEAST_DISTANCE * count as f64;
    (distances / sums.clone(), sums)
}

/// How each pixel's distance is spread over the others, a row for each.
pub fn spread(cosines: Tensor<2>) -> Tensor<2> {
    spread_and_sums(cosines).0
}

/// The sum of what is between the [`spread`] and another, and its derivatives by the distances: `[n, n]`.
pub fn spread_difference(cosines: Tensor<2>, target: Tensor<2>) -> (Tensor<1>, Tensor<2>) {
    let (spread, sums) = spread_and_sums(cosines);
    let apart = spread.clone() - target;
    let signs = apart.clone().sign();
    let shared = (signs.clone() * spread).sum_dim(1);
    (apart.abs().sum(), (signs - shared) / sums)
}
