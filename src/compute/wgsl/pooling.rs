//! 2×2 pooling of packed maps and its gradient: one invocation per four channels of a pixel.

use burn::tensor::Tensor;

use super::launch::{Bindings, Source, launch, linear_grid};
use crate::compute::maps::Maps;
use crate::compute::numbers::Pooling;
use crate::compute::plain::AVERAGE_SCALE;

/// What each of four pixels gives to an average.
const AVERAGE_SHARE: f32 = AVERAGE_SCALE / 4.0;

/// Pools; the result has its own border of zeros.
pub fn pool(x: &Maps, pooling: Pooling) -> Tensor<4> {
    let (h, w) = (x.height / 2, x.width / 2);
    let output = [1, h + 2, w + 2, x.channels];
    let source = Source { name: format!("pool {}", name(pooling)), text: pool_text };
    let grid = linear_grid(output.iter().product::<usize>() / 4, 64);
    launch([x.data.clone()], source, grid, &[h, w, x.width, x.channels / 4], output)
}

/// The masked gradient at the pooling's input where that is at hand: the maximum's place is found again.
pub fn pool_gradient(gradient: Tensor<4>, below: &Maps, tap: Option<Tensor<4>>, pooling: Pooling) -> Tensor<4> {
    let output = [1, below.height + 2, below.width + 2, below.channels];
    let with = if tap.is_some() { "tap" } else { "alone" };
    let source = Source { name: format!("pool gradient {} {with}", name(pooling)), text: gradient_text };
    let grid = linear_grid(output.iter().product::<usize>() / 4, 64);
    let sizes = [below.height, below.width, below.channels / 4];
    match tap {
        Some(tap) => launch([gradient, below.data.clone(), tap], source, grid, &sizes, output),
        None => launch([gradient, below.data.clone()], source, grid, &sizes, output),
    }
}

/// For each pooled value, which of the four below it its gradient goes to: a bit each, a byte per value,
/// four values to a word, no border. Far smaller than the maps themselves.
pub fn places(x: &Maps, pooling: Pooling) -> Tensor<4> {
    let (h, w) = (x.height / 2, x.width / 2);
    let output = [1, h, w, x.channels / 4];
    let source = Source { name: format!("pool places {}", name(pooling)), text: places_text };
    let grid = linear_grid(output.iter().product::<usize>(), 64);
    launch([x.data.clone()], source, grid, &[h, w, x.width, x.channels / 4], output)
}

/// The masked gradient at the input of a pooling with these [`places`], of height, width and channels.
pub fn pool_gradient_at(gradient: Tensor<4>, places: Tensor<4>, [h, w, c]: [usize; 3], pooling: Pooling) -> Tensor<4> {
    let output = [1, h + 2, w + 2, c];
    let source = Source { name: format!("pool gradient at {}", name(pooling)), text: gradient_at_text };
    let grid = linear_grid(output.iter().product::<usize>() / 4, 64);
    launch([gradient, places], source, grid, &[h, w, c / 4], output)
}

fn name(pooling: Pooling) -> &'static str {
    match pooling {
        Pooling::Max => "max",
        Pooling::Average => "average",
    }
}

fn pool_text(name: &str) -> String {
    let combine = if name.contains("max") {
        "max(max(a, b), max(c, d))".to_string()
    } else {
        format!("(a + b + c + d) * {AVERAGE_SHARE:?}")
    };
    let bindings = Bindings {
        sizes: "height: u32, width: u32, input_width: u32, channels: u32",
        inputs: &[("x", "vec4f")],
        output: ("y", "vec4f"),
    };
    bindings.map_kernel(&format!(
        "    let pitch = (sizes.input_width + 2u) * sizes.channels;
    let at = (2u * row - 1u) * pitch + (2u * column - 1u) * sizes.channels + channel;
    let a = x[at];
    let b = x[at + sizes.channels];
    let c = x[at + pitch];
    let d = x[at + pitch + sizes.channels];
    value = {combine};"
    ))
}

fn gradient_text(name: &str) -> String {
    let share = if name.contains("max") {
        // The first of equal maxima takes all; whether one comes earlier depends on the place in the block.
        "let base = ((2u * (oy - 1u) + 1u) * pitch + 2u * (ox - 1u) + 1u) * sizes.channels + channel;
    let a = below[base];
    let b = below[base + sizes.channels];
    let c = below[base + pitch * sizes.channels];
    let d = below[base + (pitch + 1u) * sizes.channels];
    let place = 2u * ((row - 1u) & 1u) + ((column - 1u) & 1u);
    let top = max(max(a, b), max(c, d));
    var first = value == top;
    if (place > 0u) { first = first & (a != top); }
    if (place > 1u) { first = first & (b != top); }
    if (place > 2u) { first = first & (c != top); }
    sum = select(vec4f(), g, first);"
            .to_string()
    } else {
        format!("sum = g * {AVERAGE_SHARE:?};")
    };
    let mut inputs = vec![("gradient", "vec4f"), ("below", "vec4f")];
    let mut add = "";
    if name.contains("tap") {
        inputs.push(("tap", "vec4f"));
        add = "sum += tap[index];";
    }
    let bindings = Bindings {
        sizes: "height: u32, width: u32, channels: u32, a: u32",
        inputs: &inputs,
        output: ("result", "vec4f"),
    };
    bindings.linear_kernel(&format!(
        "  let pitch = sizes.width + 2u;
  let channel = index % sizes.channels;
  let column = index / sizes.channels % pitch;
  let row = index / sizes.channels / pitch;
  if (row > sizes.height + 1u) {{ return; }}
  if (row == 0u || row > sizes.height || column == 0u || column > sizes.width) {{
    result[index] = vec4f();
    return;
  }}
  let value = below[index];
  var sum = vec4f();
  // This pixel's place in the pooled maps, border counted.
  let oy = (row + 1u) / 2u;
  let ox = (column + 1u) / 2u;
  if (oy <= sizes.height / 2u && ox <= sizes.width / 2u) {{
    let g = gradient[(oy * (sizes.width / 2u + 2u) + ox) * sizes.channels + channel];
    {share}
  }}
  {add}
  result[index] = select(vec4f(), sum, value > vec4f());"
    ))
}

fn places_text(name: &str) -> String {
    let bindings = Bindings {
        sizes: "height: u32, width: u32, input_width: u32, channels: u32",
        inputs: &[("x", "vec4f")],
        output: ("y", "u32"),
    };
    // The first of equal maxima takes all, and none where the maximum is zero, for such maps are masked.
    let bits = if name.contains("max") {
        "let top = max(max(a, b), max(c, d));
  let taker = select(select(select(select(vec4u(), vec4u(8u), d == top), vec4u(4u), c == top), vec4u(2u), b == top), vec4u(1u), a == top);
  let bits = select(vec4u(), taker, top > vec4f());"
    } else {
        "let bits = vec4u(a > vec4f()) + 2u * vec4u(b > vec4f()) + 4u * vec4u(c > vec4f()) + 8u * vec4u(d > vec4f());"
    };
    bindings.linear_kernel(&format!(
        "  if (index >= sizes.height * sizes.width * sizes.channels) {{ return; }}
  let channel = index % sizes.channels;
  let column = index / sizes.channels % sizes.width;
  let row = index / sizes.channels / sizes.width;
  let pitch = (sizes.input_width + 2u) * sizes.channels;
  let at = (2u * row + 1u) * pitch + (2u * column + 1u) * sizes.channels + channel;
  let a = x[at];
  let b = x[at + sizes.channels];
  let c = x[at + pitch];
  let d = x[at + pitch + sizes.channels];
  {bits}
  y[index] = bits.x | (bits.y << 8u) | (bits.z << 16u) | (bits.w << 24u);"
    ))
}

fn gradient_at_text(name: &str) -> String {
    let share = if name.contains("max") { 1.0 } else { AVERAGE_SHARE };
    let bindings = Bindings {
        sizes: "height: u32, width: u32, channels: u32, a: u32",
        inputs: &[("gradient", "vec4f"), ("places", "u32")],
        output: ("result", "vec4f"),
    };
    bindings.linear_kernel(&format!(
        "  let pitch = sizes.width + 2u;
  let channel = index % sizes.channels;
  let column = index / sizes.channels % pitch;
  let row = index / sizes.channels / pitch;
  if (row > sizes.height + 1u) {{ return; }}
  // Of the pooled maps, border counted; what an odd side leaves over is in no block.
  let oy = (row + 1u) / 2u;
  let ox = (column + 1u) / 2u;
  let half = sizes.width / 2u;
  var value = vec4f();
  if (row > 0u && oy <= sizes.height / 2u && column > 0u && ox <= half) {{
    let g = gradient[(oy * (half + 2u) + ox) * sizes.channels + channel];
    let word = places[((oy - 1u) * half + ox - 1u) * sizes.channels + channel];
    let bits = (vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) >> vec4u(2u * ((row - 1u) & 1u) + ((column - 1u) & 1u));
    value = select(vec4f(), g * {share:?}, (bits & vec4u(1u)) == vec4u(1u));
  }}
  result[index] = value;"
    ))
}
