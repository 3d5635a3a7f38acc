//! Which paintings suit a photo: mixtures painted in one pass, judged and ranked.
//!
//! The judge sees what a person would see of a finished picture, by four measures of the one-pass picture. *Manner*: how far
//! its own 100 numbers are from those it was to have, against how far the photo's were. *Form*: how much of the photo's
//! edges is gone, by the correlation of the luma's gradients. *Contrast* and *colour*: how far the spread of luma and of
//! chroma falls below the photo's, for a flat grey picture pleases nobody. Their weighted sum is the
//! score; 0 would be perfect. Nothing in it is what a run minimises.

use super::instant::{InstantOptions, InstantPainter, InstantStyle, StyleReader, StyleVector};
use crate::error::{Error, Result};
use crate::picture::{LUMA, Picture, fit};

/// The long side at which candidates are judged, in pixels.
const JUDGED: u32 = 128;
/// The long side of the pictures that are shown.
const SHOWN: u32 = 192;
/// How many of the best single paintings are tried in pairs.
const PAIRED: usize = 4;
/// Two mixtures less than this apart (the sum of the weights' differences, at most 2) are taken for the same.
const APART: f64 = 0.6;
/// What a unit of each measure counts: manner, form, contrast, colour.
const COUNTS: [f64; 4] = [1.0, 1.0, 0.5, 0.5];

/// A mixture of paintings.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// The weight of each painting, in the order given; they add up to 1.
    pub weights: Vec<f64>,
    /// How far from perfect it is judged to be, from 0 up.
    pub score: f64,
    /// The photo in it, in one pass, 192 px long.
    pub picture: Picture,
}

/// Ranks mixtures of paintings for a photo: each painting alone, and pairs of the best. The best `count` that differ, best
/// first.
///
/// # Errors
/// [`Error::NoStyle`] without paintings, or the device's failure.
pub async fn suggest(
    reader: &StyleReader,
    painter: &InstantPainter,
    photo: &Picture,
    paintings: &[StyleVector],
    count: usize,
) -> Result<Vec<Suggestion>> {
    if paintings.is_empty() {
        return Err(Error::NoStyle);
    }
    let judge = Judge::new(reader, photo).await?;
    let mut judged = Vec::new();
    for painting in 0..paintings.len() {
        let weights = single(paintings.len(), painting);
        judged.push((judge.score_of(painter, paintings, &weights).await?, weights));
    }
    judged.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let best: Vec<Vec<f64>> = judged.iter().take(PAIRED).map(|(_, weights)| weights.clone()).collect();
    for (i, one) in best.iter().enumerate() {
        for other in &best[..i] {
            let weights: Vec<f64> = one.iter().zip(other).map(|(a, b)| (a + b) / 2.0).collect();
            judged.push((judge.score_of(painter, paintings, &weights).await?, weights));
        }
    }
    judged.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut chosen: Vec<Suggestion> = Vec::new();
    for (score, weights) in judged {
        let apart =
            |other: &Suggestion| -> f64 { weights.iter().zip(&other.weights).map(|(a, b)| (a - b).abs()).sum() };
        if chosen.len() < count && chosen.iter().all(|other| apart(other) > APART) {
            let picture = painted(painter, photo, paintings, &weights, SHOWN).await?;
            chosen.push(Suggestion { weights, score, picture });
        }
    }
    Ok(chosen)
}

fn single(count: usize, painting: usize) -> Vec<f64> {
    (0..count).map(|i| if i == painting { 1.0 } else { 0.0 }).collect()
}

async fn painted(
    painter: &InstantPainter,
    photo: &Picture,
    paintings: &[StyleVector],
    weights: &[f64],
    size: u32,
) -> Result<Picture> {
    let used = paintings.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
    let styles: Vec<InstantStyle> =
        used.map(|(vector, &weight)| InstantStyle { vector: vector.clone(), weight, mask: None }).collect();
    painter.paint(photo, &styles, None, &InstantOptions { size, ..InstantOptions::default() }).await
}

/// Judges pictures of one photo.
#[derive(Debug)]
pub struct Judge<'a> {
    reader: &'a StyleReader,
    photo: Picture,
    own: StyleVector,
}

impl<'a> Judge<'a> {
    /// Looks at the photo.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn new(reader: &'a StyleReader, photo: &Picture) -> Result<Self> {
        let (width, height) = fit(photo.width(), photo.height(), JUDGED);
        let photo = photo.resized(width, height);
        let own = reader.read(&photo).await?;
        Ok(Self { reader, photo, own })
    }

    async fn score_of(&self, painter: &InstantPainter, paintings: &[StyleVector], weights: &[f64]) -> Result<f64> {
        let picture = painted(painter, &self.photo, paintings, weights, JUDGED).await?;
        let mut goal = vec![0.0; self.own.len()];
        for (vector, weight) in paintings.iter().zip(weights) {
            goal.iter_mut().zip(vector).for_each(|(sum, value)| *sum += *weight as f32 * value);
        }
        self.score(&picture, &goal).await
    }

    /// The score of a picture made of the photo that was to have the manner of these numbers, however it was made; from 0 up,
    /// less being better. It is looked at as large as candidates are.
    ///
    /// # Errors
    /// The device's failure.
    pub async fn score(&self, picture: &Picture, goal: &StyleVector) -> Result<f64> {
        let picture = picture.resized(self.photo.width(), self.photo.height());
        let vector = self.reader.read(&picture).await?;
        let distance = |a: &[f32], b: &[f32]| -> f64 {
            a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
        };
        let manner = distance(&vector, goal) / distance(&self.own, goal).max(1e-6);
        let [before, after] = [&self.photo, &picture].map(Seen::of);
        let form = 1.0 - correlation(&before.edges, &after.edges);
        let [contrast, colour] = [(before.contrast, after.contrast), (before.colour, after.colour)]
            .map(|(before, after)| if before > 0.0 { (1.0 - after / before).max(0.0) } else { 0.0 });
        Ok([manner, form, contrast, colour].iter().zip(COUNTS).map(|(measure, count)| measure * count).sum())
    }
}

/// What is measured of a picture.
struct Seen {
    /// The length of the luma's gradient at each pixel but the last row and column.
    edges: Vec<f64>,
    /// The deviation of luma.
    contrast: f64,
    /// The root of the chroma's mean square deviation.
    colour: f64,
}

impl Seen {
    fn of(picture: &Picture) -> Self {
        let pixels: Vec<[f64; 3]> =
            picture.rgb().chunks_exact(3).map(|p| [p[0], p[1], p[2]].map(|v| f64::from(v) / 255.0)).collect();
        let luma: Vec<f64> = pixels.iter().map(|rgb| LUMA.dot((*rgb).into())).collect();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let edges = (0..height.saturating_sub(1))
            .flat_map(|y| (0..width.saturating_sub(1)).map(move |x| y * width + x))
            .map(|at| (luma[at + 1] - luma[at]).hypot(luma[at + width] - luma[at]))
            .collect();
        let chroma = |c: usize| deviation(&pixels.iter().zip(&luma).map(|(p, luma)| p[c] - luma).collect::<Vec<_>>());
        Self { edges, contrast: deviation(&luma), colour: chroma(0).hypot(chroma(2)) }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn deviation(values: &[f64]) -> f64 {
    let centre = mean(values);
    mean(&values.iter().map(|value| (value - centre).powi(2)).collect::<Vec<_>>()).sqrt()
}

/// Pearson's correlation; 0 where one side does not vary.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let centres = [mean(a), mean(b)];
    let product = mean(&a.iter().zip(b).map(|(a, b)| (a - centres[0]) * (b - centres[1])).collect::<Vec<_>>());
    let spread = deviation(a) * deviation(b);
    if spread > 0.0 { product / spread } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_is_pearsons() {
        assert!((correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]) - 1.0).abs() < 1e-12);
        assert!((correlation(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]) + 1.0).abs() < 1e-12);
        assert_eq!(correlation(&[1.0, 1.0], &[0.0, 5.0]), 0.0);
    }

    #[test]
    fn a_flat_picture_has_no_edges_contrast_or_colour() {
        let flat = Seen::of(&Picture::from_planes(3, 2, &[0.5; 18]));
        assert!(flat.edges.iter().all(|edge| *edge == 0.0) && flat.edges.len() == 2);
        assert!(flat.contrast < 1e-9 && flat.colour < 1e-9);
    }
}
