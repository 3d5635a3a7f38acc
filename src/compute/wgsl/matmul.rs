//! Products of packed maps with a matrix.
//!
//! Packed maps are a matrix F of `[(H + 2)(W + 2), C]`, so what a Gram matrix's gradient needs at them is the plain
//! product `F S`.

use burn::tensor::Tensor;

use super::batch::{Form, fits_quads, row_loads};
use super::kernel::{Code, GROUP, Input, Kernel, multiplied, variants};
use super::launch::launch;
use super::tile::Order;
use super::uniform::uniform;
use crate::compute::maps::{Maps, Tile};

/// Rows and columns of a tile in registers.
const TILE: usize = 8;

/// `scale · S F` for a symmetric S, which lies from a place on (in values) in a tensor; in the maps' packed layout.
pub fn gram_product(maps: &Maps, matrix: (Tensor<4>, usize), scale: f64) -> Tensor<4> {
    product(false, [maps.data.clone(), matrix.0], matrix.1, maps, scale)
}

/// `scale · (S (F − mean) + (mean − goal))` for a symmetric S, which lies as for [`gram_product`]; the border holds nonsense.
pub fn moments_gradient(maps: &Maps, matrix: (Tensor<4>, usize), means: [Tensor<2>; 2], scale: f64) -> Tensor<4> {
    let [mean, goal] = means.map(|mean| mean.reshape([1, 1, 1, maps.channels]));
    product(true, [maps.data.clone(), matrix.0, mean, goal], matrix.1, maps, scale)
}

fn product<const N: usize>(centred: bool, tensors: [Tensor<4>; N], at: usize, maps: &Maps, scale: f64) -> Tensor<4> {
    let (rows, columns) = ((maps.height + 2) * (maps.width + 2), maps.channels);
    let groups = |tile: Tile| tile.count(rows) * tile.count(columns);
    let form = Form::new(maps.layout, fits_quads(columns), groups);
    let invocations = match form.tile() {
        Some(tile) => groups(tile) * GROUP,
        None => rows.div_ceil(TILE) * (columns / TILE),
    };
    let sizes = MapsProductSizes { rows, columns: columns / 4, at: at / 4, scale };
    launch(MapsProduct { centred, form }, sizes, tensors, invocations, maps.data.dims())
}

/// A product of maps and a symmetric matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MapsProduct {
    /// Whether it is of maps less their mean, and the mean's distance from a goal is added.
    pub centred: bool,
    /// How it is found.
    pub form: Form,
}

variants!(MapsProduct { centred: bool, form: Form });
uniform! {
    /// Rows, and columns in vectors, of which the matrix has as many rows; where it begins, in vectors.
    MapsProductSizes { rows: u32, columns: u32, at: u32, scale: f32 }
}

impl Kernel for MapsProduct {
    type Sizes = MapsProductSizes;

    fn inputs(self) -> &'static [Input] {
        const ALL: [Input; 4] = [("a", "vec4f"), ("b", "vec4f"), ("mean", "vec4f"), ("goal", "vec4f")];
        if self.centred { &ALL } else { &ALL[..2] }
    }

    fn in_quads(self) -> bool {
        self.form == Form::Quads
    }

    fn work(self, sizes: &Self::Sizes) -> f64 {
        let columns = 4 * sizes.columns;
        2.0 * multiplied([sizes.rows, columns, columns])
    }

    fn code(self) -> Code {
        let (less, more) = match self.centred {
            true => (" - mean[k]", " + mean[vector] - goal[vector]"),
            false => ("", ""),
        };
        let code = match self.form.tile() {
            Some(tile) => in_tiles(tile),
            None => in_registers(self.form == Form::Quads),
        };
        code.with(&format!(
            "fn factor(row: u32, k: u32) -> vec4f {{\n  return a[row * sizes.columns + k]{less};\n}}
fn store(row: u32, vector: u32, sum: vec4f) {{
  if (row >= sizes.rows || vector >= sizes.columns) {{ return; }}
  result[row * sizes.columns + vector] = sizes.scale * (sum{more});
}}
"
        ))
    }
}

fn in_tiles(tile: Tile) -> Code {
    let vectors = tile.side() / 4;
    let stores = tile.each_vector(|row, vector, sum| format!("  store({row}, {vector}, {sum});\n"));
    Code::groups(format!(
        "fn left_at(line: u32, vector: u32) -> vec4f {{
  if (line >= sizes.rows || vector >= sizes.columns) {{ return vec4f(); }}
  return factor(line, vector);
}}
fn right_at(line: u32, vector: u32) -> vec4f {{
  if (line >= 4u * sizes.columns || vector >= sizes.columns) {{ return vec4f(); }}
  return b[sizes.at + line * sizes.columns + vector];
}}
{}
fn invoke_group(group: u32, local: u32) {{
  let tiles = (sizes.columns + {vectors}u - 1u) / {vectors}u;
  let down = group / tiles * {vectors}u;
  let right = group % tiles * {vectors}u;
  let inner = sizes.columns;
  if (4u * down >= sizes.rows) {{ return; }}
{}{stores}}}
",
        tile.functions(Order::Along, Order::Across),
        tile.accumulate(),
    ))
}

fn in_registers(quad: bool) -> Code {
    let rows = |line: &dyn Fn(usize) -> String| -> String { (0..TILE).map(line).collect() };
    let accumulators = rows(&|r| format!("  var s{r}_0 = vec4f();\n  var s{r}_1 = vec4f();\n"));
    let loads = row_loads(|r| format!("factor(row + {r}, k)"), quad);
    let products = rows(&|r| format!("    s{r}_0 += m0 * a{r};\n    s{r}_1 += m1 * a{r};\n"));
    let stores =
        rows(&|r| (0..2).map(|j| format!("  store(row + {r}u, 2u * block + {j}u, s{r}_{j});\n")).collect::<String>());
    // Column c of m is row 4k + c of the matrix, so m * a sums a[c] · S[4k + c][…].
    let matrices: String = (0..2)
        .map(|j| {
            let column = |c: usize| format!("b[sizes.at + (4u * k + {c}u) * sizes.columns + 2u * block + {j}u]");
            format!("    let m{j} = mat4x4f({}, {}, {}, {});\n", column(0), column(1), column(2), column(3))
        })
        .collect();
    Code::body(format!(
        "  let blocks = sizes.columns / 2u;
  let block = index % blocks;
  let row = index / blocks * {TILE}u;
  if (row >= sizes.rows) {{ return; }}
{accumulators}  for (var k = 0u; k < sizes.columns; k++) {{
{matrices}{loads}{products}  }}
{stores}"
    ))
}
