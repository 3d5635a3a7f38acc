//! Settings inside saved pictures: written into a PNG, JPEG or WebP file, and read back from one.
//!
//! They travel in the file's XMP packet, since all three formats have a place for one, image editors and
//! galleries keep it when they save a picture again, and common tools show it: `exiftool -xmp:all`,
//! ImageMagick's `identify -verbose`, the metadata panels of GIMP, digiKam and Photoshop. What somebody else
//! wrote into the packet stays as it is; where the packet cannot be followed (another encoding, broken XML, damaged
//! compression) or has no room left (a JPEG segment ends at 64 kB), the settings go into a place of their own beside
//! it, as JSON. That place is looked at first. The pixels are not touched.
//!
//! | | packet | place of our own |
//! |---|---|---|
//! | PNG | `iTXt`, keyword `XML:com.adobe.xmp`, compressed or not | `iTXt`, keyword `Easel settings` |
//! | JPEG | APP1 that begins with Adobe's namespace | APP1 that begins with `urn:easel:settings` |
//! | WebP | chunk `XMP `, announced in `VP8X` | chunk `EASL` |

use std::borrow::Cow;

use super::container::{Part, SOS, jpeg_segments, jpeg_tag, le16, le32, png_chunks, riff_chunks};
use super::header::Kind;
use super::xmp;
use crate::error::{Error, Result};

/// Longest settings written, in bytes of XML: a JPEG segment holds 64 kB, so any format can carry them.
pub const MAX_SETTINGS: usize = 32 << 10;
/// Longest packet read, in bytes, after decompression.
pub const MAX_PACKET: usize = 1 << 20;

const APP0: [u8; 4] = jpeg_tag(0xe0);
const APP1: [u8; 4] = jpeg_tag(0xe1);
/// A JPEG segment's longest content.
const JPEG_SEGMENT: usize = 0xffff - 2;

/// A copy of a PNG, JPEG or WebP file with settings, the text of a JSON object, in the place of any that were
/// there before.
///
/// # Errors
/// [`Error::SettingsSyntax`] for settings that are not a JSON object or take more than 32 kB as XML;
/// [`Error::NotAPicture`] for a file that is not a whole PNG, JPEG or WebP.
pub fn embed(bytes: &[u8], settings_json: &str) -> Result<Vec<u8>> {
    if !is_object(settings_json) {
        return Err(Error::SettingsSyntax("what is to be saved in a picture is not a JSON object".into()));
    }
    let (long, limit) = (xmp::escape(settings_json).len(), MAX_SETTINGS);
    if long > limit {
        let reason = format!("{long} bytes of them do not fit into a picture, {limit} would");
        return Err(Error::SettingsSyntax(reason.into()));
    }
    Kind::of(bytes).and_then(|kind| rewritten(kind, bytes, settings_json)).ok_or_else(|| Error::NotAPicture {
        what: "The picture".into(),
        reason: "settings can be saved only in a whole PNG, JPEG or WebP file".into(),
    })
}

/// The settings inside a picture: the text of a JSON object of at most 1 MB, or nothing. Whatever the bytes are, it
/// only ever answers.
pub fn extract(bytes: &[u8]) -> Option<String> {
    let kind = Kind::of(bytes)?;
    let ours = find(kind, bytes, Holds::Settings).and_then(|content| text(kind, content));
    let in_packet = || xmp::settings_in(&text(kind, find(kind, bytes, Holds::Packet)?)?);
    ours.filter(|json| is_object(json)).or_else(in_packet).filter(|json| is_object(json))
}

fn is_object(json: &str) -> bool {
    json.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(json).is_ok()
}

// ---- parts that hold something of interest

#[derive(Debug, Clone, Copy, PartialEq)]
enum Holds {
    Packet,
    Settings,
}

/// How such a part begins in a PNG or JPEG, or what a WebP's is called.
fn name(kind: Kind, holds: Holds) -> Option<&'static [u8]> {
    Some(match (kind, holds) {
        (Kind::Png, Holds::Packet) => b"XML:com.adobe.xmp\0",
        (Kind::Png, Holds::Settings) => b"Easel settings\0",
        (Kind::Jpeg, Holds::Packet) => b"http://ns.adobe.com/xap/1.0/\0",
        (Kind::Jpeg, Holds::Settings) => b"urn:easel:settings\0",
        (Kind::WebP, Holds::Packet) => b"XMP ",
        (Kind::WebP, Holds::Settings) => b"EASL",
        _ => return None,
    })
}

/// What such a part holds after its name.
fn content<'a>(kind: Kind, part: &Part<'a>, holds: Holds) -> Option<&'a [u8]> {
    let name = name(kind, holds)?;
    match kind {
        Kind::WebP => (part.tag == name).then_some(part.data),
        _ if &part.tag == b"iTXt" || part.tag == APP1 => part.data.strip_prefix(name),
        _ => None,
    }
}

fn find(kind: Kind, bytes: &[u8], holds: Holds) -> Option<&[u8]> {
    parts(kind, bytes)?.find_map(|part| content(kind, &part, holds))
}

/// The text in it, unless it is too long, damaged or not in UTF-8.
fn text(kind: Kind, content: &[u8]) -> Option<String> {
    let bytes = if kind == Kind::Png { itxt(content)? } else { content.into() };
    let bytes = (bytes.len() <= MAX_PACKET).then_some(bytes)?;
    String::from_utf8(bytes.into_owned()).ok()
}

/// After its keyword an `iTXt` has: compressed or not, how, a language, the keyword translated; the text.
fn itxt(rest: &[u8]) -> Option<Cow<'_, [u8]>> {
    let [compressed, method, rest @ ..] = rest else { return None };
    let text = rest.splitn(3, |&byte| byte == 0).nth(2)?;
    match (compressed, method) {
        (0, _) => Some(text.into()),
        (1, 0) => fdeflate::decompress_to_vec_bounded(text, MAX_PACKET).ok().map(Cow::Owned),
        _ => None,
    }
}

fn parts(kind: Kind, bytes: &[u8]) -> Option<Box<dyn Iterator<Item = Part<'_>> + '_>> {
    Some(match kind {
        Kind::Png => Box::new(png_chunks(bytes)),
        Kind::Jpeg => Box::new(jpeg_segments(bytes)),
        Kind::WebP => Box::new(riff_chunks(bytes)),
        _ => return None,
    })
}

// ---- a file with settings in it

/// What a file is to hold.
struct Edit<'a> {
    /// The packet, in the place of the one that is there; nothing leaves that as it is.
    packet: Option<String>,
    /// Settings beside the packet.
    beside: Option<&'a str>,
}

impl<'a> Edit<'a> {
    fn new(kind: Kind, old: Option<&[u8]>, json: &'a str) -> Option<Self> {
        let limit = if kind == Kind::Jpeg { JPEG_SEGMENT - name(kind, Holds::Packet)?.len() } else { MAX_PACKET };
        let theirs = match old {
            None => Some(xmp::EMPTY.into()),
            Some(content) => text(kind, content).and_then(|packet| xmp::without_settings(&packet)),
        };
        let merged = theirs.as_ref().and_then(|theirs| xmp::with_settings(theirs, json));
        Some(match merged.filter(|merged| merged.len() <= limit) {
            Some(merged) => Self { packet: Some(merged), beside: None },
            None => Self { packet: theirs, beside: Some(json) },
        })
    }
}

/// The file with settings in it, everything else copied; nothing unless it is whole.
fn rewritten(kind: Kind, bytes: &[u8], json: &str) -> Option<Vec<u8>> {
    let old = find(kind, bytes, Holds::Packet);
    let Edit { mut packet, beside } = Edit::new(kind, old, json)?;
    let mut added = match (old, &packet) {
        (None, Some(packet)) => framed(kind, Holds::Packet, packet.as_bytes())?,
        _ => Vec::new(),
    };
    if let Some(json) = beside {
        added.extend(framed(kind, Holds::Settings, json.as_bytes())?);
    }
    let start = match kind {
        Kind::Png => 8,
        Kind::Jpeg => 2,
        _ => 12,
    };
    let mut out = bytes[..start].to_vec();
    let (mut last, mut pictures) = (None, 0);
    for (index, part) in parts(kind, bytes)?.enumerate() {
        let place = match kind {
            Kind::Png => index == 1 && last == Some(*b"IHDR"),
            // JFIF wants to be first, EXIF before XMP.
            Kind::Jpeg => part.tag != APP0 && part.tag != APP1,
            _ => false,
        };
        if place {
            out.append(&mut added);
        }
        last = Some(part.tag);
        if content(kind, &part, Holds::Settings).is_some() {
            continue;
        }
        if kind == Kind::WebP {
            pictures += usize::from(matches!(&part.tag, b"VP8 " | b"VP8L" | b"ANMF"));
            if index == 0 {
                out.extend(riff_chunk(*b"VP8X", &announced(&part)?)?);
            }
            if index == 0 && &part.tag == b"VP8X" {
                continue;
            }
        }
        match packet.take_if(|_| content(kind, &part, Holds::Packet).is_some()) {
            Some(packet) => out.extend(framed(kind, Holds::Packet, packet.as_bytes())?),
            None => out.extend(&bytes[part.start..part.end]),
        }
        if kind == Kind::WebP {
            out.resize(out.len().next_multiple_of(2), 0);
        }
        if part.tag == SOS {
            out.extend(&bytes[part.end..]);
        }
    }
    let whole = match kind {
        Kind::Png => last == Some(*b"IEND") && added.is_empty(),
        Kind::Jpeg => last == Some(SOS),
        _ => {
            out.append(&mut added);
            let length = u32::try_from(out.len() - 8).ok()?;
            out[4..8].copy_from_slice(&length.to_le_bytes());
            pictures > 0
        }
    };
    whole.then_some(out)
}

/// A part with this text, as it lies in a file.
fn framed(kind: Kind, holds: Holds, text: &[u8]) -> Option<Vec<u8>> {
    let name = name(kind, holds)?;
    match kind {
        Kind::Png => {
            // Not compressed, no language, no translated keyword.
            let body = [b"iTXt", name, &[0; 4], text].concat();
            let length = u32::try_from(body.len() - 4).ok()?;
            Some([&length.to_be_bytes(), &body[..], &crc32fast::hash(&body).to_be_bytes()].concat())
        }
        Kind::Jpeg => {
            let length = u16::try_from(2 + name.len() + text.len()).ok()?;
            Some([&[0xff, 0xe1], &length.to_be_bytes(), name, text].concat())
        }
        _ => riff_chunk(name.try_into().ok()?, text),
    }
}

fn riff_chunk(tag: [u8; 4], data: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(data.len()).ok()?;
    let padding = &[0][..data.len() % 2];
    Some([&tag, &length.to_le_bytes(), data, padding].concat())
}

const XMP_FLAG: u8 = 0x04;
const ALPHA_FLAG: u8 = 0x10;

/// The `VP8X` chunk of a WebP file that begins with this chunk: flags, three reserved bytes, width − 1 and height − 1
/// in three bytes each. A simple file becomes an extended one, which alone may carry a packet.
fn announced(first: &Part) -> Option<Vec<u8>> {
    let data = first.data;
    let (flags, width, height) = match &first.tag {
        b"VP8X" => {
            let mut data = data.to_vec();
            *data.first_mut()? |= XMP_FLAG;
            return Some(data);
        }
        b"VP8 " => (XMP_FLAG, (le16(data, 6)? & 0x3fff).into(), (le16(data, 8)? & 0x3fff).into()),
        b"VP8L" => {
            let bits = le32(data, 1)?;
            let alpha = if bits >> 28 & 1 == 1 { ALPHA_FLAG } else { 0 };
            (XMP_FLAG | alpha, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)
        }
        _ => return None,
    };
    let [w0, w1, w2, _] = u32::checked_sub(width, 1)?.to_le_bytes();
    let [h0, h1, h2, _] = u32::checked_sub(height, 1)?.to_le_bytes();
    Some(vec![flags, 0, 0, 0, w0, w1, w2, h0, h1, h2])
}

#[cfg(test)]
mod tests;
