//! Matrix products, among them those of packed maps with a matrix.
//!
//! Packed maps are a matrix F of `[(H + 2)(W + 2), C]`, so what a Gram matrix's gradient needs at them is the plain
//! product `F S`. One invocation computes a tile of 8 × 8 values.

use burn::tensor::Tensor;

use super::kernel::{Code, Input, Kernel, variants};
use super::launch::launch;
use super::uniform::uniform;
use crate::compute::maps::Maps;

/// Rows and columns of a tile.
const TILE: usize = 8;

/// `factor · A B + shift · I` for `[R, K]` and `[K, C]`, C a multiple of 8, K of 4.
pub fn matmul(a: Tensor<2>, b: Tensor<2>, weights: [f64; 2], subgroups: bool) -> Tensor<2> {
    let ([rows, _], [_, columns]) = (a.dims(), b.dims());
    let (tensors, shape) = ([whole(a), whole(b)], [1, 1, rows, columns]);
    product(Factors::Matrices, tensors, rows, weights, shape, subgroups).reshape([rows, columns])
}

/// `factor · A Bᵀ + shift · I` for `[R, K]` and `[C, K]`, C a multiple of 8, K of 4.
pub fn matmul_transposed(a: Tensor<2>, b: Tensor<2>, [scale, shift]: [f64; 2], subgroups: bool) -> Tensor<2> {
    let ([rows, inner], [columns, _]) = (a.dims(), b.dims());
    let sizes = ProductSizes { rows, inner: inner / 4, columns: columns / 4, scale, shift };
    let kernel = TransposedProduct { quad: fits_quads(columns, subgroups) };
    let shape = [1, 1, rows, columns];
    launch(kernel, sizes, [whole(a), whole(b)], tiles(rows, columns), shape).reshape([rows, columns])
}

/// `scale · S F` for a symmetric S, in the maps' packed layout.
pub fn gram_product(maps: &Maps, matrix: Tensor<2>, scale: f64, subgroups: bool) -> Tensor<4> {
    let tensors = [maps.data.clone(), whole(matrix)];
    let rows = (maps.height + 2) * (maps.width + 2);
    product(Factors::Maps, tensors, rows, [scale, 0.0], maps.data.dims(), subgroups)
}

/// `scale · (S (F − mean) + (mean − goal))` for a symmetric S; the border holds nonsense.
pub fn moments_gradient(
    maps: &Maps,
    matrix: Tensor<2>,
    means: [Tensor<2>; 2],
    scale: f64,
    subgroups: bool,
) -> Tensor<4> {
    let [mean, goal] = means.map(|mean| mean.reshape([1, 1, 1, maps.channels]));
    let tensors = [maps.data.clone(), whole(matrix), mean, goal];
    let rows = (maps.height + 2) * (maps.width + 2);
    product(Factors::Moments, tensors, rows, [scale, 0.0], maps.data.dims(), subgroups)
}

fn whole(matrix: Tensor<2>) -> Tensor<4> {
    let [rows, columns] = matrix.dims();
    matrix.reshape([1, 1, rows, columns])
}

fn product<const N: usize>(
    factors: Factors,
    tensors: [Tensor<4>; N],
    rows: usize,
    [scale, shift]: [f64; 2],
    shape: [usize; 4],
    subgroups: bool,
) -> Tensor<4> {
    let (inner, columns) = (tensors[0].dims()[3], shape[3]);
    let sizes = ProductSizes { rows, inner: inner / 4, columns: columns / 4, scale, shift };
    let kernel = Product { factors, quad: fits_quads(columns, subgroups) };
    launch(kernel, sizes, tensors, tiles(rows, columns), shape)
}

fn tiles(rows: usize, columns: usize) -> usize {
    rows.div_ceil(TILE) * (columns / TILE)
}

/// Whether four neighbours work on the same rows and so can share their loads.
fn fits_quads(columns: usize, subgroups: bool) -> bool {
    subgroups && (columns / TILE).is_multiple_of(4)
}

/// What is multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Factors {
    /// Two matrices; the diagonal is shifted.
    Matrices,
    /// Maps and a symmetric matrix.
    Maps,
    /// Maps less their mean and a symmetric matrix, to which the mean's distance from a goal is added.
    Moments,
}

variants!(Factors = Matrices | Maps | Moments);

/// A product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Product {
    /// What is multiplied.
    pub factors: Factors,
    /// Whether four neighbours share their loads.
    pub quad: bool,
}

variants!(Product { factors: Factors, quad: bool });
uniform! {
    /// Of all products: rows, and in vectors what is summed over and columns.
    ProductSizes { rows: u32, inner: u32, columns: u32, scale: f32, shift: f32 }
}

impl Kernel for Product {
    type Sizes = ProductSizes;

    fn inputs(self) -> &'static [Input] {
        const ALL: [Input; 4] = [("a", "vec4f"), ("b", "vec4f"), ("mean", "vec4f"), ("goal", "vec4f")];
        if self.factors == Factors::Moments { &ALL } else { &ALL[..2] }
    }

    fn in_quads(self) -> bool {
        self.quad
    }

    fn code(self) -> Code {
        let moments = self.factors == Factors::Moments;
        let rows = |line: &dyn Fn(usize) -> String| -> String { (0..TILE).map(line).collect() };
        let accumulators = rows(&|r| format!("  var s{r}_0 = vec4f();\n  var s{r}_1 = vec4f();\n"));
        let less = if moments { " - mean[k]" } else { "" };
        let loads = row_loads(|r| format!("a[start + {r} * sizes.inner + k]{less}"), self.quad);
        let products = rows(&|r| format!("    s{r}_0 += m0 * a{r};\n    s{r}_1 += m1 * a{r};\n"));
        let value = |r: usize, j: usize| match self.factors {
            Factors::Matrices => format!("sizes.scale * s{r}_{j} + diagonal(row + {r}u, 2u * block + {j}u)"),
            Factors::Maps => format!("sizes.scale * s{r}_{j}"),
            Factors::Moments => format!("sizes.scale * (s{r}_{j} + apart{j})"),
        };
        let stores = rows(&|r| {
            let store =
                |j: usize| format!("    result[at + {r}u * sizes.columns + 2u * block + {j}u] = {};\n", value(r, j));
            format!("  if (row + {r}u < sizes.rows) {{\n{}{}  }}\n", store(0), store(1))
        });
        // Column c of m is row 4k + c of the matrix, so m * a sums a[c] · B[4k + c][…].
        let matrix = |j: usize| {
            let column = |c: usize| format!("b[(4u * k + {c}u) * sizes.columns + 2u * block + {j}u]");
            format!("    let m{j} = mat4x4f({}, {}, {}, {});\n", column(0), column(1), column(2), column(3))
        };
        let matrices = matrix(0) + &matrix(1);
        let apart = |j: usize| format!("  let apart{j} = mean[2u * block + {j}u] - goal[2u * block + {j}u];\n");
        let apart = if moments { apart(0) + &apart(1) } else { String::new() };
        let code = Code::body(format!(
            "  let blocks = sizes.columns / 2u;
  let block = index % blocks;
  let row = index / blocks * {TILE}u;
  if (row >= sizes.rows) {{ return; }}
  let at = row * sizes.columns;
  let start = row * sizes.inner;
{accumulators}
  for (var k = 0u; k < sizes.inner; k++) {{
{matrices}
{loads}
{products}
  }}
{apart}{stores}"
        ));
        if self.factors == Factors::Matrices { code.with(DIAGONAL) } else { code }
    }
}

/// A product with the second matrix transposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TransposedProduct {
    /// Whether four neighbours share their loads.
    pub quad: bool,
}

variants!(TransposedProduct { quad: bool });

impl Kernel for TransposedProduct {
    type Sizes = ProductSizes;

    fn inputs(self) -> &'static [Input] {
        &[("a", "vec4f"), ("b", "vec4f")]
    }

    fn in_quads(self) -> bool {
        self.quad
    }

    fn code(self) -> Code {
        let cell = |line: &dyn Fn(usize, usize) -> String| -> String {
            (0..TILE).flat_map(|r| (0..TILE).map(move |c| (r, c))).map(|(r, c)| line(r, c)).collect()
        };
        let each = |line: &dyn Fn(usize) -> String| -> String { (0..TILE).map(line).collect() };
        let accumulators = cell(&|r, c| format!("  var s{r}_{c} = 0.0;\n"));
        let loads = row_loads(|r| format!("a[(row + {r}) * sizes.inner + k]"), self.quad)
            + &each(&|c| format!("    let b{c} = b[(column + {c}u) * sizes.inner + k];\n"));
        let products = cell(&|r, c| format!("    s{r}_{c} += dot(a{r}, b{c});\n"));
        let stores = each(&|r| {
            let store = |j: usize| {
                let c = 4 * j;
                let vector = format!("vec4f(s{r}_{c}, s{r}_{}, s{r}_{}, s{r}_{})", c + 1, c + 2, c + 3);
                let place = format!("column / 4u + {j}u");
                format!(
                    "    result[(row + {r}u) * sizes.columns + {place}] = sizes.scale * {vector} + diagonal(row + {r}u, {place});\n"
                )
            };
            format!("  if (row + {r}u < sizes.rows) {{\n{}{}  }}\n", store(0), store(1))
        });
        Code::body(format!(
            "  let blocks = sizes.columns / 2u;
  let column = index % blocks * {TILE}u;
  let row = index / blocks * {TILE}u;
  if (row >= sizes.rows) {{ return; }}
{accumulators}
  for (var k = 0u; k < sizes.inner; k++) {{
{loads}{products}  }}
{stores}"
        ))
        .with(DIAGONAL)
    }
}

/// Loads one vector of each of the tile's rows into `a0` … `a7`: each invocation by itself, or in a quad a
/// quarter of them, passed around.
fn row_loads(load: impl Fn(&str) -> String, quad: bool) -> String {
    if !quad {
        return (0..TILE).map(|r| format!("    let a{r} = {};\n", load(&format!("{r}u")))).collect();
    }
    let own = (0..TILE / 4).map(|q| format!("    let own{q} = {};\n", load(&format!("({}u + (lane & 3u))", 4 * q))));
    let passed = (0..TILE).map(|r| format!("    let a{r} = quadBroadcast(own{}, {}u);\n", r / 4, r % 4));
    own.chain(passed).collect()
}

const DIAGONAL: &str = "
fn diagonal(row: u32, vector: u32) -> vec4f {
  return select(vec4f(), vec4f(sizes.shift), vec4u(row) == 4u * vector + vec4u(0u, 1u, 2u, 3u));
}
";
