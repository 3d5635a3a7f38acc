//! A picture's pixels as they are seen from a side of it.

/// How many positions along a side are looked at.
const POSITIONS: usize = 256;

/// A rectangle of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Top,
    Bottom,
    Left,
    Right,
}

pub(super) const SIDES: [Side; 4] = [Side::Top, Side::Bottom, Side::Left, Side::Right];

/// A colour, 0 to 255 each.
pub(super) type Colour = [i32; 3];

/// The difference of two colours: that of the channel in which they differ most.
pub(super) fn apart(a: Colour, b: Colour) -> i32 {
    (0..3).map(|channel| (a[channel] - b[channel]).abs()).max().unwrap_or(0)
}

impl Area {
    /// What is left without so many lines at the top, at the bottom, at the left and at the right.
    pub(super) fn without(self, [top, bottom, left, right]: [u32; 4]) -> Self {
        Self {
            left: self.left + left,
            top: self.top + top,
            width: self.width.saturating_sub(left + right),
            height: self.height.saturating_sub(top + bottom),
        }
    }
}

/// Some of a picture's pixels, looked at from a side: `along` it, from its left or its top, and so `deep`, from 0.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) rgb: &'a [u8],
    pub(super) stride: u32,
    pub(super) area: Area,
}

impl Sight<'_> {
    pub(super) fn at(&self, x: u32, y: u32) -> Colour {
        let (x, y) = (self.area.left + x, self.area.top + y);
        let at = 3 * (y as usize * self.stride as usize + x as usize);
        [0, 1, 2].map(|channel| i32::from(self.rgb[at + channel]))
    }

    pub(super) fn seen(&self, side: Side, along: u32, deep: u32) -> Colour {
        match side {
            Side::Top => self.at(along, deep),
            Side::Bottom => self.at(along, self.area.height - 1 - deep),
            Side::Left => self.at(deep, along),
            Side::Right => self.at(self.area.width - 1 - deep, along),
        }
    }

    /// How many pixels a side is long, and how many lines there are from it to the other.
    pub(super) fn extent(&self, side: Side) -> (u32, u32) {
        match side {
            Side::Top | Side::Bottom => (self.area.width, self.area.height),
            Side::Left | Side::Right => (self.area.height, self.area.width),
        }
    }
}

/// Some pixels along a side of this length, without so many at its ends and a little more; none where none are left.
pub(super) fn positions(length: u32, [first, last]: [u32; 2]) -> Option<Vec<u32>> {
    let [first, last] = [first, last].map(|end| if end == 0 { 0 } else { end + length / 50 });
    let count = length.checked_sub(first + last).filter(|&count| count >= 8)?;
    let step = (count as usize).div_ceil(POSITIONS) as u32;
    Some((0..count).step_by(step as usize).map(|at| first + at).collect())
}

/// The value that a share of all does not exceed; 0 of none.
pub(super) fn middle(mut values: Vec<i32>, share: f64) -> i32 {
    values.sort_unstable();
    let at = (values.len() as f64 * share) as usize;
    values.get(at.min(values.len().saturating_sub(1))).copied().unwrap_or(0)
}

/// The mean colours of squares so many pixels wide, those at the right and at the bottom being cut off perhaps.
pub(super) fn reduced(rgb: &[u8], width: u32, height: u32, factor: u32) -> Vec<u8> {
    let (width, height, factor) = (width as usize, height as usize, factor as usize);
    let across = width.div_ceil(factor);
    let mut reduced = Vec::with_capacity(3 * across * height.div_ceil(factor));
    for rows in rgb.chunks(3 * width * factor) {
        let mut sums = vec![0u32; 3 * across];
        for row in rows.chunks_exact(3 * width) {
            for (x, pixel) in row.chunks_exact(3).enumerate() {
                let at = 3 * (x / factor);
                (0..3).for_each(|channel| sums[at + channel] += u32::from(pixel[channel]));
            }
        }
        let down = rows.len() / (3 * width);
        reduced.extend(sums.iter().enumerate().map(|(at, sum)| {
            let count = (factor.min(width - at / 3 * factor) * down) as u32;
            ((sum + count / 2) / count) as u8
        }));
    }
    reduced
}
