//! The 3×3 convolution of packed maps, register-tiled.
//!
//! One invocation computes `ROWS × COLUMNS` pixels of `4·VECTORS` output channels. For every four input
//! channels it loads the tile with its halo once and each of the nine taps' weights once, as 4×4
//! matrices, and uses every load for all its pixels. Weights are packed so that an invocation reads
//! them in order.
//!
//! Where the device has subgroups, four neighbouring invocations work on four tiles of the same output
//! channels, load a quarter of the weights each and pass them around ("quad").
//!
//! The same loop serves four ends: forward (plus bias, rectified), data gradient (plus a loss's
//! gradient, masked by the map below and written over it), data gradient as it is (below a pooling) and the image's gradient
//! (three planes). All read the same weights: a data gradient is a convolution with the taps turned by
//! 180° and the channels exchanged, so it reads them in another order and transposes each 4×4 matrix.

use burn::tensor::{Device, Tensor, TensorData};

use super::kernel::{Code, GROUP, Input, Kernel, variants};
use super::launch::launch;
use super::uniform::uniform;
use crate::compute::maps::Maps;
use crate::compute::numbers;

const ROWS: usize = 4;
const COLUMNS: usize = 4;
/// Vectors of four output channels per invocation.
const VECTORS: usize = 2;
/// Workgroups hold this many blocks of output channels times this many tiles.
const SIDE: usize = GROUP.isqrt();

/// A convolution's weights, packed.
#[derive(Debug, Clone)]
pub struct Filter {
    weights: Tensor<4>,
    bias: Tensor<4>,
    inputs: usize,
    outputs: usize,
    quad: bool,
}

impl Filter {
    /// Packs and uploads. Three input channels become four with zero weights.
    pub fn new(kernel: &numbers::Kernel, quad: bool, device: &Device) -> Self {
        let upload = |values: Vec<f32>| {
            let count = values.len();
            Tensor::from_data(TensorData::new(values, [1, 1, 1, count]), device)
        };
        Self {
            weights: upload(pack(kernel)),
            bias: upload(kernel.bias.clone()),
            inputs: kernel.shape[1],
            outputs: kernel.shape[0],
            quad,
        }
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }
}

/// Weights as `[block][input vector][tap][input lane][vector in block]` of vectors over output lanes.
fn pack(kernel: &numbers::Kernel) -> Vec<f32> {
    let [outputs, inputs, ..] = kernel.shape;
    let (blocks, input_vectors) = (outputs.div_ceil(4 * VECTORS), inputs.div_ceil(4));
    let mut packed = Vec::with_capacity(blocks * input_vectors * 36 * 4 * VECTORS);
    for block in 0..blocks {
        for vector in 0..input_vectors {
            for tap in 0..9 {
                for input in 4 * vector..4 * vector + 4 {
                    for output in 4 * VECTORS * block..4 * VECTORS * (block + 1) {
                        let inside = input < inputs && output < outputs;
                        packed.push(if inside { kernel.weight[(output * inputs + input) * 9 + tap] } else { 0.0 });
                    }
                }
            }
        }
    }
    packed
}

/// `relu(x ∗ w + b)`, with its own border of zeros.
pub fn conv3x3_relu(x: &Maps, filter: &Filter) -> Tensor<4> {
    let size = [x.height, x.width];
    let tensors = [x.data.clone(), filter.weights.clone(), filter.bias.clone()];
    run(Purpose::Forward, tensors, filter, size, x.channels.div_ceil(4), filter.outputs)
}

/// The masked gradient at the map below, written over it; see [`crate::compute::conv3x3_gradient`].
pub fn conv3x3_gradient(gradient: Tensor<4>, filter: &Filter, below: Maps, tap: Option<Tensor<4>>) -> Tensor<4> {
    let (size, vectors) = ([below.height, below.width], filter.outputs / 4);
    let (weights, channels) = (filter.weights.clone(), below.channels);
    match tap {
        Some(tap) => {
            run(Purpose::GradientAndTap, [gradient, weights, tap, below.data], filter, size, vectors, channels)
        }
        None => run(Purpose::Gradient, [gradient, weights, below.data], filter, size, vectors, channels),
    }
}

/// The gradient at a convolution's input of this size, neither added to nor masked.
pub fn conv3x3_gradient_unmasked(gradient: Tensor<4>, filter: &Filter, size: [usize; 2]) -> Tensor<4> {
    let tensors = [gradient, filter.weights.clone()];
    run(Purpose::GradientUnmasked, tensors, filter, size, filter.outputs / 4, filter.inputs)
}

/// The gradient at the image, `[1, 3, H, W]`.
pub fn image_gradient(gradient: Tensor<4>, filter: &Filter, size: [usize; 2]) -> Tensor<4> {
    run(Purpose::ImageGradient, [gradient, filter.weights.clone()], filter, size, filter.outputs / 4, 3)
}

fn run<const N: usize>(
    purpose: Purpose,
    tensors: [Tensor<4>; N],
    filter: &Filter,
    [height, width]: [usize; 2],
    inputs: usize,
    outputs: usize,
) -> Tensor<4> {
    let image = purpose == Purpose::ImageGradient;
    let blocks = if image { 1 } else { outputs / (4 * VECTORS) };
    let tiles = height.div_ceil(ROWS) * width.div_ceil(COLUMNS);
    // One or two tiles would leave most of a quad idle.
    let kernel = Conv3x3 { purpose, quad: filter.quad && tiles > 2 };
    let shape = if image { [1, 3, height, width] } else { [1, height + 2, width + 2, outputs] };
    let invocations = blocks.next_multiple_of(SIDE) * tiles.next_multiple_of(SIDE);
    launch(kernel, Conv3x3Sizes { height, width, inputs, blocks }, tensors, invocations, shape)
}

/// The convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Conv3x3 {
    /// What for.
    pub purpose: Purpose,
    /// Whether four neighbours share their weights.
    pub quad: bool,
}

/// What a convolution is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Maps, with a bias, rectified.
    Forward,
    /// The gradient at the maps below, masked by them and written over them.
    Gradient,
    /// The same with a loss's gradient added.
    GradientAndTap,
    /// The gradient as it is.
    GradientUnmasked,
    /// The gradient at the image, in planes.
    ImageGradient,
}

variants!(Conv3x3 { purpose: Purpose, quad: bool });
variants!(Purpose = Forward | Gradient | GradientAndTap | GradientUnmasked | ImageGradient);
uniform! {
    /// Pixels; input channels in vectors and output channels in blocks.
    Conv3x3Sizes { height: u32, width: u32, inputs: u32, blocks: u32 }
}

impl Kernel for Conv3x3 {
    type Sizes = Conv3x3Sizes;

    fn inputs(self) -> &'static [Input] {
        match self.purpose {
            Purpose::Forward => &[("x", "vec4f"), ("weights", "vec4f"), ("bias", "vec4f")],
            Purpose::GradientAndTap => &[("x", "vec4f"), ("weights", "vec4f"), ("tap", "vec4f")],
            Purpose::Gradient | Purpose::GradientUnmasked | Purpose::ImageGradient => {
                &[("x", "vec4f"), ("weights", "vec4f")]
            }
        }
    }

    fn output(self) -> &'static str {
        if self.purpose == Purpose::ImageGradient { "f32" } else { "vec4f" }
    }

    fn writes_over(self) -> bool {
        matches!(self.purpose, Purpose::Gradient | Purpose::GradientAndTap)
    }

    fn in_quads(self) -> bool {
        self.quad
    }

    fn code(self) -> Code {
        let Self { purpose, quad } = self;
        let vectors = if purpose == Purpose::ImageGradient { 1 } else { VECTORS };
        // Consecutive numbers make a quad: tiles where weights are passed around, blocks where they are not.
        let near = format!("index % {SIDE}u");
        let far = format!("index % {GROUP}u / {SIDE}u");
        let (tile, block) = if quad { (near, far) } else { (far, near) };
        // All four of a quad must take part in passing weights: one past the last tile repeats its work and
        // stores nothing.
        let first = if quad { "(wanted_tile & ~3u)" } else { "wanted_tile" };
        Code::body(format!(
            "  let across = (sizes.width + {COLUMNS}u - 1u) / {COLUMNS}u;
  let tiles = (sizes.height + {ROWS}u - 1u) / {ROWS}u * across;
  let block_groups = (sizes.blocks + {SIDE}u - 1u) / {SIDE}u;
  let block = index / {GROUP}u % block_groups * {SIDE}u + {block};
  let wanted_tile = index / {GROUP}u / block_groups * {SIDE}u + {tile};
  if (block >= sizes.blocks || {first} >= tiles) {{ return; }}
  let tile = min(wanted_tile, tiles - 1u);
  let row = tile / across * {ROWS}u;
  let column = tile % across * {COLUMNS}u;
  let pitch = sizes.width + 2u;
{}
  var at = (row * pitch + column) * sizes.inputs;
  for (var input = 0u; input < sizes.inputs; input++) {{
    let weight = {};
{}
    at++;
  }}
  if (wanted_tile >= tiles) {{ return; }}
{}",
            accumulators(vectors),
            first_weight(purpose),
            products(vectors, purpose == Purpose::Forward, quad),
            if purpose == Purpose::ImageGradient { image_stores() } else { stores(purpose) },
        ))
    }
}

/// Where the weights of one step of the loop begin: those from four input channels to a block, or, on
/// the way back, those from a block's input channels to four output channels.
fn first_weight(purpose: Purpose) -> String {
    let each = 36 * VECTORS;
    let back =
        |vectors: &str| format!("(input / {VECTORS}u * {vectors} + block * {VECTORS}u) * {each}u + input % {VECTORS}u");
    match purpose {
        Purpose::Forward => format!("(block * sizes.inputs + input) * {each}u"),
        Purpose::ImageGradient => back("1u"),
        _ => back(&format!("sizes.blocks * {VECTORS}u")),
    }
}

fn accumulators(vectors: usize) -> String {
    tile_lines(vectors, |r, c, v| format!("  var s{r}_{c}_{v} = vec4f();\n"))
}

fn tile_lines(vectors: usize, line: impl Fn(usize, usize, usize) -> String) -> String {
    let mut text = String::new();
    for r in 0..ROWS {
        for c in 0..COLUMNS {
            for v in 0..vectors {
                text += &line(r, c, v);
            }
        }
    }
    text
}

/// One step of the loop over input vectors: loads, then nine taps for all pixels. Past the last row or
/// column the loads find other pixels' values or, past the end, whatever WebGPU gives; no pixel that
/// is stored uses them.
fn products(vectors: usize, forward: bool, quad: bool) -> String {
    let mut text = String::new();
    for r in 0..ROWS + 2 {
        for c in 0..COLUMNS + 2 {
            text += &format!("    let x{r}_{c} = x[at + ({r}u * pitch + {c}u) * sizes.inputs];\n");
        }
    }
    for v in 0..vectors {
        for tap_row in 0..3 {
            text += "    {\n";
            for k in 0..3 {
                let tap = tap_row * 3 + k;
                let (first, call) = match forward {
                    true => (tap * 4 * VECTORS + v, "mat4x4f"),
                    false => ((v * 9 + 8 - tap) * 4 * VECTORS, "transpose(mat4x4f"),
                };
                let vectors: Vec<String> = (0..4)
                    .map(|lane| match quad {
                        true => format!("quadBroadcast(q{k}, {lane}u)"),
                        false => format!("weights[weight + {}u]", first + lane * VECTORS),
                    })
                    .collect();
                if quad {
                    text += &format!("      let q{k} = weights[weight + {first}u + (lane & 3u) * {VECTORS}u];\n");
                }
                let close = if forward { "" } else { ")" };
                text += &format!("      let w{k} = {call}({}){close};\n", vectors.join(", "));
            }
            for r in 0..ROWS {
                for c in 0..COLUMNS {
                    let x = r + tap_row;
                    text += &format!(
                        "      s{r}_{c}_{v} = s{r}_{c}_{v} + w0 * x{x}_{c} + w1 * x{x}_{} + w2 * x{x}_{};\n",
                        c + 1,
                        c + 2
                    );
                }
            }
            text += "    }\n";
        }
    }
    text
}

/// Stores the tile into packed maps, and the zeros of the border next to it.
fn stores(purpose: Purpose) -> String {
    let biases = if purpose == Purpose::Forward {
        (0..VECTORS).map(|v| format!("  let b{v} = bias[block * {VECTORS}u + {v}u];\n")).collect()
    } else {
        String::new()
    };
    let stores = tile_lines(VECTORS, |r, c, v| {
        let index = format!("base + ({r}u * pitch + {c}u) * channels + {v}u");
        let sum = format!("s{r}_{c}_{v}");
        // What is written over is the rectified map below.
        let masked = |sum: String| format!("select(vec4f(), {sum}, result[{index}] > vec4f())");
        let value = match purpose {
            Purpose::Forward => format!("max({sum} + b{v}, vec4f())"),
            Purpose::Gradient => masked(sum),
            Purpose::GradientAndTap => masked(format!("{sum} + tap[{index}]")),
            Purpose::GradientUnmasked | Purpose::ImageGradient => sum,
        };
        format!("  if (row + {r}u < sizes.height && column + {c}u < sizes.width) {{ result[{index}] = {value}; }}\n")
    });
    format!(
        "  let channels = sizes.blocks * {VECTORS}u;
  let base = ((row + 1u) * pitch + column + 1u) * channels + block * {VECTORS}u;
{biases}{stores}
  let bottom = sizes.height + 1u;
  let right = sizes.width + 1u;
  if (row == 0u || column == 0u || row + {ROWS}u >= sizes.height || column + {COLUMNS}u >= sizes.width) {{
    for (var r = row; r < row + {ROWS}u + 2u && r <= bottom; r++) {{
      for (var c = column; c < column + {COLUMNS}u + 2u && c <= right; c++) {{
        if (r == 0u || r == bottom || c == 0u || c == right) {{
          for (var v = 0u; v < {VECTORS}u; v++) {{
            result[(r * pitch + c) * channels + block * {VECTORS}u + v] = vec4f();
          }}
        }}
      }}
    }}
  }}
"
    )
}

/// Stores the tile's first three lanes as planes of an image.
fn image_stores() -> String {
    let stores = tile_lines(1, |r, c, _| {
        let planes: String = (0..3)
            .map(|p| format!("result[{p}u * plane + base + {r}u * sizes.width + {c}u] = s{r}_{c}_0[{p}]; "))
            .collect();
        format!("  if (row + {r}u < sizes.height && column + {c}u < sizes.width) {{ {planes}}}\n")
    });
    format!("  let plane = sizes.height * sizes.width;\n  let base = row * sizes.width + column;\n{stores}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_keeps_every_weight_and_pads_with_zeros() {
        let weight: Vec<f32> = (0..8 * 3 * 9).map(|i| i as f32).collect();
        let kernel = numbers::Kernel { shape: [8, 3, 3, 3], weight, bias: vec![0.0; 8] };
        let packed = pack(&kernel);
        assert_eq!(packed.len(), 8 * 4 * 9);
        // Tap 5, input 2, output 6.
        assert_eq!(packed[(5 * 4 + 2) * 8 + 6], ((6 * 3 + 2) * 9 + 5) as f32);
        assert!(packed.chunks(8).skip(3).step_by(4).flatten().all(|&w| w == 0.0));
    }
}
