//! Photos for pictures that repeat: what is at one edge must go on at the opposite one.
//!
//! A photo's edges hardly ever fit together, and a run would faithfully paint the step between them. So near edges that meet each
//! pixel is mixed with the one that mirrors it across the seam, half and half at the edge and less and less inside: there both sides
//! are the same, and the rest of the photo is left alone. So are edges that meet already: a picture that was painted to repeat keeps
//! what it has there.

use image::RgbImage;

use super::pixels::Picture;
use crate::compute::Wrap;

/// The share of a side, at either end, that is mixed.
const MARGIN: f64 = 0.125;

impl Picture {
    /// Returns the picture with edges that meet fitted together; a copy where none do.
    pub fn seamless(&self, wrap: Wrap) -> Self {
        let mut image = self.0.clone();
        let [width, height] = [self.width(), self.height()];
        if wrap.columns() && !is_closed(width, |a, b| apart((0..height).map(|y| [[a, y], [b, y]]), &self.0)) {
            mix(width, |x, mirrored, share| (0..height).for_each(|y| pair(&mut image, [x, y], [mirrored, y], share)));
        }
        if wrap.rows() && !is_closed(height, |a, b| apart((0..width).map(|x| [[x, a], [x, b]]), &self.0)) {
            mix(height, |y, mirrored, share| (0..width).for_each(|x| pair(&mut image, [x, y], [x, mirrored], share)));
        }
        Self(image)
    }
}

/// Whether the step from a side's end to its beginning is no larger than one of those beside it, by `step` between two places.
fn is_closed(side: u32, step: impl Fn(u32, u32) -> u32) -> bool {
    let margin = (MARGIN * f64::from(side)).ceil() as u32;
    let beside = (1..margin.min(side / 2)).flat_map(|i| [step(i - 1, i), step(side - 1 - i, side - i)]);
    step(side - 1, 0) <= beside.max().unwrap_or(0)
}

/// How far two rows or columns of pixels are apart.
fn apart(pairs: impl Iterator<Item = [[u32; 2]; 2]>, image: &RgbImage) -> u32 {
    let value = |[x, y]: [u32; 2]| image.get_pixel(x, y).0;
    pairs.flat_map(|[a, b]| value(a).into_iter().zip(value(b))).map(|(a, b)| u32::from(a.abs_diff(b))).sum()
}

/// Calls for each place near a side's beginning, with the place that mirrors it and the share that each takes of the other.
fn mix(side: u32, mut pairs: impl FnMut(u32, u32, f64)) {
    let margin = MARGIN * f64::from(side);
    for place in 0..side / 2 {
        let inward = (f64::from(place) + 0.5) / margin;
        if inward >= 1.0 {
            break;
        }
        // A half at the edge, without a bend at either end.
        pairs(place, side - 1 - place, 0.25 + 0.25 * (std::f64::consts::PI * inward).cos());
    }
}

/// Mixes two pixels with each other.
fn pair(image: &mut RgbImage, [ax, ay]: [u32; 2], [bx, by]: [u32; 2], share: f64) {
    let (a, b) = (image.get_pixel(ax, ay).0, image.get_pixel(bx, by).0);
    let mixed = |own: [u8; 3], other: [u8; 3]| {
        [0, 1, 2].map(|c| (f64::from(own[c]) + share * (f64::from(other[c]) - f64::from(own[c]))).round() as u8)
    };
    image.get_pixel_mut(ax, ay).0 = mixed(a, b);
    image.get_pixel_mut(bx, by).0 = mixed(b, a);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_that_meet_fit_together_and_the_inside_is_left_alone() {
        let (width, height) = (64u32, 48u32);
        // Brighter to the right, redder to the bottom.
        let rgba: Vec<u8> =
            (0..width * height).flat_map(|i| [(i / width * 5) as u8, (i % width * 4) as u8, 90, 255]).collect();
        let photo = Picture::from_rgba("x", width, height, &rgba).expect("a picture");
        let at = |picture: &Picture, x: u32, y: u32| picture.0.get_pixel(x, y).0.map(i32::from);
        for wrap in [Wrap::None, Wrap::X, Wrap::Y, Wrap::Both] {
            let made = photo.seamless(wrap);
            let apart = |a: [i32; 3], b: [i32; 3]| (0..3).map(|c| (a[c] - b[c]).abs()).max().expect("three");
            for y in 0..height {
                let seam = apart(at(&made, 0, y), at(&made, width - 1, y));
                assert!(if wrap.columns() { seam <= 6 } else { seam >= 200 }, "{wrap:?} in row {y}: {seam}");
            }
            for x in 0..width {
                let seam = apart(at(&made, x, 0), at(&made, x, height - 1));
                assert!(if wrap.rows() { seam <= 6 } else { seam >= 200 }, "{wrap:?} in column {x}: {seam}");
            }
            let inside = (6..42).flat_map(|y| (8..56).map(move |x| (x, y)));
            assert!(inside.into_iter().all(|(x, y)| at(&made, x, y) == at(&photo, x, y)), "{wrap:?}");
            assert_eq!(made.seamless(wrap).0, made.0, "{wrap:?}: once is enough");
        }
    }

    #[test]
    fn edges_that_meet_already_are_left_alone() {
        // Stripes of which eight and twelve fit into the sides.
        let wave = |place: u32, count: u32, side: u32| {
            (127.5 + 120.0 * (std::f64::consts::TAU * f64::from(place * count) / f64::from(side)).sin()) as u8
        };
        let rgba: Vec<u8> =
            (0..128 * 96).flat_map(|i| [wave(i % 128, 8, 128), wave(i / 128, 12, 96), 90, 255]).collect();
        let stripes = Picture::from_rgba("x", 128, 96, &rgba).expect("a picture");
        assert_eq!(stripes.seamless(Wrap::Both).0, stripes.0);
    }
}
