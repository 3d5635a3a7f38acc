//! Optical flow, by blocks matched coarse to fine.
//!
//! No crate does this in Rust alone: there are trackers of single points, and bindings to other languages. The method is Kroeger
//! et al.'s dense inverse search (2016) with a simpler end: at each scale, every fourth pixel both ways, a block of
//! 8 × 8 pixels is looked for around where the coarser scale saw it and its neighbours go; a pixel's movement is the mean of
//! those of the blocks around it, each weighed by how well it explains that pixel, so that edges of what moves stay sharp; and
//! where there is little to see, the neighbours' movements are taken over.

use super::blocks::{Block, SIDE, STEP};
use super::flow::Flow;
use super::plane::Plane;
use super::smooth::smoothed;
use crate::compute::for_each_chunk;
use crate::picture::Picture;

/// The coarsest scale's short side is at least this, in pixels.
const COARSEST: usize = 16;
/// How far every block is looked for at the coarsest scale, in whole pixels each way.
const REACH: isize = 4;
/// Differences of luma below this explain a pixel equally well.
const EQUAL: f32 = 1.0 / 255.0;
/// Rows of blocks that one thread takes at a time.
const ROWS: usize = 4;

impl Flow {
    /// Finds each pixel of `from` in `to`. Movements of up to about a quarter of the short side are found, to a tenth of a pixel
    /// where there is something to see.
    ///
    /// # Panics
    /// When sizes differ.
    pub fn between(from: &Picture, to: &Picture) -> Self {
        let sizes = [from, to].map(|picture| (picture.width(), picture.height()));
        assert_eq!(sizes[0], sizes[1], "frames of one size");
        let mut scales = vec![[Plane::luma(from), Plane::luma(to)]];
        while let Some(scale) = scales.last()
            && scale[0].width.min(scale[0].height) >= 2 * COARSEST
        {
            let halved = scale.each_ref().map(Plane::halved);
            scales.push(halved);
        }
        let mut flow = None;
        for [from, to] in scales.iter().rev() {
            let coarse = flow.map(|coarse: Self| coarse.doubled(from.width, from.height));
            flow = Some(smoothed(Self::at_scale(from, to, coarse.as_ref()), from, to));
        }
        flow.unwrap_or(Self { width: 0, height: 0, movements: Vec::new() })
    }

    fn at_scale(from: &Plane, to: &Plane, coarse: Option<&Self>) -> Self {
        let [columns, rows] = [from.width, from.height].map(corners);
        let mut found = vec![[0.0; 2]; columns.len() * rows.len()];
        for_each_chunk(&mut found, ROWS * columns.len(), |chunk, movements| {
            for (at, movement) in movements.iter_mut().enumerate() {
                let at = chunk * ROWS * columns.len() + at;
                let corner = [columns[at % columns.len()], rows[at / columns.len()]];
                *movement = Block::new(from, to, corner).found(&tries(corner, coarse));
            }
        });
        // Which columns and rows of blocks a pixel is in.
        let covering = |corners: &[usize], side: usize| -> Vec<(usize, usize)> {
            (0..side)
                .map(|pixel| {
                    let first = corners.partition_point(|corner| corner + SIDE <= pixel);
                    (first, corners.partition_point(|corner| *corner <= pixel))
                })
                .collect()
        };
        let (across, along) = (covering(&columns, from.width), covering(&rows, from.height));
        let mut movements = vec![[0.0; 2]; from.width * from.height];
        for_each_chunk(&mut movements, ROWS * from.width, |chunk, movements| {
            for (at, movement) in movements.iter_mut().enumerate() {
                let at = chunk * ROWS * from.width + at;
                let (x, y) = (at % from.width, at / from.width);
                let (mut sum, mut total) = ([0.0; 2], 0.0);
                for row in along[y].0..along[y].1 {
                    for [right, down] in &found[row * columns.len()..][across[x].0..across[x].1] {
                        let there = to.between(x as f32 + right, y as f32 + down);
                        let weight = 1.0 / (there - from.values[at]).abs().max(EQUAL).powi(2);
                        sum = [sum[0] + weight * right, sum[1] + weight * down];
                        total += weight;
                    }
                }
                *movement = sum.map(|sum| sum / total);
            }
        });
        Self { width: from.width, height: from.height, movements }
    }
}

/// Where blocks begin along a side: the last one ends with it.
fn corners(side: usize) -> Vec<usize> {
    let last = side.saturating_sub(SIDE);
    (0..last).step_by(STEP).chain([last]).collect()
}

/// Where to look for the block with this corner.
fn tries(corner: [usize; 2], coarse: Option<&Flow>) -> Vec<[f32; 2]> {
    let Some(coarse) = coarse else {
        let mut all: Vec<[isize; 2]> = (-REACH..=REACH).flat_map(|y| (-REACH..=REACH).map(move |x| [x, y])).collect();
        all.sort_by_key(|[x, y]| x * x + y * y);
        return all.into_iter().map(|way| way.map(|way| way as f32)).collect();
    };
    let [x, y] = corner.map(|side| (side + SIDE / 2) as isize);
    let apart = SIDE as isize;
    let around = [(0, 0), (-apart, 0), (apart, 0), (0, -apart), (0, apart)];
    let mut tries: Vec<[f32; 2]> = Vec::with_capacity(around.len() + 1);
    for movement in around.map(|(right, down)| coarse.at(x + right, y + down)).into_iter().chain([[0.0; 2]]) {
        let is_near = |other: &[f32; 2]| (movement[0] - other[0]).hypot(movement[1] - other[1]) < 0.5;
        if !tries.iter().any(is_near) {
            tries.push(movement);
        }
    }
    tries
}
