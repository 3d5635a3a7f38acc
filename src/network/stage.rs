//! Where the network can be gone through in bands of rows, and which rows those are: numbers only.
//!
//! A *stage* is some blocks of the network with the pooling that follows. Only what enters a stage is held whole. Inside,
//! a band's rows are computed with a *halo* of as many rows around as its convolutions can see; at the edges that were cut the halo's
//! rows come out wrong, one more with every convolution, and the band's own rows right. Where the upper and the lower edge meet, the first
//! band's halo is the last rows, and the last one's the first.

use std::ops::Range;

use super::arch::{CONVOLUTIONS, Layer};
use crate::compute::Wrap;

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
    /// Which edges meet.
    pub wrap: Wrap,
}

/// Some rows of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// Rows of the stage's input that are computed with, those of the halo among them. Where the edges meet they may go on beyond: row −1
    /// is the last one.
    pub cut: Range<isize>,
    /// Rows of the stage's input that are this band's own; together the bands' own rows are all, each once.
    own: Range<usize>,
    /// The height of the stage's input.
    height: usize,
}

impl Stage {
    /// The stages that lead to a layer for an image of this height and width whose edges meet so.
    pub fn all(last: Layer, [height, width]: [usize; 2], wrap: Wrap) -> Vec<Self> {
        let blocks = BLOCKS.into_iter().filter(|[first, _]| *first <= CONVOLUTIONS[last.index()].block);
        blocks
            .map(|[first, final_]| {
                let within = |l: &usize| (first..=final_).contains(&CONVOLUTIONS[*l].block);
                let start = (0..CONVOLUTIONS.len()).find(within).unwrap_or(0);
                let end = start + (start..=last.index()).filter(within).count();
                let size = [height, width].map(|side| side >> (first - 1));
                Self { convolutions: start..end, size, is_pooled: end <= last.index(), wrap }
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
        if self.wrap.rows() {
            // What an odd side leaves over would part the bands' pairs.
            if rows >= height || !height.is_multiple_of(pair) {
                return vec![Band { cut: 0..height as isize, own: 0..height, height }];
            }
            let cut = |end: usize| (end + halo) as isize - rows as isize..(end + halo) as isize;
            return starts.zip(ends).map(|(start, end)| Band { cut: cut(end), own: start..end, height }).collect();
        }
        for (start, end) in starts.zip(ends) {
            let lowest = height.saturating_sub(rows).next_multiple_of(pair);
            let before = bands.last().map_or(0, |band| band.cut.start as usize);
            let first = start.saturating_sub(halo).min(lowest).max(before);
            let cut = first as isize..(first + rows).max(end + halo).min(height) as isize;
            bands.push(Band { cut, own: start..end, height });
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
        let among = |row: usize| (row as isize - (self.cut.start >> halvings)) as usize;
        among(self.first(halvings))..among(end)
    }

    /// Whether it is computed with all rows, and so with edges that meet if they do.
    pub fn is_whole(&self) -> bool {
        self.cut.len() == self.height
    }

    /// The rows it is computed with, in the order they have there: those beyond an edge as those at the other one.
    pub fn pieces(&self) -> Vec<Range<usize>> {
        let (height, Range { start, end }) = (self.height as isize, self.cut.clone());
        let all = [start + height..height, start.max(0)..end.min(height), 0..end - height];
        let within = all.into_iter().map(|piece| piece.start.clamp(0, height)..piece.end.clamp(0, height));
        within.filter(|piece| !piece.is_empty()).map(|piece| piece.start as usize..piece.end as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_cover_the_network_once() {
        for last in Layer::all() {
            let stages = Stage::all(last, [193, 127], Wrap::None);
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

    fn every_row_is_one_bands_own(stage: &Stage, bands: &[Band]) {
        for halvings in 0..=stage.all_halvings() {
            let mut next = 0;
            for band in bands {
                let own = band.own(halvings);
                assert!(!own.is_empty() && own.end <= band.height(halvings), "{stage:?} {band:?}");
                assert_eq!(band.first(halvings), next);
                next += own.len();
            }
            assert_eq!(next, stage.size[0] >> halvings, "{stage:?} in {bands:?}");
        }
    }

    #[test]
    fn every_row_is_one_bands_own_and_pairs_stay_together() {
        for height in [1, 2, 7, 16, 31, 64, 127, 193, 1365] {
            for last in Layer::all().filter(|last| height >> last.halvings() > 0) {
                for (stage, rows) in
                    Stage::all(last, [height, 9], Wrap::None).iter().flat_map(|s| [1, 5, 16, 96].map(|r| (s, r)))
                {
                    let bands = stage.bands(rows);
                    every_row_is_one_bands_own(stage, &bands);
                    // At an edge that was cut the halo is whole.
                    for Band { cut, own, height } in &bands {
                        let cut = cut.start as usize..cut.end as usize;
                        assert!(cut.start == 0 || cut.start + stage.halo() <= own.start, "{stage:?} {bands:?}");
                        assert!(cut.end == *height || own.end + stage.halo() <= cut.end, "{stage:?} {bands:?}");
                    }
                    assert!(bands.is_sorted_by_key(|band| (band.cut.start, band.cut.end)), "{bands:?}");
                    let pair = 1 << stage.all_halvings();
                    let is_even = |row: isize| row.rem_euclid(pair) == 0;
                    assert!(bands.iter().all(|band| is_even(band.cut.start)));
                    assert!(bands.iter().all(|band| is_even(band.cut.end) || band.cut.end == band.height as isize));
                    let pair = 1 << stage.all_halvings();
                    let longest = bands.iter().map(|band| band.own(0).len()).max().unwrap_or(0);
                    assert!(longest <= rows.next_multiple_of(pair) + pair, "{longest} instead of {rows}");
                }
            }
        }
    }

    #[test]
    fn bands_of_edges_that_meet_have_whole_halos_all_around() {
        for height in [16, 32, 48, 96, 192, 208, 1360] {
            for last in Layer::all() {
                let stages = Stage::all(last, [height, 9], Wrap::Y);
                for (stage, rows) in stages.iter().flat_map(|s| [1, 5, 16, 64, 96].map(|r| (s, r))) {
                    let (bands, height, halo) = (stage.bands(rows), stage.size[0], stage.halo() as isize);
                    every_row_is_one_bands_own(stage, &bands);
                    for band in &bands {
                        let Band { cut, own, .. } = band;
                        let pieces: Vec<usize> = band.pieces().into_iter().flatten().collect();
                        let wanted = cut.clone().map(|row| row.rem_euclid(height as isize) as usize);
                        assert!(pieces.into_iter().eq(wanted), "{band:?}");
                        let is_clear = cut.start + halo <= own.start as isize && own.end as isize + halo <= cut.end;
                        assert!(band.is_whole() || is_clear && cut.len() < height, "{stage:?} {band:?}");
                        assert_eq!(cut.len(), bands[0].cut.len());
                        assert_eq!(cut.start.rem_euclid(1 << stage.all_halvings()), 0, "{band:?}");
                    }
                    assert!(bands.is_sorted_by_key(|band| (band.cut.start, band.cut.end)), "{bands:?}");
                }
            }
        }
    }
}
