//! Products of matrices by tiles in a workgroup's memory: the inner part of every such kernel.
//!
//! A workgroup's invocations load a strip of both factors together, a block of 4 × 4 values each, and lay it out with what
//! is summed over going first. Then each finds its part of the tile from vectors that its neighbours read too. Lines of
//! the strips are one vector longer than they need be, which keeps the invocations that store a block off each other's
//! memory banks.

use super::kernel::{GROUP, variants};
use crate::compute::maps::Tile;

variants!(Tile = Small | Medium | Large);

/// How a factor's strip lies in the tensor it is loaded from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Its lines are the product's rows or columns: vectors go along what is summed over.
    Along,
    /// Its lines are what is summed over: vectors go across it.
    Across,
}

/// Fewer workgroups leave a GPU idle (an estimate: no more than some have cores for).
const ENOUGH: usize = 256;

impl Tile {
    /// The largest that still makes enough workgroups, by how many each size makes.
    pub fn fitting(groups: impl Fn(Self) -> usize) -> Self {
        [Self::Large, Self::Medium].into_iter().find(|tile| groups(*tile) >= ENOUGH).unwrap_or(Self::Small)
    }

    /// Rows and columns.
    pub const fn side(self) -> usize {
        match self {
            Self::Small => 16,
            Self::Medium => 32,
            Self::Large => 64,
        }
    }

    /// How many tiles it takes to cover so many rows or columns.
    pub fn count(self, length: usize) -> usize {
        length.div_ceil(self.side())
    }

    /// Rows of an invocation's part, and its columns in vectors.
    const fn part(self) -> [usize; 2] {
        match self {
            Self::Small => [1, 1],
            Self::Medium => [4, 1],
            Self::Large => [8, 2],
        }
    }

    /// Invocations beside each other.
    const fn across(self) -> usize {
        self.side() / 4 / self.part()[1]
    }

    /// How much of what is summed over a strip holds: as many blocks as there are invocations.
    const fn depth(self) -> usize {
        16 * GROUP / self.side()
    }

    /// Vectors of a strip's line in the workgroup's memory.
    const fn pitch(self) -> usize {
        self.side() / 4 + 1
    }

    /// Functions that fill and hold the strips. They call `left_at` and `right_at(line: u32, vector: u32) -> vec4f`, which
    /// give zeros for what is outside.
    pub fn functions(self, left: Order, right: Order) -> String {
        self.strip("left", left) + &self.strip("right", right)
    }

    fn strip(self, name: &str, order: Order) -> String {
        let blocks = self.side() / 4;
        let (pitch, count) = (self.pitch(), self.depth() * self.pitch());
        // Neighbours load what lies together, and store where they do not meet.
        let (place, line, vector, stored) = match order {
            Order::Along => (
                format!(
                    "  let side = local / 2u % {blocks}u;\n  let inner = local % 2u + local / {}u * 2u;\n",
                    2 * blocks
                ),
                "4u * (first + side)",
                "k + inner",
                "transpose(block)",
            ),
            Order::Across => (
                format!("  let side = local % {blocks}u;\n  let inner = local / {blocks}u;\n"),
                "4u * (k + inner)",
                "first + side",
                "block",
            ),
        };
        let loads: Vec<String> = (0..4).map(|i| format!("{name}_at(line + {i}u, vector)")).collect();
        let stores: String = (0..4).map(|i| format!("  {name}_strip[at + {}u] = columns[{i}];\n", i * pitch)).collect();
        format!(
            "var<workgroup> {name}_strip: array<vec4f, {count}>;
fn {name}_block(first: u32, k: u32, local: u32) -> mat4x4f {{
{place}  let line = {line};
  let vector = {vector};
  return mat4x4f({});
}}
fn keep_{name}(block: mat4x4f, local: u32) {{
{place}  let columns = {stored};
  let at = 4u * inner * {pitch}u + side;
{stores}}}
",
            loads.join(", ")
        )
    }

    /// Statements that sum up the invocation's part of the tile whose first row and column are, in vectors, `down` and
    /// `right`; what is summed over is `inner` vectors long. All of the workgroup must come there.
    pub fn accumulate(self) -> String {
        let [rows, vectors] = self.part();
        let (across, pitch, depth) = (self.across(), self.pitch(), self.depth());
        let each = |line: &dyn Fn(usize, usize) -> String| -> String {
            (0..rows).flat_map(|r| (0..vectors).map(move |v| (r, v))).map(|(r, v)| line(r, v)).collect()
        };
        let accumulators = each(&|r, v| format!("  var s{r}_{v} = vec4f();\n"));
        let rights: String = (0..vectors)
            .map(|v| format!("      let b{v} = right_strip[step * {pitch}u + across + {}u];\n", v * across))
            .collect();
        let lefts: String = match self {
            Self::Small => format!("      let a0 = vec4f(left_strip[step * {pitch}u + below / 4u][below % 4u]);\n"),
            _ => (0..rows / 4)
                .map(|q| format!("      let a{q} = left_strip[step * {pitch}u + below + {}u];\n", q * 8))
                .collect(),
        };
        let loads = |kind: &str, k: &str| {
            let load =
                |name: &str, first: &str| format!("    {kind}{name}_next = {name}_block({first}, {k}, local);\n");
            load("left", "down") + &load("right", "right")
        };
        let products = each(&|r, v| format!("      s{r}_{v} += a{}[{}] * b{v};\n", r / 4, r % 4));
        // Where registers allow it, the next blocks are on their way while these are worked on.
        let (before, begin, next) = match self {
            Self::Large => (String::new(), loads("let ", "k"), String::new()),
            _ => (
                loads("var ", "0u"),
                String::new(),
                format!(
                    "    if (k + {}u < inner) {{\n{}    }}\n",
                    depth / 4,
                    loads("", &format!("k + {}u", depth / 4))
                ),
            ),
        };
        format!(
            "  let across = local % {across}u;
  let below = local / {across}u;
{accumulators}{before}  for (var k = 0u; k < inner; k += {}u) {{
{begin}    workgroupBarrier();
    keep_left(left_next, local);
    keep_right(right_next, local);
    workgroupBarrier();
{next}    for (var step = 0u; step < {depth}u; step++) {{
{rights}{lefts}{products}    }}
  }}
",
            depth / 4,
        )
    }

    /// A statement for each vector of the invocation's part, given its row, its column in vectors and its value.
    pub fn each_vector(self, statement: impl Fn(&str, &str, &str) -> String) -> String {
        let [rows, vectors] = self.part();
        let mut text = String::new();
        for r in 0..rows {
            for v in 0..vectors {
                text += &statement(&self.row(r), &self.column(v), &format!("s{r}_{v}"));
            }
        }
        text
    }

    /// A statement for each block of 4 × 4 values of the invocation's part, given its first row, its column in vectors and
    /// the block with the columns of the product for columns; nothing for small tiles, whose parts are single vectors.
    pub fn each_block(self, statement: impl Fn(&str, &str, &str) -> String) -> String {
        let [rows, vectors] = self.part();
        let mut text = String::new();
        for q in 0..rows / 4 {
            for v in 0..vectors {
                let lines: Vec<String> = (0..4).map(|r| format!("s{}_{v}", 4 * q + r)).collect();
                let block = format!("transpose(mat4x4f({}))", lines.join(", "));
                text += &statement(&self.row(4 * q), &self.column(v), &block);
            }
        }
        text
    }

    fn row(self, r: usize) -> String {
        match self {
            Self::Small => "(4u * down + below)".into(),
            _ => format!("(4u * (down + below) + {}u)", r / 4 * 32 + r % 4),
        }
    }

    fn column(self, v: usize) -> String {
        format!("(right + across + {}u)", v * self.across())
    }
}
