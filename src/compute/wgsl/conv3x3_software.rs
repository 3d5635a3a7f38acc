//! The 3×3 convolution as software adapters like it: large tiles, held in registers.
//!
//! One invocation computes `ROWS × COLUMNS` pixels of `4·VECTORS` output channels. For every four input
//! channels it loads the tile with its halo once and each of the nine taps' weights once, as 4×4
//! matrices, and uses every load for all its pixels. Weights are packed so that an invocation reads
//! them in order.
//!
//! Where the device has subgroups, four neighbouring invocations work on four tiles of the same output
//! channels, load a quarter of the weights each and pass them around ("quad").
//!
//! Both ways read the same weights: a data gradient is a convolution with the taps turned by
//! 180° and the channels exchanged, so it reads them in another order and transposes each 4×4 matrix.
//!
//! Winograd's algorithm was tried in its place, on SwiftShader (256 channels, 32 × 32 pixels, in processor time, 2026-11-27). Its products
//! by themselves take 0.42 times as long, but with the transforms three launches for each convolution, some 100 a step. In a single launch
//! F(2×2, 3×3) takes 1.1 and F(4×4, 3×3) 1.4 times as long: a weight is loaded for fewer pixels, and a load, checked and gathered invocation by
//! invocation, costs as much as some twenty multiplications. F(4, 3) along rows only takes 0.93 times as long with 16 channels, and 0.74 times
//! in tiles of 8 × 4 pixels, which take some four times as long to compile.

use burn::tensor::Tensor;

use super::ends::{End, Ending, Purpose, border, convolution_work, image_store};
use super::kernel::{Code, GROUP, Input, Kernel, variants};
use super::launch::launch;
use super::uniform::uniform;
use crate::compute::numbers;

const ROWS: usize = 4;
const COLUMNS: usize = 4;
/// Vectors of four output channels per invocation.
const VECTORS: usize = 2;
/// Workgroups hold this many blocks of output channels times this many tiles.
const SIDE: usize = GROUP.isqrt();

/// Weights as `[block][input vector][tap][input lane][vector in block]` of vectors over output lanes.
pub fn pack(kernel: &numbers::Kernel) -> Vec<f32> {
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

/// A convolution from so many input to so many output channels, of maps of this height and width, to this end.
pub fn convolve(
    [x, weights]: [Tensor<4>; 2],
    [height, width]: [usize; 2],
    [inputs, outputs]: [usize; 2],
    ending: Ending,
    quad: bool,
) -> Tensor<4> {
    let (blocks, tiles) = (outputs / (4 * VECTORS), tiles(height, width));
    let sizes = SoftwareSizes { height, width, inputs: inputs.div_ceil(4), blocks };
    let kernel = Software { purpose: Purpose::Maps(ending.end), quad: quad && fills_quads(tiles) };
    let shape = [1, height + 2, width + 2, outputs];
    ending.launch(kernel, sizes, [x, weights], invocations(blocks, tiles), shape)
}

/// The gradient at the image, `[1, 3, H, W]`.
pub fn image_gradient(tensors: [Tensor<4>; 2], [height, width]: [usize; 2], inputs: usize, quad: bool) -> Tensor<4> {
    let tiles = tiles(height, width);
    let sizes = SoftwareSizes { height, width, inputs: inputs / 4, blocks: 1 };
    let kernel = Software { purpose: Purpose::Image, quad: quad && fills_quads(tiles) };
    launch(kernel, sizes, tensors, invocations(1, tiles), [1, 3, height, width])
}

fn tiles(height: usize, width: usize) -> usize {
    height.div_ceil(ROWS) * width.div_ceil(COLUMNS)
}

fn invocations(blocks: usize, tiles: usize) -> usize {
    blocks.next_multiple_of(SIDE) * tiles.next_multiple_of(SIDE)
}

/// One or two tiles would leave most of a quad idle.
fn fills_quads(tiles: usize) -> bool {
    tiles > 2
}

/// The convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Software {
    /// What for.
    pub purpose: Purpose,
    /// Whether four neighbours share their weights.
    pub quad: bool,
}

variants!(Software { purpose: Purpose, quad: bool });
uniform! {
    /// Pixels; input channels in vectors and output channels in blocks.
    SoftwareSizes { height: u32, width: u32, inputs: u32, blocks: u32 }
}

impl Kernel for Software {
    type Sizes = SoftwareSizes;

    fn inputs(self) -> &'static [Input] {
        self.purpose.inputs()
    }

    fn output(self) -> &'static str {
        self.purpose.output()
    }

    fn writes_over(self) -> bool {
        self.purpose.writes_over()
    }

    fn work(self, sizes: &Self::Sizes) -> f64 {
        let SoftwareSizes { height, width, inputs, blocks } = *sizes;
        convolution_work(height * width, 4 * inputs, 8 * blocks)
    }

    fn in_quads(self) -> bool {
        self.quad
    }

    fn code(self) -> Code {
        let Self { purpose, quad } = self;
        let forward = purpose == Purpose::Maps(End::Forward);
        let (vectors, stores) = match purpose {
            Purpose::Maps(end) => (VECTORS, stores(end)),
            Purpose::Image => (1, tile_lines(1, |r, c, _| image_store(&format!("s{r}_{c}_0"), [r, c]))),
        };
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
            products(vectors, forward, quad),
            stores,
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
        Purpose::Maps(End::Forward) => format!("(block * sizes.inputs + input) * {each}u"),
        Purpose::Image => back("1u"),
        Purpose::Maps(_) => back(&format!("sizes.blocks * {VECTORS}u")),
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
fn stores(end: End) -> String {
    let stores = tile_lines(VECTORS, |r, c, v| {
        let index = format!("base + ({r}u * pitch + {c}u) * channels + {v}u");
        let value = end.value(&format!("s{r}_{c}_{v}"), &index, &format!("block * {VECTORS}u + {v}u"), "vec4f");
        format!("  if (row + {r}u < sizes.height && column + {c}u < sizes.width) {{ result[{index}] = {value}; }}\n")
    });
    format!(
        "  let channels = sizes.blocks * {VECTORS}u;
  let base = ((row + 1u) * pitch + column + 1u) * channels + block * {VECTORS}u;
{stores}{}",
        border([ROWS, COLUMNS], VECTORS, &format!("block * {VECTORS}u"), "vec4f")
    )
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
