//! Products of many matrices, one launch for all of them.
//!
//! The matrices lie in one tensor or two, one after another, and a [`Table`] says where. A launch costs tens of
//! microseconds, and a small matrix alone leaves a GPU idle: both are why.

use burn::tensor::Tensor;

use super::dots::PARTS;
use super::kernel::{Code, GROUP, Input, Kernel, multiplied, variants};
use super::launch::launch;
use super::table::{EITHER, FUNCTIONS, ROWS, Row, Table};
use super::tile::Order;
use crate::compute::maps::{Layout, Tile, Tiling};

/// Rows and columns of a tile in registers.
const TILE: usize = 8;

/// How a launch's products are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// In registers: a tile of 8 × 8 values for each invocation.
    Registers,
    /// The same where four neighbours share their loads.
    Quads,
    /// In a workgroup's memory.
    Small,
    /// The same by larger tiles.
    Medium,
    /// By the largest.
    Large,
}

variants!(Form = Registers | Quads | Small | Medium | Large);

impl Form {
    /// For a layout: in tiles that leave enough workgroups, by how many each size makes, or in registers, whose loads are
    /// shared if neighbours have the same rows.
    pub fn new(layout: Layout, has_quads: bool, groups: impl Fn(Tile) -> usize) -> Self {
        let Layout::Packed { subgroups, tiling, tile, .. } = layout else { return Self::Registers };
        match tiling {
            Tiling::Registers if subgroups && has_quads => Self::Quads,
            Tiling::Registers => Self::Registers,
            Tiling::Workgroup => match tile.unwrap_or_else(|| Tile::fitting(groups)) {
                Tile::Small => Self::Small,
                Tile::Medium => Self::Medium,
                Tile::Large => Self::Large,
            },
        }
    }

    /// The tile in a workgroup's memory.
    pub fn tile(self) -> Option<Tile> {
        match self {
            Self::Registers | Self::Quads => None,
            Self::Small => Some(Tile::Small),
            Self::Medium => Some(Tile::Medium),
            Self::Large => Some(Tile::Large),
        }
    }
}

/// Finds products of rows of this table, whose right factors are transposed or not, and writes them into `result`, whose values are
/// still to be written.
pub fn products(
    tensors: [Tensor<4>; 2],
    norms: Option<Tensor<4>>,
    rows: &[Row],
    transposed: bool,
    mut result: Tensor<4>,
    layout: Layout,
) -> Tensor<4> {
    let shape = result.dims();
    let norms = norms.unwrap_or_else(|| tensors[0].clone());
    let tiling = layout.tiling();
    for (sources, rows) in launches(rows, tiling) {
        // Small tiles mirror nothing, for their invocations have no blocks.
        let groups = |tile: Tile| rows.iter().map(|row| count(row, tile.side(), tile != Tile::Small)).sum::<usize>();
        let has_quads = rows.iter().all(|row| !row.is_symmetric && fits_quads(4 * row.columns));
        let form = Form::new(layout, has_quads, groups);
        let (side, each) = match form.tile() {
            Some(tile) => (tile.side(), GROUP),
            None => (TILE, 1),
        };
        let mut table = Table { rows, at: 0, end: 0 };
        for row in &mut table.rows {
            row.is_symmetric &= transposed && form != Form::Small;
            row.first = table.end;
            table.end += count(row, side, true);
        }
        let (invocations, kernel) = (table.end * each, Products { form, transposed });
        let [a, b, x] = sources.map(|second| tensors[usize::from(second)].clone());
        let norms = norms.clone();
        result = match tiling {
            Tiling::Registers => launch(kernel, table, [a, b, x, norms, result], invocations, shape),
            Tiling::Workgroup => launch(kernel, table, [a, b, norms, result], invocations, shape),
        };
    }
    result
}

/// Which tensors the factors and what is added are in, and the rows for which that is so.
type Launch = ([bool; 3], Vec<Row>);

/// Rows by what can be launched together. In a workgroup's memory each row may have its factors in either tensor. In registers
/// they have to be in the same ones: where SwiftShader has to choose it seems to load from both (a step with Wasserstein distances
/// at 64² took 3.5 s, not 2.0).
fn launches(rows: &[Row], tiling: Tiling) -> Vec<Launch> {
    if tiling == Tiling::Workgroup {
        return rows.chunks(ROWS).map(|rows| ([false, true, false], rows.to_vec())).collect();
    }
    let mut launches: Vec<([Option<bool>; 3], Vec<Row>)> = Vec::new();
    for row in rows {
        let fits = |sources: &[Option<bool>; 3]| {
            sources.iter().zip(row.in_second).all(|(a, b)| a.is_none() || b.is_none() || *a == b)
        };
        match launches.iter_mut().find(|(sources, rows)| rows.len() < ROWS && fits(sources)) {
            Some((sources, rows)) => {
                *sources = std::array::from_fn(|i| sources[i].or(row.in_second[i]));
                rows.push(*row);
            }
            None => launches.push((row.in_second, vec![*row])),
        }
    }
    launches.into_iter().map(|(sources, rows)| (sources.map(|second| second == Some(true)), rows)).collect()
}

/// Whether four neighbours work on the same rows of so many columns and so can share their loads.
pub fn fits_quads(columns: usize) -> bool {
    (columns / TILE).is_multiple_of(4)
}

/// Tiles of this side that a product takes.
fn count(row: &Row, side: usize, halves: bool) -> usize {
    let (down, across) = (row.rows.div_ceil(side), (4 * row.columns).div_ceil(side));
    if row.is_symmetric && halves { down * (down + 1) / 2 } else { down * across }
}

/// Products, each `n^power · (scale · A B + share · X) + shift · I`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Products {
    /// How they are found.
    pub form: Form,
    /// Whether the right factors are transposed.
    pub transposed: bool,
}

variants!(Products { form: Form, transposed: bool });

impl Kernel for Products {
    type Sizes = Table;

    fn inputs(self) -> &'static [Input] {
        match self.form.tile() {
            Some(_) => &[("a", "vec4f"), ("b", "vec4f"), ("norms", "f32")],
            None => &[("a", "vec4f"), ("b", "vec4f"), ("x", "vec4f"), ("norms", "f32")],
        }
    }

    fn writes_within(self) -> bool {
        true
    }

    fn in_quads(self) -> bool {
        self.form == Form::Quads
    }

    fn work(self, sizes: &Self::Sizes) -> f64 {
        let work = |row: &Row| {
            let halved = if row.is_symmetric { 1.0 } else { 2.0 };
            halved * multiplied([row.rows, 4 * row.inner, 4 * row.columns])
        };
        sizes.rows.iter().map(work).sum()
    }

    fn code(self) -> Code {
        let code = match self.form.tile() {
            Some(tile) => self.tiles(tile).with(EITHER),
            None if self.transposed => Code::body(in_registers_transposed(self.form == Form::Quads)),
            None => Code::body(in_registers(self.form == Form::Quads)),
        };
        let added = match self.form.tile() {
            Some(_) => "either((sizes.rows[row].in_second & 4u) != 0u, at)",
            None => "x[at]",
        };
        code.with(FUNCTIONS)
            .with(&format!("fn added_at(row: u32, at: u32) -> vec4f {{\n  return {added};\n}}\n"))
            .with(include_str!("folded.wgsl"))
            .with(include_str!("products.wgsl"))
            .with(&format!("const PARTS = {PARTS}u;\n"))
    }
}

impl Products {
    fn tiles(self, tile: Tile) -> Code {
        let vectors = tile.side() / 4;
        let (right, lines, length) = match self.transposed {
            true => (Order::Along, "4u * sizes.rows[row].columns", "inner"),
            false => (Order::Across, "4u * sizes.rows[row].inner", "columns"),
        };
        let stores = tile.each_vector(|line, vector, sum| format!("  store({line}, {vector}, {sum}, norm);\n"));
        let mirrored =
            tile.each_block(|line, vector, block| format!("    store_block({line}, {vector}, {block}, norm);\n"));
        let mirrored = if self.transposed && !mirrored.is_empty() {
            format!("  if (sizes.rows[row].is_symmetric != 0u && tile.x != tile.y) {{\n{mirrored}  }}\n")
        } else {
            String::new()
        };
        Code::groups(format!(
            "var<private> row: u32;
fn left_at(line: u32, vector: u32) -> vec4f {{
  if (line >= sizes.rows[row].rows || vector >= sizes.rows[row].inner) {{ return vec4f(); }}
  return either((sizes.rows[row].in_second & 1u) != 0u, sizes.rows[row].places.x + line * sizes.rows[row].inner + vector);
}}
fn right_at(line: u32, vector: u32) -> vec4f {{
  let length = sizes.rows[row].{length};
  if (line >= {lines} || vector >= length) {{ return vec4f(); }}
  return either((sizes.rows[row].in_second & 2u) != 0u, sizes.rows[row].places.y + line * length + vector);
}}
fn store(line: u32, vector: u32, sum: vec4f, norm: f32) {{
  let columns = sizes.rows[row].columns;
  if (line >= sizes.rows[row].rows || vector >= columns) {{ return; }}
  result[sizes.rows[row].places.w + line * columns + vector] = finished(row, line, vector, sum, norm);
}}
// A block of the product to where it is mirrored at the diagonal.
fn store_block(line: u32, vector: u32, block: mat4x4f, norm: f32) {{
  for (var i = 0u; i < 4u; i++) {{ store(4u * vector + i, line / 4u, block[i], norm); }}
}}
{}
fn invoke_group(group: u32, local: u32) {{
  if (group >= sizes.end) {{ return; }}
  let own = row_of(group);
  row = own;
  let columns = (sizes.rows[own].columns + {vectors}u - 1u) / {vectors}u;
  let tile = tile_of(group - sizes.rows[own].first, columns, sizes.rows[own].is_symmetric != 0u);
  let down = tile.x * {vectors}u;
  let right = tile.y * {vectors}u;
  let inner = sizes.rows[own].inner;
{}  let norm = norm_of(own);
{stores}{mirrored}}}
",
            tile.functions(Order::Along, right),
            tile.accumulate(),
        ))
    }
}

/// What both kinds of products in registers begin with.
const TILE_IN_REGISTERS: &str = "  let row = row_of(index);
  let rows = sizes.rows[row].rows;
  let inner = sizes.rows[row].inner;
  let columns = sizes.rows[row].columns;
  let is_symmetric = sizes.rows[row].is_symmetric != 0u;
  let tile = tile_of(index - sizes.rows[row].first, columns / 2u, is_symmetric);
  let line = tile.x * 8u;
  let vector = tile.y * 2u;
  if (index >= sizes.end || line >= rows) { return; }
  let left = sizes.rows[row].places.x;
  let right = sizes.rows[row].places.y;
  let norm = norm_of(row);
  let at = sizes.rows[row].places.w + line * columns + vector;
";

/// Matrices times vectors: the right factor's columns lie together.
fn in_registers(quad: bool) -> String {
    let rows = |line: &dyn Fn(usize) -> String| -> String { (0..TILE).map(line).collect() };
    let accumulators = rows(&|r| format!("  var s{r}_0 = vec4f();\n  var s{r}_1 = vec4f();\n"));
    // Column c of m is line 4k + c of the factor, so m * a sums a[c] · B[4k + c][…].
    let matrices: String = (0..2)
        .map(|j| {
            let column = |c: usize| format!("b[right + (4u * k + {c}u) * columns + vector + {j}u]");
            format!("    let m{j} = mat4x4f({}, {}, {}, {});\n", column(0), column(1), column(2), column(3))
        })
        .collect();
    let loads = row_loads(|r| format!("a[left + (line + {r}) * inner + k]"), quad);
    let products = rows(&|r| format!("    s{r}_0 += m0 * a{r};\n    s{r}_1 += m1 * a{r};\n"));
    let stores = rows(&|r| {
        let store = |j: usize| {
            format!(
                "    result[at + {r}u * columns + {j}u] = finished(row, line + {r}u, vector + {j}u, s{r}_{j}, norm);\n"
            )
        };
        format!("  if (line + {r}u < rows) {{\n{}{}  }}\n", store(0), store(1))
    });
    format!(
        "{TILE_IN_REGISTERS}{accumulators}  for (var k = 0u; k < inner; k++) {{\n{matrices}{loads}{products}  }}\n{stores}"
    )
}

/// Dot products: both factors' rows lie together.
fn in_registers_transposed(quad: bool) -> String {
    let cell = |line: &dyn Fn(usize, usize) -> String| -> String {
        (0..TILE).flat_map(|r| (0..TILE).map(move |c| (r, c))).map(|(r, c)| line(r, c)).collect()
    };
    let each = |line: &dyn Fn(usize) -> String| -> String { (0..TILE).map(line).collect() };
    let accumulators = cell(&|r, c| format!("  var s{r}_{c} = 0.0;\n"));
    let loads = row_loads(|r| format!("a[left + (line + {r}) * inner + k]"), quad)
        + &each(&|c| format!("    let b{c} = b[right + (4u * vector + {c}u) * inner + k];\n"));
    let products = cell(&|r, c| format!("    s{r}_{c} += dot(a{r}, b{c});\n"));
    let stores = each(&|r| {
        let store = |j: usize| {
            let c = 4 * j;
            let value = format!("vec4f(s{r}_{c}, s{r}_{}, s{r}_{}, s{r}_{})", c + 1, c + 2, c + 3);
            format!(
                "    result[at + {r}u * columns + {j}u] = finished(row, line + {r}u, vector + {j}u, {value}, norm);\n"
            )
        };
        format!("  if (line + {r}u < rows) {{\n{}{}  }}\n", store(0), store(1))
    });
    // To where the tile is mirrored at the diagonal.
    let mirrored = each(&|c| {
        let store = |i: usize| {
            let r = 4 * i;
            let value = format!("vec4f(s{r}_{c}, s{}_{c}, s{}_{c}, s{}_{c})", r + 1, r + 2, r + 3);
            format!(
                "    result[mirror + {c}u * columns + {i}u] = finished(row, 4u * vector + {c}u, line / 4u + {i}u, {value}, norm);\n"
            )
        };
        store(0) + &store(1)
    });
    let mirrored = if quad {
        String::new()
    } else {
        format!(
            "  if (is_symmetric && tile.x != tile.y) {{
    let mirror = sizes.rows[row].places.w + 4u * vector * columns + line / 4u;
{mirrored}  }}
"
        )
    };
    format!(
        "{TILE_IN_REGISTERS}{accumulators}  for (var k = 0u; k < inner; k++) {{\n{loads}{products}  }}\n{stores}{mirrored}"
    )
}

/// Loads one vector of each of the tile's rows into `a0` … `a7`: each invocation by itself, or in a quad a
/// quarter of them, passed around.
pub fn row_loads(load: impl Fn(&str) -> String, quad: bool) -> String {
    if !quad {
        return (0..TILE).map(|r| format!("    let a{r} = {};\n", load(&format!("{r}u")))).collect();
    }
    let own = (0..TILE / 4).map(|q| format!("    let own{q} = {};\n", load(&format!("({}u + (lane & 3u))", 4 * q))));
    let passed = (0..TILE).map(|r| format!("    let a{r} = quadBroadcast(own{}, {}u);\n", r / 4, r % 4));
    own.chain(passed).collect()
}
