//! Grey planes, their halves and what lies between their pixels.

use crate::picture::{LUMA, Picture};

/// Values of `width × height` pixels, row by row.
#[derive(Debug, Clone)]
pub struct Plane {
    pub width: usize,
    pub height: usize,
    pub values: Vec<f32>,
}

/// The middle of a binomial filter over five pixels, its weights' sum being 16.
const BINOMIAL: [f32; 5] = [1.0, 4.0, 6.0, 4.0, 1.0];

impl Plane {
    /// A picture's luma (Rec. 601), 0 to 1.
    pub fn luma(picture: &Picture) -> Self {
        let [red, green, blue] = LUMA.to_array().map(|share| share as f32);
        let luma =
            |rgb: &[u8]| (red * f32::from(rgb[0]) + green * f32::from(rgb[1]) + blue * f32::from(rgb[2])) / 255.0;
        Self {
            width: picture.width() as usize,
            height: picture.height() as usize,
            values: picture.rgb().chunks_exact(3).map(luma).collect(),
        }
    }

    /// The value of a pixel; beyond the border, of the nearest one.
    pub fn at(&self, x: isize, y: isize) -> f32 {
        let inside = |place: isize, side: usize| place.clamp(0, side as isize - 1) as usize;
        self.values[inside(y, self.height) * self.width + inside(x, self.width)]
    }

    /// The value at a place between pixels, linear both ways; the upper left pixel's middle is (0, 0).
    pub fn between(&self, x: f32, y: f32) -> f32 {
        let [value] = between(x, y, |x, y| [self.at(x, y)]);
        value
    }

    /// Whether a place is within the outermost pixels' middles.
    pub fn holds(&self, x: f32, y: f32) -> bool {
        x >= 0.0 && y >= 0.0 && x <= (self.width - 1) as f32 && y <= (self.height - 1) as f32
    }

    /// Slopes at a pixel, per pixel to the right and downwards, by central differences.
    pub fn slopes(&self, x: isize, y: isize) -> [f32; 2] {
        [(self.at(x + 1, y) - self.at(x - 1, y)) / 2.0, (self.at(x, y + 1) - self.at(x, y - 1)) / 2.0]
    }

    /// Half as wide and high, rounded up, after a binomial filter: its pixel (x, y) lies on this one's (2x, 2y).
    pub fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let filtered = |value: &dyn Fn(isize) -> f32| {
            BINOMIAL.iter().zip(-2..).map(|(weight, offset)| weight * value(offset)).sum::<f32>() / 16.0
        };
        let mut narrow = Self { width, height: self.height, values: Vec::with_capacity(width * self.height) };
        for y in 0..self.height as isize {
            narrow.values.extend((0..width as isize).map(|x| filtered(&|offset| self.at(2 * x + offset, y))));
        }
        let mut halved = Self { width, height, values: Vec::with_capacity(width * height) };
        for y in 0..height as isize {
            halved.values.extend((0..width as isize).map(|x| filtered(&|offset| narrow.at(x, 2 * y + offset))));
        }
        halved
    }
}

/// Values at a place between pixels, linear both ways, of those that pixels have; the upper left pixel's middle is (0, 0).
pub fn between<const N: usize>(x: f32, y: f32, at: impl Fn(isize, isize) -> [f32; N]) -> [f32; N] {
    let (left, top) = (x.floor(), y.floor());
    let (right, down) = (x - left, y - top);
    let (left, top) = (left as isize, top as isize);
    let corners = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(x, y)| at(left + x, top + y));
    std::array::from_fn(|value| {
        let [a, b, c, d] = corners.map(|corner| corner[value]);
        (a * (1.0 - right) + b * right) * (1.0 - down) + (c * (1.0 - right) + d * right) * down
    })
}
