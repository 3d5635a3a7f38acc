//! The gradient of the nine-point total variation; see `loss::total_variation`.
//!
//! One invocation gathers all differences its value is in. Replicate padding makes border values stand
//! for padded ones too, whose diagonal differences count as well; straight ones across the border are
//! zero.

use burn::tensor::Tensor;

use super::launch::{Bindings, Source, float, launch, linear_grid};

/// The gradient of `weight · TV` at an image `[1, 3, H, W]`.
pub fn variation_gradient(image: Tensor<4>, weight: f64) -> Tensor<4> {
    let shape = image.dims();
    let [_, channels, h, w] = shape;
    let straight = 4.0 * weight / (3 * channels * h * w) as f64;
    let diagonal = 4.0 * weight / (12 * channels * (h + 1) * (w + 1)) as f64;
    let source = Source { name: "variation".into(), text };
    let sizes = [h, w, channels * h * w, 0, float(straight), float(diagonal)];
    launch([image], source, linear_grid(channels * h * w, 64), &sizes, shape)
}

fn text(_: &str) -> String {
    let bindings = Bindings {
        sizes: "height: i32, width: i32, count: u32, a: u32, straight: f32, diagonal: f32, b: u32, c: u32",
        inputs: &[("image", "f32")],
        output: ("gradient", "f32"),
    };
    bindings.linear_kernel(
        "  if (index >= sizes.count) { return; }
  let plane = sizes.height * sizes.width;
  let start = i32(index) / plane * plane;
  let y = (i32(index) - start) / sizes.width;
  let x = (i32(index) - start) % sizes.width;
  let bottom = sizes.height - 1;
  let right = sizes.width - 1;
  let value = image[index];
  var straight = 0.0;
  if (x > 0) { straight += value - image[index - 1u]; }
  if (x < right) { straight += value - image[index + 1u]; }
  if (y > 0) { straight += value - image[index - u32(sizes.width)]; }
  if (y < bottom) { straight += value - image[index + u32(sizes.width)]; }
  // The padded places this value stands for, counted from -1 to the side's length.
  var diagonal = 0.0;
  for (var py = select(y, -1, y == 0); py <= select(y, bottom + 1, y == bottom); py++) {
    for (var px = select(x, -1, x == 0); px <= select(x, right + 1, x == right); px++) {
      for (var corner = 0; corner < 4; corner++) {
        let ny = py + (corner & 1) * 2 - 1;
        let nx = px + (corner >> 1) * 2 - 1;
        if (ny >= -1 && ny <= bottom + 1 && nx >= -1 && nx <= right + 1) {
          diagonal += value - image[start + clamp(ny, 0, bottom) * sizes.width + clamp(nx, 0, right)];
        }
      }
    }
  }
  gradient[index] = straight * sizes.straight + diagonal * sizes.diagonal;",
    )
}
