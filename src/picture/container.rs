//! The parts picture files are made of: PNG chunks, JPEG segments, RIFF chunks.
//!
//! `header` reads what a file claims to be from them, `xmp` puts settings between
//! them. No length in a file is trusted: a part that would run past the end ends the walk, so whoever
//! needs to know whether a file is whole looks at the last part.

/// One part, where it lies in the file and what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// A chunk's four letters; a JPEG segment's marker as `[0xff, marker, 0, 0]`.
    pub tag: [u8; 4],
    /// What it holds, without its frame.
    pub data: &'a [u8],
    /// Its first byte's place in the file.
    pub start: usize,
    /// The place after its last byte.
    pub end: usize,
}

/// A JPEG segment's tag.
pub const fn jpeg_tag(marker: u8) -> [u8; 4] {
    [0xff, marker, 0, 0]
}

/// Start of scan: what follows up to the end is the picture itself.
pub const SOS: [u8; 4] = jpeg_tag(0xda);

/// A PNG's chunks up to IEND.
pub fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = Part<'_>> {
    walk(8, move |start| {
        let length = be32(bytes, start)? as usize;
        let tag = four(bytes, start + 4)?;
        let data = slice(bytes, start + 8, length)?;
        let end = start + 8 + length + 4;
        let next = (tag != *b"IEND").then_some(end);
        (end <= bytes.len()).then_some((Part { tag, data, start, end }, next))
    })
}

/// A JPEG's segments up to its first scan.
pub fn jpeg_segments(bytes: &[u8]) -> impl Iterator<Item = Part<'_>> {
    walk(2, move |from| {
        // Decoders skip what is not a marker, and a marker's fill bytes.
        let stray = bytes.get(from..)?.iter().position(|&b| b == 0xff)?;
        let fill = bytes[from + stray..].iter().position(|&b| b != 0xff)?;
        let at = from + stray + fill;
        let (tag, start) = (jpeg_tag(bytes[at]), at - 1);
        if matches!(bytes[at], 0 | 1 | 0xd0..=0xd9) {
            let next = (bytes[at] != 0xd9).then_some(at + 1);
            return Some((Part { tag, data: &[], start, end: at + 1 }, next));
        }
        let length = usize::from(be16(bytes, at + 1)?).checked_sub(2)?;
        let data = slice(bytes, at + 3, length)?;
        let end = at + 3 + length;
        Some((Part { tag, data, start, end }, (tag != SOS).then_some(end)))
    })
}

/// A WebP's chunks.
pub fn riff_chunks(bytes: &[u8]) -> impl Iterator<Item = Part<'_>> {
    walk(12, move |start| {
        let tag = four(bytes, start)?;
        let length = le32(bytes, start + 4)? as usize;
        let data = slice(bytes, start + 8, length)?;
        // The last chunk's padding is often forgotten.
        let end = (start + 8 + length + length % 2).min(bytes.len());
        Some((Part { tag, data, start, end }, Some(end)))
    })
}

fn walk<'a>(
    first: usize,
    mut part: impl FnMut(usize) -> Option<(Part<'a>, Option<usize>)>,
) -> impl Iterator<Item = Part<'a>> {
    let mut next = Some(first);
    std::iter::from_fn(move || {
        let (part, after) = part(next.take()?)?;
        next = after;
        Some(part)
    })
}

/// `length` bytes from `at` on, if there are so many.
pub fn slice(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}

/// Four bytes from `at` on.
pub fn four(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    slice(bytes, at, 4)?.try_into().ok()
}

/// A big-endian number of two bytes.
pub fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(slice(bytes, at, 2)?.try_into().ok()?))
}

/// A little-endian number of two bytes.
pub fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    be16(bytes, at).map(u16::swap_bytes)
}

/// A big-endian number of four bytes.
pub fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    four(bytes, at).map(u32::from_be_bytes)
}

/// A little-endian number of four bytes.
pub fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    four(bytes, at).map(u32::from_le_bytes)
}
