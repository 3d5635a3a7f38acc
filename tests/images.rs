//! Odd and hostile picture files: either the right picture, or a sentence that says what to do.
//!
//! The valid ones lie in tests/data/odd, whose make.py says what they show, and are read by the browser's
//! tests too; the broken ones are made here.

use crate::common::{data, path};
use easel::{Error, Picture};

/// A file of tests/data/odd.
fn odd(name: &str) -> Vec<u8> {
    std::fs::read(path("tests/data/odd").join(name)).expect("an odd picture")
}

/// What decoding says; never a panic, and every error a sentence.
fn refusal(bytes: &[u8]) -> String {
    let error = Picture::decode("photo.jpg", bytes).expect_err("refused");
    crate::common::assert_sentence(&error.to_string());
    error.to_string()
}

#[test]
fn every_valid_file_shows_its_four_quarters() {
    let expected = data("odd/expected.json");
    let number = |value: &serde_json::Value| value.as_u64().expect("a number") as u32;
    let mut seen = 0;
    for (name, entry) in expected["files"].as_object().expect("files") {
        if entry["only"] == "browser" {
            assert!(refusal(&odd(name)).contains("save it as PNG or JPEG"), "{name}");
            continue;
        }
        let picture = Picture::decode(name, &odd(name)).unwrap_or_else(|error| panic!("{error}"));
        let size = (number(&expected["width"]), number(&expected["height"]));
        assert_eq!((picture.width(), picture.height()), size, "{name}");
        for (point, colour) in
            expected["points"].as_array().expect("points").iter().zip(entry["colours"].as_array().expect("colours"))
        {
            let at = 3 * (number(&point[1]) * picture.width() + number(&point[0])) as usize;
            let found = &picture.rgb()[at..at + 3];
            let apart = (0..3).map(|c| number(&colour[c]).abs_diff(found[c].into())).max();
            assert!(
                apart <= entry["tolerance"].as_u64().map(|t| t as u32),
                "{name} at {point}: {found:?} instead of {colour}"
            );
        }
        seen += 1;
    }
    assert!(seen >= 29, "{seen} files");
}

#[test]
fn a_wrong_name_does_not_matter() {
    let (right, wrong) = (Picture::decode("a.png", &odd("alpha.png")), Picture::decode("a.jpg", &odd("alpha.png")));
    assert_eq!(right.expect("decodes"), wrong.expect("decodes"));
}

/// A file cut anywhere is refused, or shows all it should: a few endings hold nothing of the picture.
#[test]
fn files_cut_short_are_refused_or_whole() {
    for name in data("odd/expected.json")["files"].as_object().expect("files").keys() {
        let bytes = odd(name);
        let Ok(whole) = Picture::decode(name, &bytes) else { continue };
        let mut refused = 0;
        for length in 0..bytes.len() {
            match Picture::decode("photo.jpg", &bytes[..length]) {
                Ok(picture) => {
                    assert!(picture == whole, "{name}: {length} of {} bytes give another picture", bytes.len())
                }
                Err(error) => {
                    crate::common::assert_sentence(&error.to_string());
                    refused += 1;
                }
            }
        }
        // Of an animated GIF only the first picture has to be there.
        let needed = if name == "animated.gif" { bytes.len() / 2 } else { bytes.len() - 8 };
        assert!(refused >= needed, "{name}: {refused} of {} were refused", bytes.len());
        let said = refusal(&bytes[..bytes.len() / 2]);
        assert!(said.contains(if name.ends_with("tif") { "TIFF" } else { "cut short" }), "{name}: {said}");
    }
}

#[test]
fn flipped_bits_give_a_picture_or_a_sentence() {
    for name in data("odd/expected.json")["files"].as_object().expect("files").keys() {
        let bytes = odd(name);
        // Every byte of small files; of larger ones as many, spread out.
        let step = bytes.len().div_ceil(600);
        for at in (0..bytes.len()).step_by(step) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            match Picture::decode("photo.jpg", &flipped) {
                Ok(picture) => assert!(picture.width() > 0 && picture.height() > 0),
                Err(error) => crate::common::assert_sentence(&error.to_string()),
            }
        }
    }
}

/// A box of HEIF and AVIF: its length, its name, what is in it.
fn boxed(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&(data.len() as u32 + 8).to_be_bytes()[..], name, data].concat()
}

/// The `meta` box with these sizes in it.
fn extents(sizes: &[(u32, u32)]) -> Vec<u8> {
    let sizes =
        sizes.iter().flat_map(|(w, h)| boxed(b"ispe", &[&[0; 4][..], &w.to_be_bytes(), &h.to_be_bytes()].concat()));
    boxed(
        b"meta",
        &[vec![0; 4], boxed(b"hdlr", &[0; 24]), boxed(b"iprp", &boxed(b"ipco", &sizes.collect::<Vec<_>>()))].concat(),
    )
}

/// A file whose `meta` follows its data, a box with a length of 64 bits, and is the last, whose length may be 0.
fn heif(brand: &[u8; 4], data: usize, meta: &[u8]) -> Vec<u8> {
    let length = (16 + data as u64).to_be_bytes();
    let data = [&[0, 0, 0, 1][..], b"mdat", &length, &vec![0xa5; data]].concat();
    [&boxed(b"ftyp", &[&brand[..], &[0; 4], b"mif1", brand].concat())[..], &data, &[0; 4], &meta[4..]].concat()
}

/// Headers of 20 000 × 20 000 pixels in files of a few bytes, in every format that can say so.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let side = 20_000u32;
    let (be, le) = (side.to_be_bytes(), side.to_le_bytes());
    let (be16, le16) = ([be[2], be[3]], [le[0], le[1]]);
    let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &be, &be, &[8, 2, 0, 0, 0, 0, 0, 0, 0]].concat();
    let jpeg =
        [&[0xff, 0xd8, 0xff, 0xc0, 0, 17, 8][..], &be16, &be16, &[3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xff, 0xd9]]
            .concat();
    let filled = [
        &[0xff, 0xd8, 0xff, 0xff, 0xff, 0xc2, 0, 17, 8][..],
        &be16,
        &be16,
        &[3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xff, 0xd9],
    ]
    .concat();
    let gif = [&b"GIF89a"[..], &le16, &le16, &[0, 0, 0, 0x3b]].concat();
    let frame = [&b"GIF89a\x01\0\x01\0\0\0\0\x2c\0\0\0\0"[..], &le16, &le16, &[0, 2, 1, 0, 0, 0x3b]].concat();
    let bmp = [&b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"[..], &le, &le, &[1, 0, 24, 0], &[0; 24]].concat();
    let minus_one = (side - 1).to_le_bytes();
    let webp = [&b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"[..], &minus_one[..3], &minus_one[..3]].concat();
    let entry = |tag: u16| [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &le].concat();
    let tiff = [&b"II\x2a\0\x08\0\0\0\x02\0"[..], &entry(256), &entry(257), &[0; 4]].concat();
    let avif = [&b"\0\0\0\x10ftypavif\0\0\0\0"[..], &extents(&[(side, side)])].concat();
    vec![
        ("PNG", png),
        ("JPEG", jpeg),
        ("JPEG with fill bytes", filled),
        ("GIF", gif),
        ("GIF frame", frame),
        ("BMP", bmp),
        ("WebP", webp),
        ("TIFF", tiff),
        ("AVIF", avif),
        ("AVIF with its sizes at the end", heif(b"avif", 100_000, &extents(&[(64, 64), (side, side)]))),
        ("HEIC of large boxes", heif(b"heic", 70_000, &extents(&[(side, side)]))),
    ]
}

#[test]
fn gigapixels_in_a_small_file_are_refused_before_they_are_decoded() {
    for (format, bytes) in bombs() {
        let said = refusal(&bytes);
        assert!(said.contains("20000 × 20000 pixels") && said.contains("smaller"), "{format}: {said}");
        let checked = easel::check_header("x", &bytes).expect_err("refused").to_string();
        assert!(checked.contains("20000 × 20000"), "{format} by its header alone, as in the browser: {checked}");
    }
}

#[test]
fn sizes_of_heif_and_avif_are_found_wherever_they_lie() {
    let size = |bytes: &[u8]| easel::Header::read(bytes).expect("a known format").size;
    let expected = data("odd/expected.json");
    assert_eq!(size(&odd("picture.avif")), expected["width"].as_u64().zip(expected["height"].as_u64()));
    let file = heif(b"heic", 1 << 20, &extents(&[(320, 240), (4032, 3024), (512, 512)]));
    assert_eq!(size(&file), Some((4032, 3024)), "the largest of all");
    for length in 0..400 {
        let cut = &file[..file.len() - length];
        assert!([None, Some((320, 240)), Some((4032, 3024))].contains(&size(cut)), "{length} bytes cut off");
    }
    // What only looks like a size, within the picture's data, is none.
    let noise = [&boxed(b"ftyp", b"avif\0\0\0\0")[..], &boxed(b"mdat", &extents(&[(9, 9)]))].concat();
    assert_eq!(size(&noise), None);
}

#[test]
fn what_is_no_picture_is_named() {
    let says = |text: &str, bytes: &[u8]| {
        let said = refusal(bytes);
        assert!(said.contains(text), "{said}");
    };
    says("is empty", b"");
    says("SVG drawing; save it as PNG", b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>");
    says("HEIC photo", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\0");
    says("text file", b"Dear reader,\nthis is not a picture.\n");
    says("web page", b"<!DOCTYPE html><title>404</title>");
    says("PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    says("video", b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41");
    says("archive", b"PK\x03\x04\x14\0\0\0\x08\0");
    says("could not be read as a picture", &[7, 0xee, 0x81, 0, 0, 3, 9, 0xfe, 0xff, 0]);
    for length in 1..24 {
        refusal(&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01"[..length.min(20)]);
        refusal(&vec![0xff; length]);
        refusal(&vec![0; length]);
    }
    let large = vec![0u8; (easel::MAX_FILE_BYTES + 1) as usize];
    says("files of up to 50 MB", &large);
}

#[test]
fn extreme_shapes_decode() {
    for (width, height) in [(1, 1), (1, 4000), (4000, 1)] {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_pixel(width, height, image::Rgb([9, 99, 200]))
            .write_to(&mut bytes, image::ImageFormat::Png)
            .expect("written");
        let picture = Picture::decode("x", bytes.get_ref()).expect("decodes");
        assert_eq!((picture.width(), picture.height(), &picture.rgb()[..3]), (width, height, &[9, 99, 200][..]));
    }
}

#[test]
fn sixteen_bits_are_rounded_and_a_profile_without_sense_is_passed_over() {
    let deep =
        image::ImageBuffer::<image::Rgba<u16>, _>::from_pixel(2, 1, image::Rgba([0xffff, 0x8080, 0x0101, 0xffff]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    deep.write_to(&mut bytes, image::ImageFormat::Png).expect("written");
    assert_eq!(Picture::decode("x", bytes.get_ref()).expect("decodes").rgb()[..3], [255, 128, 1]);

    let mut broken = odd("profile.webp");
    let at = broken.windows(4).position(|tag| tag == b"ICCP").expect("a profile") + 8;
    broken[at + 4..at + 200].fill(0xa5);
    assert!(Picture::decode("x", &broken).is_ok());
}

/// Grey that is not sRGB's is brought to it, as browsers do: by its profile's gamma, and sRGB's curve.
#[test]
fn a_grey_picture_is_shown_by_its_profile() {
    use image::ImageEncoder;
    let profile = moxcms::ColorProfile::new_gray_with_gamma(1.75).encode().expect("a profile");
    let grey: Vec<u8> = (0..=255).collect();
    for (channels, kind) in [(1, image::ExtendedColorType::L8), (2, image::ExtendedColorType::La8)] {
        let pixels: Vec<u8> = grey.iter().flat_map(|value| [*value, 255].into_iter().take(channels)).collect();
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(profile.clone()).expect("taken");
        encoder.write_image(&pixels, 256, 1, kind).expect("written");
        let decoded = Picture::decode("grey", &bytes).expect("decodes");
        for (value, rgb) in grey.iter().zip(decoded.rgb().chunks(3)) {
            let linear = (f64::from(*value) / 255.0).powf(1.75);
            let curve = if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
            let expected = 255.0 * curve;
            assert!(
                rgb.iter().all(|got| (f64::from(*got) - expected).abs() <= 2.0),
                "{value}: {rgb:?}, not {expected:.1}"
            );
        }
    }
    // A picture that has colours keeps them: it is the profile that is wrong.
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(profile).expect("taken");
    encoder.write_image(&[200, 100, 50], 1, 1, image::ExtendedColorType::Rgb8).expect("written");
    assert_eq!(Picture::decode("colours", &bytes).expect("decodes").rgb(), [200, 100, 50]);
}

/// A refused file leaves nothing behind: the next is read as if nothing had happened.
#[cfg(feature = "cli")]
#[test]
fn the_command_line_says_a_sentence_and_code_3() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cases = bombs();
    cases.extend([
        ("truncated", odd("progressive.jpg")[..400].to_vec()),
        ("SVG", b"<svg/>".to_vec()),
        ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\0".to_vec()),
        ("empty", Vec::new()),
    ]);
    for (index, (name, bytes)) in cases.into_iter().enumerate() {
        let file = folder.path().join(format!("{index}.png"));
        std::fs::write(&file, bytes).expect("written");
        let file = file.to_str().expect("utf-8");
        let style = ["--style", "tests/data/a_style.png"];
        let output = crate::common::easel(
            &[&["stylize", "--content", file, "--out", "never.png", "--device", "cpu"], &style[..]].concat(),
        );
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{name}: {said}");
        assert!(!said.contains("panicked") && said.contains(file), "{name}: {said}");
        crate::common::assert_sentence(said.trim());
    }
}

#[test]
fn errors_name_the_file_and_their_kind() {
    assert!(matches!(Picture::decode("x", b""), Err(Error::EmptyFile { .. })));
    assert!(matches!(Picture::decode("x", b"no"), Err(Error::NotAPicture { .. })));
    assert!(matches!(Picture::decode("x", &bombs()[0].1), Err(Error::PictureSize { .. })));
}
