//! What a launch on many matrices at once is told of each: a table in its uniform.

use super::uniform::Uniform;

/// Rows of the table: with more the uniform would be too long for what CubeCL keeps on the device (2048 bytes).
pub const ROWS: usize = 31;

/// One of the matrices a launch makes or sums over. Places are in vectors.
#[derive(Debug, Clone, Copy, Default)]
pub struct Row {
    /// Where the left factor begins, the right one, what is added and the result.
    pub places: [usize; 4],
    /// Whether the factors and what is added are in the second tensor; nothing for what is not there or in both.
    pub in_second: [Option<bool>; 3],
    /// Rows of the result.
    pub rows: usize,
    /// What is summed over, in vectors.
    pub inner: usize,
    /// Columns of the result, in vectors.
    pub columns: usize,
    /// What the product is multiplied by.
    pub scale: f64,
    /// What the added matrix is multiplied by.
    pub share: f64,
    /// What is added to the diagonal.
    pub shift: f64,
    /// Whether it is symmetric, so that half of it says all.
    pub is_symmetric: bool,
    /// The number of the sum that all but the shift is multiplied by a power of, and the power.
    pub norm: Option<(usize, f64)>,
    /// The first of the invocations or workgroups that work on it.
    pub first: usize,
}

/// A table with at most [`ROWS`] rows.
#[derive(Debug)]
pub struct Table {
    /// Its rows, by where they begin.
    pub rows: Vec<Row>,
    /// A number for the whole launch.
    pub at: usize,
    /// All invocations or workgroups.
    pub end: usize,
}

impl Uniform for Table {
    const DECLARATION: &'static str = "struct Row {
  places: vec4u,
  rows: u32,
  inner: u32,
  columns: u32,
  first: u32,
  scale: f32,
  share: f32,
  shift: f32,
  power: f32,
  in_second: u32,
  is_symmetric: u32,
  norm: u32,
  unused: u32,
}
struct Sizes {
  first_group: u32,
  count: u32,
  at: u32,
  end: u32,
  rows: array<Row, 31>,
}
";

    fn words(&self) -> Vec<u32> {
        let mut words = vec![0, self.rows.len() as u32, self.at as u32, self.end as u32];
        for row in &self.rows {
            let bits = row.in_second.iter().rev().fold(0, |bits, second| bits * 2 + u32::from(*second == Some(true)));
            let (norm, power) = row.norm.unwrap_or_default();
            words.extend(row.places.map(|place| place as u32));
            words.extend([row.rows, row.inner, row.columns, row.first].map(|size| size as u32));
            words.extend([row.scale, row.share, row.shift, power].map(|factor| (factor as f32).to_bits()));
            words.extend([bits, u32::from(row.is_symmetric), norm as u32, 0]);
        }
        words.resize(4 + 16 * ROWS, 0);
        words
    }
}

/// A function that finds a row.
pub const FUNCTIONS: &str = include_str!("table.wgsl");
/// A function that reads of either tensor.
pub const EITHER: &str = "
// A vector of the first or the second tensor.
fn either(in_second: bool, at: u32) -> vec4f {
  if (in_second) { return b[at]; }
  return a[at];
}
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_as_long_as_the_text_says_and_short_enough_to_be_kept() {
        let row = Row { in_second: [Some(true), None, Some(true)], norm: Some((3, -0.5)), first: 7, ..Row::default() };
        let words = Table { rows: vec![row], at: 5, end: 9 }.words();
        assert!(Table::DECLARATION.contains(&format!("array<Row, {ROWS}>")));
        assert_eq!(words.len(), 4 + 16 * ROWS);
        assert!(4 * words.len() <= 2048);
        assert_eq!((words[1], words[2], words[3], words[11]), (1, 5, 9, 7));
        assert_eq!(words[15..19], [(-0.5f32).to_bits(), 5, 0, 3]);
    }
}
