//! 2×2 pooling of packed maps and its gradient: one invocation per four channels of a pixel.

use burn::tensor::Tensor;

use super::kernel::{Code, Input, Kernel, kernel, optional, variants};
use super::launch::launch;
use super::uniform::uniform;
use crate::compute::maps::Maps;
use crate::compute::numbers::Pooling;
use crate::compute::plain::AVERAGE_SCALE;

/// What each of four pixels gives to an average.
const AVERAGE_SHARE: f32 = AVERAGE_SCALE / 4.0;

/// Pools; the result has its own border of zeros.
pub fn pool(x: &Maps, pooling: Pooling) -> Tensor<4> {
    let (height, width) = (x.height / 2, x.width / 2);
    let shape = [1, height + 2, width + 2, x.channels];
    let sizes = PoolSizes { height, width, input_width: x.width, channels: x.channels / 4 };
    launch(Pool { pooling }, sizes, [x.data.clone()], shape.iter().product::<usize>() / 4, shape)
}

/// For each pooled value, which of the four below it its gradient goes to: a bit each, a byte per value,
/// four values to a word, no border. Far smaller than the maps themselves.
pub fn places(x: &Maps, pooling: Pooling) -> Tensor<4> {
    let (height, width) = (x.height / 2, x.width / 2);
    let shape = [1, height, width, x.channels / 4];
    let sizes = PoolPlacesSizes { height, width, input_width: x.width, channels: x.channels / 4 };
    launch(PoolPlaces { pooling }, sizes, [x.data.clone()], shape.iter().product(), shape)
}

/// The masked gradient at the pooling's input where that is at hand: the maximum's place is found again.
pub fn pool_gradient(gradient: Tensor<4>, below: &Maps, tap: Option<Tensor<4>>, pooling: Pooling) -> Tensor<4> {
    let (shape, data) = (below.data.dims(), below.data.clone());
    let sizes = PoolGradientSizes { height: below.height, width: below.width, channels: below.channels / 4 };
    let (kernel, count) = (PoolGradient { pooling, tap: tap.is_some() }, shape.iter().product::<usize>() / 4);
    match tap {
        Some(tap) => launch(kernel, sizes, [gradient, data, tap], count, shape),
        None => launch(kernel, sizes, [gradient, data], count, shape),
    }
}

/// The masked gradient at the input of a pooling with these [`places`], of height, width and channels.
pub fn pool_gradient_at(
    gradient: Tensor<4>,
    places: Tensor<4>,
    [height, width, channels]: [usize; 3],
    pooling: Pooling,
) -> Tensor<4> {
    let shape = [1, height + 2, width + 2, channels];
    let sizes = PoolGradientAtSizes { height, width, channels: channels / 4 };
    let count = shape.iter().product::<usize>() / 4;
    launch(PoolGradientAt { pooling }, sizes, [gradient, places], count, shape)
}

variants!(Pooling = Max | Average);

/// What the texts are told of a pooling.
fn constants(pooling: Pooling) -> String {
    let average = pooling == Pooling::Average;
    format!("const AVERAGE = {average};\nconst AVERAGE_SHARE = {AVERAGE_SHARE:?};\n")
}

kernel! {
    /// The pooled maps.
    Pool { pooling: Pooling }(x: vec4f) -> vec4f,
    PoolSizes { height: u32, width: u32, input_width: u32, channels: u32 },
    |kernel| Code::maps(include_str!("pool.wgsl")).with(&constants(kernel.pooling)),
}

kernel! {
    /// Where the pooled values' gradients go.
    PoolPlaces { pooling: Pooling }(x: vec4f) -> u32,
    PoolPlacesSizes { height: u32, width: u32, input_width: u32, channels: u32 },
    |kernel| Code::file(include_str!("pool_places.wgsl")).with(&constants(kernel.pooling)),
}

kernel! {
    /// The gradient by places.
    PoolGradientAt { pooling: Pooling }(gradient: vec4f, places: u32) -> vec4f,
    PoolGradientAtSizes { height: u32, width: u32, channels: u32 },
    |kernel| {
        Code::maps(include_str!("pool_gradient_at.wgsl")).with(include_str!("pooled.wgsl")).with(&constants(kernel.pooling))
    },
}

/// The gradient by the maps themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PoolGradient {
    /// How they were pooled.
    pub pooling: Pooling,
    /// Whether a loss adds to it.
    pub tap: bool,
}

variants!(PoolGradient { pooling: Pooling, tap: bool });
uniform!(PoolGradientSizes { height: u32, width: u32, channels: u32 });

impl Kernel for PoolGradient {
    type Sizes = PoolGradientSizes;

    fn inputs(self) -> &'static [Input] {
        const ALL: [Input; 3] = [("gradient", "vec4f"), ("below", "vec4f"), ("tap", "vec4f")];
        if self.tap { &ALL } else { &ALL[..2] }
    }

    fn code(self) -> Code {
        Code::maps(include_str!("pool_gradient.wgsl"))
            .with(include_str!("pooled.wgsl"))
            .with(&optional(("tap", "vec4f"), self.tap))
            .with(&constants(self.pooling))
    }
}
