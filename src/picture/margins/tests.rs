use image::imageops::{FilterType, overlay, resize};
use image::{Rgb, RgbImage};

use super::*;

const WHITE: [u8; 3] = [255; 3];
/// White, cream, grey, black, and what scanners and printers make of them.
const COLOURS: [[u8; 3]; 7] = [WHITE, [250, 246, 236], [244, 234, 212], [211; 3], [128; 3], [0; 3], [14, 12, 11]];

/// Numbers from 0 to 1 that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64
    }

    /// Roughly normal, of standard deviation 1.
    fn normal(&mut self) -> f64 {
        (0..6).map(|_| self.roll() - 0.5).sum::<f64>() * 2f64.sqrt()
    }
}

fn made(width: u32, height: u32, colour: impl Fn(f64, f64) -> [f64; 3]) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb(colour(x.into(), y.into()).map(|value| value as u8)))
}

/// Waves of colour, nowhere plain, whose edges are neither white nor black.
fn painting(width: u32, height: u32) -> RgbImage {
    made(width, height, |x, y| {
        let wave = |a: f64, b: f64| 128.0 + 70.0 * (x / a + y / b).sin() + 40.0 * (x / 5.0 - y / 7.0).cos();
        [wave(9.0, 23.0), wave(17.0, 11.0) * 0.8, wave(31.0, 13.0) * 0.6]
    })
}

/// A picture with so much of a colour at the left, the top, the right and the bottom.
fn framed(inner: &RgbImage, [left, top, right, bottom]: [u32; 4], colour: [u8; 3]) -> RgbImage {
    let mut whole = RgbImage::from_pixel(inner.width() + left + right, inner.height() + top + bottom, Rgb(colour));
    overlay(&mut whole, inner, left.into(), top.into());
    whole
}

fn noisy(image: &RgbImage, deviation: f64) -> RgbImage {
    let mut dice = Dice(7);
    let mut noisy = image.clone();
    noisy.iter_mut().for_each(|value| *value = (f64::from(*value) + deviation * dice.normal()).clamp(0.0, 255.0) as u8);
    noisy
}

/// As a JPEG file brings it back.
fn through_jpeg(image: &RgbImage, quality: u8) -> RgbImage {
    let bytes = Picture(image.clone()).encode("x.jpg".as_ref(), quality).expect("a JPEG");
    Picture::decode("x.jpg", &bytes).expect("the same").0
}

/// Turned about its middle, what comes into sight being of a colour.
fn turned(image: &RgbImage, degrees: f64, colour: [u8; 3]) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = (f64::from(image.width()), f64::from(image.height()));
    made(image.width(), image.height(), |x, y| {
        let (x, y) = (x - width / 2.0, y - height / 2.0);
        let (x, y) = (x * cos - y * sin + width / 2.0, x * sin + y * cos + height / 2.0);
        let at = |x: f64, y: f64| -> [f64; 3] {
            let is_inside = x >= 0.0 && y >= 0.0 && x < width && y < height;
            let pixel = if is_inside { image.get_pixel(x as u32, y as u32).0 } else { colour };
            pixel.map(f64::from)
        };
        let (column, row) = (x - x.floor(), y - y.floor());
        let [a, b, c, d] = [at(x, y), at(x + 1.0, y), at(x, y + 1.0), at(x + 1.0, y + 1.0)];
        [0, 1, 2].map(|of| {
            (a[of] * (1.0 - column) + b[of] * column) * (1.0 - row) + (c[of] * (1.0 - column) + d[of] * column) * row
        })
    })
}

/// What is cut off at the left, the top, the right and the bottom.
fn cut(image: &RgbImage) -> [u32; 4] {
    let Area { left, top, width, height } = inside(image, image.width(), image.height());
    [left, top, image.width() - left - width, image.height() - top - height]
}

#[track_caller]
fn assert_cut(what: &str, image: &RgbImage, expected: [u32; 4], off: u32) {
    let found = cut(image);
    let is_near = found.iter().zip(expected).all(|(&found, expected)| found.abs_diff(expected) <= off);
    assert!(is_near, "{what}, {} × {}: {found:?} was cut off, not {expected:?}", image.width(), image.height());
}

#[track_caller]
fn assert_kept(what: &str, image: &RgbImage) {
    assert_cut(what, image, [0; 4], 0);
}

fn sample(name: &str) -> RgbImage {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/samples").join(name);
    Picture::decode(name, &std::fs::read(path).expect("a sample")).expect("a picture").0
}

const SAMPLES: [&str; 14] = [
    "photo-astronaut.jpg",
    "photo-chelsea.jpg",
    "photo-coffee.jpg",
    "photo-rocket.jpg",
    "style-cafe-terrace.jpg",
    "style-church-at-auvers.jpg",
    "style-composition-viii.jpg",
    "style-great-wave.jpg",
    "style-inokashira-snow.jpg",
    "style-langlois-bridge.jpg",
    "style-moulin-de-la-galette.jpg",
    "style-night-cafe.jpg",
    "style-poppies.jpg",
    "style-summertime.jpg",
];

#[test]
fn margins_of_every_colour_and_width_are_found_to_the_pixel() {
    for (width, height) in [(96, 80), (256, 192), (300, 640)] {
        let painting = painting(width, height);
        assert_kept("no margin", &painting);
        for colour in COLOURS {
            for widths in [[8; 4], [5, 12, 20, 9], [width / 4, height / 4, width / 4, height / 4]] {
                assert_cut(&format!("{colour:?}"), &framed(&painting, widths, colour), widths, 0);
            }
        }
    }
}

#[test]
fn noise_jpeg_blur_and_uneven_light_do_not_hide_them() {
    let widths = [16, 23, 31, 10];
    for colour in COLOURS {
        let whole = framed(&painting(256, 192), widths, colour);
        assert_cut(&format!("{colour:?} noisy"), &noisy(&whole, 5.0), widths, 1);
        for quality in [90, 50] {
            assert_cut(&format!("{colour:?} JPEG {quality}"), &through_jpeg(&whole, quality), widths, 3);
        }
        let small = resize(&whole, whole.width() * 2 / 3, whole.height() * 2 / 3, FilterType::CatmullRom);
        assert_cut(&format!("{colour:?} smaller"), &small, widths.map(|width| width * 2 / 3), 2);
        let lit = made(whole.width(), whole.height(), |x, y| {
            whole.get_pixel(x as u32, y as u32).0.map(|value| f64::from(value) * (1.0 - (x + y) / 6000.0))
        });
        assert_cut(&format!("{colour:?} unevenly lit"), &lit, widths, 1);
    }
}

#[test]
fn a_margin_at_one_side_or_two_is_found() {
    for (width, height) in [(128, 96), (400, 300)] {
        let painting = painting(width, height);
        for colour in COLOURS {
            for side in 0..4 {
                let mut widths = [0; 4];
                widths[side] = if side % 2 == 0 { width / 9 } else { height / 9 };
                let whole = framed(&painting, widths, colour);
                assert_cut(&format!("{colour:?} at one side"), &whole, widths, 0);
                assert_cut(&format!("{colour:?} at one side, noisy"), &noisy(&whole, 3.0), widths, 1);
                widths[(side + 1) % 4] = 10;
                assert_cut(&format!("{colour:?} at two sides"), &framed(&painting, widths, colour), widths, 0);
            }
        }
    }
}

/// A portrait on a slide: bars at the left and the right that are wider than a margin at one side may be.
#[test]
fn bars_at_opposite_sides_may_be_wide() {
    let inner = painting(225, 300);
    for colour in [WHITE, [0; 3]] {
        for wide in [60, 88, 110] {
            assert_cut(
                &format!("{wide} of {colour:?}"),
                &framed(&inner, [wide, 0, wide, 0], colour),
                [wide, 0, wide, 0],
                1,
            );
        }
        assert_kept("one much wider than the other", &framed(&inner, [60, 0, 110, 0], colour));
        assert_kept("more than half would go", &framed(&inner, [130, 0, 130, 0], colour));
    }
}

#[test]
fn scans_that_lie_askew_are_cut_to_what_is_painting_throughout() {
    for degrees in [0.5f64, -1.2, 2.0] {
        for colour in [WHITE, [250, 246, 236], [0; 3]] {
            let whole = turned(&framed(&painting(400, 300), [40; 4], colour), degrees, colour);
            let tan = degrees.to_radians().tan().abs();
            let [x, y] = [40.0 + 150.0 * tan, 40.0 + 200.0 * tan].map(|width| width.round() as u32);
            assert_cut(&format!("{colour:?} by {degrees}°"), &whole, [x, y, x, y], 4);
            let found = cut(&whole);
            assert!(found.iter().zip([x, y, x, y]).all(|(&a, b)| a + 1 >= b), "a wedge is left: {found:?}");
        }
    }
}

#[test]
fn lines_and_specks_within_a_margin_do_not_end_it() {
    let lined = framed(&framed(&framed(&painting(300, 240), [12; 4], WHITE), [2; 4], [30; 3]), [26; 4], WHITE);
    assert_cut("a line within", &lined, [40; 4], 0);
    assert_cut("a line outside", &framed(&lined, [1; 4], [20; 3]), [41; 4], 0);
    let mut specked = framed(&painting(300, 240), [30; 4], [250, 248, 240]);
    let mut dice = Dice(3);
    for _ in 0..60 {
        let (x, y) = (dice.roll() * 358.0, dice.roll() * 298.0);
        (0..4).for_each(|at| specked.put_pixel(x as u32 + at % 2, y as u32 + at / 2, Rgb([90, 80, 70])));
    }
    assert_cut("specks", &specked, [30; 4], 1);
}

#[test]
fn a_frame_of_wood_or_gold_within_a_margin_is_found_and_alone_is_kept() {
    for colour in [[110, 70, 40], [190, 150, 60], [50, 32, 20]] {
        let wood = framed(&painting(300, 240), [18; 4], colour);
        let mut wooden = noisy(&wood, 8.0);
        overlay(&mut wooden, &painting(300, 240), 18, 18);
        for frame in [wood, wooden] {
            assert_cut(&format!("{colour:?}"), &framed(&frame, [25; 4], WHITE), [43; 4], 2);
        }
    }
    assert_kept("a golden frame without a margin", &framed(&painting(300, 240), [18; 4], [190, 150, 60]));
}

#[test]
fn large_scans_are_cut_to_a_thousandth() {
    let whole = framed(&painting(2600, 1900), [150, 220, 90, 133], [250, 248, 244]);
    assert_cut("large", &whole, [150, 220, 90, 133], 3);
}

#[test]
fn the_samples_have_no_margins_at_any_size_and_are_found_within_some() {
    for name in SAMPLES {
        let whole = sample(name);
        assert_kept(name, &whole);
        for long in [64, 96, 128, 192, 256, 384, 512] {
            let (width, height) = crate::picture::fit(whole.width(), whole.height(), long);
            assert_kept(name, &resize(&whole, width, height, FilterType::CatmullRom));
        }
        // A painting's own strip of white or night may go with the margin, but no more than that.
        let (width, height) = (whole.width(), whole.height());
        let [left, top, right, bottom] = cut(&framed(&whole, [30, 50, 20, 40], WHITE));
        assert!(left >= 30 && top >= 50 && right >= 20 && bottom >= 40, "{name}: white is left");
        assert!(left + right <= 50 + width / 50 && top + bottom <= 90 + height / 50, "{name} is cut");
    }
}

#[test]
fn drawings_on_white_paper_are_kept() {
    for (width, height) in [(160, 120), (512, 400), (300, 640)] {
        let [w, h] = [width, height].map(f64::from);
        let drawn = |ink: &dyn Fn(f64, f64) -> Option<[f64; 3]>| {
            made(width, height, |x, y| ink(x / w, y / h).unwrap_or([255.0; 3]))
        };
        let within = |x: f64, y: f64, [a, b, c, d]: [f64; 4]| x > a && x < c && y > b && y < d;
        let scribble = drawn(&|x, y| {
            let near = (0..9).any(|line| {
                let height = 0.15 + 0.08 * f64::from(line) + 0.05 * (x * (9.0 + f64::from(line))).sin();
                (y - height).abs() < 0.008 && x > 0.12 && x < 0.9
            });
            near.then_some([40.0; 3])
        });
        let disc = drawn(&|x, y| ((x - 0.5).hypot(y - 0.5) < 0.4).then_some([20.0, 60.0, 140.0]));
        let house = drawn(&|x, y| {
            let roof = y > 0.2 && y < 0.5 && (x - 0.5).abs() < (y - 0.2) * 0.9;
            (roof || within(x, y, [0.3, 0.5, 0.7, 0.85])).then_some([150.0, 50.0, 40.0])
        });
        let boxed = drawn(&|x, y| {
            let line = within(x, y, [0.1, 0.1, 0.9, 0.9]) && !within(x, y, [0.115, 0.115, 0.885, 0.885]);
            (line || ((x - 0.5).hypot(y - 0.5) - 0.2).abs() < 0.01).then_some([20.0; 3])
        });
        let head = drawn(&|x, y| {
            let head = (x - 0.5).hypot((y - 0.35) * 1.2) < 0.18;
            (head || y > 0.55 && (x - 0.5).abs() < 0.1 + (y - 0.55) * 0.7).then_some([200.0, 150.0, 120.0])
        });
        for (what, drawing) in
            [("a scribble", scribble), ("a disc", disc), ("a house", house), ("a box", boxed), ("a head", head)]
        {
            assert_kept(what, &drawing);
            assert_kept(what, &through_jpeg(&drawing, 75));
            assert_kept(what, &noisy(&drawing, 3.0));
        }
    }
}

#[test]
fn snow_night_sky_and_plain_colours_are_kept() {
    for (width, height) in [(160, 120), (512, 400), (300, 640)] {
        let [w, h] = [width, height].map(f64::from);
        for share in [0.6, 0.75, 0.9] {
            let snow = made(width, height, |x, y| {
                let horizon = h * share + h * 0.03 * (x / w * 9.0).sin();
                if y > horizon { [245.0, 247.0, 250.0] } else { [150.0, 170.0, 200.0] }
            });
            assert_kept("snow", &snow);
            assert_kept("snow", &noisy(&snow, 6.0));
        }
        let sea = made(width, height, |_, y| if y > h / 2.0 { [40.0, 80.0, 120.0] } else { [225.0, 232.0, 240.0] });
        assert_kept("sea", &sea);
        let lamp = made(width, height, |x, y| {
            let glow = (-((x / w - 0.5) / 0.25).powi(2) - ((y / h - 0.5) / 0.25).powi(2)).exp();
            [200.0 * glow, 160.0 * glow, 60.0 * glow]
        });
        assert_kept("a lamp at night", &lamp);
        assert_kept("a lamp at night", &noisy(&lamp, 3.0));
        let stars = made(width, height, |x, y| {
            let star = (x * 0.37 + (y * 0.11).sin() * 40.0) % 41.0 < 1.5 && (y * 0.53 + x) % 37.0 < 2.0;
            if star { [255.0, 240.0, 200.0] } else { [3.0, 4.0, 8.0] }
        });
        assert_kept("stars", &stars);
        let edges_in_the_dark = made(width, height, |x, y| {
            let light = (1.3 - (x / w - 0.5).hypot(y / h - 0.5) * 2.0).clamp(0.0, 1.0);
            painting(1, 1).get_pixel(0, 0).0.map(|value| f64::from(value) * light * (1.0 + (x / 6.0).sin() * 0.3))
        });
        assert_kept("a vignette", &edges_in_the_dark);
        assert_kept("a gradient", &made(width, height, |_, y| [255.0 - 135.0 * y / h; 3]));
        for colour in COLOURS.into_iter().chain([[200, 40, 40]]) {
            let plain = RgbImage::from_pixel(width, height, Rgb(colour));
            assert_kept("plain", &plain);
            assert_kept("plain, noisy", &noisy(&plain, 5.0));
        }
        for period in [8.0, 16.0, 32.0] {
            let stripe = |at: f64| if at % (2.0 * period) < period { [255.0; 3] } else { [0.0; 3] };
            assert_kept("stripes", &made(width, height, |x, _| stripe(x)));
            assert_kept("stripes", &made(width, height, |_, y| stripe(y)));
        }
    }
}

#[test]
fn small_pictures_and_those_of_which_little_would_remain_are_kept() {
    for side in [1, 2, 16, 40, 63] {
        let whole = RgbImage::from_pixel(side, side, Rgb(WHITE));
        assert_kept("white", &whole);
        if side > 8 {
            assert_kept("small", &framed(&painting(side - 6, side - 6), [3; 4], WHITE));
        }
    }
    assert_kept("a stamp on a sheet", &framed(&painting(100, 100), [70; 4], WHITE));
    assert_cut("a wide margin", &framed(&painting(100, 100), [45; 4], WHITE), [45; 4], 0);
}

#[test]
fn whatever_the_pixels_at_least_half_remains_each_way() {
    let mut dice = Dice(11);
    for _ in 0..300 {
        let [width, height] = [0, 1].map(|_| (1.0 + 300.0 * dice.roll().powi(2)) as u32);
        let colour = [0; 3].map(|_| (dice.roll() * 255.0) as u8);
        let (shift, tilt) = (dice.roll() * f64::from(height) * 0.6, (dice.roll() - 0.5) * 0.12);
        let whole = made(width, height, |x, y| {
            if y < shift + tilt * x || x < shift / 2.0 - tilt * y { [250.0; 3] } else { colour.map(f64::from) }
        });
        let Area { left, top, width: across, height: down } = inside(&whole, width, height);
        assert!(left + across <= width && top + down <= height, "{width} × {height}");
        assert!(2 * across >= width && 2 * down >= height, "{width} × {height}: {across} × {down} remain");
    }
}

#[test]
fn what_is_kept_is_the_same_picture_and_what_is_cut_is_its_inside() {
    let inner = painting(120, 90);
    let whole = Picture(framed(&inner, [20; 4], WHITE));
    assert_eq!(*whole.unframed(Frames::Keep), whole);
    assert_eq!(whole.unframed(Frames::Crop).into_owned(), Picture(inner.clone()));
    assert_eq!(*Picture(inner.clone()).unframed(Frames::Crop), Picture(inner));
}
