//! How convolutions end: what becomes of a pixel's sums, whichever kernel found them.
//!
//! One loop serves forward (plus bias, rectified) and the data gradients (plus a loss's gradient, masked by the map below and
//! written over it; or as they are, below a pooling).

use burn::tensor::Tensor;

use super::kernel::{Input, Kernel, multiplied, variants};
use super::launch::launch;

/// What becomes of the sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// Maps, with a bias, rectified.
    Forward,
    /// The gradient at the maps below, masked by them and written over them.
    Gradient,
    /// The same with a loss's gradient added.
    GradientAndTap,
    /// The gradient as it is.
    GradientUnmasked,
}

variants!(End = Forward | Gradient | GradientAndTap | GradientUnmasked);

impl End {
    /// Whether the result is written over the maps below.
    pub fn writes_over(self) -> bool {
        matches!(self, Self::Gradient | Self::GradientAndTap)
    }

    /// The value to be stored at `index` of the result for a sum of this type; `bias` and `tap` are inputs.
    pub fn value(self, sum: &str, index: &str, channel: &str, element: &str) -> String {
        // What is written over is the rectified map below.
        let masked = |sum: String| format!("select({element}(), {sum}, result[{index}] > {element}())");
        match self {
            Self::Forward => format!("max({sum} + bias[{channel}], {element}())"),
            Self::Gradient => masked(sum.into()),
            Self::GradientAndTap => masked(format!("{sum} + tap[{index}]")),
            Self::GradientUnmasked => sum.into(),
        }
    }
}

/// What a direct convolution is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Packed maps.
    Maps(End),
    /// The gradient at the image, in three planes.
    Image,
}

#[cfg(test)]
impl super::kernel::Variants for Purpose {
    fn all() -> Vec<Self> {
        End::all().into_iter().map(Self::Maps).chain([Self::Image]).collect()
    }
}

impl Purpose {
    /// What the kernel reads.
    pub fn inputs(self) -> &'static [Input] {
        match self {
            Self::Maps(End::Forward) => &[("x", "vec4f"), ("weights", "vec4f"), ("bias", "vec4f")],
            Self::Maps(End::GradientAndTap) => &[("x", "vec4f"), ("weights", "vec4f"), ("tap", "vec4f")],
            Self::Maps(End::Gradient | End::GradientUnmasked) | Self::Image => &[("x", "vec4f"), ("weights", "vec4f")],
        }
    }

    /// What the result is made of.
    pub fn output(self) -> &'static str {
        if self == Self::Image { "f32" } else { "vec4f" }
    }

    /// Whether the result is written over the maps below.
    pub fn writes_over(self) -> bool {
        matches!(self, Self::Maps(end) if end.writes_over())
    }
}

/// An end with the tensors it takes.
#[derive(Debug)]
pub struct Ending {
    /// Which end it is.
    pub end: End,
    /// What is added: a bias or a loss's gradient.
    pub added: Option<Tensor<4>>,
    /// The maps below.
    pub below: Option<Tensor<4>>,
}

impl Ending {
    pub fn forward(bias: Tensor<4>) -> Self {
        Self { end: End::Forward, added: Some(bias), below: None }
    }

    pub fn gradient(below: Tensor<4>, tap: Option<Tensor<4>>) -> Self {
        let end = if tap.is_some() { End::GradientAndTap } else { End::Gradient };
        Self { end, added: tap, below: Some(below) }
    }

    pub fn gradient_unmasked() -> Self {
        Self { end: End::GradientUnmasked, added: None, below: None }
    }

    /// Launches a convolution on maps and weights and on what else its end takes.
    pub fn launch<K: Kernel>(
        self,
        kernel: K,
        sizes: K::Sizes,
        [x, weights]: [Tensor<4>; 2],
        invocations: usize,
        shape: [usize; 4],
    ) -> Tensor<4> {
        match (self.added, self.below) {
            (Some(added), Some(below)) => launch(kernel, sizes, [x, weights, added, below], invocations, shape),
            (Some(other), None) | (None, Some(other)) => launch(kernel, sizes, [x, weights, other], invocations, shape),
            (None, None) => launch(kernel, sizes, [x, weights], invocations, shape),
        }
    }
}

/// Multiplications and additions of a 3×3 convolution, forward or back.
pub fn convolution_work(pixels: usize, inputs: usize, outputs: usize) -> f64 {
    2.0 * multiplied([9, pixels, inputs, outputs])
}

/// Writes the zeros of the border next to a tile of `rows × columns` pixels at `row`, `column`, for `vectors` elements from
/// `channel` on of the `channels` that a pixel has. Also found are `pitch` and, among the sizes, `height` and `width`.
pub fn border([rows, columns]: [usize; 2], vectors: usize, channel: &str, element: &str) -> String {
    format!(
        "  let bottom = sizes.height + 1u;
  let right = sizes.width + 1u;
  if (row == 0u || column == 0u || row + {rows}u >= sizes.height || column + {columns}u >= sizes.width) {{
    for (var r = row; r < row + {rows}u + 2u && r <= bottom; r++) {{
      for (var c = column; c < column + {columns}u + 2u && c <= right; c++) {{
        if (r == 0u || r == bottom || c == 0u || c == right) {{
          for (var v = 0u; v < {vectors}u; v++) {{
            result[(r * pitch + c) * channels + {channel} + v] = {element}();
          }}
        }}
      }}
    }}
  }}
"
    )
}

/// Writes a sum's first three lanes, at some rows and columns from `row`, `column`, as planes of an image.
pub fn image_store(sum: &str, [row, column]: [usize; 2]) -> String {
    let planes: String = (0..3)
        .map(|p| {
            format!("result[({p}u * sizes.height + row + {row}u) * sizes.width + column + {column}u] = {sum}[{p}]; ")
        })
        .collect();
    format!("  if (row + {row}u < sizes.height && column + {column}u < sizes.width) {{ {planes}}}\n")
}
