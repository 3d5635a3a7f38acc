//! A [`Picture`] is 8-bit RGB, upright, opaque. It is resized on the host with an antialiased
//! bicubic filter (Catmull–Rom with support scaled by the shrinking factor, as Pillow's BICUBIC),
//! then becomes a tensor `[1, 3, height, width]` of RGB in \[0, 1\].

use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;
use image::imageops::FilterType;

use crate::error::{Error, Result};

/// Most pixels decoded.
pub const MAX_PIXELS: u64 = 64_000_000;

/// An upright, opaque 8-bit RGB picture of at least one pixel.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture(pub(super) RgbImage);

impl Picture {
    /// Takes RGBA bytes (row by row, not premultiplied) and flattens them on white.
    ///
    /// # Errors
    /// Dimensions that are zero, too many or do not fit the bytes.
    pub fn from_rgba(what: &str, width: u32, height: u32, rgba: &[u8]) -> Result<Self> {
        check_dimensions(what, width.into(), height.into())?;
        if rgba.len() as u64 != u64::from(width) * u64::from(height) * 4 {
            return Err(Error::NotAPicture {
                what: what.into(),
                reason: format!("{} bytes are not {width} × {height} RGBA pixels", rgba.len()),
            });
        }
        let rgb = rgba.chunks_exact(4).flat_map(|p| flatten_on_white([p[0], p[1], p[2], p[3]])).collect();
        RgbImage::from_raw(width, height, rgb).map(Self).ok_or_else(|| Error::NotAPicture {
            what: what.into(),
            reason: "its pixels do not fit its dimensions".into(),
        })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.0.width()
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.0.height()
    }

    /// RGB bytes, row by row.
    pub fn rgb(&self) -> &[u8] {
        self.0.as_raw()
    }

    /// RGBA bytes, row by row, opaque.
    pub fn to_rgba(&self) -> Vec<u8> {
        self.rgb().chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect()
    }

    /// The picture at exactly this size; itself when it already has it.
    pub fn resized(&self, width: u32, height: u32) -> Self {
        if (self.width(), self.height()) == (width, height) {
            return self.clone();
        }
        Self(image::imageops::resize(&self.0, width.max(1), height.max(1), FilterType::CatmullRom))
    }

    /// The picture as `[1, 3, height, width]`, RGB in \[0, 1\].
    pub fn to_tensor(&self, device: &Device) -> Tensor<4> {
        let (w, h) = (self.width() as usize, self.height() as usize);
        let rgb = self.rgb();
        let planes: Vec<f32> =
            (0..3).flat_map(|c| rgb.iter().skip(c).step_by(3).map(|&v| f32::from(v) / 255.0)).collect();
        Tensor::from_data(TensorData::new(planes, [1, 3, h, w]), device)
    }

    /// Makes a picture of planes in \[0, 1\], rounded to 8 bits; what is outside is clamped.
    ///
    /// `planes` holds red, green, blue, each `height · width` values.
    pub fn from_planes(width: u32, height: u32, planes: &[f32]) -> Self {
        let n = (width * height) as usize;
        let byte = |v: f32| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
        Self(RgbImage::from_fn(width, height, |x, y| {
            let i = (y * width + x) as usize;
            image::Rgb([byte(planes[i]), byte(planes[n + i]), byte(planes[2 * n + i])])
        }))
    }
}

/// Refuses dimensions nothing good can come of.
///
/// # Errors
/// [`Error::PictureSize`] for zero or more than [`MAX_PIXELS`] pixels.
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

/// The size whose long side is `long` and whose aspect ratio is that of `width × height`.
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
    fn zero_and_huge_dimensions_are_refused() {
        assert!(check_dimensions("x", 0, 5).is_err());
        assert!(check_dimensions("x", 20_000, 20_000).is_err());
        assert!(check_dimensions("x", u64::MAX, u64::MAX).is_err());
        assert!(check_dimensions("x", 1, 4000).is_ok());
    }
}
