//! Gram matrices and covariances of packed maps.
//!
//! Packed maps are a matrix F of `[(H + 2)(W + 2), C]` whose border rows are zero, so a Gram matrix is
//! the plain product `Fᵀ F` over all rows. Where means are subtracted the border must stay out.

use burn::tensor::Tensor;

use super::kernel::{Code, GROUP, Input, Kernel, multiplied, variants};
use super::launch::launch;
use super::slices::{Slices, add_slices};
use super::tile::Order;
use super::uniform::uniform;
use crate::compute::maps::{Layout, Maps, Tile, Tiling};

/// Channels per side of a tile in registers.
const TILE: usize = 8;
/// Rows per slice: each slice of rows makes its own partial matrix, so that a small matrix over many
/// pixels keeps a GPU busy.
const SLICE_ROWS: usize = 512;
/// A partial matrix per slice is never more values than this.
const PARTIAL_VALUES: usize = 1 << 22;
/// So many workgroups keep a GPU busy (an estimate).
const GROUPS: usize = 512;
/// Fewer rows are not worth a slice.
const FEW_ROWS: usize = 128;

/// `scale · F Fᵀ` over all pixels, `[C, C]`.
pub fn gram(maps: &Maps, scale: f64) -> Tensor<2> {
    let channels = maps.channels;
    add_slices(products(maps, None), scale, 0.0).reshape([channels, channels])
}

/// The covariance, `ridge` added to its diagonal.
pub fn covariance(maps: &Maps, mean: Tensor<2>, ridge: f64) -> Tensor<2> {
    let channels = maps.channels;
    add_slices(products(maps, Some(mean)), 1.0 / maps.pixels() as f64, ridge).reshape([channels, channels])
}

/// Partial sums of `F Fᵀ`, or of `(F − mean)(F − mean)ᵀ`: `[1, slices, C, C]`. They are symmetric: tiles below the
/// diagonal are not written.
pub fn products(maps: &Maps, mean: Option<Tensor<2>>) -> Slices {
    let Maps { channels, height, width, .. } = *maps;
    let rows = (height + 2) * (width + 2);
    let form = match maps.layout {
        Layout::Packed { tiling, tile, .. } => GramForm::new(tiling, channels, tile),
        Layout::Plain => GramForm::Registers,
    };
    let (side, slices) = (form.side(), form.slices(channels, rows));
    let tiles = halved(channels.div_ceil(side)) * slices;
    let slice_rows = rows.div_ceil(slices);
    let sizes = GramSizes { rows, slice_rows, channels: channels / 4, slices, height, width };
    let (kernel, shape) = (Gram { centred: mean.is_some(), form }, [1, slices, channels, channels]);
    let invocations = if form == GramForm::Registers { tiles } else { tiles * GROUP };
    let data = maps.data.clone();
    let data = match mean {
        Some(mean) => launch(kernel, sizes, [data, mean.reshape([1, 1, 1, channels])], invocations, shape),
        None => launch(kernel, sizes, [data], invocations, shape),
    };
    Slices { data, tile: Some(side) }
}

/// The bytes that partial matrices of maps of so many channels and pixels (border counted) take.
pub fn partial_bytes(tiling: Tiling, channels: usize, rows: usize) -> u64 {
    let slices = GramForm::new(tiling, channels, None).slices(channels, rows);
    (size_of::<f32>() * slices * channels * channels) as u64
}

/// Tiles on and above the diagonal of a matrix with so many a side.
fn halved(side: usize) -> usize {
    side * (side + 1) / 2
}

/// How partial Gram matrices are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GramForm {
    /// In registers: a tile of 8 × 8 channels for each invocation.
    Registers,
    /// In a workgroup's memory, by tiles of 16 × 16 channels.
    Small,
    /// By tiles of 32 × 32.
    Medium,
    /// By tiles of 64 × 64.
    Large,
}

variants!(GramForm = Registers | Small | Medium | Large);

impl GramForm {
    /// In a workgroup's memory by tiles of the size asked for, or else by large ones, which load least for what they compute.
    fn new(tiling: Tiling, channels: usize, tile: Option<Tile>) -> Self {
        match (tiling, tile) {
            (Tiling::Registers, _) => Self::Registers,
            (Tiling::Workgroup, Some(Tile::Small)) => Self::Small,
            (Tiling::Workgroup, Some(Tile::Medium)) => Self::Medium,
            (Tiling::Workgroup, None) if channels < Tile::Large.side() => Self::Medium,
            (Tiling::Workgroup, Some(Tile::Large) | None) => Self::Large,
        }
    }

    fn side(self) -> usize {
        match self {
            Self::Registers => TILE,
            Self::Small => Tile::Small.side(),
            Self::Medium => Tile::Medium.side(),
            Self::Large => Tile::Large.side(),
        }
    }

    fn slices(self, channels: usize, rows: usize) -> usize {
        let wanted = match self {
            Self::Registers => rows.div_ceil(SLICE_ROWS),
            Self::Small | Self::Medium | Self::Large => {
                GROUPS.div_ceil(halved(channels.div_ceil(self.side()))).min(rows.div_ceil(FEW_ROWS))
            }
        };
        wanted.min(PARTIAL_VALUES / (channels * channels)).max(1)
    }
}

/// Partial Gram matrices, a tile of one slice per invocation or workgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Gram {
    /// Whether means are subtracted.
    pub centred: bool,
    /// How they are found.
    pub form: GramForm,
}

variants!(Gram { centred: bool, form: GramForm });
uniform!(GramSizes { rows: u32, slice_rows: u32, channels: u32, slices: u32, height: u32, width: u32 });

impl Kernel for Gram {
    type Sizes = GramSizes;

    fn inputs(self) -> &'static [Input] {
        const ALL: [Input; 2] = [("maps", "vec4f"), ("mean", "vec4f")];
        if self.centred { &ALL } else { &ALL[..1] }
    }

    fn work(self, sizes: &Self::Sizes) -> f64 {
        let channels = 4 * sizes.channels;
        multiplied([sizes.rows, channels, channels]) // half of the products are found
    }

    fn code(self) -> Code {
        // Rows of the border are left out where means are subtracted.
        let value = if self.centred {
            "  let y = line / (sizes.width + 2u);
  let x = line % (sizes.width + 2u);
  if (y == 0u || y > sizes.height || x == 0u || x > sizes.width) { return vec4f(); }
  return maps[line * sizes.channels + vector] - mean[vector];
"
        } else {
            "  return maps[line * sizes.channels + vector];\n"
        };
        let code = match self.form {
            GramForm::Registers => Code::body(self.in_registers()),
            GramForm::Small => tiles(Tile::Small, value),
            GramForm::Medium => tiles(Tile::Medium, value),
            GramForm::Large => tiles(Tile::Large, value),
        };
        code.with(include_str!("folded.wgsl"))
    }
}

impl Gram {
    fn in_registers(self) -> String {
        let each = |line: &dyn Fn(usize, usize) -> String| -> String {
            (0..TILE).flat_map(|r| (0..2).map(move |j| (r, j))).map(|(r, j)| line(r, j)).collect()
        };
        let accumulators = each(&|r, j| format!("  var s{r}_{j} = vec4f();\n"));
        let products = each(&|r, j| format!("    s{r}_{j} += a{}[{}] * b{j};\n", r / 4, r % 4));
        let stores = each(&|r, j| format!("  result[at + {r}u * sizes.channels + {j}u] = s{r}_{j};\n"));
        let (mut means, mut skip, mut less) = (String::new(), "", ["", "", "", ""]);
        if self.centred {
            means = ["a0 = mean[down", "a1 = mean[down + 1u", "b0 = mean[right", "b1 = mean[right + 1u"]
                .map(|line| format!("  let m{line}];\n"))
                .concat();
            skip = "
    let pixel = row / sizes.channels;
    let y = pixel / (sizes.width + 2u);
    let x = pixel % (sizes.width + 2u);
    if (y == 0u || y > sizes.height || x == 0u || x > sizes.width) { continue; }";
            less = [" - ma0", " - ma1", " - mb0", " - mb1"];
        }
        format!(
            "  let tiles = sizes.channels / 2u;
  let slice = index / (tiles * (tiles + 1u) / 2u);
  if (slice >= sizes.slices) {{ return; }}
  let tile = folded(index, tiles) * 2u;
  let down = tile.x;
  let right = tile.y;
  let end = min((slice + 1u) * sizes.slice_rows, sizes.rows) * sizes.channels;
{means}{accumulators}
  for (var row = slice * sizes.slice_rows * sizes.channels; row < end; row += sizes.channels) {{{skip}
    let a0 = maps[row + down]{};
    let a1 = maps[row + down + 1u]{};
    let b0 = maps[row + right]{};
    let b1 = maps[row + right + 1u]{};
{products}
  }}
  let at = (slice * 4u * sizes.channels + 4u * down) * sizes.channels + right;
{stores}",
            less[0], less[1], less[2], less[3]
        )
    }
}

/// The kernel in a workgroup's memory, given the statements that say what a vector of a pixel counts as.
fn tiles(tile: Tile, value: &str) -> Code {
    let vectors = tile.side() / 4;
    let at = |name: &str| {
        format!(
            "fn {name}_at(place: u32, vector: u32) -> vec4f {{
  let line = first + place;
  if (line >= end || vector >= sizes.channels) {{ return vec4f(); }}
{value}}}
"
        )
    };
    let stores = tile.each_vector(|line, vector, sum| format!("  store(slice, {line}, {vector}, {sum});\n"));
    Code::groups(format!(
        "// The slice's first row, and the one after its last.
var<private> first: u32;
var<private> end: u32;
{}{}fn store(slice: u32, line: u32, vector: u32, sum: vec4f) {{
  if (line >= 4u * sizes.channels || vector >= sizes.channels) {{ return; }}
  result[(slice * 4u * sizes.channels + line) * sizes.channels + vector] = sum;
}}
{}
fn invoke_group(group: u32, local: u32) {{
  let tiles = (sizes.channels + {vectors}u - 1u) / {vectors}u;
  let slice = group / (tiles * (tiles + 1u) / 2u);
  if (slice >= sizes.slices) {{ return; }}
  first = slice * sizes.slice_rows;
  end = min(first + sizes.slice_rows, sizes.rows);
  let tile = folded(group, tiles) * {vectors}u;
  let down = tile.x;
  let right = tile.y;
  let inner = (sizes.slice_rows + 3u) / 4u;
{}{stores}}}
",
        at("left"),
        at("right"),
        tile.functions(Order::Across, Order::Across),
        tile.accumulate(),
    ))
}
