//! Whose colours a picture takes: affine maps between pictures' colours, and luminance put back under a
//! photo's chroma.

use burn::tensor::{Device, Tensor, TensorData};
use glam::{DMat3, DVec3};

use super::pixels::Picture;
use crate::settings::Colour;

/// Rec. 601 luma, as JPEG and YIQ have it.
pub const LUMA: DVec3 = DVec3::new(0.299, 0.587, 0.114);
/// What the covariances' diagonals are raised by: a grey picture has no spread in two directions.
const RIDGE: f64 = 1e-7;

/// An affine map of colours, RGB in \[0, 1\]: the colour multiplied by a matrix, plus an offset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    /// The matrix that the colour, a column, is multiplied by.
    pub matrix: DMat3,
    /// What is added then.
    pub offset: DVec3,
}

impl Affine {
    /// The map that leaves colours as they are.
    pub const IDENTITY: Self = Self { matrix: DMat3::IDENTITY, offset: DVec3::ZERO };

    /// Returns the map by which the photo enters a run.
    pub fn of_content(colour: Colour) -> Self {
        match colour {
            Colour::Luminance => grey(1.0, 0.0),
            Colour::Style | Colour::Match => Self::IDENTITY,
        }
    }

    /// Returns the map by which a painting enters a run with this photo. It goes through all pixels of both, unless the
    /// colours are the paintings'.
    pub fn of_style(colour: Colour, style: &Picture, content: &Picture) -> Self {
        let statistics = || (Statistics::of(style), Statistics::of(content));
        match colour {
            Colour::Style => Self::IDENTITY,
            Colour::Match => {
                let (from, to) = statistics();
                from.transport(&to)
            }
            Colour::Luminance => {
                let (from, to) = statistics();
                let ratio = (to.luma_variance() / from.luma_variance()).sqrt();
                grey(ratio, LUMA.dot(to.mean) - ratio * LUMA.dot(from.mean))
            }
        }
    }

    /// Returns the map by which the photo enters a search for what in a painting is like it, both in their colours of the run: where
    /// those are each its own, the photo takes the painting's, or all that is red would be looked for in the one red corner.
    pub fn of_query(colour: Colour, content: &Picture, style: &Picture) -> Self {
        match colour {
            Colour::Style => Self::of_style(Colour::Match, content, style),
            Colour::Luminance | Colour::Match => Self::of_content(colour),
        }
    }

    /// Returns the picture as a tensor `[1, 3, height, width]`, its colours mapped, which may leave \[0, 1\].
    pub fn to_tensor(self, picture: &Picture, device: &Device) -> Tensor<4> {
        if self == Self::IDENTITY {
            return picture.to_tensor(device);
        }
        let shape = [1, 3, picture.height() as usize, picture.width() as usize];
        Tensor::from_data(TensorData::new(self.planes(picture), shape), device)
    }

    /// Returns the picture's colours mapped, which may leave \[0, 1\]: planes of red, green, blue, each `height · width`
    /// values, row by row.
    pub fn planes(&self, picture: &Picture) -> Vec<f32> {
        let mapped: Vec<DVec3> = colours(picture).map(|colour| self.matrix * colour + self.offset).collect();
        (0..3).flat_map(|c| mapped.iter().map(move |colour| colour[c] as f32)).collect()
    }
}

/// Luma times a factor plus an offset, on all three channels.
fn grey(factor: f64, offset: f64) -> Affine {
    let row = LUMA * factor;
    Affine { matrix: DMat3::from_cols(row, row, row).transpose(), offset: DVec3::splat(offset) }
}

fn colours(picture: &Picture) -> impl Iterator<Item = DVec3> + '_ {
    picture.rgb().chunks_exact(3).map(|p| DVec3::new(p[0].into(), p[1].into(), p[2].into()) / 255.0)
}

/// Mean and covariance of a picture's colours in \[0, 1\].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    /// The mean colour.
    pub mean: DVec3,
    /// The colours' covariance.
    pub covariance: DMat3,
}

impl Statistics {
    /// Of a picture.
    pub fn of(picture: &Picture) -> Self {
        Self::over(|| colours(picture))
    }

    /// Of colours that can be gone through twice.
    pub fn over<I: Iterator<Item = DVec3>>(colours: impl Fn() -> I) -> Self {
        let (count, sum) = colours().fold((0.0, DVec3::ZERO), |(n, sum), colour| (n + 1.0, sum + colour));
        let mean = sum / f64::max(count, 1.0);
        let outer = |v: DVec3| DMat3::from_cols(v * v.x, v * v.y, v * v.z);
        let covariance = colours().fold(DMat3::ZERO, |sum, colour| sum + outer(colour - mean));
        Self { mean, covariance: covariance * (1.0 / f64::max(count, 1.0)) }
    }

    fn luma_variance(&self) -> f64 {
        LUMA.dot(self.covariance * LUMA) + RIDGE
    }

    /// The map that gives colours with these statistics those of `to`, moving them least (Pitié &
    /// Kokaram 2007, the linear Monge–Kantorovitch solution).
    fn transport(&self, to: &Self) -> Affine {
        let ridge = DMat3::IDENTITY * RIDGE;
        let (root, inverse) = roots(self.covariance + ridge);
        let (between, _) = roots(root * (to.covariance + ridge) * root);
        let matrix = inverse * between * inverse;
        Affine { matrix, offset: to.mean - matrix * self.mean }
    }
}

/// The root of a symmetric positive definite matrix and the root's inverse, by Denman and Beavers'
/// iteration (Higham 2008, eq. 6.28).
fn roots(matrix: DMat3) -> (DMat3, DMat3) {
    let (mut root, mut inverse) = (matrix, DMat3::IDENTITY);
    for _ in 0..40 {
        (root, inverse) = ((root + inverse.inverse()) * 0.5, (inverse + root.inverse()) * 0.5);
    }
    (root, inverse)
}

/// Returns a picture with the luminance of `painted` and the chroma of `photo` (Rec. 601), both of the same size.
///
/// Luminance gives way where the chroma would leave the gamut, so the chroma is kept to the rounding.
pub fn with_chroma_of(photo: &Picture, painted: &Picture) -> Picture {
    let mixed: Vec<DVec3> = colours(photo)
        .zip(colours(painted))
        .map(|(photo, painted)| {
            let shift = LUMA.dot(painted) - LUMA.dot(photo);
            photo + DVec3::splat(shift.clamp(-photo.min_element(), 1.0 - photo.max_element()))
        })
        .collect();
    let planes: Vec<f32> = (0..3).flat_map(|c| mixed.iter().map(move |colour| colour[c] as f32)).collect();
    Picture::from_planes(photo.width(), photo.height(), &planes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(seed: u32) -> Picture {
        let noise = |i: u32| ((i.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 8) % 256) as u8;
        let rgba: Vec<u8> = (0..600)
            .flat_map(|i| [noise(i), noise(i + 7) / 2 + noise(i) / 3, 255 - noise(i) / (1 + seed as u8), 255])
            .collect();
        Picture::from_rgba("x", 30, 20, &rgba).expect("valid")
    }

    fn statistics(planes: &[f32]) -> Statistics {
        let n = planes.len() / 3;
        Statistics::over(|| {
            (0..n).map(|i| DVec3::new(planes[i].into(), planes[n + i].into(), planes[2 * n + i].into()))
        })
    }

    #[test]
    fn matched_colours_have_the_photos_mean_and_covariance() {
        let (style, photo) = (picture(1), picture(3));
        let matched = statistics(&Affine::of_style(Colour::Match, &style, &photo).planes(&style));
        let wanted = Statistics::of(&photo);
        assert!((matched.mean - wanted.mean).abs().max_element() < 1e-5);
        let apart = matched.covariance - wanted.covariance;
        assert!(apart.to_cols_array().iter().all(|v| v.abs() < 1e-5), "{apart}");
    }

    #[test]
    fn grey_paintings_can_be_matched_too() {
        let grey = Picture::from_rgba("x", 2, 1, &[10, 10, 10, 255, 200, 200, 200, 255]).expect("valid");
        let planes = Affine::of_style(Colour::Match, &grey, &picture(2)).planes(&grey);
        assert!(planes.iter().all(|v| v.is_finite()));
    }

    #[test]
    fn luminance_takes_the_photos_spread_of_luma() {
        let (style, photo) = (picture(1), picture(3));
        let shifted = statistics(&Affine::of_style(Colour::Luminance, &style, &photo).planes(&style));
        let wanted = Statistics::of(&photo);
        assert!((shifted.mean - DVec3::splat(LUMA.dot(wanted.mean))).abs().max_element() < 1e-4);
        assert!((shifted.luma_variance() - wanted.luma_variance()).abs() < 1e-4);
    }

    #[test]
    fn chroma_is_kept_to_the_rounding() {
        let (photo, painted) = (picture(1), picture(2));
        let mixed = with_chroma_of(&photo, &painted);
        for (a, b) in mixed.rgb().chunks(3).zip(photo.rgb().chunks(3)) {
            let chroma = |p: &[u8]| [i32::from(p[0]) - i32::from(p[1]), i32::from(p[2]) - i32::from(p[1])];
            let apart = chroma(a).into_iter().zip(chroma(b)).all(|(a, b)| (a - b).abs() <= 1);
            assert!(apart, "{a:?} {b:?}");
        }
    }
}
