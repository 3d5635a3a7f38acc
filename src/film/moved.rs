//! The last frame's picture, moved to where this frame's pixels are.

use super::flow::Flow;
use super::trust::trust;
use crate::compute::for_each_chunk;
use crate::picture::Picture;

/// Values a sample is made of, each way: Lanczos's filter with three lobes.
const TAPS: usize = 6;

/// The last frame's picture, moved to this frame, and how much each pixel of it is to be trusted.
#[derive(Debug, Clone)]
pub struct Moved {
    picture: Picture,
    trust: Vec<f32>,
}

impl Moved {
    /// Moves the last frame's picture along the optical flow from this photo to the last one. The photos are brought to the picture's
    /// size first.
    ///
    /// Pixels come from between others by Lanczos's filter, clamped to what the nearest four have: a picture moved by half a pixel
    /// twelve times stays sharp, where bilinear and bicubic weights blur it.
    pub fn new(picture: &Picture, last_photo: &Picture, photo: &Picture) -> Self {
        let sized = |photo: &Picture| photo.resized(picture.width(), picture.height());
        let (last_photo, photo) = (sized(last_photo), sized(photo));
        let (flow, back) = (Flow::between(&photo, &last_photo), Flow::between(&last_photo, &photo));
        Self { trust: trust(&flow, &back, &photo, &last_photo), picture: moved(picture, &flow) }
    }

    /// A picture that was moved already, with the trust in each pixel, 0 to 1, row by row.
    ///
    /// # Panics
    /// When there are not as many pixels as trusts.
    pub fn from_parts(picture: Picture, trust: Vec<f32>) -> Self {
        assert_eq!(picture.rgb().len(), 3 * trust.len(), "one trust a pixel");
        Self { picture, trust }
    }

    /// The picture where it was moved to. What was not in the last frame is made up.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// How much each pixel is to be trusted, 0 to 1, row by row: not at all what the last frame does not show, and at the edges of what
    /// moves.
    pub fn trust(&self) -> &[f32] {
        &self.trust
    }

    /// How much of the picture is to be trusted, 0 to 1.
    pub fn share(&self) -> f64 {
        self.trust.iter().map(|&trust| f64::from(trust)).sum::<f64>() / self.trust.len() as f64
    }

    /// The same at another size, in pixels.
    pub fn resized(&self, width: u32, height: u32) -> Self {
        let (own_width, own_height) = (self.picture.width(), self.picture.height());
        if (own_width, own_height) == (width, height) {
            return self.clone();
        }
        let grey = Picture::from_planes(own_width, own_height, &[&self.trust[..]; 3].concat()).resized(width, height);
        let trust = grey.rgb().chunks_exact(3).map(|rgb| f32::from(rgb[0]) / 255.0).collect();
        Self { picture: self.picture.resized(width, height), trust }
    }

    /// The moved picture where it is to be trusted, another of the same size elsewhere, and between them where trust is half; `most`,
    /// from 0 to 1, is the share of the moved one where it is trusted wholly.
    ///
    /// # Panics
    /// When sizes differ.
    pub fn over(&self, other: &Picture, most: f64) -> Picture {
        let cover: Vec<f32> = self.trust.iter().map(|trust| trust * most as f32).collect();
        other.under(&self.picture, &cover)
    }

    /// How much a picture of this frame differs from the moved one where that is to be trusted: the mean absolute difference of values from
    /// 0 to 255, weighed by trust. Nothing where nothing is trusted.
    ///
    /// # Panics
    /// When sizes differ.
    pub fn flicker(&self, picture: &Picture) -> Option<f64> {
        assert_eq!(picture.rgb().len(), self.picture.rgb().len(), "pictures of one size");
        let total = 3.0 * self.trust.iter().map(|&trust| f64::from(trust)).sum::<f64>();
        let apart = |(at, (&a, &b)): (usize, (&u8, &u8))| f64::from(self.trust[at / 3]) * f64::from(a.abs_diff(b));
        let sum: f64 = picture.rgb().iter().zip(self.picture.rgb()).enumerate().map(apart).sum();
        (total > 0.0).then(|| sum / total)
    }
}

/// A picture whose pixels are those of another at the places that a flow names.
fn moved(picture: &Picture, flow: &Flow) -> Picture {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut colours = vec![[0.0; 3]; width * height];
    for_each_chunk(&mut colours, width, |y, row| {
        for (x, colour) in row.iter_mut().enumerate() {
            let [right, down] = flow.at(x as isize, y as isize);
            *colour = sample(picture, x as f32 + right, y as f32 + down);
        }
    });
    let planes: Vec<f32> =
        (0..3).flat_map(|channel| colours.iter().map(move |colour| colour[channel] / 255.0)).collect();
    Picture::from_planes(picture.width(), picture.height(), &planes)
}

/// The colour at a place, 0 to 255; beyond the border, at the nearest place within.
fn sample(picture: &Picture, x: f32, y: f32) -> [f32; 3] {
    let [width, height] = [picture.width(), picture.height()].map(|side| side as isize);
    let (x, y) = (x.clamp(0.0, (width - 1) as f32), y.clamp(0.0, (height - 1) as f32));
    let (left, top) = (x.floor(), y.floor());
    let (across, along) = (weights(x - left), weights(y - top));
    let (left, top) = (left as isize - 2, top as isize - 2);
    let mut colour = [0.0; 3];
    let mut range = [[f32::INFINITY, f32::NEG_INFINITY]; 3];
    for (row, down) in along.iter().enumerate() {
        let line = (top + row as isize).clamp(0, height - 1) * width;
        for (column, right) in across.iter().enumerate() {
            let at = 3 * (line + (left + column as isize).clamp(0, width - 1)) as usize;
            let is_nearest = (2..4).contains(&row) && (2..4).contains(&column);
            for (channel, value) in picture.rgb()[at..at + 3].iter().map(|&value| f32::from(value)).enumerate() {
                colour[channel] += down * right * value;
                if is_nearest {
                    let [least, most] = range[channel];
                    range[channel] = [least.min(value), most.max(value)];
                }
            }
        }
    }
    [0, 1, 2].map(|channel| colour[channel].clamp(range[channel][0], range[channel][1]))
}

/// The weights of six values for the place so far beyond the third, 0 to 1; their sum is 1.
fn weights(beyond: f32) -> [f32; TAPS] {
    let lobes = (TAPS / 2) as f32;
    let sinc =
        |x: f32| if x.abs() < 1e-4 { 1.0 } else { (std::f32::consts::PI * x).sin() / (std::f32::consts::PI * x) };
    let weights: [f32; TAPS] = std::array::from_fn(|tap| {
        let x = tap as f32 - 2.0 - beyond;
        if x.abs() < lobes { sinc(x) * sinc(x / lobes) } else { 0.0 }
    });
    let sum: f32 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}
