//! What can be done with maps and matrices, each in the form the device takes.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::maps::{Form, Maps};
use super::numbers::{AdamStep, Kernel, Pooling};
use super::sums::Sums;
use super::{plain, wgsl};

/// One convolution's frozen numbers on a device.
#[derive(Debug, Clone)]
pub enum Filter {
    /// For plain maps.
    Plain(Box<plain::Filter>),
    /// For packed maps.
    Packed(Box<wgsl::Filter>),
}

impl Filter {
    /// Uploads a convolution's weights for maps of this form.
    pub fn new(kernel: Kernel, form: Form, device: &Device) -> Self {
        match form {
            Form::Plain => Self::Plain(Box::new(plain::Filter::new(kernel, device))),
            Form::Packed { subgroups } => Self::Packed(Box::new(wgsl::Filter::new(&kernel, subgroups, device))),
        }
    }
}

/// The network's input: an image `[1, 3, H, W]` minus a mean per channel.
pub fn input(image: Tensor<4>, mean: [f32; 3], form: Form) -> Maps {
    let [_, channels, height, width] = image.dims();
    let data = match form {
        Form::Plain => {
            let device = image.device();
            image - Tensor::from_data(TensorData::new(mean.to_vec(), [1, 3, 1, 1]), &device)
        }
        Form::Packed { .. } => wgsl::input(image, mean),
    };
    Maps { data, form, channels, height, width }
}

/// `relu(x ∗ w + b)`: stride 1, zero padding 1.
pub fn conv3x3_relu(x: &Maps, filter: &Filter) -> Maps {
    let (data, channels) = match filter {
        Filter::Plain(filter) => (plain::conv3x3_relu(x.data.clone(), filter), filter.outputs()),
        Filter::Packed(filter) => (wgsl::conv3x3_relu(x, filter), filter.outputs()),
    };
    Maps { data, channels, ..x.clone() }
}

/// The gradient at a convolution's input `below`, given the masked one at its output: plus what a loss
/// adds at `below`, masked. `below` is given up, for its memory may be used again.
pub fn conv3x3_gradient(gradient: Tensor<4>, filter: &Filter, below: Maps, tap: Option<Tensor<4>>) -> Tensor<4> {
    match filter {
        Filter::Plain(filter) => masked_sum(&below, plain::conv3x3_gradient(gradient, filter), tap),
        Filter::Packed(filter) => wgsl::conv3x3_gradient(gradient, filter, below, tap),
    }
}

/// The gradient at a convolution's input, given the masked one at its output, both of this height and
/// width; nothing added, nothing masked.
pub fn conv3x3_gradient_unmasked(gradient: Tensor<4>, filter: &Filter, size: [usize; 2]) -> Tensor<4> {
    match filter {
        Filter::Plain(filter) => plain::conv3x3_gradient(gradient, filter),
        Filter::Packed(filter) => wgsl::conv3x3_gradient_unmasked(gradient, filter, size),
    }
}

/// The gradient at the image, given the masked one at the first convolution's output; `[1, 3, H, W]`.
pub fn image_gradient(gradient: Tensor<4>, filter: &Filter, size: [usize; 2]) -> Tensor<4> {
    match filter {
        Filter::Plain(filter) => plain::conv3x3_gradient(gradient, filter),
        Filter::Packed(filter) => wgsl::image_gradient(gradient, filter, size),
    }
}

/// A gradient masked: zero where the rectified map is.
pub fn mask(maps: &Maps, gradient: Tensor<4>) -> Tensor<4> {
    match maps.form {
        Form::Plain => gradient.mask_fill(maps.data.clone().lower_equal_elem(0.0), 0.0),
        Form::Packed { .. } => wgsl::mask(maps, gradient),
    }
}

/// A gradient at `below` plus what a loss adds there, masked.
fn masked_sum(below: &Maps, gradient: Tensor<4>, tap: Option<Tensor<4>>) -> Tensor<4> {
    let sum = match tap {
        Some(tap) => gradient + tap,
        None => gradient,
    };
    mask(below, sum)
}

/// 2×2 pooling with stride 2; an odd last row or column is dropped. Both sides at least 2.
pub fn pool(x: &Maps, pooling: Pooling) -> Maps {
    let data = match x.form {
        Form::Plain => plain::pool(x.data.clone(), pooling),
        Form::Packed { .. } => wgsl::pool(x, pooling),
    };
    Maps { data, height: x.height / 2, width: x.width / 2, ..x.clone() }
}

/// The gradient at a pooling's input `below`, given the one at its output: plus what a loss adds at
/// `below`, masked.
pub fn pool_gradient(gradient: Tensor<4>, below: &Maps, tap: Option<Tensor<4>>, pooling: Pooling) -> Tensor<4> {
    match below.form {
        Form::Plain => masked_sum(below, plain::pool_gradient(below.data.clone(), gradient, pooling), tap),
        Form::Packed { .. } => wgsl::pool_gradient(gradient, below, tap, pooling),
    }
}

/// What the way back has to know of maps that were pooled and are looked at by nothing else.
#[derive(Debug)]
pub enum Pooled {
    /// The maps.
    Maps(Maps),
    /// Where each pooled value came from; a bit each, four values to a word.
    Places {
        /// The places.
        data: Tensor<4>,
        /// Height, width and channels of the maps.
        size: [usize; 3],
    },
}

impl Pooled {
    /// What has to be kept of these maps.
    pub fn of(maps: Maps, pooling: Pooling) -> Self {
        match maps.form {
            Form::Plain => Self::Maps(maps),
            Form::Packed { .. } => {
                Self::Places { data: wgsl::places(&maps, pooling), size: [maps.height, maps.width, maps.channels] }
            }
        }
    }

    /// Height and width of the maps.
    pub fn size(&self) -> [usize; 2] {
        match self {
            Self::Maps(maps) => [maps.height, maps.width],
            Self::Places { size, .. } => [size[0], size[1]],
        }
    }

    /// The gradient at the maps, masked, given the one at the pooling's output.
    pub fn gradient(self, gradient: Tensor<4>, pooling: Pooling) -> Tensor<4> {
        match self {
            Self::Maps(maps) => pool_gradient(gradient, &maps, None, pooling),
            Self::Places { data, size } => wgsl::pool_gradient_at(gradient, data, size, pooling),
        }
    }
}

/// Gives the memory that is kept for reuse back to the device: for when sizes change.
pub fn release_memory(device: &Device) {
    wgsl::release_memory();
    device.memory_cleanup();
}

/// Sets memory for `count` times so many maps aside, to be used again and again; see `wgsl::shelf`.
pub fn reserve_memory(channels: usize, [height, width]: [usize; 2], count: usize, form: Form, device: &Device) {
    if form.is_packed() {
        wgsl::reserve_memory([1, height + 2, width + 2, channels], count, device);
    }
}

/// The pixels at `places` (their numbers row by row, ascending, `[1, 1, 1, rows · columns]`) as maps of that size.
pub fn gather(maps: &Maps, places: &Tensor<4>, [rows, columns]: [usize; 2]) -> Maps {
    let data = match maps.form {
        Form::Plain => plain::gather(maps.data.clone(), numbers(places), [rows, columns]),
        Form::Packed { .. } => wgsl::gather(maps, places, [rows, columns]),
    };
    Maps { data, height: rows, width: columns, ..maps.clone() }
}

/// The values of what was gathered, at their places in maps like these; zeros elsewhere.
pub fn scatter(gathered: Tensor<4>, places: &Tensor<4>, size: [usize; 2], like: &Maps) -> Tensor<4> {
    match like.form {
        Form::Plain => plain::scatter(gathered, numbers(places), like.data.dims()),
        Form::Packed { .. } => wgsl::scatter(gathered, places, size, like),
    }
}

fn numbers(places: &Tensor<4>) -> Tensor<1, Int> {
    places.clone().flatten::<1>(0, 3).int()
}

/// `scale · (x − y)`, in the maps' form.
pub fn difference(x: &Maps, y: &Maps, scale: f64) -> Tensor<4> {
    match x.form {
        Form::Plain => (x.data.clone() - y.data.clone()) * scale,
        Form::Packed { .. } => wgsl::difference(x, y, scale),
    }
}

/// The Gram matrix `F Fᵀ / (C·H·W)` with F the maps as `[C, H·W]`; `[C, C]`.
///
/// The normalisation is Johnson's; Gatys' paper divides by nothing here and by 4C²(HW)² in the loss.
pub fn gram(maps: &Maps) -> Tensor<2> {
    let scale = 1.0 / maps.count() as f64;
    match maps.form {
        Form::Plain => plain::gram_sum(maps.data.clone()) * scale,
        Form::Packed { .. } => wgsl::gram(maps, scale, None),
    }
}

/// The Gram matrix minus another.
pub fn gram_difference(maps: &Maps, target: &Tensor<2>) -> Tensor<2> {
    match maps.form {
        Form::Plain => gram(maps) - target.clone(),
        Form::Packed { .. } => wgsl::gram(maps, 1.0 / maps.count() as f64, Some(target.clone())),
    }
}

/// The gradient at the maps, given a *symmetric* one at their Gram matrix, times `scale`. Not masked:
/// what is zero may still want to grow.
pub fn gram_gradient(maps: &Maps, gradient: Tensor<2>, scale: f64) -> Tensor<4> {
    let scale = 2.0 * scale / maps.count() as f64;
    match maps.form {
        Form::Plain => plain::gram_product(maps.data.clone(), gradient * scale),
        Form::Packed { .. } => wgsl::gram_product(maps, gradient, scale),
    }
}

/// The mean of each map, `[1, C]`.
pub fn mean(maps: &Maps) -> Tensor<2> {
    match maps.form {
        Form::Plain => plain::mean(maps.data.clone()),
        Form::Packed { .. } => wgsl::mean(maps),
    }
}

/// The covariance `E[(f − μ)(f − μ)ᵀ]` of the maps over all pixels, `ridge` added to its diagonal;
/// `[C, C]`.
pub fn covariance(maps: &Maps, mean: &Tensor<2>, ridge: f64) -> Tensor<2> {
    match maps.form {
        Form::Plain => plain::covariance(maps.data.clone(), mean.clone(), ridge),
        Form::Packed { .. } => wgsl::covariance(maps, mean, ridge),
    }
}

/// `factor · A B + diagonal · I` for `[R, K]` and `[K, C]`; on packed forms C a multiple of 8 and K of 4.
pub fn matmul(a: Tensor<2>, b: Tensor<2>, [factor, diagonal]: [f64; 2], form: Form) -> Tensor<2> {
    match form {
        Form::Plain => plain::matmul(a, b, [factor, diagonal]),
        Form::Packed { .. } => wgsl::matmul(a, b, [factor, diagonal], form),
    }
}

/// `factor · A Bᵀ + diagonal · I` for `[R, K]` and `[C, K]`; on packed forms C a multiple of 8 and K of 4.
pub fn matmul_transposed(a: Tensor<2>, b: Tensor<2>, weights: [f64; 2], form: Form) -> Tensor<2> {
    match form {
        Form::Plain => plain::matmul(a, b.transpose(), weights),
        Form::Packed { .. } => wgsl::matmul_transposed(a, b, weights, form),
    }
}

/// The maps' pixels less their mean, one row of C values each; on packed forms zeros fill the rows up to
/// a multiple of 8.
pub fn centred(maps: &Maps, mean: &Tensor<2>) -> Tensor<2> {
    match maps.form {
        Form::Plain => plain::centred(maps.data.clone(), mean.clone()),
        Form::Packed { .. } => wgsl::centred(maps, mean),
    }
}

/// `scale · (A − B + mean − goal)` for each pixel's row of A and B, in the maps' form.
pub fn from_rows(maps: &Maps, rows: [Tensor<2>; 2], means: [Tensor<2>; 2], scale: f64) -> Tensor<4> {
    match maps.form {
        Form::Plain => plain::from_rows(maps.data.dims(), rows, means, scale),
        Form::Packed { .. } => wgsl::from_rows(maps, rows, means, scale),
    }
}

/// The sum of squares, in a few parts for [`scaled_by`].
pub fn squares(matrix: &Tensor<2>, form: Form) -> Tensor<1> {
    match form {
        Form::Plain => matrix.clone().square().sum(),
        Form::Packed { .. } => {
            let count = matrix.shape().num_elements();
            wgsl::squares(matrix.clone().reshape([1, 1, 1, count]))
        }
    }
}

/// `matrix · (Σ sums)^power + diagonal · I`; a sum of zero counts as next to nothing.
pub fn scaled_by(matrix: Tensor<2>, sums: &Tensor<1>, power: f64, diagonal: f64, form: Form) -> Tensor<2> {
    match form {
        Form::Plain => plain::scaled_by(matrix, sums.clone(), power, diagonal),
        Form::Packed { .. } => wgsl::scaled_by(matrix, sums.clone(), power, diagonal),
    }
}

/// `scale · (S (f − μ) + μ − goal)` at every pixel, S symmetric: the gradient at the maps of a loss whose
/// gradient is `S` at the covariance and `μ − goal` at the mean, up to factors. Not masked; on packed
/// forms the border is no zeros, which masking mends.
pub fn moments_gradient(maps: &Maps, matrix: Tensor<2>, mean: Tensor<2>, goal: Tensor<2>, scale: f64) -> Tensor<4> {
    match maps.form {
        Form::Plain => plain::moments_gradient(maps.data.clone(), matrix, mean, goal, scale),
        Form::Packed { .. } => wgsl::moments_gradient(maps, matrix, mean, goal, scale),
    }
}

/// The gradient of `weight` times the total variation of an image `[1, 3, H, W]`, and the value among
/// the sums; see `loss::total_variation`.
pub fn variation(image: Tensor<4>, weight: f64, form: Form, sums: &mut Sums) -> Tensor<4> {
    match form {
        Form::Plain => {
            let (value, gradient) = plain::variation(image, weight);
            sums.value(value, 1.0);
            gradient
        }
        Form::Packed { .. } => {
            let gradient = wgsl::variation_gradient(image.clone(), weight);
            // For a quadratic form f, 2·f(x) = ⟨x, ∇f(x)⟩ (Euler).
            sums.dot(image, gradient.clone(), 0.5);
            gradient
        }
    }
}

/// One step of Adam (see `optim::Adam`): the new moments `[2, 3, H, W]` and the moved image,
/// clamped to \[0, 1\].
pub fn adam(image: Tensor<4>, moments: Tensor<4>, gradient: Tensor<4>, step: AdamStep, form: Form) -> [Tensor<4>; 2] {
    match form {
        Form::Plain => plain::adam(image, moments, gradient, step),
        Form::Packed { .. } => wgsl::adam(image, moments, gradient, step),
    }
}
