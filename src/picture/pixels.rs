//! A [`Picture`] is 8-bit RGB, upright, opaque. It is resized on the host with an antialiased
//! bicubic filter (Catmull–Rom with support scaled by the shrinking factor, as Pillow's BICUBIC),
//! then becomes a tensor `[1, 3, height, width]` of RGB in \[0, 1\].

use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;
use image::imageops::FilterType;

use crate::error::{Error, Result};
use crate::network::sha256_hex;

/// The most pixels a picture may have to be decoded.
pub const MAX_PIXELS: u64 = 64_000_000;

/// An upright, opaque 8-bit RGB picture of at least one pixel.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture(pub(super) RgbImage);

impl Picture {
    /// Makes a picture of RGBA bytes (row by row, not premultiplied), flattened on white. `what` is what errors call it.
    ///
    /// # Errors
    /// [`Error::PictureSize`] for dimensions that [`check_dimensions`] refuses, [`Error::NotAPicture`] for ones that do
    /// not fit the number of bytes.
    pub fn from_rgba(what: &str, width: u32, height: u32, rgba: &[u8]) -> Result<Self> {
        check_dimensions(what, width.into(), height.into())?;
        if rgba.len() as u64 != u64::from(width) * u64::from(height) * 4 {
            return Err(Error::NotAPicture {
                what: what.into(),
                reason: format!("{} bytes are not {width} × {height} RGBA pixels", rgba.len()).into(),
            });
        }
        let rgb = rgba.chunks_exact(4).flat_map(|p| flatten_on_white([p[0], p[1], p[2], p[3]])).collect();
        RgbImage::from_raw(width, height, rgb).map(Self).ok_or_else(|| Error::NotAPicture {
            what: what.into(),
            reason: "its pixels do not fit its dimensions".into(),
        })
    }

    /// Returns the width in pixels, at least 1.
    pub fn width(&self) -> u32 {
        self.0.width()
    }

    /// Returns the height in pixels, at least 1.
    pub fn height(&self) -> u32 {
        self.0.height()
    }

    /// Returns the RGB bytes, three a pixel, row by row.
    pub fn rgb(&self) -> &[u8] {
        self.0.as_raw()
    }

    /// Returns the pixels as RGBA bytes, four a pixel, row by row, all opaque.
    pub fn to_rgba(&self) -> Vec<u8> {
        self.rgb().chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect()
    }

    /// Returns a text that tells the picture from all others: its size and the SHA-256 of its pixels.
    pub fn digest(&self) -> String {
        format!("{}×{} {}", self.width(), self.height(), sha256_hex(self.rgb()))
    }

    /// Returns the picture at exactly this size, of at least 1 pixel each way; a copy if it already has it.
    pub fn resized(&self, width: u32, height: u32) -> Self {
        if (self.width(), self.height()) == (width, height) {
            return self.clone();
        }
        let (width, height) = (width.max(1), height.max(1));
        let to = |image, width, height| image::imageops::resize(image, width, height, FilterType::CatmullRom);
        // On the way it has its old width and its new height, in 16 bytes a pixel: more than there can be of a long strip, which is
        // made narrow first.
        let on_the_way = u64::from(self.width()) * u64::from(height);
        let narrow = (on_the_way > MAX_PIXELS).then(|| to(&self.0, width, self.height()));
        Self(to(narrow.as_ref().unwrap_or(&self.0), width, height))
    }

    /// Returns the picture as a tensor `[1, 3, height, width]`, RGB in \[0, 1\].
    pub fn to_tensor(&self, device: &Device) -> Tensor<4> {
        let (w, h) = (self.width() as usize, self.height() as usize);
        let rgb = self.rgb();
        let planes: Vec<f32> =
            (0..3).flat_map(|c| rgb.iter().skip(c).step_by(3).map(|&v| f32::from(v) / 255.0)).collect();
        Tensor::from_data(TensorData::new(planes, [1, 3, h, w]), device)
    }

    /// Returns this picture with another of the same size over it, of which each pixel shows so much, 0 to 1.
    ///
    /// # Panics
    /// When sizes differ.
    pub(crate) fn under(&self, over: &Self, cover: &[f32]) -> Self {
        let sizes = [(self.width(), self.height()), (over.width(), over.height())];
        assert!(sizes[0] == sizes[1] && self.rgb().len() == 3 * cover.len(), "{sizes:?}, {} pixels", cover.len());
        let mixed = self.rgb().iter().zip(over.rgb()).enumerate();
        let mixed = mixed.map(|(at, (&a, &b))| f32::from(a) + cover[at / 3] * (f32::from(b) - f32::from(a)));
        let rgb = mixed.map(|value| value.round() as u8).collect();
        Self(RgbImage::from_raw(self.width(), self.height(), rgb).unwrap_or_default())
    }

    /// Makes a picture of planes in \[0, 1\], rounded to 8 bits; what is outside is clamped.
    ///
    /// `planes` holds red, green, blue, each `height · width` values, row by row.
    ///
    /// # Panics
    /// When `planes` holds another number of values, or a side is 0.
    pub fn from_planes(width: u32, height: u32, planes: &[f32]) -> Self {
        // In 64 bits: a wrong size whose product wraps in 32 would pass for a small picture.
        let (n, found) = (planes.len() / 3, planes.len());
        let fit = n > 0 && n * 3 == found && n as u64 == u64::from(width) * u64::from(height);
        assert!(fit, "{found} values are not {width} × {height} pixels of three colours");
        let byte = |v: f32| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
        let rgb = (0..n).flat_map(|i| [byte(planes[i]), byte(planes[n + i]), byte(planes[2 * n + i])]).collect();
        Self(RgbImage::from_raw(width, height, rgb).unwrap_or_default())
    }
}

/// Refuses dimensions, in pixels, that nothing good can come of. `what` is what errors call the picture.
///
/// # Errors
/// [`Error::PictureSize`] for none or more than 64 million pixels.
pub fn check_dimensions(what: &str, width: u64, height: u64) -> Result<()> {
    let refuse = |reason: &str| Err(Error::PictureSize { what: what.into(), width, height, reason: reason.into() });
    if width == 0 || height == 0 {
        return refuse("so there is nothing to see. Choose another file");
    }
    if width.saturating_mul(height) > MAX_PIXELS {
        return refuse("more than the 64 megapixels read. Save it smaller first");
    }
    Ok(())
}

fn flatten_on_white([r, g, b, a]: [u8; 4]) -> [u8; 3] {
    let over = |v: u8| ((u32::from(v) * u32::from(a) + 255 * (255 - u32::from(a)) + 127) / 255) as u8;
    [over(r), over(g), over(b)]
}

/// Returns the width and height, in pixels, whose longer one is `long` and whose ratio is that of `width` to `height`.
///
/// Sides are rounded to whole pixels and at least 1.
pub fn fit(width: u32, height: u32, long: u32) -> (u32, u32) {
    let short = |a: u32, b: u32| ((f64::from(a) * f64::from(long) / f64::from(b)).round() as u32).max(1);
    if width >= height { (long, short(height, width)) } else { (short(width, height), long) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fit_keeps_the_aspect_ratio() {
        assert_eq!(fit(400, 300, 96), (96, 72));
        assert_eq!(fit(300, 400, 96), (72, 96));
        assert_eq!(fit(1000, 3, 64), (64, 1));
    }

    #[test]
    fn transparency_becomes_white() {
        let picture = Picture::from_rgba("x", 2, 1, &[10, 20, 30, 0, 10, 20, 30, 255]).expect("valid");
        assert_eq!(picture.rgb(), [255, 255, 255, 10, 20, 30]);
    }

    #[test]
    fn planes_and_pictures_round_trip() {
        let picture = Picture::from_rgba("x", 2, 1, &[10, 20, 30, 255, 40, 50, 60, 255]).expect("valid");
        let planes = pollster::block_on(crate::compute::read(picture.to_tensor(&Device::flex()))).expect("read");
        assert_eq!(Picture::from_planes(2, 1, &planes), picture);
    }

    #[test]
    #[should_panic(expected = "3 values are not 4294967295 × 4294967295 pixels")]
    fn sides_whose_product_wraps_in_32_bits_do_not_pass_for_small_ones() {
        // (2³² − 1)² wraps to 1: these would have been taken for the planes of one pixel.
        Picture::from_planes(u32::MAX, u32::MAX, &[0.0; 3]);
    }

    #[test]
    fn strips_are_resized_in_the_memory_there_is() {
        // Of as many rows as wanted they would take 288 GB on the way.
        let strip = Picture(RgbImage::from_pixel(300_000, 1, image::Rgb([9, 99, 200])));
        let resized = strip.resized(4, 60_000);
        assert_eq!((resized.width(), resized.height()), (4, 60_000));
        assert!(resized.rgb().chunks_exact(3).all(|pixel| *pixel == [9, 99, 200]));
    }

    #[test]
    fn zero_and_huge_dimensions_are_refused() {
        assert!(check_dimensions("x", 0, 5).is_err());
        assert!(check_dimensions("x", 20_000, 20_000).is_err());
        assert!(check_dimensions("x", u64::MAX, u64::MAX).is_err());
        assert!(check_dimensions("x", 1, 4000).is_ok());
    }
}
