//! Winograd's products: at each of 36 points the tiles' channels times a matrix of weights, all in one launch.
//!
//! A workgroup computes one [`WinogradTile`] of one product. It takes its rows and columns into memory of its own, a few terms of the
//! sums at a time, while the registers already load the next ones; each invocation then multiplies a few rows by a few columns
//! of them. The last terms go the same way with nothing more to load: written out once more after the loop they cost twice the code,
//! and registers. On the way back the matrix is that of the exchanged point, transposed while it is loaded.

use burn::tensor::Tensor;

use super::kernel::{Code, Input, Kernel, multiplied, variants};
use super::launch::launch;
use super::uniform::uniform;
use crate::compute::form::{Winograd, WinogradTile};

/// `[point][tiles]` of input channels times `[point][inputs]` of output channels: `[point][tiles]` of output channels. Or,
/// transposed, times those of a turned filter, whose inputs and outputs are exchanged.
pub fn products(
    tiles: Tensor<4>,
    weights: Tensor<4>,
    [rows, inner, columns]: [usize; 3],
    transposed: bool,
    tile: WinogradTile,
) -> Tensor<4> {
    let sizes = WinogradProductSizes { rows, inner: inner / 4, columns: columns / 4 };
    let kernel = WinogradProduct { tile, transposed };
    let [high, wide, _] = tile.sides();
    let groups = Winograd::POINTS * rows.div_ceil(high) * (columns / wide);
    launch(kernel, sizes, [tiles, weights], groups * kernel.group(), [1, Winograd::POINTS, rows, columns])
}

/// The products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WinogradProduct {
    /// What a workgroup computes.
    pub tile: WinogradTile,
    /// Whether it is the way back.
    pub transposed: bool,
}

variants!(WinogradTile = Rows128 | Rows64 | Rows32 | Rows16);
variants!(WinogradProduct { tile: WinogradTile, transposed: bool });
uniform! {
    /// Rows; and in vectors what is summed over, and columns.
    WinogradProductSizes { rows: u32, inner: u32, columns: u32 }
}

impl Kernel for WinogradProduct {
    type Sizes = WinogradProductSizes;

    fn inputs(self) -> &'static [Input] {
        &[("a", "vec4f"), ("b", "vec4f")]
    }

    fn group(self) -> usize {
        let ([rows, columns, _], [own_rows, own_columns]) = (self.tile.sides(), self.tile.own());
        rows / own_rows * (columns / own_columns)
    }

    fn work(self, sizes: &Self::Sizes) -> f64 {
        let WinogradProductSizes { rows, inner, columns } = *sizes;
        2.0 * multiplied([Winograd::POINTS, rows, 4 * inner, 4 * columns])
    }

    fn code(self) -> Code {
        Plan::new(self).code()
    }
}

/// A kernel's numbers, its columns and terms in vectors.
struct Plan {
    transposed: bool,
    rows: usize,
    columns: usize,
    terms: usize,
    own_rows: usize,
    own_columns: usize,
    /// Invocations side by side along rows and columns.
    high: usize,
    wide: usize,
    /// From one row of `a` to the next in the workgroup's memory: one vector more than there is, lest rows meet in a bank.
    pitch: usize,
}

impl Plan {
    fn new(WinogradProduct { tile, transposed }: WinogradProduct) -> Self {
        let ([rows, columns, terms], [own_rows, own_columns]) = (tile.sides(), tile.own());
        Self {
            transposed,
            rows,
            columns: columns / 4,
            terms: terms / 4,
            own_rows,
            own_columns: own_columns / 4,
            high: rows / own_rows,
            wide: columns / own_columns,
            pitch: terms / 4 + 1,
        }
    }

    fn code(&self) -> Code {
        let Self { rows, columns, terms, wide, pitch, .. } = *self;
        let [a, b] = [self.copy_a(), self.copy_b()];
        let (declared, load, store) = (a.declared + &b.declared, a.load + &b.load, a.store + &b.store);
        let sums = self.products();
        let turned = if self.transposed {
            // The points 0, 1/√2, −1/√2, √2, −√2, ∞ become ∞, √2, −√2, 1/√2, −1/√2, 0: numbers 5, 3, 4, 1, 2, 0, four bits each.
            "fn exchanged(point: u32) -> u32 { return (0x021435u >> (4u * point)) & 7u; }"
        } else {
            ""
        };
        Code::body(format!(
            "  let blocks = sizes.columns / {columns}u;
  let row_groups = (sizes.rows + {rows}u - 1u) / {rows}u;
  let column = number % blocks * {columns}u;
  let first = number / blocks % row_groups * {rows}u;
  let point = number / (blocks * row_groups);
  if (point >= {points}u) {{ return; }}
  let tx = local % {wide}u;
  let ty = local / {wide}u;
{declared}{accumulators}  var k = 0u;
{load}  for (k = {terms}u; ; k += {terms}u) {{
{store}  workgroupBarrier();
  if (k < sizes.inner) {{
{load}  }}
{sums}  if (k >= sizes.inner) {{ break; }}
  workgroupBarrier();
  }}
{stores}",
            points = Winograd::POINTS,
            accumulators = self.own(|r, c| format!("  var s{r}_{c} = vec4f();\n")),
            stores = self.stores(),
        ))
        .with(&format!(
            "var<workgroup> rows: array<vec4f, {}>;\nvar<workgroup> columns: array<vec4f, {}>;\n{turned}",
            rows * pitch,
            4 * terms * columns,
        ))
    }

    fn own(&self, line: impl Fn(usize, usize) -> String) -> String {
        let columns = self.own_columns;
        (0..self.own_rows).flat_map(|r| (0..columns).map(move |c| (r, c))).map(|(r, c)| line(r, c)).collect()
    }

    /// The rows of `a`. Past the last one it is that once more, which nobody stores.
    fn copy_a(&self) -> Staged {
        let Self { rows, terms, pitch, .. } = *self;
        self.copied(rows * terms, |i, e| {
            let row = format!("min(first + {e} / {terms}u, sizes.rows - 1u)");
            Staged {
                declared: format!(
                    "  let at_a{i} = (point * sizes.rows + {row}) * sizes.inner + {e} % {terms}u;
  var a{i} = vec4f();\n"
                ),
                load: format!("  a{i} = a[at_a{i} + k];\n"),
                store: format!("  rows[{e} / {terms}u * {pitch}u + {e} % {terms}u] = a{i};\n"),
            }
        })
    }

    /// The columns of `b`; of a transposed one blocks of 4 × 4, neighbours along its rows.
    fn copy_b(&self) -> Staged {
        let Self { columns, terms, .. } = *self;
        if !self.transposed {
            return self.copied(4 * terms * columns, |i, e| Staged {
                declared: format!(
                    "  let at_b{i} = (point * 4u * sizes.inner + {e} / {columns}u) * sizes.columns + column + {e} % {columns}u;
  var b{i} = vec4f();\n"
                ),
                load: format!("  b{i} = b[at_b{i} + 4u * k * sizes.columns];\n"),
                store: format!("  columns[{e}] = b{i};\n"),
            });
        }
        let mut copy = self.copied(terms * columns, |i, e| {
            let line = |l: usize| format!("b[at_b{i} + {l}u * sizes.inner + k]");
            let store = |l: usize| {
                format!("  columns[(4u * ({e} % {terms}u) + {l}u) * {columns}u + {e} / {terms}u] = b{i}[{l}];\n")
            };
            Staged {
                declared: format!(
                    "  let at_b{i} = (turned * 4u * sizes.columns + 4u * (column + {e} / {terms}u)) * sizes.inner + {e} % {terms}u;
  var b{i} = mat4x4f();\n"
                ),
                load: format!(
                    "  b{i} = transpose(mat4x4f({}, {}, {}, {}));\n",
                    line(0),
                    line(1),
                    line(2),
                    line(3)
                ),
                store: (0..4).map(store).collect(),
            }
        });
        copy.declared.insert_str(0, "  let turned = exchanged(point / 6u) * 6u + exchanged(point % 6u);\n");
        copy
    }

    /// So many things copied by all invocations together, each number `e` of them by one.
    fn copied(&self, count: usize, copy: impl Fn(usize, &str) -> Staged) -> Staged {
        let invocations = self.high * self.wide;
        let mut all = Staged::default();
        for i in 0..count.div_ceil(invocations) {
            let (past, e) = ((i + 1) * invocations > count, format!("(local + {}u)", i * invocations));
            let only = |lines: String| if past { format!("  if ({e} < {count}u) {{\n{lines}  }}\n") } else { lines };
            let Staged { declared, load, store } = copy(i, &e);
            all.declared += &declared;
            all.load += &only(load);
            all.store += &only(store);
        }
        all
    }

    /// Adds up what lies in the workgroup's memory.
    fn products(&self) -> String {
        let Self { own_rows, own_columns, high, wide, pitch, columns, .. } = *self;
        let mut text = String::new();
        for term in 0..self.terms {
            text += "  {\n";
            for r in 0..own_rows {
                text += &format!("    let a{r} = rows[ty * {pitch}u + {}u];\n", r * high * pitch + term);
            }
            for lane in 0..4 {
                for c in 0..own_columns {
                    text +=
                        &format!("    let b{lane}_{c} = columns[tx + {}u];\n", (4 * term + lane) * columns + c * wide);
                }
                text += &self.own(|r, c| format!("    s{r}_{c} = fma(vec4f(a{r}[{lane}]), b{lane}_{c}, s{r}_{c});\n"));
            }
            text += "  }\n";
        }
        text
    }

    fn stores(&self) -> String {
        let Self { own_rows, own_columns, high, wide, .. } = *self;
        let row = |r: usize| {
            let store = |c: usize| format!("    result[at + {}u] = s{r}_{c};\n", c * wide);
            format!(
                "  if (first + ty + {down}u < sizes.rows) {{
    let at = (point * sizes.rows + first + ty + {down}u) * sizes.columns + column + tx;
{}  }}\n",
                (0..own_columns).map(store).collect::<String>(),
                down = r * high,
            )
        };
        (0..own_rows).map(row).collect()
    }
}

/// How something gets into the workgroup's memory by way of registers.
#[derive(Default)]
struct Staged {
    /// Where it lies and the registers.
    declared: String,
    load: String,
    store: String,
}
