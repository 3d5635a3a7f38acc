//! Files made by hand, with packets of others in every state; what must hold of all of them.

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
        if alpha { clear.write_to(&mut bytes, format) } else { picture.write_to(&mut bytes, format) }.expect("written");
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

/// A file with a part more: in a PNG after IHDR, in a JPEG at the start, in a WebP (an extended one) at the end.
fn with_part(file: &[u8], part: &[u8]) -> Vec<u8> {
    let at = match Kind::of(file) {
        Some(Kind::Png) => 33,
        Some(Kind::Jpeg) => 2,
        _ => file.len(),
    };
    let mut bytes = [&file[..at], part, &file[at..]].concat();
    if at == file.len() {
        let length = bytes.len() as u32 - 8;
        bytes[4..8].copy_from_slice(&length.to_le_bytes());
    }
    bytes
}

/// A file with somebody's packet, a WebP one announcing it.
fn with_packet(file: &[u8], packet: &[u8]) -> Vec<u8> {
    let kind = Kind::of(file).expect("a picture");
    let file = match kind {
        Kind::WebP => {
            let mut simple = file.to_vec();
            let first = riff_chunks(file).next().expect("a chunk");
            let header = riff_chunk(*b"VP8X", &announced(&first).expect("a size")).expect("short");
            if &first.tag == b"VP8X" {
                simple[20] |= XMP_FLAG
            } else {
                drop(simple.splice(12..12, header))
            }
            simple
        }
        _ => file.to_vec(),
    };
    with_part(&file, &framed(kind, Holds::Packet, packet).expect("it fits"))
}

fn merged(packet: &str) -> bool {
    packet.contains(THEIRS_TITLE) && packet.contains("<easel:settings>")
}

const THEIRS_TITLE: &str = "<dc:title>Grüße &amp; more</dc:title>";

fn theirs(prefix: &str, padding: usize) -> String {
    format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><{prefix}:RDF xmlns:{prefix}='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <{prefix}:Description {prefix}:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'>{THEIRS_TITLE}\
         </{prefix}:Description></{prefix}:RDF></x:xmpmeta>{}",
        " ".repeat(padding)
    )
}

fn packet_of(file: &[u8]) -> Option<String> {
    let kind = Kind::of(file)?;
    text(kind, find(kind, file, Holds::Packet)?)
}

fn has_own_place(file: &[u8]) -> bool {
    Kind::of(file).and_then(|kind| find(kind, file, Holds::Settings)).is_some()
}

#[test]
fn settings_come_back_word_for_word_and_the_pixels_stay() {
    for (name, file) in files() {
        assert_eq!(extract(&file), None, "{name}");
        let saved = embed(&file, SETTINGS).expect(name);
        assert_eq!(extract(&saved).as_deref(), Some(SETTINGS), "{name}");
        assert!(packet_of(&saved).is_some() && !has_own_place(&saved), "{name}");
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

/// Settings go in twice: they come back, there is one place of them, and the pixels stay.
#[track_caller]
fn embedded(name: &str, file: &[u8]) -> Vec<u8> {
    assert_eq!(extract(file), None, "{name}");
    let once = embed(file, SETTINGS).expect(name);
    let twice = embed(&embed(&once, r#"{"seed":1}"#).expect(name), SETTINGS).expect(name);
    assert!(twice == once, "{name}: nothing of the first is left");
    assert_eq!(extract(&once).as_deref(), Some(SETTINGS), "{name}");
    assert_eq!(pixels(&once), pixels(file), "{name}");
    once
}

#[test]
fn ours_is_added_to_what_others_wrote() {
    for (name, file) in files() {
        for prefix in ["rdf", "r"] {
            let saved = embedded(name, &with_packet(&file, theirs(prefix, 0).as_bytes()));
            assert!(packet_of(&saved).is_some_and(|packet| merged(&packet)) && !has_own_place(&saved), "{name}");
        }
    }
}

#[test]
fn a_compressed_packet_is_kept_too() {
    let (name, png) = files().swap_remove(0);
    let compressed = |text: &[u8]| {
        let head = [b"iTXt", name_of_packet(Kind::Png), &[1, 0, 0, 0]].concat();
        let body = [head, text.to_vec()].concat();
        [&(body.len() as u32 - 4).to_be_bytes(), &body[..], &crc32fast::hash(&body).to_be_bytes()].concat()
    };
    let good = compressed(&fdeflate::compress_to_vec(theirs("rdf", 0).as_bytes()));
    let saved = embedded(name, &with_part(&png, &good));
    assert!(packet_of(&saved).is_some_and(|packet| merged(&packet)));
    // Damaged, or of more than is read: it stays as it is, and ours goes beside it.
    let long = compressed(&fdeflate::compress_to_vec(theirs("rdf", MAX_PACKET).as_bytes()));
    for bad in [compressed(b"not deflate"), long] {
        let saved = embedded(name, &with_part(&png, &bad));
        assert!(saved.windows(bad.len()).any(|bytes| bytes == bad) && has_own_place(&saved));
    }
}

fn name_of_packet(kind: Kind) -> &'static [u8] {
    name(kind, Holds::Packet).expect("it has packets")
}

#[test]
fn a_packet_that_cannot_be_followed_stays_and_ours_goes_beside_it() {
    let utf16: Vec<u8> = theirs("rdf", 0).encode_utf16().flat_map(u16::to_be_bytes).collect();
    let broken = theirs("rdf", 0).replace("</x:xmpmeta>", "");
    for (name, file) in files() {
        for packet in [&utf16[..], broken.as_bytes(), b"<x:xmpmeta/>"] {
            let saved = embedded(name, &with_packet(&file, packet));
            assert!(saved.windows(packet.len()).any(|bytes| bytes == packet) && has_own_place(&saved), "{name}");
        }
    }
}

#[test]
fn a_jpegs_packet_that_has_no_room_left_stays_and_so_does_its_extension() {
    let (name, jpeg) = files().swap_remove(2);
    let with_room = |bytes: usize| {
        let most = JPEG_SEGMENT - name_of_packet(Kind::Jpeg).len();
        theirs("rdf", most - theirs("rdf", 0).len() - bytes)
    };
    let full = with_room(100);
    let extension =
        [b"\xff\xe1\0\x51http://ns.adobe.com/xmp/extension/\0", &[b'A'; 32][..], &[0, 0, 0, 4, 0, 0, 0, 0], b"more"]
            .concat();
    let saved = embedded(name, &with_part(&with_packet(&jpeg, full.as_bytes()), &extension));
    assert!(packet_of(&saved) == Some(full));
    assert!(saved.windows(extension.len()).any(|bytes| bytes == extension) && has_own_place(&saved));
    // With room for small settings only: the large ones leave nothing of the small ones behind.
    let nearly = with_room(600);
    let small = embed(&with_packet(&jpeg, nearly.as_bytes()), "{}").expect(name);
    assert!(!has_own_place(&small));
    let large = embed(&small, SETTINGS.replace("size", &"s".repeat(900)).as_str()).expect(name);
    assert!(packet_of(&large) == Some(nearly));
    assert!(extract(&large).is_some_and(|json| json.contains("sss")) && has_own_place(&large));
    assert!(embed(&large, "{}").expect(name) == small, "and back");
}

#[test]
fn only_objects_and_pictures_are_taken() {
    let (_, png) = files().swap_remove(0);
    let (_, jpeg) = files().swap_remove(2);
    for bad in ["", "7", "[1]", "{", "{} x", &format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_SETTINGS))] {
        let sentence = embed(&png, bad).expect_err("refused").to_string();
        assert!(sentence.starts_with("The settings could not be read"), "{sentence}");
    }
    for (bytes, name) in [(&png[..png.len() - 12], "PNG"), (&jpeg[..200], "JPEG"), (b"GIF89a", "GIF"), (&[], "nothing")]
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
