//! Cosines between what lies at each pixel of packed maps, over several layers together (see [`crate::compute::cosines`]).

use burn::tensor::Tensor;

use super::kernel::{Code, Input, Kernel, kernel, variants};
use super::launch::{blank, launch};
use super::reduce::{Room, invocations, leaving};
use super::uniform::uniform;
use crate::compute::maps::{Maps, Tiling};

/// Products and squares at each pixel, `[1, 2, H, W]`, added to others if there are any.
pub fn add_products(x: &Maps, centre: &Tensor<2>, y: &Maps, weight: f64, others: Option<Tensor<4>>) -> Tensor<4> {
    let (width, count, channels) = (x.width, x.pixels(), x.channels / 4);
    let shape = [1, 2, x.height, width];
    let adding = others.is_some();
    let within = others.unwrap_or_else(|| blank(&x.data, shape));
    let sizes = PixelProductsSizes { count, width, channels, weight };
    launch(PixelProducts { adding }, sizes, [x.data.clone(), flat(centre), y.data.clone(), within], count, shape)
}

/// How much of the goal and how much of itself each pixel's gradient is, `[1, 2, H, W]`; the value is left in the room.
pub fn cosines(products: Tensor<4>, reach: &Tensor<4>, factor: f64, room: Room, tiling: Tiling) -> Tensor<4> {
    let shape = products.dims();
    let sizes = CosinesSizes { count: shape[2] * shape[3], at: room.at, factor };
    launch(Cosines { tiling }, sizes, [products, reach.clone(), room.sums], invocations(tiling), shape)
}

/// The gradient at x, in its layout.
pub fn cosine_gradient(x: &Maps, centre: &Tensor<2>, y: &Maps, weight: f64, mixture: &Tensor<4>) -> Tensor<4> {
    let shape = x.data.dims();
    let (height, width, channels) = (x.height, x.width, x.channels / 4);
    let sizes = CosineGradientSizes { height, width, channels, weight };
    let tensors = [x.data.clone(), flat(centre), y.data.clone(), mixture.clone()];
    launch(CosineGradient {}, sizes, tensors, shape.iter().product::<usize>() / 4, shape)
}

fn flat(centre: &Tensor<2>) -> Tensor<4> {
    let [_, channels] = centre.dims();
    centre.clone().reshape([1, 1, 1, channels])
}

/// Each pixel's products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PixelProducts {
    /// Whether they are added to those that are there.
    pub adding: bool,
}

variants!(PixelProducts { adding: bool });
uniform!(PixelProductsSizes { count: u32, width: u32, channels: u32, weight: f32 });

impl Kernel for PixelProducts {
    type Sizes = PixelProductsSizes;

    fn inputs(self) -> &'static [Input] {
        &[("x", "vec4f"), ("centre", "vec4f"), ("y", "vec4f")]
    }

    fn output(self) -> &'static str {
        "f32"
    }

    fn writes_within(self) -> bool {
        true
    }

    fn code(self) -> Code {
        let put = if self.adding { "+=" } else { "=" };
        Code::body(format!(
            "  if (index >= sizes.count) {{ return; }}
  let at = ((index / sizes.width + 1u) * (sizes.width + 2u) + index % sizes.width + 1u) * sizes.channels;
  var product = 0.0;
  var square = 0.0;
  for (var channel = 0u; channel < sizes.channels; channel++) {{
    let value = x[at + channel] - centre[channel];
    product += dot(value, y[at + channel]);
    square += dot(value, value);
  }}
  result[index] {put} sizes.weight * product;
  result[sizes.count + index] {put} sizes.weight * square;
"
        ))
    }
}

kernel! {
    /// Cosines from products and squares.
    Cosines { tiling: Tiling }(products: f32, reach: f32) -> f32 and sums: f32,
    CosinesSizes { count: u32, at: u32, factor: f32 },
    |kernel| Code::file(include_str!("cosines.wgsl")).with(&leaving(kernel.tiling, "sums")),
}

kernel! {
    /// A mixture of two maps, by the pixel.
    CosineGradient {}(x: vec4f, centre: vec4f, y: vec4f, mixture: f32) -> vec4f,
    CosineGradientSizes { height: u32, width: u32, channels: u32, weight: f32 },
    |_| Code::maps(include_str!("cosine_gradient.wgsl")),
}
