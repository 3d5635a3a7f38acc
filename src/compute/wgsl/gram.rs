//! Gram matrices and covariances of packed maps.
//!
//! Packed maps are a matrix F of `[(H + 2)(W + 2), C]` whose border rows are zero, so a Gram matrix is
//! the plain product `Fᵀ F` over all rows. Where means are subtracted the border must stay out.

use burn::tensor::Tensor;

use super::kernel::{Code, Input, Kernel, optional, variants};
use super::launch::launch;
use super::uniform::uniform;
use crate::compute::maps::Maps;

/// Channels per side of a tile of the Gram matrix.
const TILE: usize = 8;
/// Rows per slice: each slice of rows makes its own partial matrix, so that a small matrix over many
/// pixels keeps a GPU busy.
pub const SLICE_ROWS: usize = 512;
/// A partial matrix per slice is never more values than this.
const PARTIAL_VALUES: usize = 1 << 22;

/// `scale · F Fᵀ` over all pixels, `[C, C]`; minus a target, if there is one.
pub fn gram(maps: &Maps, scale: f64, target: Option<Tensor<2>>) -> Tensor<2> {
    add_slices(products(maps, None), scale, 0.0, target, Tiles::Upper)
}

/// The covariance, `ridge` added to its diagonal.
pub fn covariance(maps: &Maps, mean: Tensor<2>, ridge: f64) -> Tensor<2> {
    add_slices(products(maps, Some(mean)), 1.0 / maps.pixels() as f64, ridge, None, Tiles::Upper)
}

/// Partial sums of `F Fᵀ`, or of `(F − mean)(F − mean)ᵀ`: `[1, slices, C, C]`. They are symmetric: tiles below the
/// diagonal are not written.
fn products(maps: &Maps, mean: Option<Tensor<2>>) -> Tensor<4> {
    let Maps { channels, height, width, .. } = *maps;
    let rows = (height + 2) * (width + 2);
    let slices = rows.div_ceil(SLICE_ROWS).min(PARTIAL_VALUES / (channels * channels)).max(1);
    let side = channels / TILE;
    let count = side * (side + 1) / 2 * slices;
    let slice_rows = rows.div_ceil(slices);
    let sizes = GramSizes { rows, slice_rows, channels: channels / 4, slices, height, width };
    let (kernel, shape) = (Gram { centred: mean.is_some() }, [1, slices, channels, channels]);
    let data = maps.data.clone();
    match mean {
        Some(mean) => launch(kernel, sizes, [data, mean.reshape([1, 1, 1, channels])], count, shape),
        None => launch(kernel, sizes, [data], count, shape),
    }
}

/// `scale` times the sum of the slices (`[1, slices, R, C]`), `shift` added to the diagonal, a
/// target subtracted.
pub fn add_slices(partial: Tensor<4>, scale: f64, shift: f64, target: Option<Tensor<2>>, tiles: Tiles) -> Tensor<2> {
    let [_, slices, rows, columns] = partial.dims();
    let (shape, count) = ([1, 1, rows, columns], rows * columns / 4);
    let sizes = AddSlicesSizes { count, slices, scale, shift, columns };
    let kernel = AddSlices { tiles, difference: target.is_some() };
    let whole = match target {
        Some(target) => launch(kernel, sizes, [partial, target.reshape(shape)], count, shape),
        None => launch(kernel, sizes, [partial], count, shape),
    };
    whole.reshape([rows, columns])
}

/// Partial Gram matrices, a tile of one slice per invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Gram {
    /// Whether means are subtracted.
    pub centred: bool,
}

variants!(Gram { centred: bool });
uniform!(GramSizes { rows: u32, slice_rows: u32, channels: u32, slices: u32, height: u32, width: u32 });

impl Kernel for Gram {
    type Sizes = GramSizes;

    fn inputs(self) -> &'static [Input] {
        const ALL: [Input; 2] = [("maps", "vec4f"), ("mean", "vec4f")];
        if self.centred { &ALL } else { &ALL[..1] }
    }

    fn code(self) -> Code {
        let each = |line: &dyn Fn(usize, usize) -> String| -> String {
            (0..TILE).flat_map(|r| (0..2).map(move |j| (r, j))).map(|(r, j)| line(r, j)).collect()
        };
        let accumulators = each(&|r, j| format!("  var s{r}_{j} = vec4f();\n"));
        let products = each(&|r, j| format!("    s{r}_{j} += a{}[{}] * b{j};\n", r / 4, r % 4));
        let stores = each(&|r, j| format!("  result[at + {r}u * sizes.channels + {j}u] = s{r}_{j};\n"));
        // Rows of the border are left out where means are subtracted.
        let (mut means, mut skip, mut less) = (String::new(), "", ["", "", "", ""]);
        if self.centred {
            means = [
                "a0 = mean[2u * down",
                "a1 = mean[2u * down + 1u",
                "b0 = mean[2u * right",
                "b1 = mean[2u * right + 1u",
            ]
            .map(|line| format!("  let m{line}];\n"))
            .concat();
            skip = "
    let pixel = row / sizes.channels;
    let y = pixel / (sizes.width + 2u);
    let x = pixel % (sizes.width + 2u);
    if (y == 0u || y > sizes.height || x == 0u || x > sizes.width) { continue; }";
            less = [" - ma0", " - ma1", " - mb0", " - mb1"];
        }
        Code::body(format!(
            "  // Tiles on and above the diagonal, two rows of them folded into one of the same length as all others.
  let tiles = sizes.channels / 2u;
  let odd = tiles & 1u;
  let length = tiles + 1u - odd;
  let fold = index / length % ((tiles + 1u) / 2u);
  let place = index % length;
  let first = place + odd > fold;
  let down = select(tiles - 1u - fold + odd, fold, first);
  let right = select(tiles - 1u - place, place - 1u + odd, first);
  let slice = index / length / ((tiles + 1u) / 2u);
  if (slice >= sizes.slices) {{ return; }}
  let end = min((slice + 1u) * sizes.slice_rows, sizes.rows) * sizes.channels;
{means}{accumulators}
  for (var row = slice * sizes.slice_rows * sizes.channels; row < end; row += sizes.channels) {{{skip}
    let a0 = maps[row + 2u * down]{};
    let a1 = maps[row + 2u * down + 1u]{};
    let b0 = maps[row + 2u * right]{};
    let b1 = maps[row + 2u * right + 1u]{};
{products}
  }}
  let at = (slice * 4u * sizes.channels + 8u * down) * sizes.channels + 2u * right;
{stores}",
            less[0], less[1], less[2], less[3]
        ))
    }
}

/// Which tiles of the partial matrices were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tiles {
    /// All of them.
    All,
    /// Those on and above the diagonal: the others are these, transposed.
    Upper,
}

variants!(Tiles = All | Upper);

/// A matrix from its partial ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddSlices {
    /// What was written of them.
    pub tiles: Tiles,
    /// Whether a target is subtracted.
    pub difference: bool,
}

variants!(AddSlices { tiles: Tiles, difference: bool });
uniform!(AddSlicesSizes { count: u32, slices: u32, scale: f32, shift: f32, columns: u32 });

impl Kernel for AddSlices {
    type Sizes = AddSlicesSizes;

    fn inputs(self) -> &'static [Input] {
        const ALL: [Input; 2] = [("partial", "vec4f"), ("goal", "vec4f")];
        if self.difference { &ALL } else { &ALL[..1] }
    }

    fn code(self) -> Code {
        let upper = self.tiles == Tiles::Upper;
        Code::file(include_str!("add_slices.wgsl"))
            .with(&optional(("goal", "vec4f"), self.difference))
            .with(&format!("const TILE = {TILE}u;\nconst UPPER = {upper};\n"))
    }
}
