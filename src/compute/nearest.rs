//! Which of many vectors is nearest to each of others, by the angle between them once each set's mean is taken off.
//!
//! The vectors are *hypercolumns*: what lies at one pixel of several layers' maps, all brought to one size. Their products fill a
//! matrix far too large to keep, so it is found tile by tile and each tile's largest values are noted.

use burn::tensor::{Device, Tensor};

use super::batch::{Batch, Pick, Recipe, products_transposed};
use super::cosine::{add_products, less};
use super::maps::{Layout, Maps};
use super::matrix::Matrix;
use super::{plain, statistics, wgsl};

/// Rows and columns of a tile of the products, a multiple of 8: 4 MB of values.
const TILE: usize = 1024;

/// Hypercolumns less their mean.
#[derive(Debug)]
pub struct Hypercolumns {
    /// One a row, in as many matrices as it takes; zeros fill the last one's rows up to a multiple of 8.
    tiles: Vec<Batch>,
    /// One by the length of each, `[1, 1, 1, n]`.
    scales: Tensor<4>,
    count: usize,
    layout: Layout,
}

/// What was found for each vector that was asked about.
#[derive(Debug, Clone)]
pub struct Nearest {
    /// The number of the nearest, `[1, 1, 1, n]`; of several that are as near, the first.
    pub places: Tensor<4>,
    /// The cosine of the angle to it, `[1, 1, 1, n]`.
    pub similarity: Tensor<4>,
}

impl Hypercolumns {
    /// Of maps of one size, each layer's products with a weight of its own (≥ 0).
    ///
    /// # Panics
    /// Where there are no maps.
    pub fn new(layers: &[(&Maps, f64)]) -> Self {
        let (count, layout) = (layers[0].0.pixels(), layers[0].0.layout);
        let mut products = None;
        let mut rows = Vec::new();
        for &(maps, weight) in layers {
            let mean = statistics::mean(maps);
            products = Some(add_products(maps, &mean, maps, weight, products));
            let centred = Maps { data: less(maps, &mean), ..maps.clone() };
            let part = centred.to_plain().reshape([maps.channels, count]).transpose() * weight.sqrt();
            rows.push(part);
        }
        let lengths = products.map(|products| products.narrow(1, 1, 1).reshape([1, 1, 1, count]));
        let scales = lengths.unwrap_or_else(|| Tensor::ones([1, 1, 1, count], &rows[0].device()));
        let scales = scales.clamp_min(1e-12).sqrt().recip();
        let tiles = (0..count).step_by(TILE).flat_map(|first| {
            let here = TILE.min(count - first);
            let parts = rows.iter().map(|part| part.clone().narrow(0, first, here)).collect();
            let data: Tensor<2> = Tensor::cat(parts, 1);
            let data = match layout {
                Layout::Plain => data,
                Layout::Packed { .. } => data.pad([(0, here.next_multiple_of(8) - here), (0, 0)], 0.0),
            };
            Batch::of(&[&Matrix { data, layout }])
        });
        Self { tiles: tiles.collect(), scales, count, layout }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }
}

/// The nearest of `among` to each of these; both made of the same layers.
pub fn nearest(of: &Hypercolumns, among: &Hypercolumns) -> Nearest {
    let best: Vec<Tensor<4>> = of
        .tiles
        .iter()
        .enumerate()
        .map(|(i, rows)| {
            let count = TILE.min(of.count - i * TILE);
            let mut best = nothing_yet(count, &of.scales.device());
            for (j, columns) in among.tiles.iter().enumerate() {
                let first = j * TILE;
                let tile =
                    products_transposed([rows, columns], &[Recipe::product(Pick::First(0), Pick::Second(0), 1.0)]);
                best = match of.layout {
                    Layout::Plain => plain::nearer(best, tile.get(0), among.scales.clone(), first),
                    Layout::Packed { .. } => {
                        let width = TILE.min(among.count - first);
                        wgsl::nearer(best, tile.place(0).0, &among.scales, [count, width], first)
                    }
                };
            }
            best
        })
        .collect();
    let best = Tensor::cat(best, 3);
    let row = |which: usize| best.clone().narrow(2, which, 1);
    Nearest { places: row(1), similarity: row(0) * of.scales.clone() }
}

/// Values and places, `[1, 1, 2, n]`, to which anything is nearer; the places are there, whatever becomes of the values.
fn nothing_yet(count: usize, device: &Device) -> Tensor<4> {
    let values = Tensor::full([1, 1, 1, count], f32::MIN, device);
    Tensor::cat(vec![values, Tensor::zeros([1, 1, 1, count], device)], 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::read;
    use burn::tensor::TensorData;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Two layers' maps of this size, one value after another.
    fn maps(random: &mut ChaCha8Rng, size: [usize; 2]) -> Vec<Maps> {
        [8usize, 16]
            .map(|channels| {
                let count = channels * size[0] * size[1];
                let values: Vec<f32> = (0..count).map(|_| (random.next_u32() >> 8) as f32 / (1 << 24) as f32).collect();
                let shape = [1, channels, size[0], size[1]];
                Maps::from_plain(Tensor::from_data(TensorData::new(values, shape), &Device::flex()), Layout::Plain)
            })
            .into()
    }

    /// The hypercolumns less their mean, as rows.
    fn rows(layers: &[Maps], weights: [f64; 2]) -> Vec<Vec<f64>> {
        let count = layers[0].pixels();
        let mut rows = vec![Vec::new(); count];
        for (maps, weight) in layers.iter().zip(weights) {
            let values = pollster::block_on(read(maps.data.clone())).expect("values");
            for plane in values.chunks(count) {
                let mean = plane.iter().map(|v| f64::from(*v)).sum::<f64>() / count as f64;
                rows.iter_mut().zip(plane).for_each(|(row, v)| row.push((f64::from(*v) - mean) * weight.sqrt()));
            }
        }
        rows
    }

    #[test]
    fn the_nearest_are_those_that_looking_at_all_pairs_finds() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let weights = [0.7, 2.0];
        // Odd sides, a single pixel, and more than a tile of them on either side.
        for [asked, among] in [[[7, 5], [3, 11]], [[1, 1], [9, 2]], [[41, 27], [33, 35]], [[2, 3], [37, 60]]] {
            let (asked, among) = (maps(&mut random, asked), maps(&mut random, among));
            let of = |layers: &[Maps]| Hypercolumns::new(&[(&layers[0], weights[0]), (&layers[1], weights[1])]);
            let found = nearest(&of(&asked), &of(&among));
            let places = pollster::block_on(read(found.places)).expect("values");
            let similarity = pollster::block_on(read(found.similarity)).expect("values");
            let (asked, among) = (rows(&asked, weights), rows(&among, weights));
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            for (i, row) in asked.iter().enumerate() {
                let cosine = |other: &Vec<f64>| dot(row, other) / (dot(row, row) * dot(other, other)).sqrt().max(1e-12);
                let best = among.iter().map(cosine).enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).expect("some");
                if dot(row, row) < 1e-9 {
                    continue; // alone it is its mean
                }
                assert_eq!(places[i] as usize, best.0, "of {i}");
                assert!((f64::from(similarity[i]) - best.1).abs() < 1e-5, "{} instead of {}", similarity[i], best.1);
            }
        }
    }
}
