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
        let from = Spectrum::of(self.covariance + ridge);
        let (root, inverse) = (from.map(f64::sqrt), from.map(|value| value.sqrt().recip()));
        // With X, the product of both roots, XᵀX is what the solution has a root of. It is found without that
        // square: in it what grey pictures have in two directions would be below the rounding of the third.
        let other = Spectrum::of(to.covariance + ridge).map(f64::sqrt);
        let between = Spectrum::of(other * root).map(std::convert::identity);
        let matrix = inverse * between * inverse;
        Affine { matrix, offset: to.mean - matrix * self.mean }
    }
}

/// A matrix's singular values and right singular vectors; of a symmetric positive definite one eigenvalues and
/// eigenvectors.
#[derive(Debug, Clone, Copy)]
struct Spectrum {
    /// The vectors, its columns.
    vectors: DMat3,
    values: DVec3,
}

impl Spectrum {
    /// Of a matrix, by turning its columns in pairs until all are orthogonal (one-sided Jacobi rotations, Hestenes
    /// 1958; Golub & Van Loan 2013, §8.6.3). That converges quadratically, so a dozen sweeps are plenty.
    fn of(matrix: DMat3) -> Self {
        let (mut columns, mut vectors) = ([0, 1, 2].map(|i| matrix.col(i)), [DVec3::X, DVec3::Y, DVec3::Z]);
        for (p, q) in [(0, 1), (0, 2), (1, 2)].into_iter().cycle().take(3 * 12) {
            let product = columns[p].dot(columns[q]);
            if product == 0.0 {
                continue;
            }
            let ratio = (columns[q].length_squared() - columns[p].length_squared()) / (2.0 * product);
            let tangent = ratio.signum() / (ratio.abs() + ratio.hypot(1.0));
            let cosine = tangent.hypot(1.0).recip();
            let sine = cosine * tangent;
            for pair in [&mut columns, &mut vectors] {
                (pair[p], pair[q]) = (pair[p] * cosine - pair[q] * sine, pair[p] * sine + pair[q] * cosine);
            }
        }
        let [x, y, z] = vectors;
        Self { vectors: DMat3::from_cols(x, y, z), values: DVec3::from_array(columns.map(DVec3::length)) }
    }

    /// The symmetric matrix of these vectors whose eigenvalues are a function of the values.
    fn map(self, function: impl Fn(f64) -> f64) -> DMat3 {
        let diagonal = DMat3::from_diagonal(DVec3::from_array(self.values.to_array().map(function)));
        self.vectors * diagonal * self.vectors.transpose()
    }
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

    /// Noise of a third as much contrast or of all, tinted: red, green and blue by so many 255ths of its grey.
    fn tinted(seed: u32, contrast: u32, tint: [u32; 3], off: u32) -> Picture {
        let noise = |i: u32| i.wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(97_777)) >> 24;
        let rgba: Vec<u8> = (0..600)
            .flat_map(|i| {
                let grey = 20 + noise(i) * contrast / 4;
                let [r, g, b] = [0, 1, 2].map(|c| grey * tint[c as usize] / 255 + noise(7 * i + c) * off / 255);
                [r, g, b, 255].map(|v| v.min(255) as u8)
            })
            .collect();
        Picture::from_rgba("x", 30, 20, &rgba).expect("valid")
    }

    #[test]
    fn grey_and_nearly_grey_pictures_are_matched_as_well() {
        let (grey, sepia) = ([255; 3], [250, 220, 180]);
        let steps = |low: u8| {
            let grey = |i: u32| if i % 40 < 17 { low } else { 255 };
            let rgba: Vec<u8> = (0..600).flat_map(|i| [grey(i), grey(i), grey(i), 255]).collect();
            Picture::from_rgba("x", 30, 20, &rgba).expect("valid")
        };
        let cases = [
            ("black and white", steps(0), steps(0)),
            ("steps", steps(0), steps(90)),
            ("grey", tinted(1, 3, grey, 0), tinted(2, 1, grey, 0)),
            ("grey, to steps", tinted(1, 3, grey, 0), steps(0)),
            ("sepia", tinted(1, 1, sepia, 0), tinted(2, 3, sepia, 0)),
            ("sepia, to grey", tinted(1, 3, sepia, 0), tinted(2, 3, grey, 0)),
            ("nearly grey", tinted(1, 3, grey, 1), tinted(2, 3, grey, 2)),
            ("nearly sepia", tinted(3, 2, sepia, 3), tinted(4, 3, sepia, 1)),
            ("colours, to grey", picture(2), tinted(2, 3, grey, 0)),
        ];
        for (name, from, to) in cases {
            for (from, to) in [(&from, &to), (&from, &from), (&to, &to)] {
                let map = Affine::of_style(Colour::Match, from, to);
                let planes = map.planes(from);
                let (matched, wanted) = (statistics(&planes), Statistics::of(to));
                let mean = (matched.mean - wanted.mean).abs().max_element();
                let apart = (matched.covariance - wanted.covariance).to_cols_array().map(f64::abs);
                let apart = apart.into_iter().fold(0.0, f64::max);
                assert!(mean < 1e-5 && apart < 1e-5, "{name}: mean {mean:.1e}, covariance {apart:.1e} off: {map:?}");
                if from == to {
                    let moved = planes.iter().zip(Affine::IDENTITY.planes(from)).map(|(a, b)| (a - b).abs());
                    let moved = moved.fold(0f32, f32::max);
                    assert!(moved < 1e-6, "{name}: the same picture's colours move by {moved:.1e}: {map:?}");
                }
            }
        }
    }

    #[test]
    fn grey_paintings_take_no_colours_out_of_nothing() {
        let grey = Picture::from_rgba("x", 2, 1, &[10, 10, 10, 255, 200, 200, 200, 255]).expect("valid");
        let matched = statistics(&Affine::of_style(Colour::Match, &grey, &picture(2)).planes(&grey));
        // They lie on a line, and as near to the photo's as that lets them.
        let wanted = Statistics::of(&picture(2));
        assert!((matched.mean - wanted.mean).abs().max_element() < 1e-5);
        let spread = |statistics: &Statistics| (0..3).map(|c| statistics.covariance.col(c)[c]).sum::<f64>();
        assert!(spread(&matched) > 0.1 * spread(&wanted) && spread(&matched) < 1.01 * spread(&wanted), "{matched:?}");
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
