//! Blocks of one plane found in another: a few places tried, the best one improved to fractions of a pixel.
//!
//! The improvement is Lucas & Kanade's in Baker & Matthews's inverse form, as in Kroeger et al., "Fast optical flow using dense
//! inverse search" (2016): the slopes are those of the block that is looked for, which does not move.

use super::plane::Plane;

/// A block's side in pixels, and how far one is from the next.
pub const SIDE: usize = 8;
pub const STEP: usize = 4;
/// How much of a change of a block's mean is put down to the light and not counted.
const LIGHT: f32 = 0.9;
/// What noise adds to a block's squared differences: where a block has no more than this to tell places apart, it stays where it is.
const NOISE: f32 = (SIDE * SIDE) as f32 * 1.6e-5;
/// The most improvements, and the movement that is too small for another, in pixels.
const ROUNDS: usize = 12;
const STILL: f32 = 0.01;
/// The least share of a block that has to be in the picture for it to count.
const LEAST: usize = SIDE * SIDE / 4;

/// A block of `from`, looked for in `to`.
pub struct Block<'a> {
    to: &'a Plane,
    /// Its upper left pixel.
    corner: [usize; 2],
    size: [usize; 2],
    /// Its pixels and their slopes.
    pixels: Vec<(f32, [f32; 2])>,
}

/// How its pixels differ from those at a place.
struct Differences {
    /// By pixel; none where the place is outside.
    each: Vec<Option<f32>>,
    /// The sum of the squares, as if all pixels were inside.
    cost: f32,
}

impl<'a> Block<'a> {
    /// The block of `from` whose upper left pixel is at `corner`, cut at the border.
    pub fn new(from: &Plane, to: &'a Plane, corner: [usize; 2]) -> Self {
        let size = [from.width, from.height].map(|side| SIDE.min(side));
        let [left, top] = corner;
        let places = (top..top + size[1]).flat_map(|y| (left..left + size[0]).map(move |x| (x as isize, y as isize)));
        let pixels = places.map(|(x, y)| (from.at(x, y), from.slopes(x, y))).collect();
        Self { to, corner, size, pixels }
    }

    fn differences(&self, [right, down]: [f32; 2]) -> Option<Differences> {
        let [left, top] = self.corner.map(|side| side as f32);
        let mut each = Vec::with_capacity(self.pixels.len());
        let (mut count, mut sum) = (0usize, 0.0);
        for (at, (value, _)) in self.pixels.iter().enumerate() {
            let x = left + (at % self.size[0]) as f32 + right;
            let y = top + (at / self.size[0]) as f32 + down;
            each.push(self.to.holds(x, y).then(|| {
                let difference = self.to.between(x, y) - value;
                (count, sum) = (count + 1, sum + difference);
                difference
            }));
        }
        if count < LEAST.min(self.pixels.len()) {
            return None;
        }
        let light = LIGHT * sum / count as f32;
        each.iter_mut().flatten().for_each(|difference| *difference -= light);
        let squares: f32 = each.iter().flatten().map(|difference| difference * difference).sum();
        Some(Differences { each, cost: squares * self.pixels.len() as f32 / count as f32 })
    }

    /// How far it has moved, in pixels to the right and down: from the best of these movements on. An earlier one wins unless a
    /// later one is better by more than noise.
    pub fn found(&self, tries: &[[f32; 2]]) -> [f32; 2] {
        let first = tries.first().copied().unwrap_or_default();
        let mut best = (first, f32::INFINITY);
        for &movement in tries {
            if let Some(Differences { cost, .. }) = self.differences(movement)
                && cost + if best.1.is_finite() { NOISE } else { 0.0 } < best.1
            {
                best = (movement, cost);
            }
        }
        if best.1.is_finite() { self.improved(best.0) } else { first }
    }

    /// The movement improved by Gauss & Newton's method while the squared differences fall.
    fn improved(&self, start: [f32; 2]) -> [f32; 2] {
        let mut best = (start, f32::INFINITY);
        let mut movement = start;
        for _ in 0..ROUNDS {
            let Some(Differences { each, cost }) = self.differences(movement) else { break };
            if cost >= best.1 {
                break;
            }
            best = (movement, cost);
            let [mut xx, mut xy, mut yy, mut x, mut y] = [NOISE, 0.0, NOISE, 0.0, 0.0];
            for (difference, (_, [right, down])) in each.iter().zip(&self.pixels) {
                let Some(difference) = difference else { continue };
                (xx, xy, yy) = (xx + right * right, xy + right * down, yy + down * down);
                (x, y) = (x + right * difference, y + down * difference);
            }
            let determinant = xx * yy - xy * xy;
            let by = [(yy * x - xy * y) / determinant, (xx * y - xy * x) / determinant];
            movement = [movement[0] - by[0], movement[1] - by[1]];
            // Further than a block is no improvement but another place.
            let reach = (0..2).map(|axis| (movement[axis] - start[axis]).abs()).fold(0.0, f32::max);
            if reach > SIDE as f32 / 2.0 {
                return start;
            }
            if by[0].hypot(by[1]) < STILL {
                return movement;
            }
        }
        best.0
    }
}
