//! Matrix products with packed maps: Gram matrices, covariances and what their gradients need.
//!
//! Packed maps are a matrix F of `[(H + 2)(W + 2), C]` whose border rows are zero, so a Gram matrix is
//! the plain product `Fᵀ F` over all rows, and a gradient's `F S` too. Where means are subtracted the
//! border must stay out.

use burn::tensor::Tensor;

use super::launch::{Bindings, Source, float, launch, linear_grid};
use crate::compute::maps::{Form, Maps};

/// Channels per side of a tile of the Gram matrix.
const TILE: usize = 8;
/// Rows per slice: each slice of rows makes its own partial matrix, so that a small matrix over many
/// pixels keeps a GPU busy.
const SLICE_ROWS: usize = 512;

/// `scale · F Fᵀ` over all pixels, `[C, C]`; minus a target, if there is one.
pub fn gram(maps: &Maps, scale: f64, target: Option<Tensor<2>>) -> Tensor<2> {
    finish(products(maps, None), scale, 0.0, target, "mirrored")
}

/// The covariance, `ridge` added to its diagonal.
pub fn covariance(maps: &Maps, mean: &Tensor<2>, ridge: f64) -> Tensor<2> {
    finish(products(maps, Some(mean)), 1.0 / (maps.height * maps.width) as f64, ridge, None, "mirrored")
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
    finish(partial, 1.0 / (maps.height * maps.width) as f64, 0.0, None, "whole")
}

/// Partial sums of `F Fᵀ`, or of `(F − mean)(F − mean)ᵀ`: `[1, slices, C, C]`. They are symmetric: tiles below the
/// diagonal are not written.
fn products(maps: &Maps, mean: Option<&Tensor<2>>) -> Tensor<4> {
    let rows = (maps.height + 2) * (maps.width + 2);
    let channels = maps.channels;
    let slices = rows.div_ceil(SLICE_ROWS).min((1 << 22) / (channels * channels)).max(1);
    let slice_rows = rows.div_ceil(slices);
    let side = channels / TILE;
    let tiles = side * (side + 1) / 2;
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
/// target subtracted. `mirrored` tiles below the diagonal are read from above it.
fn finish(partial: Tensor<4>, scale: f64, diagonal: f64, target: Option<Tensor<2>>, form: &str) -> Tensor<2> {
    let [_, slices, rows, columns] = partial.dims();
    let output = [1, 1, rows, columns];
    let count = rows * columns / 4;
    let (grid, sizes) = (linear_grid(count, 64), [count, slices, float(scale), float(diagonal), columns]);
    let whole = match target {
        Some(target) => {
            let source = Source { name: format!("gram finish difference {form}"), text: finish_text };
            launch([partial, target.reshape(output)], source, grid, &sizes, output)
        }
        None => {
            let source = Source { name: format!("gram finish {form}"), text: finish_text };
            launch([partial], source, grid, &sizes, output)
        }
    };
    whole.reshape([rows, columns])
}

/// `scale · S F` for a symmetric S, in the maps' packed form.
pub fn gram_product(maps: &Maps, matrix: Tensor<2>, scale: f64) -> Tensor<4> {
    let rows = (maps.height + 2) * (maps.width + 2);
    let shape = maps.data.dims();
    product("gram product", [maps.data.clone(), square(matrix)], rows, [scale, 0.0], shape, maps.form)
}

/// `scale · (S (F − mean) + (mean − goal))` for a symmetric S; the border holds nonsense.
pub fn moments_gradient(maps: &Maps, matrix: Tensor<2>, mean: Tensor<2>, goal: Tensor<2>, scale: f64) -> Tensor<4> {
    let rows = (maps.height + 2) * (maps.width + 2);
    let shape = maps.data.dims();
    let vector = |v: Tensor<2>| v.reshape([1, 1, 1, maps.channels]);
    let inputs = [maps.data.clone(), square(matrix), vector(mean), vector(goal)];
    product("gram product moments", inputs, rows, [scale, 0.0], shape, maps.form)
}

/// `factor · A B + diagonal · I` for `[R, K]` and `[K, C]`, C a multiple of 8, K of 4.
pub fn matmul(a: Tensor<2>, b: Tensor<2>, weights: [f64; 2], form: Form) -> Tensor<2> {
    let ([rows, _], [_, columns]) = (a.dims(), b.dims());
    product("matmul", [square(a), square(b)], rows, weights, [1, 1, rows, columns], form).reshape([rows, columns])
}

/// `factor · A Bᵀ + diagonal · I` for `[R, K]` and `[C, K]`, C a multiple of 8, K of 4.
pub fn matmul_transposed(a: Tensor<2>, b: Tensor<2>, [factor, diagonal]: [f64; 2], form: Form) -> Tensor<2> {
    let ([rows, inner], [columns, _]) = (a.dims(), b.dims());
    let source = Source { name: named("matmul transposed", columns, form), text: transposed_text };
    let grid = linear_grid(rows.div_ceil(TILE) * (columns / TILE), 64);
    let sizes = [rows, inner / 4, columns / 4, float(factor), float(diagonal)];
    launch([square(a), square(b)], source, grid, &sizes, [1, 1, rows, columns]).reshape([rows, columns])
}

/// The maps' pixels less the mean, as rows; zeros fill the rows up to a multiple of 8.
pub fn centred(maps: &Maps, mean: &Tensor<2>) -> Tensor<2> {
    let rows = (maps.height * maps.width).next_multiple_of(TILE);
    let source = Source { name: "centred".into(), text: centred_text };
    let sizes = [maps.height, maps.width, maps.channels / 4, rows];
    let inputs = [maps.data.clone(), mean.clone().reshape([1, 1, 1, maps.channels])];
    let grid = linear_grid(rows * maps.channels / 4, 64);
    launch(inputs, source, grid, &sizes, [1, 1, rows, maps.channels]).reshape([rows, maps.channels])
}

/// `scale · (A − B + mean − goal)` for each pixel's row of A and B, in the maps' packed form.
pub fn from_rows(maps: &Maps, rows: [Tensor<2>; 2], means: [Tensor<2>; 2], scale: f64) -> Tensor<4> {
    let source = Source { name: "from rows".into(), text: from_rows_text };
    let shape = maps.data.dims();
    let ([a, b], [mean, goal]) = (rows, means);
    let vector = |v: Tensor<2>| v.reshape([1, 1, 1, maps.channels]);
    let inputs = [square(a), square(b), vector(mean), vector(goal)];
    let sizes = [maps.height, maps.width, maps.channels / 4, float(scale)];
    launch(inputs, source, linear_grid(shape.iter().product::<usize>() / 4, 64), &sizes, shape)
}

/// `matrix · (Σ sums)^power + diagonal · I`.
pub fn scaled_by(matrix: Tensor<2>, sums: Tensor<1>, power: f64, diagonal: f64) -> Tensor<2> {
    let ([rows, columns], parts) = (matrix.dims(), sums.dims()[0]);
    let count = rows * columns / 4;
    let source = Source { name: "scaled by".into(), text: scaled_by_text };
    let sizes = [count, columns, parts, float(power), float(diagonal)];
    let inputs = [square(matrix), sums.reshape([1, 1, 1, parts])];
    launch(inputs, source, linear_grid(count, 64), &sizes, [1, 1, rows, columns]).reshape([rows, columns])
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
    form: Form,
) -> Tensor<4> {
    let (inner, channels) = (inputs[0].dims()[3], output[3]);
    let grid = linear_grid(rows.div_ceil(TILE) * (channels / TILE), 64);
    let sizes = [rows, channels / 4, float(scale), float(diagonal), inner / 4];
    launch(inputs, Source { name: named(name, channels, form), text: product_text }, grid, &sizes, output)
}

/// A product's name: "quad" where four neighbours work on the same rows and so can share their loads.
fn named(name: &str, columns: usize, form: Form) -> String {
    let quad = form == Form::Packed { subgroups: true } && (columns / TILE).is_multiple_of(4);
    if quad { format!("{name} quad") } else { name.into() }
}

/// Loads one vector of each of the tile's rows into `{letter}0` … `{letter}7`: each invocation by itself, or in a quad a
/// quarter of them, passed around.
fn row_loads(letter: char, load: impl Fn(&str) -> String, quad: bool) -> String {
    if !quad {
        return (0..TILE).map(|r| format!("    let {letter}{r} = {};\n", load(&format!("{r}u")))).collect();
    }
    let own = (0..TILE / 4).map(|q| format!("    let own{q} = {};\n", load(&format!("({}u + (lane & 3u))", 4 * q))));
    let passed = (0..TILE).map(|r| format!("    let {letter}{r} = quadBroadcast(own{}, {}u);\n", r / 4, r % 4));
    own.chain(passed).collect()
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
    // Of the transposed tile: the same column of four rows.
    let mirror = if name.contains("mirrored") {
        format!(
            "if (first / {TILE}u < row / {TILE}u) {{
      let at = slice * sizes.count + (first * sizes.columns + row) / 4u;
      let pitch = sizes.columns / 4u;
      let lane = row % 4u;
      sum += vec4f(partial[at][lane], partial[at + pitch][lane], partial[at + 2u * pitch][lane], partial[at + 3u * pitch][lane]);
      continue;
    }}"
        )
    } else {
        String::new()
    };
    bindings.linear_kernel(&format!(
        "  if (index >= sizes.count) {{ return; }}
  let row = 4u * index / sizes.columns;
  let first = 4u * index % sizes.columns;
  var sum = vec4f();
  for (var slice = 0u; slice < sizes.slices; slice++) {{
    {mirror}
    sum += partial[slice * sizes.count + index];
  }}
  let own = vec4u(row) == vec4u(first, first + 1u, first + 2u, first + 3u);
  gram[index] = sum * sizes.scale + select(vec4f(), vec4f(sizes.diagonal), own){subtract};"
    ))
}

fn product_text(name: &str) -> String {
    let (moments, matmul, quad) = (name.contains("moments"), name.contains("matmul"), name.contains("quad"));
    let rows = |line: &dyn Fn(usize) -> String| -> String { (0..TILE).map(line).collect() };
    let accumulators = rows(&|r| format!("  var s{r}_0 = vec4f();\n  var s{r}_1 = vec4f();\n"));
    let less = if moments { " - mean[k]" } else { "" };
    let loads = row_loads('f', |r| format!("maps[start + {r} * sizes.inner + k]{less}"), quad);
    let products = rows(&|r| format!("    s{r}_0 += m0 * f{r};\n    s{r}_1 += m1 * f{r};\n"));
    let value = |r: usize, j: usize| match matmul {
        true => format!("sizes.scale * s{r}_{j} + diagonal(row + {r}u, 2u * block + {j}u)"),
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
        sizes: "rows: u32, channels: u32, scale: f32, diagonal: f32, inner: u32, p: u32, q: u32, r: u32",
        inputs: &inputs,
        output: ("result", "vec4f"),
    };
    let body = format!(
        "  let blocks = sizes.channels / 2u;
  let block = index % blocks;
  let row = index / blocks * {TILE}u;
  if (row >= sizes.rows) {{ return; }}
  let at = row * sizes.channels;
  let start = row * sizes.inner;
{accumulators}
  for (var k = 0u; k < sizes.inner; k++) {{
{matrices}
{loads}
{products}
  }}
{apart}{stores}"
    );
    let kernel = bindings.linear_kernel_of(&body, quad);
    if matmul { kernel + DIAGONAL } else { kernel }
}

const DIAGONAL: &str = "
fn diagonal(row: u32, vector: u32) -> vec4f {
  return select(vec4f(), vec4f(sizes.diagonal), vec4u(row) == 4u * vector + vec4u(0u, 1u, 2u, 3u));
}
";

fn transposed_text(name: &str) -> String {
    let quad = name.contains("quad");
    let cell = |line: &dyn Fn(usize, usize) -> String| -> String {
        (0..TILE).flat_map(|r| (0..TILE).map(move |c| (r, c))).map(|(r, c)| line(r, c)).collect()
    };
    let each = |line: &dyn Fn(usize) -> String| -> String { (0..TILE).map(line).collect() };
    let accumulators = cell(&|r, c| format!("  var s{r}_{c} = 0.0;\n"));
    let loads = row_loads('a', |r| format!("a[(row + {r}) * sizes.inner + k]"), quad)
        + &each(&|c| format!("    let b{c} = b[(column + {c}u) * sizes.inner + k];\n"));
    let products = cell(&|r, c| format!("    s{r}_{c} += dot(a{r}, b{c});\n"));
    let stores = each(&|r| {
        let vector = |c: usize| format!("vec4f(s{r}_{c}, s{r}_{}, s{r}_{}, s{r}_{})", c + 1, c + 2, c + 3);
        format!(
            "  if (row + {r}u < sizes.rows) {{
    result[(row + {r}u) * sizes.columns + column / 4u] = sizes.scale * {} + diagonal(row + {r}u, column / 4u);
    result[(row + {r}u) * sizes.columns + column / 4u + 1u] = sizes.scale * {} + diagonal(row + {r}u, column / 4u + 1u);
  }}\n",
            vector(0),
            vector(4)
        )
    });
    let bindings = Bindings {
        sizes: "rows: u32, inner: u32, columns: u32, scale: f32, diagonal: f32, p: u32, q: u32, r: u32",
        inputs: &[("a", "vec4f"), ("b", "vec4f")],
        output: ("result", "vec4f"),
    };
    let body = format!(
        "  let blocks = sizes.columns / 2u;
  let column = index % blocks * {TILE}u;
  let row = index / blocks * {TILE}u;
  if (row >= sizes.rows) {{ return; }}
{accumulators}
  for (var k = 0u; k < sizes.inner; k++) {{
{loads}{products}  }}
{stores}"
    );
    let kernel = bindings.linear_kernel_of(&body, quad);
    kernel + DIAGONAL
}

fn centred_text(_: &str) -> String {
    let bindings = Bindings {
        sizes: "height: u32, width: u32, channels: u32, rows: u32",
        inputs: &[("maps", "vec4f"), ("mean", "vec4f")],
        output: ("result", "vec4f"),
    };
    bindings.linear_kernel(
        "  let pixel = index / sizes.channels;
  let channel = index % sizes.channels;
  if (pixel >= sizes.rows) { return; }
  var value = vec4f();
  if (pixel < sizes.height * sizes.width) {
    let at = (pixel / sizes.width + 1u) * (sizes.width + 2u) + pixel % sizes.width + 1u;
    value = maps[at * sizes.channels + channel] - mean[channel];
  }
  result[index] = value;",
    )
}

fn from_rows_text(_: &str) -> String {
    let bindings = Bindings {
        sizes: "height: u32, width: u32, channels: u32, scale: f32",
        inputs: &[("a", "vec4f"), ("b", "vec4f"), ("mean", "vec4f"), ("goal", "vec4f")],
        output: ("result", "vec4f"),
    };
    bindings.map_kernel(
        "    let at = ((row - 1u) * sizes.width + column - 1u) * sizes.channels + channel;
    value = sizes.scale * (a[at] - b[at] + mean[channel] - goal[channel]);",
    )
}

fn scaled_by_text(_: &str) -> String {
    let bindings = Bindings {
        sizes: "count: u32, columns: u32, parts: u32, power: f32, diagonal: f32, p: u32, q: u32, r: u32",
        inputs: &[("x", "vec4f"), ("sums", "f32")],
        output: ("result", "vec4f"),
    };
    bindings.linear_kernel(
        "  if (index >= sizes.count) { return; }
  var sum = 0.0;
  for (var i = 0u; i < sizes.parts; i++) { sum += sums[i]; }
  let row = 4u * index / sizes.columns;
  let first = 4u * index % sizes.columns;
  let own = vec4u(row) == vec4u(first, first + 1u, first + 2u, first + 3u);
  let diagonal = select(vec4f(), vec4f(sizes.diagonal), own);
  result[index] = x[index] * pow(max(sum, 1e-30), sizes.power) + diagonal;",
    )
}
