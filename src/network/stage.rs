//! Where the network can be gone through in bands of rows, and which rows those are: numbers only.
//!
//! A *stage* is some blocks of the network with the pooling that follows. Only what enters a stage is held whole. Inside,
//! a band's rows are computed with a *halo* of as many rows around as its convolutions can see; at the edges that were cut the halo's
//! rows come out wrong, one more with every convolution, and the band's own rows right.

use std::ops::Range;

use super::arch::{CONVOLUTIONS, Layer};

/// The first and the last block of each stage. The first two blocks' maps are the largest by far and their halo is small: they are
/// gone through together, so that the largest pooled maps need never be whole.
const BLOCKS: [[usize; 2]; 4] = [[1, 2], [3, 3], [4, 4], [5, 5]];

/// Some blocks of the network at one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its convolutions, counted from 0.
    pub convolutions: Range<usize>,
    /// Height and width of its input in pixels.
    pub size: [usize; 2],
    /// Whether what it ends with is pooled for another stage.
    pub is_pooled: bool,
}

/// Some rows of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// Rows of the stage's input that are computed with, those of the halo among them.
    pub cut: Range<usize>,
    /// Rows of the stage's input that are this band's own; together the bands' own rows are all, each once.
    own: Range<usize>,
    /// The height of the stage's input.
    height: usize,
}

impl Stage {
    /// The stages that lead to a layer for an image of this height and width.
    pub fn all(last: Layer, [height, width]: [usize; 2]) -> Vec<Self> {
        let blocks = BLOCKS.into_iter().filter(|[first, _]| *first <= CONVOLUTIONS[last.index()].block);
        blocks
            .map(|[first, final_]| {
                let within = |l: &usize| (first..=final_).contains(&CONVOLUTIONS[*l].block);
                let start = (0..CONVOLUTIONS.len()).find(within).unwrap_or(0);
                let end = start + (start..=last.index()).filter(within).count();
                let size = [height, width].map(|side| side >> (first - 1));
                Self { convolutions: start..end, size, is_pooled: end <= last.index() }
            })
            .collect()
    }

    /// How often its input's rows are halved before this convolution, one of its own.
    pub fn halvings(&self, l: usize) -> usize {
        CONVOLUTIONS[l].block - CONVOLUTIONS[self.convolutions.start].block
    }

    /// How often its input's rows are halved in all, the pooling at its end counted.
    pub fn all_halvings(&self) -> usize {
        self.halvings(self.convolutions.end - 1) + usize::from(self.is_pooled)
    }

    /// How many rows of its input its results see beyond their own, on either side; so many that pooling's pairs stay together.
    pub fn halo(&self) -> usize {
        let seen: usize = self.convolutions.clone().map(|l| 1 << self.halvings(l)).sum();
        seen.next_multiple_of(1 << self.all_halvings())
    }

    /// The bands of about so many rows of its input, from the top down. All have about the same height.
    pub fn bands(&self, rows: usize) -> Vec<Band> {
        let (height, pair) = (self.size[0], 1 << self.all_halvings());
        let each = height.div_ceil(height.div_ceil(rows.max(1)).max(1)).next_multiple_of(pair);
        // What is too little to make a row of the results goes with the rows before.
        let mut ends: Vec<usize> = (1..).map(|i| i * each).take_while(|end| end + pair <= height).collect();
        ends.push(height);
        let (halo, starts) = (self.halo(), [0].into_iter().chain(ends.clone()));
        // All are computed with as many rows, so that one's memory serves the next: at the upper and the lower edge with more of a halo
        // than they need.
        let rows = each + 2 * halo;
        let mut bands: Vec<Band> = Vec::new();
        for (start, end) in starts.zip(ends) {
            let lowest = height.saturating_sub(rows).next_multiple_of(pair);
            let before = bands.last().map_or(0, |band| band.cut.start);
            let first = start.saturating_sub(halo).min(lowest).max(before);
            bands.push(Band { cut: first..(first + rows).max(end + halo).min(height), own: start..end, height });
        }
        bands
    }
}

impl Band {
    /// How many rows it is computed with after so many halvings.
    pub fn height(&self, halvings: usize) -> usize {
        self.cut.len() >> halvings
    }

    /// The number of its first own row in the whole maps, after so many halvings.
    pub fn first(&self, halvings: usize) -> usize {
        self.own.start >> halvings
    }

    /// Its own rows after so many halvings, counted from the first of those it is computed with.
    pub fn own(&self, halvings: usize) -> Range<usize> {
        let end = if self.own.end == self.height { self.height >> halvings } else { self.own.end >> halvings };
        let before = self.cut.start >> halvings;
        self.first(halvings) - before..end - before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_cover_the_network_once() {
        for last in Layer::all() {
            let stages = Stage::all(last, [193, 127]);
            let all: Vec<usize> = stages.iter().flat_map(|stage| stage.convolutions.clone()).collect();
            assert_eq!(all, (0..=last.index()).collect::<Vec<_>>(), "{last}");
            assert_eq!(stages.iter().filter(|stage| !stage.is_pooled).count(), 1, "{last}: {stages:?}");
            assert_eq!(
                stages[stages.len() - 1].size,
                [193, 127]
                    .map(|side| { side >> (CONVOLUTIONS[stages[stages.len() - 1].convolutions.start].block - 1) })
            );
        }
    }

    #[test]
    fn every_row_is_one_bands_own_and_pairs_stay_together() {
        for height in [1, 2, 7, 16, 31, 64, 127, 193, 1365] {
            for last in Layer::all().filter(|last| height >> last.halvings() > 0) {
                for (stage, rows) in Stage::all(last, [height, 9]).iter().flat_map(|s| [1, 5, 16, 96].map(|r| (s, r))) {
                    let bands = stage.bands(rows);
                    for halvings in 0..=stage.all_halvings() {
                        let mut next = 0;
                        for band in &bands {
                            let own = band.own(halvings);
                            assert!(!own.is_empty() && own.end <= band.height(halvings), "{stage:?} {band:?}");
                            assert_eq!(band.first(halvings), next);
                            next += own.len();
                        }
                        assert_eq!(next, stage.size[0] >> halvings, "{stage:?} in {rows}");
                    }
                    // At an edge that was cut the halo is whole.
                    for Band { cut, own, height } in &bands {
                        assert!(cut.start == 0 || cut.start + stage.halo() <= own.start, "{stage:?} {bands:?}");
                        assert!(cut.end == *height || own.end + stage.halo() <= cut.end, "{stage:?} {bands:?}");
                    }
                    assert!(bands.is_sorted_by_key(|band| (band.cut.start, band.cut.end)), "{bands:?}");
                    let pair = 1 << stage.all_halvings();
                    let is_even = |row: usize| row.is_multiple_of(pair);
                    assert!(bands.iter().all(|band| is_even(band.cut.start)));
                    assert!(bands.iter().all(|band| is_even(band.cut.end) || band.cut.end == band.height));
                    let longest = bands.iter().map(|band| band.own(0).len()).max().unwrap_or(0);
                    assert!(longest <= rows.next_multiple_of(pair) + pair, "{longest} instead of {rows}");
                }
            }
        }
    }
}
