//! The self-similarity content loss (Kolkin, Salavon & Shakhnarovich, "Style Transfer by Relaxed Optimal Transport and
//! Self-Similarity", 2019, eq. 7).
//!
//! At some pixels of a layer the cosine distances of all pairs are found, and each pixel's by their sum are compared with the photo's. So
//! what is alike in the photo has to be alike in the picture, and what differs to differ as much, but nothing has to look as it did:
//! a cheek may be made of the painting's blue strokes, if the other one is too.
//!
//! Departures from the paper:
//! - layers are compared one by one, each with its weight, and not as one hypercolumn
//! - of a layer with more than 1024 pixels one in each cell of a grid is looked at, at a place drawn by the seed, the same at every step
//!   of a scale; the paper draws others each time
//! - the mean over columns is of sums, so that the loss does not depend on how many pixels there are; 1e-4 is added to mean distances

use burn::tensor::Device;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::region::Region;
use crate::compute::{self, Maps, Spread, Sums};
use burn::tensor::Tensor;

/// How many pixels are looked at, at most.
const MOST: usize = 1024;

/// Bytes of a matrix of all pairs of the pixels that are looked at, of so many.
pub fn pairs_bytes(pixels: usize) -> u64 {
    4 * (pixels.min(MOST).next_multiple_of(8) as u64).pow(2)
}

/// How alike the pixels of a layer shall be to each other.
#[derive(Debug)]
pub struct Likeness {
    /// The pixels that are looked at; all without one.
    region: Option<Region>,
    spread: Spread,
}

impl Likeness {
    /// That of the photo's activations.
    pub fn of(maps: &Maps, seed: u32, device: &Device) -> Self {
        let region = (maps.pixels() > MOST).then(|| scattered(maps.size(), seed, device));
        let spread = match &region {
            None => Spread::of(maps),
            Some(region) => Spread::of(&region.gather(maps)),
        };
        Self { region, spread }
    }

    /// `weight · mean_j Σ_i |D_ij / Σ_k D_kj − D*_ij / Σ_k D*_kj|` with D the pixels' cosine distances: its value among the sums, and
    /// its gradient at the maps.
    pub fn loss(&self, maps: &Maps, weight: f64, sums: &mut Sums) -> Tensor<4> {
        match &self.region {
            None => compute::spread_difference(maps, &self.spread, weight, sums),
            Some(region) => {
                let gradient = compute::spread_difference(&region.gather(maps), &self.spread, weight, sums);
                region.scatter(gradient, maps)
            }
        }
    }
}

/// A pixel in each of at most [`MOST`] cells, about square, that maps of this height and width are divided into.
fn scattered([height, width]: [usize; 2], seed: u32, device: &Device) -> Region {
    let rows = ((MOST * height) as f64 / width as f64).sqrt().round().clamp(1.0, height as f64) as usize;
    let columns = (MOST / rows).clamp(1, width);
    let rows = (MOST / columns).min(height);
    let mut random = ChaCha8Rng::seed_from_u64(seed.into());
    let mut within = |cell: usize, cells: usize, side: usize| {
        let (from, to) = (cell * side / cells, (cell + 1) * side / cells);
        from + random.next_u32() as usize % (to - from)
    };
    let mut numbers = Vec::new();
    for cell in 0..rows * columns {
        let [row, column] = [within(cell / columns, rows, height), within(cell % columns, columns, width)];
        numbers.push((row * width + column) as u32);
    }
    numbers.sort_unstable();
    Region::listed(&numbers, [rows, columns], [height, width], device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_scattered_over_maps_of_any_shape() {
        for [height, width] in [[32, 33], [48, 32], [1, 5000], [5000, 1], [3, 700], [700, 3], [200, 300]] {
            let (some, others) =
                (scattered([height, width], 0, &Device::flex()), scattered([height, width], 1, &Device::flex()));
            assert!((MOST / 2..=MOST).contains(&some.pixels()), "{height} × {width}: {}", some.pixels());
            // Each third of the rows has its share, and no pixel is there twice.
            let thirds =
                [0, height / 3, height * 2 / 3, height].windows(2).map(|rows| rows[0]..rows[1]).collect::<Vec<_>>();
            let numbers = |region: &Region| -> Vec<u32> { region.numbers().to_vec() };
            let mut distinct = numbers(&some);
            distinct.dedup();
            assert_eq!(distinct.len(), some.pixels());
            for rows in thirds.into_iter().filter(|_| height >= 32) {
                let here = distinct.iter().filter(|at| rows.contains(&(**at as usize / width))).count();
                assert!(
                    (some.pixels() / 4..some.pixels() / 2).contains(&here),
                    "{height} × {width}: {here} in {rows:?}"
                );
            }
            assert_ne!(numbers(&some), numbers(&others), "{height} × {width}");
        }
    }
}
