//! Picture files: what is refused before decoding, decoding, colour profiles, encoding.
//!
//! In a browser the browser decodes and encodes; the checks before are the same everywhere.

use super::header::{Fault, Header, explain};
#[cfg(not(target_family = "wasm"))]
use super::pixels::Picture;
use super::pixels::check_dimensions;
use crate::error::{Error, Reason, Result, because};

/// The largest picture file read, in bytes: 50 MB.
pub const MAX_FILE_BYTES: u64 = 50 << 20;

/// A JPEG's quality, 1 to 100, at which painted texture shows no trace of the encoding.
#[cfg(not(target_family = "wasm"))]
pub const JPEG_QUALITY: u8 = 95;

#[cfg(not(target_family = "wasm"))]
impl Picture {
    /// Decodes a picture file: turned upright by its EXIF orientation, brought to sRGB from the space its ICC profile
    /// names, flattened on white. `what` is what errors call it: a file's name, or "The photo".
    ///
    /// For native callers; in the browser the browser decodes.
    ///
    /// # Errors
    /// [`Error::EmptyFile`], [`Error::FileTooLarge`], and [`Error::PictureSize`] for dimensions that [`check_dimensions`]
    /// refuses, all before anything is decoded; [`Error::NotAPicture`] for a file that is cut short, damaged or of
    /// another kind.
    pub fn decode(what: &str, bytes: &[u8]) -> Result<Self> {
        use image::ImageDecoder;
        check_length(what, bytes.len() as u64)?;
        check_header(what, bytes)?;
        let unreadable = |error: image::ImageError| unreadable(what, bytes, error.into());
        let reader = image::ImageReader::new(std::io::Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|error| unreadable(error.into()))?;
        let mut decoder = reader.into_decoder().map_err(unreadable)?;
        let (width, height) = decoder.dimensions();
        check_dimensions(what, width.into(), height.into())?;
        // Neither is worth refusing a picture for.
        let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
        let profile = decoder.icc_profile().ok().flatten();
        let mut decoded = image::DynamicImage::from_decoder(decoder).map_err(unreadable)?;
        decoded.apply_orientation(orientation);
        let is_grey = !decoded.color().has_color();
        let mut rgba = decoded.into_rgba8();
        if let Some(profile) = profile {
            to_srgb(&profile, is_grey, &mut rgba);
        }
        Self::from_rgba(what, rgba.width(), rgba.height(), &rgba)
    }

    /// Returns the picture as a file's bytes, in the format the path's ending names (PNG, JPEG, WebP, …).
    ///
    /// `jpeg_quality` runs from 1 to 100 ([`JPEG_QUALITY`] is a good one) and matters to JPEG alone: the other
    /// formats are written without loss, but for GIF, which has 256 colours.
    ///
    /// # Errors
    /// [`Error::File`] for an ending that names no format, or a picture too large for the format.
    pub fn encode(&self, path: &std::path::Path, jpeg_quality: u8) -> Result<Vec<u8>> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let written = match writable_format(path)? {
            image::ImageFormat::Jpeg => {
                self.0.write_with_encoder(image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, jpeg_quality))
            }
            format => self.0.write_to(&mut bytes, format),
        };
        match written {
            Ok(()) => Ok(bytes.into_inner()),
            Err(error) => Err(Error::File { path: path.display().to_string(), reason: error.into() }),
        }
    }
}

/// Returns the format that a path's ending names.
///
/// # Errors
/// [`Error::File`] for an ending that names none in which pictures can be written.
#[cfg(not(target_family = "wasm"))]
pub fn writable_format(path: &std::path::Path) -> Result<image::ImageFormat> {
    let format = image::ImageFormat::from_path(path).ok().filter(image::ImageFormat::writing_enabled);
    format.ok_or_else(|| Error::File {
        path: path.display().to_string(),
        reason: "its ending names no format that can be written; use .png, .jpg or .webp".into(),
    })
}

/// Refuses a file of no bytes, or of more than [`MAX_FILE_BYTES`]. `what` is what errors call it.
///
/// # Errors
/// [`Error::EmptyFile`] or [`Error::FileTooLarge`].
pub fn check_length(what: &str, bytes: u64) -> Result<()> {
    if bytes == 0 {
        return Err(Error::EmptyFile { what: what.into() });
    }
    if bytes > MAX_FILE_BYTES {
        return Err(Error::FileTooLarge { what: what.into(), megabytes: bytes >> 20, limit: MAX_FILE_BYTES >> 20 });
    }
    Ok(())
}

/// Checks what a file's header says, before anything is decoded: its dimensions, and that the file is
/// all there and undamaged as far as that shows.
///
/// A header of a format we do not know passes: the decoder will say what it thinks of it.
///
/// # Errors
/// [`Error::PictureSize`] for dimensions that [`check_dimensions`] refuses; [`Error::NotAPicture`] for a file that
/// was cut short or damaged.
pub fn check_header(what: &str, bytes: &[u8]) -> Result<()> {
    let Some(header) = Header::read(bytes) else { return Ok(()) };
    if let Some((width, height)) = header.size {
        check_dimensions(what, width, height)?;
    }
    let reason = match header.fault {
        None => return Ok(()),
        Some(Fault::Cut) => "it is cut short: its end is missing; copy or download it again",
        Some(Fault::Damaged) => "it is damaged: a checksum does not match; copy or download it again",
    };
    Err(Error::NotAPicture { what: what.into(), reason: reason.into() })
}

/// Returns the error for a file that no decoder here could read: it says what the file is if that can be told, else
/// the decoder's own reason, which is kept as the cause.
pub fn unreadable(what: &str, bytes: &[u8], reason: Reason) -> Error {
    let reason = match explain(bytes) {
        Some(told) => because(told, reason),
        None => reason,
    };
    Error::NotAPicture { what: what.into(), reason }
}

/// Brings colours from the space a file's ICC profile names to sRGB, as browsers do. A profile that
/// cannot be used, one of four inks for instance, leaves them as the decoder gave them.
#[cfg(not(target_family = "wasm"))]
fn to_srgb(profile: &[u8], is_grey: bool, rgba: &mut image::RgbaImage) {
    use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
    use std::borrow::Cow;
    let Ok(source) = ColorProfile::new_from_slice(profile) else { return };
    let (layout, before) = match source.color_space {
        DataColorSpace::Rgb => (Layout::Rgba, Cow::Borrowed(rgba.as_raw().as_slice())),
        // The decoder made three channels of the one.
        DataColorSpace::Gray if is_grey => {
            (Layout::GrayAlpha, rgba.pixels().flat_map(|pixel| [pixel[0], pixel[3]]).collect())
        }
        _ => return,
    };
    let target = ColorProfile::new_srgb();
    let Ok(transform) = source.create_transform_8bit(layout, &target, Layout::Rgba, TransformOptions::default()) else {
        return;
    };
    let mut after = vec![0; before.len() / layout.channels() * 4];
    if transform.transform(&before, &mut after).is_ok() {
        rgba.copy_from_slice(&after);
    }
}
