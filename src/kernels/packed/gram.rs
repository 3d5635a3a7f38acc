//! Matrix products with packed maps: Gram matrices, covariances and what their gradients need.
//!
//! Packed maps are a matrix F of `[(H + 2)(W + 2), C]` whose border rows are zero, so a Gram matrix is
//! the plain product `Fᵀ F` over all rows, and a gradient's `F S` too. Where means are subtracted the
//! border must stay out.

use burn::tensor::Tensor;

use super::launch::{Bindings, Source, float, launch, linear_grid};
use crate::kernels::Maps;

/// Channels per side of a tile of the Gram matrix.
const TILE: usize = 8;
/// Rows per slice: each slice of rows makes its own partial matrix, so that a small matrix over many
/// pixels keeps a GPU busy.
const SLICE_ROWS: usize = 512;

/// `scale · F Fᵀ` over all pixels, `[C, C]`; minus a target, if there is one.
pub fn gram(maps: &Maps, scale: f64, target: Option<Tensor<2>>) -> Tensor<2> {
    let partial = products(maps, None);
    finish(partial, scale, 0.0, target)
}

/// The covariance, `ridge` added to its diagonal.
pub fn covariance(maps: &Maps, mean: &Tensor<2>, ridge: f64) -> Tensor<2> {
    let partial = products(maps, Some(mean));
    finish(partial, 1.0 / (maps.height * maps.width) as f64, ridge, None)
}

/// The mean of each channel, `[1, C]`.
pub fn mean(maps: &Maps) -> Tensor<2> {
    let rows = (maps.height + 2) * (maps.width + 2);
    let slices = rows.div_ceil(SLICE_ROWS);
    let vectors = maps.channels / 4;
    let source = Source { name: "mean".into(), text: mean_text };
    let sizes = [rows, rows.div_ceil(slices), vectors, slices];
    let grid = linear_grid(vectors * slices, 64);
    let partial = launch([maps.data.clone()], source, grid, &sizes, [1, slices, 1, maps.channels]);
    finish(partial, 1.0 / (maps.height * maps.width) as f64, 0.0, None)
}

/// Partial sums of `F Fᵀ`, or of `(F − mean)(F − mean)ᵀ`: `[1, slices, C, C]`.
fn products(maps: &Maps, mean: Option<&Tensor<2>>) -> Tensor<4> {
    let rows = (maps.height + 2) * (maps.width + 2);
    let channels = maps.channels;
    let slices = rows.div_ceil(SLICE_ROWS).min((1 << 22) / (channels * channels)).max(1);
    let slice_rows = rows.div_ceil(slices);
    let tiles = (channels / TILE).pow(2);
    let sizes = [rows, slice_rows, channels / 4, slices, maps.height, maps.width];
    let (grid, output) = (linear_grid(tiles * slices, 64), [1, slices, channels, channels]);
    let data = maps.data.clone();
    match mean {
        Some(mean) => {
            let source = Source { name: "gram centred".into(), text: gram_text };
            launch([data, mean.clone().reshape([1, 1, 1, channels])], source, grid, &sizes, output)
        }
        None => launch([data], Source { name: "gram".into(), text: gram_text }, grid, &sizes, output),
    }
}

/// `scale` times the sum of the slices (`[1, slices, R, C]`), `diagonal` added to the diagonal, a
/// target subtracted.
fn finish(partial: Tensor<4>, scale: f64, diagonal: f64, target: Option<Tensor<2>>) -> Tensor<2> {
    let [_, slices, rows, columns] = partial.dims();
    let output = [1, 1, rows, columns];
    let count = rows * columns / 4;
    let (grid, sizes) = (linear_grid(count, 64), [count, slices, float(scale), float(diagonal), columns]);
    let whole = match target {
        Some(target) => {
            let source = Source { name: "gram finish difference".into(), text: finish_text };
            launch([partial, target.reshape(output)], source, grid, &sizes, output)
        }
        None => launch([partial], Source { name: "gram finish".into(), text: finish_text }, grid, &sizes, output),
    };
    whole.reshape([rows, columns])
}

/// `scale · S F` for a symmetric S, in the maps' packed form.
pub fn gram_product(maps: &Maps, matrix: Tensor<2>, scale: f64) -> Tensor<4> {
    let rows = (maps.height + 2) * (maps.width + 2);
    let shape = maps.data.dims();
    product("gram product", [maps.data.clone(), square(matrix)], rows, [scale, 0.0], shape)
}

/// `scale · (S (F − mean) + (mean − goal))` for a symmetric S; the border holds nonsense.
pub fn moments_gradient(maps: &Maps, matrix: Tensor<2>, mean: Tensor<2>, goal: Tensor<2>, scale: f64) -> Tensor<4> {
    let rows = (maps.height + 2) * (maps.width + 2);
    let shape = maps.data.dims();
    let vector = |v: Tensor<2>| v.reshape([1, 1, 1, maps.channels]);
    let inputs = [maps.data.clone(), square(matrix), vector(mean), vector(goal)];
    product("gram product moments", inputs, rows, [scale, 0.0], shape)
}

/// `factor · A B + diagonal · I` for square matrices whose side is a multiple of 8.
pub fn matmul(a: Tensor<2>, b: Tensor<2>, [factor, diagonal]: [f64; 2]) -> Tensor<2> {
    let side = a.dims()[0];
    let product = product("matmul", [square(a), square(b)], side, [factor, diagonal], [1, 1, side, side]);
    product.reshape([side, side])
}

fn square(matrix: Tensor<2>) -> Tensor<4> {
    let [rows, columns] = matrix.dims();
    matrix.reshape([1, 1, rows, columns])
}

fn product<const N: usize>(
    name: &str,
    inputs: [Tensor<4>; N],
    rows: usize,
    [scale, diagonal]: [f64; 2],
    output: [usize; 4],
) -> Tensor<4> {
    let channels = output[3];
    let grid = linear_grid(rows.div_ceil(TILE) * (channels / TILE), 64);
    let sizes = [rows, channels / 4, float(scale), float(diagonal)];
    launch(inputs, Source { name: name.into(), text: product_text }, grid, &sizes, output)
}

fn gram_text(name: &str) -> String {
    let each = |line: &dyn Fn(usize, usize) -> String| -> String {
        (0..TILE).flat_map(|r| (0..2).map(move |j| (r, j))).map(|(r, j)| line(r, j)).collect()
    };
    let accumulators = each(&|r, j| format!("  var s{r}_{j} = vec4f();\n"));
    let products = each(&|r, j| format!("    s{r}_{j} += a{}[{}] * b{j};\n", r / 4, r % 4));
    let stores = each(&|r, j| format!("  partial[at + {r}u * sizes.channels + {j}u] = s{r}_{j};\n"));
    let centred = name.contains("centred");
    let mut inputs = vec![("maps", "vec4f")];
    // Rows of the border are left out where means are subtracted.
    let (mut means, mut skip, mut less) = (String::new(), "", ["", "", "", ""]);
    if centred {
        inputs.push(("mean", "vec4f"));
        means =
            ["a0 = mean[2u * down", "a1 = mean[2u * down + 1u", "b0 = mean[2u * right", "b1 = mean[2u * right + 1u"]
                .map(|line| format!("  let m{line}];\n"))
                .concat();
        skip = "
    let pixel = row / sizes.channels;
    let y = pixel / (sizes.width + 2u);
    let x = pixel % (sizes.width + 2u);
    if (y == 0u || y > sizes.height || x == 0u || x > sizes.width) { continue; }";
        less = [" - ma0", " - ma1", " - mb0", " - mb1"];
    }
    let bindings = Bindings {
        sizes: "rows: u32, slice_rows: u32, channels: u32, slices: u32, height: u32, width: u32, p: u32, q: u32",
        inputs: &inputs,
        output: ("partial", "vec4f"),
    };
    bindings.linear_kernel(&format!(
        "  let tiles = sizes.channels / 2u;
  let right = index % tiles;
  let down = index / tiles % tiles;
  let slice = index / tiles / tiles;
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

/// Sums each channel over a slice of rows; the border adds nothing.
fn mean_text(_: &str) -> String {
    let bindings = Bindings {
        sizes: "rows: u32, slice_rows: u32, channels: u32, slices: u32",
        inputs: &[("maps", "vec4f")],
        output: ("partial", "vec4f"),
    };
    bindings.linear_kernel(
        "  let slice = index / sizes.channels;
  if (slice >= sizes.slices) { return; }
  var sum = vec4f();
  for (var row = slice * sizes.slice_rows; row < min((slice + 1u) * sizes.slice_rows, sizes.rows); row++) {
    sum += maps[row * sizes.channels + index % sizes.channels];
  }
  partial[index] = sum;",
    )
}

/// Adds the slices up.
fn finish_text(name: &str) -> String {
    let (inputs, subtract): (&[_], _) = match name.contains("difference") {
        true => (&[("partial", "vec4f"), ("goal", "vec4f")], " - goal[index]"),
        false => (&[("partial", "vec4f")], ""),
    };
    let bindings = Bindings {
        sizes: "count: u32, slices: u32, scale: f32, diagonal: f32, columns: u32, p: u32, q: u32, r: u32",
        inputs,
        output: ("gram", "vec4f"),
    };
    bindings.linear_kernel(&format!(
        "  if (index >= sizes.count) {{ return; }}
  var sum = vec4f();
  for (var slice = 0u; slice < sizes.slices; slice++) {{ sum += partial[slice * sizes.count + index]; }}
  let row = 4u * index / sizes.columns;
  let first = 4u * index % sizes.columns;
  let own = vec4u(row) == vec4u(first, first + 1u, first + 2u, first + 3u);
  gram[index] = sum * sizes.scale + select(vec4f(), vec4f(sizes.diagonal), own){subtract};"
    ))
}

fn product_text(name: &str) -> String {
    let moments = name.contains("moments");
    let rows = |line: &dyn Fn(usize) -> String| -> String { (0..TILE).map(line).collect() };
    let accumulators = rows(&|r| format!("  var s{r}_0 = vec4f();\n  var s{r}_1 = vec4f();\n"));
    let less = if moments { " - mean[k]" } else { "" };
    let loads = rows(&|r| format!("    let f{r} = maps[at + {r}u * sizes.channels + k]{less};\n"));
    let products = rows(&|r| format!("    s{r}_0 += m0 * f{r};\n    s{r}_1 += m1 * f{r};\n"));
    let value = |r: usize, j: usize| match name {
        "matmul" => format!("sizes.scale * s{r}_{j} + diagonal(row + {r}u, 2u * block + {j}u)"),
        _ if moments => format!("sizes.scale * (s{r}_{j} + apart{j})"),
        _ => format!("sizes.scale * s{r}_{j}"),
    };
    let stores = rows(&|r| {
        let store =
            |j: usize| format!("    result[at + {r}u * sizes.channels + 2u * block + {j}u] = {};\n", value(r, j));
        format!("  if (row + {r}u < sizes.rows) {{\n{}{}  }}\n", store(0), store(1))
    });
    // Column c of m is row 4k + c of the matrix, so m * f sums f[c] · S[4k + c][…].
    let matrix = |j: usize| {
        let column = |c: usize| format!("matrix[(4u * k + {c}u) * sizes.channels + 2u * block + {j}u]");
        format!("    let m{j} = mat4x4f({}, {}, {}, {});\n", column(0), column(1), column(2), column(3))
    };
    let matrices = matrix(0) + &matrix(1);
    let mut inputs = vec![("maps", "vec4f"), ("matrix", "vec4f")];
    let mut apart = String::new();
    if moments {
        inputs.extend([("mean", "vec4f"), ("goal", "vec4f")]);
        for j in 0..2 {
            apart += &format!("  let apart{j} = mean[2u * block + {j}u] - goal[2u * block + {j}u];\n");
        }
    }
    let bindings = Bindings {
        sizes: "rows: u32, channels: u32, scale: f32, diagonal: f32",
        inputs: &inputs,
        output: ("result", "vec4f"),
    };
    let kernel = bindings.linear_kernel(&format!(
        "  let blocks = sizes.channels / 2u;
  let block = index % blocks;
  let row = index / blocks * {TILE}u;
  if (row >= sizes.rows) {{ return; }}
  let at = row * sizes.channels;
{accumulators}
  for (var k = 0u; k < sizes.channels; k++) {{
{matrices}
{loads}
{products}
  }}
{apart}{stores}"
    ));
    let diagonal = "
fn diagonal(row: u32, vector: u32) -> vec4f {
  return select(vec4f(), vec4f(sizes.diagonal), vec4u(row) == 4u * vector + vec4u(0u, 1u, 2u, 3u));
}
";
    if name == "matmul" { kernel + diagonal } else { kernel }
}
