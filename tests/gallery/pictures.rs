//! What `make gallery` does to pictures besides painting them: lays them side by side, adds noise, and
//! measures how much of a photo's edges a picture has kept. What `make samples` does: makes thumbnails.

use std::path::Path;
use std::process::ExitCode;

use easel::{JPEG_QUALITY, Picture, fit};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::crop_imm;
use image::{ImageEncoder, Rgb, RgbImage};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "pictures strip OUT.jpg PICTURE… | noise PHOTO OUT.png SIZE DEVIATION | edges PHOTO PICTURE | same A B \
    | thumbnail PICTURE OUT.jpg | mask left|right OUT.png | halves LEFT RIGHT OUT.jpg \
    | inset OUT.jpg PICTURE SMALL… | crop PICTURE OUT.png LEFT TOP WIDTH HEIGHT";
/// Between pictures, in pixels.
const GAP: u32 = 4;
/// A thumbnail's sides, in pixels: those of the page's buttons, on a screen of two pixels a point.
const THUMBNAIL: u32 = 160;
/// What a thumbnail may weigh, in bytes: the page shows all of them at once.
const THUMBNAIL_BYTES: usize = 8000;
/// The share of pixels that count as edges: those whose luminance changes most.
const EDGES: f64 = 0.1;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["strip", out, pictures @ ..] if !pictures.is_empty() => strip(out, pictures),
        ["noise", photo, out, size, deviation] => noise(photo, out, size, deviation),
        ["edges", photo, picture] => edges(photo, picture),
        ["same", a, b] => same(a, b),
        ["thumbnail", picture, out] => thumbnail(picture, out),
        ["mask", side @ ("left" | "right"), out] => mask(side == &"left", out),
        ["halves", left, right, out] => halves(left, right, out),
        ["inset", out, picture, small @ ..] => inset(out, picture, small),
        ["crop", picture, out, left, top, width, height] => crop(picture, out, [left, top, width, height]),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn open(path: &str) -> Outcome<Picture> {
    Ok(Picture::decode(path, &std::fs::read(path)?)?)
}

/// Whether two files hold the same pixels.
fn same(a: &str, b: &str) -> Outcome<()> {
    println!("{}", open(a)? == open(b)?);
    Ok(())
}

/// The pictures in a row, all as high as the lowest, on white.
fn strip(out: &str, pictures: &[&str]) -> Outcome<()> {
    let pictures = pictures.iter().map(|path| open(path)).collect::<Outcome<Vec<_>>>()?;
    let height = pictures.iter().map(Picture::height).min().unwrap_or(1);
    let level = |p: &Picture| p.resized((p.width() * height).div_ceil(p.height()), height);
    let pictures: Vec<Picture> = pictures.iter().map(level).collect();
    let width = pictures.iter().map(|p| p.width() + GAP).sum::<u32>() - GAP;
    let mut row = RgbImage::from_pixel(width, height, Rgb([255; 3]));
    let mut left = 0;
    for picture in &pictures {
        for (i, rgb) in (0u32..).zip(picture.rgb().chunks_exact(3)) {
            row.put_pixel(left + i % picture.width(), i / picture.width(), Rgb([rgb[0], rgb[1], rgb[2]]));
        }
        left += picture.width() + GAP;
    }
    if out.ends_with(".png") {
        return Ok(row.save(out)?);
    }
    Ok(std::fs::write(out, jpeg(&row, 85)?)?)
}

fn jpeg(picture: &RgbImage, quality: u8) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    encoder.write_image(picture, picture.width(), picture.height(), image::ExtendedColorType::Rgb8)?;
    Ok(bytes)
}

/// The square in a picture's middle, as good as a thumbnail's bytes allow.
fn thumbnail(picture: &str, out: &str) -> Outcome<()> {
    let picture = open(picture)?;
    let short = picture.width().min(picture.height());
    let [width, height] = [picture.width(), picture.height()].map(|side| (side * THUMBNAIL).div_ceil(short));
    let small = RgbImage::from_raw(width, height, picture.resized(width, height).rgb().to_vec()).ok_or("no picture")?;
    let [left, top] = [width, height].map(|side| (side - THUMBNAIL) / 2);
    let square = crop_imm(&small, left, top, THUMBNAIL, THUMBNAIL).to_image();
    for quality in (1..=90).rev() {
        let bytes = jpeg(&square, quality)?;
        if bytes.len() <= THUMBNAIL_BYTES {
            return Ok(std::fs::write(out, bytes)?);
        }
    }
    Err("no quality is low enough".into())
}

/// A mask that is white on one side and goes over to black within a fifth of its width.
fn mask(left: bool, out: &str) -> Outcome<()> {
    const SIDE: u32 = 256;
    let mask = RgbImage::from_fn(SIDE, SIDE, |x, _| {
        let share = ((f64::from(x) + 0.5) / f64::from(SIDE) - 0.4) / 0.2;
        let right = (255.0 * share.clamp(0.0, 1.0)) as u8;
        Rgb([if left { 255 - right } else { right }; 3])
    });
    Ok(mask.save(out)?)
}

/// The left half of one picture beside the right half of another, as large as that.
fn halves(left: &str, right: &str, out: &str) -> Outcome<()> {
    let right = open(right)?;
    let (width, height) = (right.width(), right.height());
    let left = open(left)?.resized(width, height);
    let mut whole = RgbImage::from_raw(width, height, right.rgb().to_vec()).ok_or("no picture")?;
    let left = RgbImage::from_raw(width, height, left.rgb().to_vec()).ok_or("no picture")?;
    image::imageops::replace(&mut whole, &crop_imm(&left, 0, 0, width / 2, height).to_image(), 0, 0);
    Ok(std::fs::write(out, jpeg(&whole, 80)?)?)
}

/// Small pictures, framed in white, side by side in a picture's lower left corner.
fn inset(out: &str, picture: &str, small: &[&str]) -> Outcome<()> {
    let picture = open(picture)?;
    let (width, height) = (picture.width(), picture.height());
    let mut whole = RgbImage::from_raw(width, height, picture.rgb().to_vec()).ok_or("no picture")?;
    let (frame, margin, rows) = (GAP, width / 50, height / 5);
    let mut left = margin;
    for path in small {
        let picture = open(path)?;
        let columns = picture.width() * rows / picture.height();
        let framed = RgbImage::from_pixel(columns + 2 * frame, rows + 2 * frame, Rgb([255; 3]));
        let picture =
            RgbImage::from_raw(columns, rows, picture.resized(columns, rows).rgb().to_vec()).ok_or("no picture")?;
        let top = height - margin - framed.height();
        image::imageops::replace(&mut whole, &framed, left.into(), top.into());
        image::imageops::replace(&mut whole, &picture, (left + frame).into(), (top + frame).into());
        left += framed.width() + margin / 2;
    }
    Ok(std::fs::write(out, jpeg(&whole, 85)?)?)
}

/// A rectangle of a picture, pixel for pixel.
fn crop(picture: &str, out: &str, rectangle: [&str; 4]) -> Outcome<()> {
    let [left, top, width, height] = rectangle.map(str::parse::<u32>);
    let picture = open(picture)?;
    let whole = RgbImage::from_raw(picture.width(), picture.height(), picture.rgb().to_vec()).ok_or("no picture")?;
    Ok(crop_imm(&whole, left?, top?, width?, height?).to_image().save(out)?)
}

/// A photo at this size with noise of this deviation (of the pixel range), the same every time.
fn noise(photo: &str, out: &str, size: &str, deviation: &str) -> Outcome<()> {
    let (size, deviation): (u32, f32) = (size.parse()?, deviation.parse()?);
    let photo = open(photo)?;
    let (width, height) = fit(photo.width(), photo.height(), size);
    let photo = photo.resized(width, height);
    let mut state = 1u32;
    let mut uniform = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1u32 << 24) as f32
    };
    // The sum of twelve uniform numbers is nearly Gaussian, with the variance 1.
    let mut gaussian = || (0..12).map(|_| uniform()).sum::<f32>() - 6.0;
    let n = (width * height) as usize;
    let rgb = photo.rgb();
    let planes: Vec<f32> =
        (0..3 * n).map(|i| f32::from(rgb[3 * (i % n) + i / n]) / 255.0 + deviation * gaussian()).collect();
    let out = Path::new(out);
    Ok(std::fs::write(out, Picture::from_planes(width, height, &planes).encode(out, JPEG_QUALITY)?)?)
}

/// The share of the photo's edge pixels that are edge pixels of the picture too, a pixel's shift allowed.
fn edges(photo: &str, picture: &str) -> Outcome<()> {
    let picture = open(picture)?;
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let photo = open(photo)?.resized(picture.width(), picture.height());
    let (theirs, ours) = (edge_map(&photo), edge_map(&picture));
    let near = |i: usize| {
        let (x, y) = (i % width, i / width);
        (y.saturating_sub(1)..(y + 2).min(height))
            .any(|y| (x.saturating_sub(1)..(x + 2).min(width)).any(|x| ours[y * width + x]))
    };
    let count = theirs.iter().filter(|edge| **edge).count();
    let kept = (0..theirs.len()).filter(|&i| theirs[i] && near(i)).count();
    println!("{:.4}", kept as f64 / count.max(1) as f64);
    Ok(())
}

/// The tenth of the pixels with the steepest luminance, by Sobel's operator.
fn edge_map(picture: &Picture) -> Vec<bool> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let rgb = picture.rgb();
    let luminance = |x: usize, y: usize| {
        let at = 3 * (y * width + x);
        0.299 * f64::from(rgb[at]) + 0.587 * f64::from(rgb[at + 1]) + 0.114 * f64::from(rgb[at + 2])
    };
    let mut steepness = vec![0.0; width * height];
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let side = |dx: [usize; 3], dy: [usize; 3]| {
                luminance(x + dx[0] - 1, y + dy[0] - 1)
                    + 2.0 * luminance(x + dx[1] - 1, y + dy[1] - 1)
                    + luminance(x + dx[2] - 1, y + dy[2] - 1)
            };
            let across = side([2, 2, 2], [0, 1, 2]) - side([0, 0, 0], [0, 1, 2]);
            let down = side([0, 1, 2], [2, 2, 2]) - side([0, 1, 2], [0, 0, 0]);
            steepness[y * width + x] = f64::hypot(across, down);
        }
    }
    let mut sorted = steepness.clone();
    sorted.sort_by(f64::total_cmp);
    let least = sorted[((1.0 - EDGES) * (sorted.len() - 1) as f64) as usize];
    steepness.iter().map(|s| *s > 0.0 && *s >= least).collect()
}
