//! An image `[1, 3, H, W]` becomes packed maps of four channels, the last one empty.

use burn::tensor::Tensor;

use super::launch::{Bindings, Source, float, launch, linear_grid};

/// Subtracts the means and packs.
pub fn input(image: Tensor<4>, mean: [f32; 3]) -> Tensor<4> {
    let [_, _, h, w] = image.dims();
    let source = Source { name: "input".into(), text };
    let grid = linear_grid((h + 2) * (w + 2), 64);
    let sizes = [h, w, 0, 0].into_iter().chain(mean.map(|m| float(m.into()))).collect::<Vec<_>>();
    launch([image], source, grid, &sizes, [1, h + 2, w + 2, 4])
}

fn text(_: &str) -> String {
    let bindings = Bindings {
        sizes: "height: u32, width: u32, a: u32, b: u32, mean: vec4f",
        inputs: &[("image", "f32")],
        output: ("maps", "vec4f"),
    };
    bindings.linear_kernel(
        "  let pitch = sizes.width + 2u;
  let row = index / pitch;
  let column = index % pitch;
  if (row > sizes.height + 1u) { return; }
  var value = vec4f();
  if (row > 0u && row <= sizes.height && column > 0u && column <= sizes.width) {
    let plane = sizes.height * sizes.width;
    let at = (row - 1u) * sizes.width + column - 1u;
    value = vec4f(image[at], image[plane + at], image[2u * plane + at], 0.0) - sizes.mean;
  }
  maps[index] = value;",
    )
}
