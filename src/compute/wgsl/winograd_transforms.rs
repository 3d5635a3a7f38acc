//! Winograd's transforms: of weights, of maps, and back.
//!
//! Each is the same one-dimensional transform of columns and then of rows, six numbers from three, six from six and four from
//! six. An invocation does it for one channel of one tile, neighbours for neighbouring channels.

use burn::tensor::Tensor;

use super::ends::{End, border};
use super::kernel::{Code, Input, Kernel, kernel, variants};
use super::launch::launch;
use super::uniform::uniform;
use crate::compute::form::Winograd;

const POINTS: usize = Winograd::POINTS;
/// Pixels along a tile's side, and with its halo.
const SIDE: usize = Winograd::SIDE;
const HALO: usize = SIDE + 2;

const ROOT: f64 = std::f64::consts::SQRT_2;
const HALF_ROOT: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// Weights `[point][input]` of output channels, from those of the direct form.
pub fn transformed(weights: Tensor<4>, inputs: usize, outputs: usize) -> Tensor<4> {
    let sizes = WeightsTransformSizes { inputs, outputs: outputs / 4 };
    launch(WeightsTransform {}, sizes, [weights], inputs * outputs / 4, [1, POINTS, inputs, outputs])
}

kernel! {
    /// The weights of one input and four output channels.
    WeightsTransform {}(weights: vec4f) -> vec4f,
    WeightsTransformSizes { inputs: u32, outputs: u32 },
    |_| {
        let both = both_ways(3, HALO, "vec4f", transform_weights);
        let taps: String = (0..9)
            .map(|tap| {
                let (r, c) = (tap / 3, tap % 3);
                let at = format!("((input / 4u * 9u + {tap}u) * 4u + input % 4u) * sizes.outputs + output");
                format!("  let d{r}_{c} = weights[{at}];\n")
            })
            .collect();
        Code::body(format!(
            "  let input = index / sizes.outputs;
  let output = index % sizes.outputs;
  if (input >= sizes.inputs) {{ return; }}
  let step = sizes.inputs * sizes.outputs;
{taps}{both}{}",
            each_point(),
        ))
    },
}

kernel! {
    /// One channel of a tile with its halo, among those of a band, `[point][tile]` of channels. Beyond the border the tile is
    /// filled up with what lies there; no pixel that is kept depends on it.
    InputTransform {}(x: f32) -> f32,
    InputTransformSizes { height: u32, width: u32, channels: u32, first: u32, tiles: u32 },
    |_| {
        let side = |line: &dyn Fn(usize) -> String| -> String { (0..HALO).map(line).collect() };
        let places = side(&|i| {
            format!(
                "  let r{i} = min(row + {i}u, sizes.height + 1u) * pitch;
  let c{i} = min(column + {i}u, sizes.width + 1u);\n"
            )
        });
        let loads = side(&|c| side(&|r| format!("  let d{r}_{c} = x[(r{r} + c{c}) * sizes.channels + channel];\n")));
        let both = both_ways(HALO, HALO, "f32", transform_input);
        Code::body(format!("{}{places}{loads}{both}{}", tile_of_band(), each_point()))
    },
}

/// One channel of a tile, from `[point][tile]` of channels: transformed back, ended, and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OutputTransform {
    /// What becomes of it.
    pub end: End,
}

variants!(OutputTransform { end: End });
uniform! {
    /// As of the input's transform.
    OutputTransformSizes { height: u32, width: u32, channels: u32, first: u32, tiles: u32 }
}

impl Kernel for OutputTransform {
    type Sizes = OutputTransformSizes;

    fn inputs(self) -> &'static [Input] {
        match self.end {
            End::Forward => &[("products", "f32"), ("bias", "f32")],
            End::GradientAndTap => &[("products", "f32"), ("tap", "f32")],
            End::Gradient | End::GradientUnmasked => &[("products", "f32")],
        }
    }

    fn output(self) -> &'static str {
        "f32"
    }

    fn writes_over(self) -> bool {
        true
    }

    fn code(self) -> Code {
        let all = |line: &dyn Fn(usize, usize) -> String, side: usize| -> String {
            (0..side).flat_map(|r| (0..side).map(move |c| (r, c))).map(|(r, c)| line(r, c)).collect()
        };
        let loads = all(&|r, c| format!("  let d{r}_{c} = products[index + {}u * step];\n", r * HALO + c), HALO);
        let both = both_ways(HALO, SIDE, "f32", transform_output);
        let stores = all(
            &|r, c| {
                let index = format!("base + ({r}u * pitch + {c}u) * channels");
                let value = self.end.value(&format!("v{r}_{c}"), &index, "channel", "f32");
                let inside = format!("row + {r}u < sizes.height && column + {c}u < sizes.width");
                format!("  if ({inside}) {{ result[{index}] = {value}; }}\n")
            },
            SIDE,
        );
        Code::body(format!(
            "{}{loads}{both}  let channels = sizes.channels;
  let base = ((row + 1u) * pitch + column + 1u) * channels + channel;
{stores}{}",
            tile_of_band(),
            border([SIDE, SIDE], 1, "channel", "f32"),
        ))
    }
}

/// Finds the invocation's `channel` and its tile's `row` and `column`, and from one point to the next the `step`.
fn tile_of_band() -> String {
    format!(
        "  let channel = index % sizes.channels;
  if (index / sizes.channels >= sizes.tiles) {{ return; }}
  let tile = sizes.first + index / sizes.channels;
  let across = (sizes.width + {SIDE}u - 1u) / {SIDE}u;
  let row = tile / across * {SIDE}u;
  let column = tile % across * {SIDE}u;
  let pitch = sizes.width + 2u;
  let step = sizes.tiles * sizes.channels;
"
    )
}

/// Stores `v` of every point.
fn each_point() -> String {
    let store = |p: usize| format!("  result[index + {p}u * step] = v{}_{};\n", p / HALO, p % HALO);
    (0..POINTS).map(store).collect()
}

/// Makes `v`, of `to × to` numbers, of `d`, of `from × from`: columns first, then rows.
fn both_ways(from: usize, to: usize, element: &str, transform: fn(&[String], &[String], &str) -> String) -> String {
    let names = |count: usize, name: &dyn Fn(usize) -> String| -> Vec<String> { (0..count).map(name).collect() };
    let columns = (0..from)
        .map(|c| transform(&names(from, &|r| format!("d{r}_{c}")), &names(to, &|r| format!("e{r}_{c}")), element));
    let rows = (0..to)
        .map(|r| transform(&names(from, &|c| format!("e{r}_{c}")), &names(to, &|c| format!("v{r}_{c}")), element));
    columns.chain(rows).collect()
}

/// Values at the points of the polynomial whose coefficients are three taps, scaled so that a turned filter's are the same.
fn transform_weights(g: &[String], u: &[String], element: &str) -> String {
    let [g0, g1, g2] = [&g[0], &g[1], &g[2]];
    let p = &u[0];
    let half = HALF_ROOT as f32;
    lines(&[
        format!("{} = {g0}", u[0]),
        format!("{p}a: {element} = {g0} + 0.5 * {g2}"),
        format!("{p}b: {element} = {half:?} * {g1}"),
        format!("{} = {p}a + {p}b", u[1]),
        format!("{} = {p}a - {p}b", u[2]),
        format!("{p}c: {element} = 0.5 * {g0} + {g2}"),
        format!("{} = {p}c + {p}b", u[3]),
        format!("{} = {p}c - {p}b", u[4]),
        format!("{} = {g2}", u[5]),
    ])
}

/// The transposed interpolation: six pixels to what is multiplied at six points.
fn transform_input(d: &[String], e: &[String], element: &str) -> String {
    let third = 1.0 / 3.0;
    let [a, b, c, f, g, h, i, j] = [
        -2.0 * third,
        4.0 * third,
        -2.0 * third * HALF_ROOT,
        4.0 * third * HALF_ROOT,
        third,
        -0.5 * third,
        third * ROOT,
        -0.5 * third * ROOT,
    ]
    .map(|factor| format!("{:?}", factor as f32));
    let p = &e[0];
    lines(&[
        format!("{} = {} - 2.5 * {} + {}", e[0], d[0], d[2], d[4]),
        format!("{p}a: {element} = {a} * {} + {b} * {}", d[4], d[2]),
        format!("{p}b: {element} = {c} * {} + {f} * {}", d[3], d[1]),
        format!("{} = {p}a + {p}b", e[1]),
        format!("{} = {p}a - {p}b", e[2]),
        format!("{p}c: {element} = {g} * {} + {h} * {}", d[4], d[2]),
        format!("{p}d: {element} = {i} * {} + {j} * {}", d[3], d[1]),
        format!("{} = {p}c + {p}d", e[3]),
        format!("{} = {p}c - {p}d", e[4]),
        format!("{} = {} - 2.5 * {} + {}", e[5], d[1], d[3], d[5]),
    ])
}

/// Four pixels from the products at six points.
fn transform_output(d: &[String], y: &[String], element: &str) -> String {
    let [a, b, c, f] = [HALF_ROOT, ROOT, HALF_ROOT / 2.0, 2.0 * ROOT].map(|factor| format!("{:?}", factor as f32));
    let p = &y[0];
    lines(&[
        format!("{p}a: {element} = {} + {}", d[1], d[2]),
        format!("{p}b: {element} = {} - {}", d[1], d[2]),
        format!("{p}c: {element} = {} + {}", d[3], d[4]),
        format!("{p}d: {element} = {} - {}", d[3], d[4]),
        format!("{} = {} + {p}a + {p}c", y[0], d[0]),
        format!("{} = {a} * {p}b + {b} * {p}d", y[1]),
        format!("{} = 0.5 * {p}a + 2.0 * {p}c", y[2]),
        format!("{} = {c} * {p}b + {f} * {p}d + {}", y[3], d[5]),
    ])
}

fn lines(statements: &[String]) -> String {
    statements.iter().map(|statement| format!("  let {statement};\n")).collect()
}
