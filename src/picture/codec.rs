//! Picture files: what is refused before decoding, decoding, colour profiles, encoding.
//!
//! In a browser the browser decodes and encodes; the checks before are the same everywhere.

use super::header::{Fault, Header, explain};
#[cfg(not(target_family = "wasm"))]
use super::pixels::Picture;
use super::pixels::check_dimensions;
use crate::error::{Error, Result};

/// Largest file read, in bytes.
pub const MAX_FILE_BYTES: u64 = 50 << 20;

#[cfg(not(target_family = "wasm"))]
impl Picture {
    /// Decodes a picture file: turned upright by its EXIF orientation, flattened on white.
    ///
    /// For native callers; in the browser the browser decodes.
    ///
    /// # Errors
    /// Empty, too large, not a picture, or dimensions out of bounds (checked before decoding).
    pub fn decode(what: &str, bytes: &[u8]) -> Result<Self> {
        use image::ImageDecoder;
        check_length(what, bytes.len() as u64)?;
        check_header(what, bytes)?;
        let unreadable = |error: image::ImageError| unreadable(what, bytes, &error.to_string());
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
        let mut rgba = decoded.into_rgba8();
        if let Some(profile) = profile {
            to_srgb(&profile, &mut rgba);
        }
        Self::from_rgba(what, rgba.width(), rgba.height(), &rgba)
    }

    /// The picture as a file's bytes, in the format the path's ending names (PNG, JPEG, WebP, …).
    ///
    /// # Errors
    /// [`Error::File`] for an ending that names none, or a picture too large for the format.
    pub fn encode(&self, path: &std::path::Path) -> Result<Vec<u8>> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let format = writable_format(path)?;
        match self.0.write_to(&mut bytes, format) {
            Ok(()) => Ok(bytes.into_inner()),
            Err(error) => Err(Error::File { path: path.display().to_string(), reason: error.to_string() }),
        }
    }
}

/// The format a path's ending names, if pictures can be written in it.
///
/// # Errors
/// [`Error::File`].
#[cfg(not(target_family = "wasm"))]
pub fn writable_format(path: &std::path::Path) -> Result<image::ImageFormat> {
    let format = image::ImageFormat::from_path(path).ok().filter(image::ImageFormat::writing_enabled);
    format.ok_or_else(|| Error::File {
        path: path.display().to_string(),
        reason: "its ending names no format that can be written; use .png, .jpg or .webp".into(),
    })
}

/// Refuses a file that is empty or larger than [`MAX_FILE_BYTES`].
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
/// As [`check_dimensions`]; [`Error::NotAPicture`] for a file that was cut short or damaged.
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

/// The error for a file that no decoder here could read: what it is if that can be told, else the
/// decoder's own words.
pub fn unreadable(what: &str, bytes: &[u8], reason: &str) -> Error {
    let reason = explain(bytes).unwrap_or_else(|| reason.trim_end_matches(['.', ' ']));
    Error::NotAPicture { what: what.into(), reason: reason.into() }
}

/// Brings colours from the space a file's ICC profile names to sRGB, as browsers do. A profile that
/// cannot be used, one of four inks for instance, leaves them as the decoder gave them.
#[cfg(not(target_family = "wasm"))]
fn to_srgb(profile: &[u8], rgba: &mut image::RgbaImage) {
    use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
    let Ok(source) = ColorProfile::new_from_slice(profile) else { return };
    if source.color_space != DataColorSpace::Rgb {
        return;
    }
    let target = ColorProfile::new_srgb();
    let Ok(transform) = source.create_transform_8bit(Layout::Rgba, &target, Layout::Rgba, TransformOptions::default())
    else {
        return;
    };
    let before = rgba.as_raw().clone();
    if transform.transform(&before, rgba).is_err() {
        rgba.copy_from_slice(&before);
    }
}
