//! Settings inside saved pictures: written into a PNG, JPEG or WebP file, and read back from one.
//!
//! They travel as an XMP packet, since all three formats have a place for one, image editors and
//! galleries keep it when they save a picture again, and common tools show it: `exiftool -xmp:all`,
//! ImageMagick's `identify -verbose`, the metadata panels of GIMP, digiKam and Photoshop. In it
//! `xmp:CreatorTool` names Easel and `easel:settings` holds the settings as JSON. What somebody else wrote
//! into a packet stays. The pixels are not touched.
//!
//! Places: PNG an `iTXt` chunk with the keyword `XML:com.adobe.xmp`; JPEG an APP1 segment that begins with
//! Adobe's namespace; WebP an `XMP ` chunk announced in `VP8X`.

use std::borrow::Cow;

use super::container::{Part, SOS, jpeg_segments, jpeg_tag, le16, le32, png_chunks, riff_chunks};
use super::header::Kind;
use crate::error::{Error, Result};

/// Longest settings written, in bytes of XML: a JPEG segment holds 64 kB, so any format can carry them.
pub const MAX_SETTINGS: usize = 32 << 10;
/// Longest packet read, in bytes.
pub const MAX_PACKET: usize = 1 << 20;

const PNG_KEYWORD: &[u8] = b"XML:com.adobe.xmp\0";
const JPEG_HEADER: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const APP0: [u8; 4] = jpeg_tag(0xe0);
const APP1: [u8; 4] = jpeg_tag(0xe1);
/// A JPEG segment's longest content.
const JPEG_SEGMENT: usize = 0xffff - 2;

/// The picture with the settings inside, in the place of any that were there before.
///
/// # Errors
/// Settings that are not a JSON object or too long; a file that is not a whole PNG, JPEG or WebP.
pub fn embed(bytes: &[u8], settings_json: &str) -> Result<Vec<u8>> {
    if !is_object(settings_json) {
        return Err(Error::SettingsSyntax("what is to be saved in a picture is not a JSON object".into()));
    }
    let settings = settings_json.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if settings.len() > MAX_SETTINGS {
        let (long, limit) = (settings.len(), MAX_SETTINGS);
        return Err(Error::SettingsSyntax(format!("{long} bytes of them do not fit into a picture, {limit} would")));
    }
    let found = packet(bytes);
    let old = found.as_deref().and_then(|packet| std::str::from_utf8(packet).ok());
    let embedded = match Kind::of(bytes) {
        Some(Kind::Png) => into_png(bytes, &packet_with(old, &settings)),
        Some(Kind::Jpeg) => {
            let merged = packet_with(old, &settings);
            let fits = JPEG_HEADER.len() + merged.len() <= JPEG_SEGMENT;
            into_jpeg(bytes, &if fits { merged } else { packet_with(None, &settings) })
        }
        Some(Kind::WebP) => into_webp(bytes, &packet_with(old, &settings)),
        _ => None,
    };
    embedded.ok_or_else(|| Error::NotAPicture {
        what: "The picture".into(),
        reason: "settings can be saved only in a whole PNG, JPEG or WebP file".into(),
    })
}

/// The settings inside a picture: the text of a JSON object, or nothing. Whatever the bytes are, it
/// only ever answers.
pub fn extract(bytes: &[u8]) -> Option<String> {
    let packet = packet(bytes)?;
    let text = std::str::from_utf8(&packet).ok()?;
    let after = &text[text.find(PROPERTY)? + PROPERTY.len()..];
    // As an element or, as some tools write it again, as an attribute.
    let rest = after.trim_start();
    let value = if let Some(attribute) = rest.strip_prefix('=') {
        let attribute = attribute.trim_start();
        let quote = attribute.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        attribute[1..].split(quote).next()?
    } else {
        after.split_once('>')?.1.split('<').next()?
    };
    let json = unescape(value)?;
    is_object(&json).then(|| json.into_owned())
}

fn is_object(json: &str) -> bool {
    json.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(json).is_ok()
}

// ---- the packet

const PROPERTY: &str = "easel:settings";
const OPENS: &str =
    r#"<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:easel="urn:easel:ns:1.0:">"#;
const CLOSES: &str = "</rdf:Description>";
const RDF_CLOSES: &str = "</rdf:RDF>";

/// A packet with our description in it: in the old one's place, beside what others wrote, or alone.
/// The settings are escaped already.
fn packet_with(old: Option<&str>, settings: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let ours =
        format!("{OPENS}<xmp:CreatorTool>Easel {version}</xmp:CreatorTool><{PROPERTY}>{settings}</{PROPERTY}>{CLOSES}");
    let others = old.and_then(|old| {
        let before = old.find(OPENS).and_then(|from| {
            let to = from + old[from..].find(CLOSES)? + CLOSES.len();
            Some(format!("{}{}", &old[..from], &old[to..]))
        });
        let others = before.unwrap_or_else(|| old.to_string());
        let at = others.rfind(RDF_CLOSES)?;
        // Ours in a form that another tool gave it cannot be cut out.
        let mixed = others.contains(PROPERTY) || others.len() > MAX_PACKET - 2 * MAX_SETTINGS;
        (!mixed).then(|| format!("{}{ours}{}", &others[..at], &others[at..]))
    });
    others.unwrap_or_else(|| {
        format!(
            concat!(
                "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>",
                "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">",
                "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">{}{}</x:xmpmeta>",
                "<?xpacket end=\"w\"?>"
            ),
            ours, RDF_CLOSES
        )
    })
}

/// XML's five names and numbers for characters; nothing where one is broken.
fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('&') {
        return Some(text.into());
    }
    let mut parts = text.split('&');
    let mut whole = parts.next()?.to_string();
    for part in parts {
        let (name, rest) = part.split_once(';')?;
        whole.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                char::from_u32(code.ok()?)?
            }
        });
        whole.push_str(rest);
    }
    Some(whole.into())
}

// ---- its places

/// The packet in a file.
fn packet(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let data = match Kind::of(bytes)? {
        Kind::Png => png_chunks(bytes).find_map(|chunk| png_packet(&chunk)),
        Kind::Jpeg => jpeg_segments(bytes).find_map(|segment| jpeg_packet(&segment)),
        Kind::WebP => riff_chunks(bytes).find(|chunk| &chunk.tag == b"XMP ").map(|chunk| chunk.data),
        _ => None,
    }?;
    (data.len() <= MAX_PACKET).then_some(Cow::Borrowed(data))
}

/// After the keyword an `iTXt` has: compressed or not, how, a language, the translated keyword.
fn png_packet<'a>(chunk: &Part<'a>) -> Option<&'a [u8]> {
    let rest = chunk.data.strip_prefix(PNG_KEYWORD).filter(|_| &chunk.tag == b"iTXt")?;
    let [0, _, rest @ ..] = rest else { return None };
    rest.splitn(3, |&b| b == 0).nth(2)
}

fn jpeg_packet<'a>(segment: &Part<'a>) -> Option<&'a [u8]> {
    segment.data.strip_prefix(JPEG_HEADER).filter(|_| segment.tag == APP1)
}

fn into_png(bytes: &[u8], packet: &str) -> Option<Vec<u8>> {
    let mut out = bytes[..8].to_vec();
    let (mut placed, mut whole) = (false, false);
    for chunk in png_chunks(bytes) {
        if &chunk.tag == b"iTXt" && chunk.data.starts_with(PNG_KEYWORD) {
            continue;
        }
        out.extend(&bytes[chunk.start..chunk.end]);
        if &chunk.tag == b"IHDR" && !placed {
            placed = true;
            let data = [PNG_KEYWORD, &[0; 4], packet.as_bytes()].concat();
            out.extend((data.len() as u32).to_be_bytes());
            let begins = out.len();
            out.extend(b"iTXt");
            out.extend(data);
            let checksum = crc32fast::hash(&out[begins..]);
            out.extend(checksum.to_be_bytes());
        }
        whole = &chunk.tag == b"IEND";
    }
    (whole && placed).then_some(out)
}

fn into_jpeg(bytes: &[u8], packet: &str) -> Option<Vec<u8>> {
    let mut out = bytes[..2].to_vec();
    let mut placed = false;
    for segment in jpeg_segments(bytes) {
        if jpeg_packet(&segment).is_some() {
            continue;
        }
        // JFIF wants to be first, EXIF before XMP.
        let first = segment.tag == APP0 || segment.tag == APP1;
        if !first && !placed {
            placed = true;
            out.extend([0xff, 0xe1]);
            out.extend(u16::try_from(2 + JPEG_HEADER.len() + packet.len()).ok()?.to_be_bytes());
            out.extend(JPEG_HEADER);
            out.extend(packet.as_bytes());
        }
        out.extend(&bytes[segment.start..segment.end]);
        if segment.tag == SOS {
            out.extend(&bytes[segment.end..]);
            return Some(out);
        }
    }
    None
}

const XMP_FLAG: u8 = 0x04;
const ALPHA_FLAG: u8 = 0x10;

fn into_webp(bytes: &[u8], packet: &str) -> Option<Vec<u8>> {
    let mut out = bytes[..12].to_vec();
    let mut push = |tag: &[u8; 4], data: &[u8]| {
        out.extend(tag);
        out.extend((data.len() as u32).to_le_bytes());
        out.extend(data);
        out.resize(out.len() + data.len() % 2, 0);
    };
    let mut pictures = 0;
    for (index, chunk) in riff_chunks(bytes).enumerate() {
        let data = chunk.data;
        match (&chunk.tag, index) {
            (b"XMP ", _) => continue,
            (b"VP8X", 0) => {
                let mut data = data.to_vec();
                *data.first_mut()? |= XMP_FLAG;
                push(b"VP8X", &data);
                continue;
            }
            // A simple file becomes an extended one.
            (b"VP8 ", 0) => {
                push(b"VP8X", &vp8x(XMP_FLAG, (le16(data, 6)? & 0x3fff).into(), (le16(data, 8)? & 0x3fff).into())?)
            }
            (b"VP8L", 0) => {
                let bits = le32(data, 1)?;
                let alpha = if bits >> 28 & 1 == 1 { ALPHA_FLAG } else { 0 };
                push(b"VP8X", &vp8x(XMP_FLAG | alpha, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)?);
            }
            (_, 0) => return None,
            _ => {}
        }
        pictures += usize::from(matches!(&chunk.tag, b"VP8 " | b"VP8L" | b"ANMF"));
        push(&chunk.tag, data);
    }
    push(b"XMP ", packet.as_bytes());
    let length = u32::try_from(out.len() - 8).ok()?;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    (pictures > 0).then_some(out)
}

/// A `VP8X` chunk: flags, three reserved bytes, width − 1 and height − 1 in three bytes each.
fn vp8x(flags: u8, width: u32, height: u32) -> Option<[u8; 10]> {
    let [w0, w1, w2, _] = width.checked_sub(1)?.to_le_bytes();
    let [h0, h1, h2, _] = height.checked_sub(1)?.to_le_bytes();
    Some([flags, 0, 0, 0, w0, w1, w2, h0, h1, h2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Picture;
    use image::{ImageFormat, RgbImage, RgbaImage};

    const SETTINGS: &str =
        r#"{"size":64,"title":"\"<&>\" Größe \u2028","styleLayers":[{"layer":"relu1_1","weight":0.7507331378299121}]}"#;

    /// The same small picture in every form a file can have it.
    fn files() -> Vec<(&'static str, Vec<u8>)> {
        let picture = RgbImage::from_fn(31, 17, |x, y| image::Rgb([8 * x as u8, 15 * y as u8, 99]));
        let clear = RgbaImage::from_fn(31, 17, |x, y| image::Rgba([8 * x as u8, 15 * y as u8, 99, 250 - 3 * x as u8]));
        let write = |format, alpha| {
            let mut bytes = std::io::Cursor::new(Vec::new());
            if alpha { clear.write_to(&mut bytes, format) } else { picture.write_to(&mut bytes, format) }
                .expect("written");
            bytes.into_inner()
        };
        vec![
            ("PNG", write(ImageFormat::Png, false)),
            ("PNG with alpha", write(ImageFormat::Png, true)),
            ("JPEG", write(ImageFormat::Jpeg, false)),
            ("WebP", write(ImageFormat::WebP, false)),
            ("WebP with alpha", write(ImageFormat::WebP, true)),
        ]
    }

    fn pixels(bytes: &[u8]) -> Picture {
        Picture::decode("x", bytes).expect("decodes")
    }

    #[test]
    fn settings_come_back_word_for_word_and_the_pixels_stay() {
        for (name, file) in files() {
            assert_eq!(extract(&file), None, "{name}");
            let saved = embed(&file, SETTINGS).expect(name);
            assert_eq!(extract(&saved).as_deref(), Some(SETTINGS), "{name}");
            assert_eq!(pixels(&saved), pixels(&file), "{name}");
        }
    }

    #[test]
    fn new_settings_take_the_place_of_old_ones() {
        for (name, file) in files() {
            let once = embed(&file, r#"{"seed":1}"#).expect(name);
            let often =
                (0..5).fold(embed(&file, SETTINGS).expect(name), |file, _| embed(&file, r#"{"seed":1}"#).expect(name));
            assert!(often == once, "{name}: nothing of the old ones is left");
        }
    }

    #[test]
    fn what_others_wrote_stays() {
        let others =
            packet_with(None, "{}").replace(OPENS, "<rdf:Description rdf:about=''>").replace(PROPERTY, "dc:title");
        for (name, file) in files() {
            let place = [into_png, into_jpeg, into_webp]["PJW".find(&name[..1]).expect("a known format")];
            let theirs = place(&file, &others).expect(name);
            assert_eq!(extract(&theirs), None, "{name}");
            let both = embed(&embed(&theirs, "{}").expect(name), SETTINGS).expect(name);
            let text = String::from_utf8(packet(&both).expect("a packet").into_owned()).expect("text");
            assert!(text.contains("<dc:title>") && text.matches(PROPERTY).count() == 2, "{name}: {text}");
            assert_eq!(extract(&both).as_deref(), Some(SETTINGS), "{name}");
        }
    }

    #[test]
    fn another_tools_way_of_writing_is_read() {
        let (_, file) = files().swap_remove(0);
        let attribute = packet_with(None, "{}").replace(
            &packet_with(None, "{}")[packet_with(None, "{}").find(OPENS).expect("ours")..],
            r#"<rdf:Description easel:settings = '{&quot;seed&quot;: &#x37;}'/></rdf:RDF></x:xmpmeta>"#,
        );
        let file = into_png(&file, &attribute).expect("a PNG");
        assert_eq!(extract(&file).as_deref(), Some(r#"{"seed": 7}"#));
        let again = embed(&file, SETTINGS).expect("a PNG");
        assert_eq!(extract(&again).as_deref(), Some(SETTINGS), "and replaced");
    }

    #[test]
    fn only_objects_and_pictures_are_taken() {
        let (_, png) = files().swap_remove(0);
        let (_, jpeg) = files().swap_remove(2);
        for bad in ["", "7", "[1]", "{", "{} x", &format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_SETTINGS))] {
            let sentence = embed(&png, bad).expect_err("refused").to_string();
            assert!(sentence.starts_with("The settings could not be read"), "{sentence}");
        }
        for (bytes, name) in
            [(&png[..png.len() - 12], "PNG"), (&jpeg[..200], "JPEG"), (b"GIF89a", "GIF"), (&[], "nothing")]
        {
            assert!(embed(bytes, "{}").is_err(), "{name}");
        }
        let largest = format!("{{\"a\":\"{}\"}}", "<".repeat((MAX_SETTINGS - 8) / 4));
        for (name, file) in files() {
            assert_eq!(extract(&embed(&file, &largest).expect(name)).as_ref(), Some(&largest), "{name}");
        }
    }

    #[test]
    fn broken_files_give_settings_or_nothing() {
        for (name, file) in files() {
            let saved = embed(&file, SETTINGS).expect(name);
            for length in 0..saved.len() {
                let found = extract(&saved[..length]);
                assert!(found.is_none() || found.as_deref() == Some(SETTINGS), "{name}: {length} bytes");
            }
            let mut flipped = saved.clone();
            for bit in 0..8 * saved.len().min(2_000) {
                flipped[bit / 8] ^= 1 << (bit % 8);
                if let Some(json) = extract(&flipped) {
                    assert!(is_object(&json), "{name}: bit {bit}");
                }
                let _ = embed(&flipped, "{}")
                    .map(|again| assert_eq!(extract(&again).as_deref(), Some("{}"), "{name}: bit {bit}"));
                flipped[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }
}
