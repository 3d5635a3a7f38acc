//! What a picture file claims to be, read before anything decodes it.
//!
//! The browser decodes what it is given, gigapixels and halves of files included, so what must be refused
//! has to be recognised here. Only the parts that tell are looked at, and nothing in them is trusted.

use super::container::{self, be16, be32, jpeg_segments, le16, le32, png_chunks, riff_chunks, slice};

/// A format, recognised by content; a file's name says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Png,
    Jpeg,
    WebP,
    Gif,
    Bmp,
    Tiff,
    /// AVIF, HEIC and their relatives.
    Heif,
}

impl Kind {
    /// By the first bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let brand = slice(bytes, 4, 8).filter(|brand| brand.starts_with(b"ftyp")).map(|brand| &brand[4..]);
        Some(match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::WebP,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'B', b'M', ..] if le32(bytes, 14).is_some_and(|size| matches!(size, 12..=255)) => Self::Bmp,
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Self::Tiff,
            _ if brand.is_some_and(|brand| HEIC.contains(&brand) || AVIF.contains(&brand)) => Self::Heif,
            _ => return None,
        })
    }
}

const HEIC: [&[u8]; 7] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"];
const AVIF: [&[u8]; 2] = [b"avif", b"avis"];

/// What a file's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The format.
    pub kind: Kind,
    /// Width and height in pixels of the largest picture named, where they were found.
    pub size: Option<(u64, u64)>,
    /// What is wrong with the file, as far as that can be told without decoding. Decoders are lenient:
    /// they paint what is missing grey without a word.
    pub fault: Option<Fault>,
}

/// What can be wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It ends before its picture does.
    Cut,
    /// A checksum says that it is not what was written.
    Damaged,
}

fn cut_unless(whole: bool) -> Option<Fault> {
    (!whole).then_some(Fault::Cut)
}

impl Header {
    /// Reads the header of a format we know.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let kind = Kind::of(bytes)?;
        let (size, fault) = match kind {
            Kind::Png => png(bytes),
            Kind::Jpeg => jpeg(bytes),
            Kind::WebP => webp(bytes),
            Kind::Gif => gif(bytes),
            Kind::Bmp => bmp(bytes),
            Kind::Tiff => (tiff(bytes), None),
            Kind::Heif => (heif(bytes), None),
        };
        Some(Self { kind, size, fault })
    }
}

type Size = Option<(u64, u64)>;

/// The larger by area.
fn larger(a: Size, b: Size) -> Size {
    let area = |size: Size| size.map(|(w, h)| w.saturating_mul(h));
    if area(b) > area(a) { b } else { a }
}

fn size(width: impl Into<u64>, height: impl Into<u64>) -> Size {
    Some((width.into(), height.into()))
}

fn png(bytes: &[u8]) -> (Size, Option<Fault>) {
    // Where every PNG has it, whatever its checksum says.
    let found = slice(bytes, 12, 4).filter(|tag| tag == b"IHDR").and_then(|_| size(be32(bytes, 16)?, be32(bytes, 20)?));
    let mut whole = false;
    for chunk in png_chunks(bytes) {
        let checksum = be32(bytes, chunk.end - 4);
        // A capital letter marks what no decoder can do without.
        if chunk.tag[0].is_ascii_uppercase()
            && checksum != Some(crc32fast::hash(&bytes[chunk.start + 4..chunk.end - 4]))
        {
            return (found, Some(Fault::Damaged));
        }
        whole = &chunk.tag == b"IEND";
    }
    (found, cut_unless(whole))
}

fn jpeg(bytes: &[u8]) -> (Size, Option<Fault>) {
    let (mut found, mut whole) = (None, false);
    for segment in jpeg_segments(bytes) {
        let frame = matches!(segment.tag[1], 0xc0..=0xcf) && !matches!(segment.tag[1], 0xc4 | 0xc8 | 0xcc);
        if frame {
            found = larger(found, be16(segment.data, 3).zip(be16(segment.data, 1)).and_then(|(w, h)| size(w, h)));
        }
        if segment.tag == container::SOS {
            // Within a scan 0xff is followed by 0 or a restart marker, so this is the end of the picture.
            whole = bytes[segment.end..].windows(2).any(|pair| pair == [0xff, 0xd9]);
        }
    }
    (found, cut_unless(whole))
}

fn webp(bytes: &[u8]) -> (Size, Option<Fault>) {
    let mut found = None;
    for chunk in riff_chunks(bytes) {
        let data = chunk.data;
        let u24 = |at| Some(u64::from(le16(data, at)?) + (u64::from(*data.get(at + 2)?) << 16) + 1);
        let here = match &chunk.tag {
            b"VP8X" => u24(4).zip(u24(7)),
            b"VP8 " => le16(data, 6).zip(le16(data, 8)).and_then(|(w, h)| size(w & 0x3fff, h & 0x3fff)),
            b"VP8L" => le32(data, 1).and_then(|bits| size((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1)),
            _ => None,
        };
        found = larger(found, here);
    }
    let length = le32(bytes, 4).map_or(u64::MAX, u64::from);
    (found, cut_unless(length.saturating_add(8) <= bytes.len() as u64))
}

/// The screen and the first picture on it, which is the one painted.
fn gif(bytes: &[u8]) -> (Size, Option<Fault>) {
    let screen = le16(bytes, 6).zip(le16(bytes, 8)).and_then(|(w, h)| size(w, h));
    let walk = || {
        let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
        let blocks_end = |mut at: usize| {
            while let length @ 1.. = *bytes.get(at)? {
                at += 1 + usize::from(length);
            }
            Some(at + 1)
        };
        let mut at = 13 + table(*bytes.get(10)?);
        loop {
            match *bytes.get(at)? {
                0x21 => at = blocks_end(at + 2)?,
                0x2c => {
                    let number = |offset| le16(bytes, at + 1 + offset).map(u64::from);
                    let (x, y, w, h) = (number(0)?, number(2)?, number(4)?, number(6)?);
                    let data = at + 10 + table(*bytes.get(at + 9)?) + 1;
                    return Some((size(x + w, y + h), blocks_end(data).is_some()));
                }
                _ => return None,
            }
        }
    };
    let (frame, whole) = walk().unwrap_or((None, false));
    (larger(screen, frame), cut_unless(whole))
}

fn bmp(bytes: &[u8]) -> (Size, Option<Fault>) {
    let (Some(header), Some(start)) = (le32(bytes, 14), le32(bytes, 10)) else { return (None, Some(Fault::Cut)) };
    if header == 12 {
        return (le16(bytes, 18).zip(le16(bytes, 20)).and_then(|(w, h)| size(w, h)), None);
    }
    let side = |at| le32(bytes, at).map(|v| u64::from((v as i32).unsigned_abs()));
    let Some((width, height)) = side(18).zip(side(22)) else { return (None, Some(Fault::Cut)) };
    let uncompressed = matches!(le32(bytes, 30), Some(0 | 3));
    let row = (width * u64::from(le16(bytes, 28).unwrap_or(0))).div_ceil(32) * 4;
    let end = row.saturating_mul(height).saturating_add(start.into());
    (size(width, height), cut_unless(!uncompressed || end <= bytes.len() as u64))
}

/// The first directory's; the decoder checks the rest.
fn tiff(bytes: &[u8]) -> Size {
    let big = bytes[0] == b'M';
    let u16_at = |at| if big { be16(bytes, at) } else { le16(bytes, at) };
    let u32_at = |at| if big { be32(bytes, at) } else { le32(bytes, at) };
    if u16_at(2)? != 42 {
        return None; // BigTIFF: nothing that size is for us
    }
    let directory = u32_at(4)? as usize;
    let value = |wanted| {
        (0..usize::from(u16_at(directory)?)).find_map(|i| {
            let at = directory.checked_add(2 + 12 * i)?;
            let short = u16_at(at.checked_add(2)?)? == 3;
            let value = || if short { u16_at(at + 8).map(u32::from) } else { u32_at(at + 8) };
            (u16_at(at)? == wanted).then(value)?
        })
    };
    size(value(0x100)?, value(0x101)?)
}

/// The largest of the "image spatial extents" near the start; boxes nest too many ways to follow.
fn heif(bytes: &[u8]) -> Size {
    let near = &bytes[..bytes.len().min(1 << 16)];
    let places = near.windows(4).enumerate().filter(|(_, tag)| tag == b"ispe").map(|(at, _)| at);
    places.fold(None, |found, at| {
        larger(found, be32(near, at + 8).zip(be32(near, at + 12)).and_then(|(w, h)| size(w, h)))
    })
}

/// What a file that could not be decoded is, and what to make of it.
pub fn explain(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(512)];
    let text = match std::str::from_utf8(head) {
        Ok(text) => Some(text),
        // The 512th byte may be in the middle of a letter.
        Err(error) if error.error_len().is_none() && bytes.len() > head.len() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    };
    let text = text.map(|text| text.trim_start_matches('\u{feff}').trim_start());
    let text = text.filter(|text| !text.is_empty() && !text.contains(|c: char| c.is_control() && !c.is_whitespace()));
    if let Some(text) = text {
        let text = text.to_ascii_lowercase();
        return Some(match text {
            _ if text.starts_with("%pdf") => "it is a PDF document; save the page as PNG",
            _ if text.starts_with("<svg") || text.contains("<svg ") => "it is an SVG drawing; save it as PNG",
            _ if text.starts_with("<!doctype html") || text.starts_with("<html") => {
                "it is a web page, not the picture on it; save the picture itself"
            }
            _ => "it is a text file",
        });
    }
    let brand = slice(bytes, 4, 8).filter(|brand| brand.starts_with(b"ftyp")).map(|brand| &brand[4..]);
    Some(match bytes {
        _ if brand.is_some_and(|brand| HEIC.contains(&brand)) => {
            "it is an HEIC photo, which cannot be opened here; share or export it as JPEG"
        }
        _ if brand.is_some_and(|brand| AVIF.contains(&brand)) => {
            "it is an AVIF picture, which cannot be opened here; save it as PNG or JPEG"
        }
        _ if brand.is_some() => "it is a video; save one of its pictures as PNG",
        [0x1a, 0x45, 0xdf, 0xa3, ..] => "it is a video; save one of its pictures as PNG",
        [b'%', b'P', b'D', b'F', ..] => "it is a PDF document; save the page as PNG",
        [b'8', b'B', b'P', b'S', ..] => "it is a Photoshop document; save it as PNG",
        [0xff, 0x0a, ..] | [0, 0, 0, 12, b'J', b'X', b'L', ..] => {
            "it is a JPEG XL picture, which cannot be opened here; save it as PNG or JPEG"
        }
        [b'P', b'K', 3, 4, ..] | [0x1f, 0x8b, ..] | [b'7', b'z', 0xbc, 0xaf, ..] => {
            "it is a compressed archive; unpack it first"
        }
        _ if Kind::of(bytes) == Some(Kind::Tiff) => {
            "it is a TIFF or camera raw file that cannot be opened here; save it as PNG or JPEG"
        }
        _ if Kind::of(bytes).is_some() => {
            "it is damaged or of a rare make; open it in an image editor and save it as PNG"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_bytes_before_a_frame_do_not_hide_its_size() {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xff, 0xff, 0xe0, 0, 4, 1, 2];
        bytes.extend([0xff, 0xff, 0xff, 0xc2, 0, 11, 8, 0x4e, 0x20, 0x75, 0x30, 1, 1, 0x11, 0]);
        assert_eq!(Header::read(&bytes).and_then(|header| header.size), Some((30_000, 20_000)));
    }

    #[test]
    fn a_frame_larger_than_the_screen_counts() {
        let mut bytes = b"GIF89a\x01\0\x01\0\0\0\0\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0".to_vec();
        bytes.extend([0x20, 0x4e, 0x20, 0x4e, 0, 2, 1, 0, 0, 0x3b]);
        let header = Header::read(&bytes).expect("a GIF");
        assert_eq!((header.size, header.fault), (Some((20_000, 20_000)), None));
        bytes.truncate(bytes.len() - 2);
        assert_eq!(Header::read(&bytes).and_then(|header| header.fault), Some(Fault::Cut));
    }

    #[test]
    fn what_is_no_picture_is_named() {
        let says = |bytes: &[u8]| explain(bytes).unwrap_or_default();
        assert!(says(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").contains("HEIC"));
        assert!(says(b"<?xml version=\"1.0\"?>\n<svg xmlns=\"x\"/>").contains("SVG"));
        assert!(says("Grüße".as_bytes()).contains("text"));
        assert!(says(format!("{}é", "a".repeat(511)).as_bytes()).contains("text"), "a letter cut in two");
        assert!(says(b"%PDF-1.7\n%\xff\xff").contains("PDF"));
        assert!(says(b"\0\0\0\x18ftypisom").contains("video"));
        assert_eq!((explain(&[1, 2, 3]), explain(b"abc\xfe"), explain(b"abc\xc3")), (None, None, None));
    }
}
