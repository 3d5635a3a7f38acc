//! 2×2 pooling of packed maps and its gradient: one invocation per four channels of a pixel.

use burn::tensor::Tensor;

use super::kernel::{Code, Input, Kernel, kernel, optional, variants};
use super::launch::{blank, launch};
use super::uniform::uniform;
use crate::compute::maps::Maps;
use crate::compute::numbers::Pooling;
use crate::compute::plain::AVERAGE_SCALE;

/// What each of four pixels gives to an average.
const AVERAGE_SHARE: f32 = AVERAGE_SCALE / 4.0;

/// Pools; the result has its own border of zeros.
pub fn pool(x: &Maps, pooling: Pooling) -> Tensor<4> {
    let (sizes, shape) = pooled(x);
    launch(Pool { pooling, noting: false }, sizes, [x.data.clone()], shape.iter().product::<usize>() / 4, shape)
}

/// Pools and notes for each pooled value which of the four below it its gradient goes to: a bit each, a byte per value,
/// four values to a word, no border. Far smaller than the maps themselves.
pub fn pool_noting(x: &Maps, pooling: Pooling) -> [Tensor<4>; 2] {
    let (sizes, shape) = pooled(x);
    let places = blank(&x.data, [1, sizes.height, sizes.width, sizes.channels]);
    let (kernel, count) = (Pool { pooling, noting: true }, shape.iter().product::<usize>() / 4);
    [launch(kernel, sizes, [x.data.clone(), places.clone()], count, shape), places]
}

fn pooled(x: &Maps) -> (PoolSizes, [usize; 4]) {
    let (height, width) = (x.height / 2, x.width / 2);
    let sizes = PoolSizes { height, width, input_width: x.width, channels: x.channels / 4 };
    (sizes, [1, height + 2, width + 2, x.channels])
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

/// The masked gradient at the input of a pooling with these places (see [`pool_noting`]), of height, width and channels.
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

/// The pooled maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pool {
    /// How they are pooled.
    pub pooling: Pooling,
    /// Whether places are noted.
    pub noting: bool,
}

variants!(Pool { pooling: Pooling, noting: bool });
uniform!(PoolSizes { height: u32, width: u32, input_width: u32, channels: u32 });

impl Kernel for Pool {
    type Sizes = PoolSizes;

    fn inputs(self) -> &'static [Input] {
        &[("x", "vec4f")]
    }

    fn writes_too(self) -> Option<Input> {
        self.noting.then_some(("places", "u32"))
    }

    fn code(self) -> Code {
        let note = match self.noting {
            true => include_str!("pool_places.wgsl"),
            false => "fn note(at: u32, a: vec4f, b: vec4f, c: vec4f, d: vec4f) {}\n",
        };
        Code::maps(include_str!("pool.wgsl")).with(note).with(&constants(self.pooling))
    }
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
