//! The 3×3 convolution as GPUs like it: tiles so small that none spills registers.
//!
//! One invocation computes 2 × 4 pixels of four output channels, tap row by tap row, with one weight vector at a time.
//! Eight neighbours make the same pixels' next channels, so that weights, which lie by output channels, are read side by side
//! and pixels from the cache. Of all tiles that were compiled for seven GPUs and timed on an eighth this is as fast as the best
//! and needs the fewest registers.
//!
//! On the way back it reads weights that were turned beforehand ([`Turned`]), once for each filter: read as they lie, they
//! would be far apart for neighbours.

use burn::tensor::Tensor;

use super::ends::{End, Ending, Purpose, border, convolution_work, image_store};
use super::kernel::{Code, GROUP, Input, Kernel, kernel, variants};
use super::launch::launch;
use super::uniform::uniform;
use crate::compute::numbers;

const ROWS: usize = 2;
const COLUMNS: usize = 4;
/// Neighbours that make the same pixels' channels.
const NEAR: usize = 8;

/// Weights as `[input vector][tap][input lane]` of output channels, with zeros for input lanes that are none.
pub fn pack(kernel: &numbers::Kernel) -> Vec<f32> {
    let [outputs, inputs, ..] = kernel.shape;
    let mut packed = Vec::with_capacity(inputs.next_multiple_of(4) * 9 * outputs);
    for vector in 0..inputs.div_ceil(4) {
        for tap in 0..9 {
            for input in 4 * vector..4 * vector + 4 {
                let weight = |output| kernel.weight[(output * inputs + input) * 9 + tap];
                packed.extend((0..outputs).map(|output| if input < inputs { weight(output) } else { 0.0 }));
            }
        }
    }
    packed
}

/// The weights of the data gradient, a convolution with inputs and outputs exchanged and taps turned by 180°. Three inputs
/// become four outputs.
pub fn turned(weights: Tensor<4>, inputs: usize, outputs: usize) -> Tensor<4> {
    let (inputs, outputs) = (inputs.div_ceil(4), outputs / 4);
    let count = inputs * 36 * outputs;
    launch(Turned {}, TurnedSizes { inputs, outputs }, [weights], count, [1, 1, 1, 4 * count])
}

kernel! {
    /// An invocation makes four weights, to the channels of an input vector.
    Turned {}(weights: vec4f) -> vec4f,
    TurnedSizes { inputs: u32, outputs: u32 },
    |_| Code::file(include_str!("turned.wgsl")),
}

/// A convolution from so many input to so many output channels, of maps of this height and width, to this end.
pub fn convolve(
    [x, weights]: [Tensor<4>; 2],
    [height, width]: [usize; 2],
    [inputs, outputs]: [usize; 2],
    ending: Ending,
) -> Tensor<4> {
    let sizes = DirectSizes { height, width, inputs: inputs.div_ceil(4), outputs: outputs / 4 };
    let invocations = (outputs / 4).next_multiple_of(NEAR) * tiles(height, width).next_multiple_of(GROUP / NEAR);
    let (kernel, shape) = (Direct { purpose: Purpose::Maps(ending.end) }, [1, height + 2, width + 2, outputs]);
    ending.launch(kernel, sizes, [x, weights], invocations, shape)
}

/// The gradient at the image, `[1, 3, H, W]`.
pub fn image_gradient(tensors: [Tensor<4>; 2], [height, width]: [usize; 2], inputs: usize) -> Tensor<4> {
    let sizes = DirectSizes { height, width, inputs: inputs / 4, outputs: 1 };
    launch(Direct { purpose: Purpose::Image }, sizes, tensors, tiles(height, width), [1, 3, height, width])
}

fn tiles(height: usize, width: usize) -> usize {
    height.div_ceil(ROWS) * width.div_ceil(COLUMNS)
}

/// The convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Direct {
    /// What for.
    pub purpose: Purpose,
}

variants!(Direct { purpose: Purpose });
uniform! {
    /// Pixels; channels in vectors.
    DirectSizes { height: u32, width: u32, inputs: u32, outputs: u32 }
}

impl Kernel for Direct {
    type Sizes = DirectSizes;

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
        let DirectSizes { height, width, inputs, outputs } = *sizes;
        convolution_work(height * width, 4 * inputs, 4 * outputs)
    }

    fn code(self) -> Code {
        let (near, stores) = match self.purpose {
            Purpose::Maps(end) => (NEAR, stores(end)),
            Purpose::Image => (1, tile_lines(|r, c| image_store(&format!("s{r}_{c}"), [r, c]))),
        };
        let far = GROUP / near;
        Code::body(format!(
            "  let across = (sizes.width + {COLUMNS}u - 1u) / {COLUMNS}u;
  let tiles = (sizes.height + {ROWS}u - 1u) / {ROWS}u * across;
  let block_groups = (sizes.outputs + {near}u - 1u) / {near}u;
  let block = index / {GROUP}u % block_groups * {near}u + local % {near}u;
  let tile = index / {GROUP}u / block_groups * {far}u + local / {near}u;
  if (block >= sizes.outputs || tile >= tiles) {{ return; }}
  let row = tile / across * {ROWS}u;
  let column = tile % across * {COLUMNS}u;
  let pitch = sizes.width + 2u;
{}  var at = (row * pitch + column) * sizes.inputs;
  for (var input = 0u; input < sizes.inputs; input++) {{
    let weight = input * 36u * sizes.outputs + block;
{}    at++;
  }}
{stores}",
            tile_lines(|r, c| format!("  var s{r}_{c} = vec4f();\n")),
            products(),
        ))
    }
}

fn tile_lines(line: impl Fn(usize, usize) -> String) -> String {
    (0..ROWS).flat_map(|r| (0..COLUMNS).map(move |c| (r, c))).map(|(r, c)| line(r, c)).collect()
}

/// One step of the loop over input vectors: each tap row's pixels are loaded when it comes to them. Past the last row or
/// column the loads find other pixels' values or, past the end, whatever WebGPU gives; no pixel that is stored uses them.
fn products() -> String {
    let mut text = String::new();
    for tap_row in 0..3 {
        let fresh = if tap_row == 0 { 0 } else { ROWS + tap_row - 1 };
        for r in fresh..ROWS + tap_row {
            for c in 0..COLUMNS + 2 {
                text += &format!("    let x{r}_{c} = x[at + ({r}u * pitch + {c}u) * sizes.inputs];\n");
            }
        }
        for tap_column in 0..3 {
            let tap = 3 * tap_row + tap_column;
            for lane in 0..4 {
                text += &format!("    let w{tap}_{lane} = weights[weight + {}u * sizes.outputs];\n", 4 * tap + lane);
                text += &tile_lines(|r, c| {
                    let x = format!("x{}_{}[{lane}]", r + tap_row, c + tap_column);
                    format!("    s{r}_{c} = fma(vec4f({x}), w{tap}_{lane}, s{r}_{c});\n")
                });
            }
        }
    }
    text
}

/// Stores the tile into packed maps, and the zeros of the border next to it.
fn stores(end: End) -> String {
    let stores = tile_lines(|r, c| {
        let index = format!("base + ({r}u * pitch + {c}u) * channels");
        let value = end.value(&format!("s{r}_{c}"), &index, "block", "vec4f");
        format!("  if (row + {r}u < sizes.height && column + {c}u < sizes.width) {{ result[{index}] = {value}; }}\n")
    });
    format!(
        "  let channels = sizes.outputs;
  let base = ((row + 1u) * pitch + column + 1u) * channels + block;
{stores}{}",
        border([ROWS, COLUMNS], 1, "block", "vec4f")
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
