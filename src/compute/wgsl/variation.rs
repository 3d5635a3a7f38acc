//! The gradient of the nine-point total variation; see `loss::total_variation`.
//!
//! One invocation gathers all differences its value is in. Replicate padding makes border values stand
//! for padded ones too, whose diagonal differences count as well; straight ones across the border are
//! zero. Where edges meet there is no border: a neighbour is at the opposite one.

use burn::tensor::Tensor;

use super::kernel::{Code, Input, Kernel, optional, variants};
use super::launch::launch;
use super::reduce::{Room, invocations, leaving};
use super::uniform::uniform;
use crate::compute::maps::Tiling;
use crate::compute::numbers::Wrap;

/// The gradient of `weight · TV` at an image `[1, 3, H, W]` whose edges meet so, another one added if there is one. Left among the sums is the
/// sum of its products with the image's values, which is twice the loss: for a quadratic form f, 2·f(x) = ⟨x, ∇f(x)⟩ (Euler).
pub fn variation_gradient(
    image: Tensor<4>,
    wrap: Wrap,
    weight: f64,
    other: Option<Tensor<4>>,
    room: Room,
    tiling: Tiling,
) -> Tensor<4> {
    let shape = image.dims();
    let [_, channels, height, width] = shape;
    let count = channels * height * width;
    let straight = 4.0 * weight / (3 * count) as f64;
    let [rows, columns] = [wrap.rows(), wrap.columns()].map(usize::from);
    let diagonal = 4.0 * weight / (12 * channels * (height + 1 - rows) * (width + 1 - columns)) as f64;
    let sizes = VariationSizes { height, width, count, at: room.at, straight, diagonal, rows, columns };
    let kernel = Variation { added: other.is_some(), tiling };
    match other {
        Some(other) => launch(kernel, sizes, [image, other, room.sums], invocations(tiling), shape),
        None => launch(kernel, sizes, [image, room.sums], invocations(tiling), shape),
    }
}

/// The gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Variation {
    /// Whether another one is added.
    pub added: bool,
    /// Who adds up what is left among the sums.
    pub tiling: Tiling,
}

variants!(Variation { added: bool, tiling: Tiling });
uniform! {
    /// Pixels and factors; 1 where the rows and where the columns go on at the opposite edge.
    VariationSizes {
        height: u32, width: u32, count: u32, at: u32, straight: f32, diagonal: f32, rows: u32, columns: u32,
    }
}

impl Kernel for Variation {
    type Sizes = VariationSizes;

    fn inputs(self) -> &'static [Input] {
        const ALL: [Input; 2] = [("image", "f32"), ("other", "f32")];
        if self.added { &ALL } else { &ALL[..1] }
    }

    fn output(self) -> &'static str {
        "f32"
    }

    fn writes_too(self) -> Option<Input> {
        Some(("sums", "f32"))
    }

    fn code(self) -> Code {
        Code::file(include_str!("variation.wgsl"))
            .with(&optional(("other", "f32"), self.added))
            .with(&leaving(self.tiling, "sums"))
    }
}
