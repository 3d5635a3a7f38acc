//! The Gram matrix of packed maps and the product its gradient needs.
//!
//! Packed maps are a matrix F of `[(H + 2)(W + 2), C]` whose border rows are zero, so both are plain
//! matrix products over all rows: `Fᵀ F` and `F S`.

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
    let rows = (maps.height + 2) * (maps.width + 2);
    let channels = maps.channels;
    let slices = rows.div_ceil(SLICE_ROWS).min((1 << 22) / (channels * channels)).max(1);
    let slice_rows = rows.div_ceil(slices);
    let tiles = (channels / TILE).pow(2);
    let source = Source { name: "gram".into(), text: gram_text };
    let sizes = [rows, slice_rows, channels / 4, slices];
    let partial =
        launch([maps.data.clone()], source, linear_grid(tiles * slices, 64), &sizes, [1, slices, channels, channels]);
    let output = [1, 1, channels, channels];
    let (grid, sizes) = (linear_grid(channels.pow(2) / 4, 64), [channels.pow(2) / 4, slices, float(scale)]);
    let gram = match target {
        Some(target) => {
            let source = Source { name: "gram finish difference".into(), text: finish_text };
            launch([partial, target.reshape(output)], source, grid, &sizes, output)
        }
        None => launch([partial], Source { name: "gram finish".into(), text: finish_text }, grid, &sizes, output),
    };
    gram.reshape([channels, channels])
}

/// `scale · S F` for a symmetric S, in the maps' packed form.
pub fn gram_product(maps: &Maps, matrix: Tensor<2>, scale: f64) -> Tensor<4> {
    let rows = (maps.height + 2) * (maps.width + 2);
    let channels = maps.channels;
    let matrix = matrix.reshape([1, 1, channels, channels]);
    let source = Source { name: "gram product".into(), text: product_text };
    let grid = linear_grid(rows.div_ceil(TILE) * (channels / TILE), 64);
    let sizes = [rows, channels / 4, float(scale)];
    launch([maps.data.clone(), matrix], source, grid, &sizes, [1, maps.height + 2, maps.width + 2, channels])
}

fn gram_text(_: &str) -> String {
    let each = |line: &dyn Fn(usize, usize) -> String| -> String {
        (0..TILE).flat_map(|r| (0..2).map(move |j| (r, j))).map(|(r, j)| line(r, j)).collect()
    };
    let accumulators = each(&|r, j| format!("  var s{r}_{j} = vec4f();\n"));
    let products = each(&|r, j| format!("    s{r}_{j} += a{}[{}] * b{j};\n", r / 4, r % 4));
    let stores = each(&|r, j| format!("  partial[at + {r}u * sizes.channels + {j}u] = s{r}_{j};\n"));
    let bindings = Bindings {
        sizes: "rows: u32, slice_rows: u32, channels: u32, slices: u32",
        inputs: &[("maps", "vec4f")],
        output: ("partial", "vec4f"),
    };
    bindings.linear_kernel(&format!(
        "  let tiles = sizes.channels / 2u;
  let right = index % tiles;
  let down = index / tiles % tiles;
  let slice = index / tiles / tiles;
  if (slice >= sizes.slices) {{ return; }}
  let end = min((slice + 1u) * sizes.slice_rows, sizes.rows) * sizes.channels;
{accumulators}
  for (var row = slice * sizes.slice_rows * sizes.channels; row < end; row += sizes.channels) {{
    let a0 = maps[row + 2u * down];
    let a1 = maps[row + 2u * down + 1u];
    let b0 = maps[row + 2u * right];
    let b1 = maps[row + 2u * right + 1u];
{products}
  }}
  let at = (slice * 4u * sizes.channels + 8u * down) * sizes.channels + 2u * right;
{stores}"
    ))
}

/// Adds the slices up.
fn finish_text(name: &str) -> String {
    let (inputs, subtract): (&[_], _) = match name.contains("difference") {
        true => (&[("partial", "vec4f"), ("goal", "vec4f")], " - goal[index]"),
        false => (&[("partial", "vec4f")], ""),
    };
    let bindings = Bindings { sizes: "count: u32, slices: u32, scale: f32, a: u32", inputs, output: ("gram", "vec4f") };
    bindings.linear_kernel(&format!(
        "  if (index >= sizes.count) {{ return; }}
  var sum = vec4f();
  for (var slice = 0u; slice < sizes.slices; slice++) {{ sum += partial[slice * sizes.count + index]; }}
  gram[index] = sum * sizes.scale{subtract};"
    ))
}

fn product_text(_: &str) -> String {
    let rows = |line: &dyn Fn(usize) -> String| -> String { (0..TILE).map(line).collect() };
    let accumulators = rows(&|r| format!("  var s{r}_0 = vec4f();\n  var s{r}_1 = vec4f();\n"));
    let loads = rows(&|r| format!("    let f{r} = maps[at + {r}u * sizes.channels + k];\n"));
    let products = rows(&|r| format!("    s{r}_0 += m0 * f{r};\n    s{r}_1 += m1 * f{r};\n"));
    let stores = rows(&|r| {
        format!(
            "  if (row + {r}u < sizes.rows) {{\n    result[at + {r}u * sizes.channels + 2u * block] = sizes.scale * s{r}_0;\n    \
             result[at + {r}u * sizes.channels + 2u * block + 1u] = sizes.scale * s{r}_1;\n  }}\n"
        )
    });
    // Column c of m is row 4k + c of the matrix, so m * f sums f[c] · S[4k + c][…].
    let matrix = |j: usize| {
        let column = |c: usize| format!("matrix[(4u * k + {c}u) * sizes.channels + 2u * block + {j}u]");
        format!("    let m{j} = mat4x4f({}, {}, {}, {});\n", column(0), column(1), column(2), column(3))
    };
    let matrices = matrix(0) + &matrix(1);
    let bindings = Bindings {
        sizes: "rows: u32, channels: u32, scale: f32, a: u32",
        inputs: &[("maps", "vec4f"), ("matrix", "vec4f")],
        output: ("result", "vec4f"),
    };
    bindings.linear_kernel(&format!(
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
{stores}"
    ))
}
