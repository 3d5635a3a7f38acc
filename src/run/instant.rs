//! A picture in one pass: sizes, mixtures, masks and colours around the two networks of [`crate::network::instant`].

use std::cell::OnceCell;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::input::{Pictures, scales_of, unframe};
use super::schedule::Scale;
use crate::compute::{Compute, Place, largest_buffer, read};
use crate::error::{Error, Result};
use crate::loss::{Style, check_styles, check_weights};
use crate::network::instant::{Paintings, Predictor, SetWeights, Transformer, VECTOR, predictor};
use crate::picture::{Affine, Picture, fit, with_chroma_of};
use crate::settings::{Colour, Frames, StyleConfig};

/// A painting's style as 100 numbers.
pub type StyleVector = Vec<f32>;

/// How large the finished picture's long side may be, in pixels.
const SIZES: std::ops::RangeInclusive<u32> = 16..=4096;
/// How far beyond the painting, or short of it, a style may go.
const STRENGTHS: std::ops::RangeInclusive<f64> = 0.0..=1.5;
/// Bytes a pixel takes in the largest of the transformer's fields.
const LARGEST_FIELD: u64 = 32;

/// Reads styles off paintings.
#[derive(Debug)]
pub struct StyleReader {
    predictor: Predictor,
    device: Device,
}

impl StyleReader {
    /// Makes a reader with the predictor's weights. It works on the CPU, in a tenth of a second: a GPU would take longer to
    /// compile what the predictor alone needs.
    ///
    /// # Panics
    /// When the weights are the transformer's.
    pub fn new(weights: &SetWeights) -> Self {
        let device = Device::flex();
        Self { predictor: Predictor::new(weights, &device), device }
    }

    /// A painting's numbers. The whole of it is looked at, brought to 256 × 256 pixels: margins are to be gone, see
    /// [`Picture::unframed`].
    ///
    /// # Errors
    /// The device's failure.
    pub async fn read(&self, painting: &Picture) -> Result<StyleVector> {
        let side = predictor::SIDE as u32;
        let painting = painting.resized(side, side).to_tensor(&self.device);
        read(self.predictor.predict(painting)).await
    }
}

/// A painting in a one-pass picture.
#[derive(Debug, Clone)]
pub struct InstantStyle {
    /// Its numbers, 100 of them.
    pub vector: StyleVector,
    /// Its weight, ≥ 0; the weights of all are divided by their sum.
    pub weight: f64,
    /// Where it applies: the whiter, the more. Everywhere without one.
    pub mask: Option<Picture>,
}

/// What a one-pass picture is to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstantOptions {
    /// The long side in pixels, 16 to 4096.
    pub size: u32,
    /// From the photo's own manner, 0, to the paintings', 1, and beyond, as far as 1.5.
    pub strength: f64,
    /// Whose colours it takes.
    pub colour: Colour,
    /// What is made of the paintings' margins and frames by whoever reads their styles; a painter is given these.
    pub frames: Frames,
}

impl Default for InstantOptions {
    fn default() -> Self {
        Self { size: 384, strength: 1.0, colour: Colour::Style, frames: Frames::Crop }
    }
}

impl InstantOptions {
    /// Reads partial options from JSON, an object, and completes them.
    ///
    /// # Errors
    /// [`Error::SettingsSyntax`] for what is no such object, [`Error::BadSetting`] for a number out of range.
    pub fn from_json(text: &str) -> Result<Self> {
        let options: Self = serde_json::from_str(text).map_err(|error| Error::SettingsSyntax(error.into()))?;
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<()> {
        let refuse = |name: &str, value: String, expected: &str| {
            Err(Error::BadSetting { name: name.into(), value, expected: expected.into() })
        };
        if !SIZES.contains(&self.size) {
            return refuse("size", self.size.to_string(), "use a whole number from 16 to 4096, in pixels");
        }
        if !STRENGTHS.contains(&self.strength) {
            return refuse(
                "strength",
                self.strength.to_string(),
                "use a number from 0 (the photo's own manner) to 1.5",
            );
        }
        Ok(())
    }
}

/// Whether the photo's own numbers are needed for such a picture, so that the predictor must be at hand.
pub fn needs_own_vector(styles: &[InstantStyle], strength: f64) -> bool {
    strength != 1.0 || styles.iter().any(|style| style.mask.is_some())
}

/// Paints in one pass.
#[derive(Debug)]
pub struct InstantPainter {
    weights: SetWeights,
    compute: Compute,
    /// On the device, or in the program's memory: the latter too where the device cannot hold a picture.
    device: OnceCell<Transformer>,
    host: OnceCell<Transformer>,
}

impl InstantPainter {
    /// Makes a painter with the transformer's weights.
    pub fn new(weights: SetWeights, compute: &Compute) -> Self {
        Self { weights, compute: compute.clone(), device: OnceCell::new(), host: OnceCell::new() }
    }

    /// Paints a photo. `own` are its own numbers, where [`needs_own_vector`] says so.
    ///
    /// With masks a pixel's style is the mean of the paintings', by weight and mask; where masks leave some of a pixel to
    /// none, so much of the photo's own manner comes in, and of the photo itself over it: where no painting applies it stays as
    /// it is. With `colour: luminance` the photo's chroma is put
    /// back, with `match` the picture's colours are given the photo's mean and covariance (the transformer has no say in
    /// colours, so that both come after it; a run changes the paintings' colours before).
    ///
    /// # Errors
    /// [`Error::BadSetting`] for options out of range, [`Error::NoStyle`] and [`Error::StyleWeight`] for weights that make
    /// no mixture, or the device's failure.
    ///
    /// # Panics
    /// When numbers are not 100, or `own` is missing where it is needed.
    pub async fn paint(
        &self,
        photo: &Picture,
        styles: &[InstantStyle],
        own: Option<&StyleVector>,
        options: &InstantOptions,
    ) -> Result<Picture> {
        options.check()?;
        check_weights(styles.iter().map(|style| style.weight))?;
        let (width, height) = fit(photo.width(), photo.height(), options.size);
        let photo = photo.resized(width, height);
        let paintings = mixture(styles, own, options.strength, (width, height));
        let size = [height as usize, width as usize];
        let planes = Affine::IDENTITY.planes(&photo);
        let planes = self.transformer(size, &paintings).paint(&planes, size, &paintings).await?;
        let painted = Picture::from_planes(width, height, &planes);
        let coloured = match options.colour {
            Colour::Style => painted,
            Colour::Luminance => with_chroma_of(&photo, &painted),
            Colour::Match => {
                let matched = Affine::of_style(Colour::Match, &painted, &photo).planes(&painted);
                Picture::from_planes(width, height, &matched)
            }
        };
        Ok(match coverage(styles, (width, height)) {
            Some(cover) => photo.under(&coloured, &cover),
            None => coloured,
        })
    }

    /// The transformer that can hold a picture of `[height, width]`, and where the paintings have masks their shares of each pixel.
    fn transformer(&self, [height, width]: [usize; 2], paintings: &Paintings) -> &Transformer {
        let shares = if paintings.shares.is_some() { 4 * paintings.vectors.len() as u64 } else { 0 };
        let largest = LARGEST_FIELD.max(shares) * (height.next_multiple_of(4) * width.next_multiple_of(4)) as u64;
        let fits = largest <= largest_buffer(&self.compute.info.limits);
        let (cell, place) = if fits { (&self.device, Place::of(&self.compute)) } else { (&self.host, Place::Host) };
        cell.get_or_init(|| Transformer::new(&self.weights, place))
    }
}

/// What a run with `init: "instant"` starts from: its photo and paintings in one pass, as large as its first scale, and as strong as its
/// style weight asks for: 1 at its preset's, half less or more for each power of ten.
///
/// # Errors
/// As [`InstantPainter::paint`], and settings and pictures that cannot make a run.
pub async fn head_start(
    reader: &StyleReader,
    painter: &InstantPainter,
    pictures: &Pictures,
    config: &StyleConfig,
) -> Result<Picture> {
    let Pictures { content, styles, .. } = pictures;
    check_styles(styles)?;
    let mut styles = styles.clone();
    unframe(&mut styles, config.frames);
    let size = scales_of(content, &styles, config)?.first().map_or(config.size, Scale::long_side);
    // A run takes its colours apart itself, later.
    let colour = if config.colour == Colour::Match { Colour::Match } else { Colour::Style };
    let mut read = Vec::with_capacity(styles.len());
    for Style { picture, weight, mask } in styles {
        read.push(InstantStyle { vector: reader.read(&picture).await?, weight, mask });
    }
    let strength = strength_of(config);
    let own = if needs_own_vector(&read, strength) { Some(reader.read(content).await?) } else { None };
    painter.paint(content, &read, own.as_ref(), &InstantOptions { size, strength, colour, frames: config.frames }).await
}

/// The strength of the one-pass picture that stands for a run: 1 at its preset's style weight, half less or more for each power of ten,
/// from 0 at a hundredth to 1.5 at ten times as much. Pages that show such a picture before a run follow the same rule.
fn strength_of(config: &StyleConfig) -> f64 {
    let usual = StyleConfig::of(config.preset).style_weight;
    (1.0 + (config.style_weight / usual).log10() / 2.0).clamp(*STRENGTHS.start(), *STRENGTHS.end())
}

/// How much of each pixel some painting covers, 0 to 1; nothing where one without a mask covers all.
fn coverage(styles: &[InstantStyle], size: (u32, u32)) -> Option<Vec<f32>> {
    let mut cover = vec![0.0; size.0 as usize * size.1 as usize];
    for style in styles.iter().filter(|style| style.weight > 0.0) {
        let mask = whiteness(style.mask.as_ref()?, size);
        cover.iter_mut().zip(mask).for_each(|(most, value)| *most = value.max(*most));
    }
    Some(cover)
}

/// The styles as the transformer takes them: one where no mask tells pixels apart, else one for each and the photo's own.
fn mixture(styles: &[InstantStyle], own: Option<&StyleVector>, strength: f64, size: (u32, u32)) -> Paintings {
    assert!(styles.iter().all(|style| style.vector.len() == VECTOR), "{VECTOR} numbers a painting");
    assert!(own.is_some() || !needs_own_vector(styles, strength), "the photo's own numbers are needed");
    let total: f64 = styles.iter().map(|style| style.weight).sum();
    // From the photo's own numbers towards these and perhaps beyond.
    let strengthened = |vector: &[f32]| -> StyleVector {
        match own {
            Some(own) if strength != 1.0 => {
                vector.iter().zip(own).map(|(to, from)| from + strength as f32 * (to - from)).collect()
            }
            _ => vector.to_vec(),
        }
    };
    if styles.iter().all(|style| style.mask.is_none()) {
        let mut mixed = vec![0.0; VECTOR];
        for style in styles {
            let share = (style.weight / total) as f32;
            mixed.iter_mut().zip(&style.vector).for_each(|(sum, value)| *sum += share * value);
        }
        return Paintings { vectors: vec![strengthened(&mixed)], shares: None };
    }
    let mut vectors: Vec<StyleVector> = styles.iter().map(|style| strengthened(&style.vector)).collect();
    vectors.extend(own.cloned());
    let masks: Vec<Option<Vec<f32>>> =
        styles.iter().map(|style| style.mask.as_ref().map(|mask| whiteness(mask, size))).collect();
    let pixels = size.0 as usize * size.1 as usize;
    let mut shares = Vec::with_capacity(pixels * vectors.len());
    for pixel in 0..pixels {
        // In 64 bits: where a painting of little weight is alone, its share is all the same not too small for a number.
        let inside = masks.iter().map(|mask| mask.as_ref().map_or(1.0, |mask| f64::from(mask[pixel])));
        let weighed: Vec<f64> = inside.clone().zip(styles).map(|(mask, style)| mask * style.weight).collect();
        let covered =
            inside.zip(styles).filter(|(_, style)| style.weight > 0.0).map(|(mask, _)| mask).fold(0.0, f64::max);
        let sum: f64 = weighed.iter().sum();
        // By turns: what the smallest weight would be multiplied by may be too large.
        shares.extend(weighed.iter().map(|weight| if sum > 0.0 { (weight / sum * covered) as f32 } else { 0.0 }));
        shares.push(if sum > 0.0 { (1.0 - covered) as f32 } else { 1.0 });
    }
    Paintings { vectors, shares: Some(shares) }
}

/// How white each pixel of a mask is at this width and height, 0 to 1.
fn whiteness(mask: &Picture, (width, height): (u32, u32)) -> Vec<f32> {
    let mask = mask.resized(width, height);
    mask.rgb().chunks_exact(3).map(|rgb| rgb.iter().map(|&v| f32::from(v)).sum::<f32>() / 765.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(value: f32, weight: f64, mask: Option<[u8; 2]>) -> InstantStyle {
        let mask = mask.map(|[left, right]| {
            let rgba = [left, left, left, 255, right, right, right, 255];
            Picture::from_rgba("mask", 2, 1, &rgba).expect("a picture")
        });
        InstantStyle { vector: vec![value; VECTOR], weight, mask }
    }

    #[test]
    fn weights_and_strength_mix_the_numbers() {
        let own = vec![10.0; VECTOR];
        let mixed = mixture(&[style(1.0, 3.0, None), style(5.0, 1.0, None)], Some(&own), 0.5, (2, 1));
        assert_eq!(mixed.vectors, [vec![6.0; VECTOR]], "half way from 10 to the mean, 2");
        assert!(mixed.shares.is_none());
    }

    #[test]
    fn masks_share_a_pixel_by_weight_and_leave_the_rest_to_the_photo() {
        let own = vec![0.0; VECTOR];
        let styles = [style(1.0, 1.0, Some([255, 0])), style(2.0, 3.0, Some([255, 51])), style(3.0, 0.0, None)];
        let mixed = mixture(&styles, Some(&own), 1.0, (2, 1));
        assert_eq!(mixed.vectors.len(), 4);
        let shares = mixed.shares.expect("masks");
        let near = |found: &[f32], expected: [f32; 4]| {
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}, not {expected:?}");
        };
        near(&shares[..4], [0.25, 0.75, 0.0, 0.0]);
        near(&shares[4..], [0.0, 0.2, 0.0, 0.8]);
        // Who is alone at a pixel has it, however little that one weighs elsewhere.
        for weight in [1e-40, 1e-300, f64::MIN_POSITIVE] {
            let apart = [style(1.0, weight, Some([255, 0])), style(2.0, 1000.0, Some([0, 255]))];
            let shares = mixture(&apart, Some(&own), 1.0, (2, 1)).shares.expect("masks");
            assert_eq!(shares, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0], "{weight:e}");
        }
    }

    #[test]
    fn the_style_weight_says_how_strong_a_head_start_is() {
        let strength = |text: &str| strength_of(&StyleConfig::from_json(text).expect("settings"));
        assert_eq!(strength("{}"), 1.0);
        assert_eq!(strength(r#"{"preset": "classic"}"#), 1.0);
        for (weight, expected) in [(0.0, 0.0), (1e4, 0.0), (1e5, 0.5), (1e7, 1.5), (1e8, 1.5)] {
            let found = strength(&format!(r#"{{"preset": "classic", "styleWeight": {weight}}}"#));
            assert!((found - expected).abs() < 1e-9, "{weight}: {found}");
        }
    }

    #[test]
    fn options_out_of_range_are_refused() {
        let options = |size, strength| InstantOptions { size, strength, ..InstantOptions::default() };
        assert!(options(16, 0.0).check().is_ok() && options(4096, 1.5).check().is_ok());
        for bad in [options(15, 1.0), options(5000, 1.0), options(64, -0.1), options(64, 1.6), options(64, f64::NAN)] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
