//! Loops over fields in the program's memory.
//!
//! A tile of outputs stays in registers while a window passes over it: each value read is multiplied by a block's weights,
//! four at a time by the processor's vectors. Borders and enlargements are made row by row in a ring of as many rows as
//! the window has. Natively bands of rows are shared among the cores.
//!
//! What runs most is unrolled by a macro: the browser's program is compiled for size, and a compiler told so unrolls nothing.

use wide::f32x4;

use super::place::LANES;
use super::styling::{Activation, Shares, Styling};
use super::window::{Window, block};

/// Rows of outputs made in one go; a band makes its window's first rows for itself.
const BAND: usize = 32;

/// The convolution of a field of this `[height, width]`.
pub fn convolve(values: &[f32], size: [usize; 2], window: &Window) -> Vec<f32> {
    let [height, width] = window.output_size(size);
    let mut result = vec![0.0; height * width * window.outputs];
    for_each_chunk(&mut result, BAND * width * window.outputs, |band, rows| {
        let pass = Pass { values, size, window };
        match block(window.outputs) / LANES {
            2 => pass.rows(&[(4, four_by_two), (1, one_by_two)], band * BAND, width, rows),
            _ => pass.rows(&[(8, eight_by_one), (1, one_by_one)], band * BAND, width, rows),
        }
    });
    result
}

/// A window over a field.
#[derive(Clone, Copy)]
struct Pass<'a> {
    values: &'a [f32],
    size: [usize; 2],
    window: &'a Window,
}

impl Pass<'_> {
    /// Computes rows of `width` outputs from the row `first` on, in tiles of so many pixels: as many as fit of the first
    /// kind, or else of the second.
    fn rows(self, tiles: &[(usize, Tile); 2], first: usize, width: usize, result: &mut [f32]) {
        let &Window { inputs, outputs, side, stride, .. } = self.window;
        let run = (self.size[1] * self.window.enlarge + side - 1) * inputs;
        let mut ring = vec![0.0; side * run];
        let mut filled = first * stride;
        let (pixels, tile) = if width >= tiles[0].0 { tiles[0] } else { tiles[1] };
        for (y, line) in result.chunks_exact_mut(width * outputs).enumerate() {
            let top = (first + y) * stride;
            for row in filled.max(top)..top + side {
                self.fill(row, &mut ring[row % side * run..][..run]);
            }
            filled = top + side;
            let rows: Vec<&[f32]> = (top..top + side).map(|row| &ring[row % side * run..][..run]).collect();
            for column in (0..width).step_by(pixels) {
                // At the end some are computed twice, which costs less than going one by one.
                tile(self.window, &rows, column.min(width - pixels), line);
            }
        }
    }

    /// A row of the field as the window sees it, counted from the first one outside: enlarged, mirrored at the borders.
    fn fill(self, row: usize, line: &mut [f32]) {
        let Window { inputs, side, enlarge, .. } = *self.window;
        let [height, width] = self.size;
        let reach = side / 2;
        let y = mirrored(row as isize - reach as isize, height * enlarge) / enlarge;
        let source = &self.values[y * width * inputs..][..width * inputs];
        let last = line.len() / inputs;
        let mut pixel = |column: usize| {
            let x = mirrored(column as isize - reach as isize, width * enlarge) / enlarge;
            line[column * inputs..][..inputs].copy_from_slice(&source[x * inputs..][..inputs]);
        };
        if enlarge > 1 {
            (0..last).for_each(pixel);
            return;
        }
        (0..reach).for_each(&mut pixel);
        (last - reach..last).for_each(pixel);
        line[reach * inputs..][..source.len()].copy_from_slice(source);
    }
}

/// Computes some pixels of a line of outputs, from a column on, from the rows that the window sees.
type Tile = fn(&Window, &[&[f32]], usize, &mut [f32]);

/// Defines a [`Tile`] of some pixels, for blocks of so many vectors, by a sum for each pixel and vector.
macro_rules! tile {
    ($name:ident, $vectors:literal, $($pixel:literal $values:ident: [$($vector:literal $sum:ident),+]),+) => {
        fn $name(window: &Window, rows: &[&[f32]], column: usize, line: &mut [f32]) {
            let &Window { inputs, outputs, side, stride, ref bias, .. } = window;
            let (weights, _) = window.on_host().as_chunks::<LANES>();
            let (mut weights, _) = weights.as_chunks::<{ LANES * $vectors }>();
            let (bias, _) = bias.as_chunks::<LANES>();
            let (bias, _) = bias.as_chunks::<$vectors>();
            // In a row the window's values are one run.
            let run = side * inputs;
            let (first, step) = (column * stride * inputs, stride * inputs);
            for (block, bias) in bias.iter().enumerate() {
                $($(let mut $sum = f32x4::from(bias[$vector]);)+)+
                for row in rows {
                    $(let ($values, _) = row[first + $pixel * step..][..run].as_chunks::<LANES>();)+
                    let (these, others) = weights.split_at(run / LANES);
                    weights = others;
                    for (at, weights) in these.iter().enumerate() {
                        $(
                            let values = &$values[at];
                            $($sum = weighed(values, weights, $vector, $sum);)+
                        )+
                    }
                }
                let (line, _) = line[column * outputs..].as_chunks_mut::<LANES>();
                let at = block * $vectors;
                $($(line[at + $pixel * outputs / LANES + $vector] = $sum.to_array();)+)+
            }
        }
    };
}

tile!(four_by_two, 2, 0 a: [0 a0, 1 a1], 1 b: [0 b0, 1 b1], 2 c: [0 c0, 1 c1], 3 d: [0 d0, 1 d1]);
tile!(one_by_two, 2, 0 a: [0 a0, 1 a1]);
tile!(
    eight_by_one, 1, 0 a: [0 a0], 1 b: [0 b0], 2 c: [0 c0], 3 d: [0 d0], 4 e: [0 e0], 5 f: [0 f0], 6 g: [0 g0], 7 h: [0 h0]
);
tile!(one_by_one, 1, 0 a: [0 a0]);

/// One value in all lanes. `f32x4::splat` would do that by a loop where the program is compiled for size.
#[inline(always)]
fn spread(value: f32) -> f32x4 {
    f32x4::from([value, value, value, value])
}

/// A sum and four values times their weights for one of a block's vectors.
#[inline(always)]
fn weighed<const N: usize>(values: &[f32; LANES], weights: &[[f32; LANES]; N], vector: usize, sum: f32x4) -> f32x4 {
    let vectors = N / LANES;
    let sum = spread(values[0]).mul_add(f32x4::from(weights[vector]), sum);
    let sum = spread(values[1]).mul_add(f32x4::from(weights[vectors + vector]), sum);
    let sum = spread(values[2]).mul_add(f32x4::from(weights[2 * vectors + vector]), sum);
    spread(values[3]).mul_add(f32x4::from(weights[3 * vectors + vector]), sum)
}

/// The place of `index` where a side's picture goes on mirrored, its border pixel standing once, for as long as need be.
fn mirrored(index: isize, extent: usize) -> usize {
    let last = extent as isize - 1;
    if (0..=last).contains(&index) {
        return index as usize;
    }
    if last <= 0 {
        return 0;
    }
    let place = index.rem_euclid(2 * last);
    place.min(2 * last - place) as usize
}

/// Normalises, scales and shifts values of so many channels, adds `below` and activates.
pub fn restyle(values: &mut [f32], channels: usize, styling: &Styling, below: Option<&[f32]>) {
    let [mean, variance] = moments(values, channels);
    // For each style its factor and offset of each channel.
    let affine: Vec<[Vec<f32>; 2]> = (styling.gamma.iter().zip(styling.beta))
        .map(|(gamma, beta)| {
            let factor: Vec<f64> = (0..channels)
                .map(|c| f64::from(gamma[c]) / (variance[c] + f64::from(styling.epsilon)).sqrt())
                .collect();
            let offset = (0..channels).map(|c| (f64::from(beta[c]) - mean[c] * factor[c]) as f32).collect();
            [factor.iter().map(|&factor| factor as f32).collect(), offset]
        })
        .collect();
    let shares = styling.shares.map(Shares::on_host);
    let step = BAND * channels * LANES;
    for_each_chunk(values, step, |chunk, values| {
        let mut mixed = affine[0].clone();
        for (at, pixel) in values.chunks_exact_mut(channels).enumerate() {
            let place = chunk * step / channels + at;
            if let Some(shares) = shares {
                mix(&mut mixed, &affine, &shares[place * affine.len()..]);
            }
            let [factor, offset] = &mixed;
            for ((value, factor), offset) in pixel.iter_mut().zip(factor).zip(offset) {
                *value = *value * factor + offset;
            }
            if let Some(below) = below {
                let below = &below[place * channels..][..channels];
                pixel.iter_mut().zip(below).for_each(|(value, below)| *value += below);
            }
            match styling.activation {
                Activation::Identity => {}
                Activation::Relu => pixel.iter_mut().for_each(|value| *value = value.max(0.0)),
                Activation::Sigmoid => pixel.iter_mut().for_each(|value| *value = 1.0 / (1.0 + (-*value).exp())),
            }
        }
    });
}

/// The mean of the styles' factors and offsets by their shares.
fn mix(mixed: &mut [Vec<f32>; 2], affine: &[[Vec<f32>; 2]], shares: &[f32]) {
    for (part, mixed) in mixed.iter_mut().enumerate() {
        mixed.fill(0.0);
        for (style, share) in affine.iter().zip(shares) {
            mixed.iter_mut().zip(&style[part]).for_each(|(sum, value)| *sum += share * value);
        }
    }
}

/// Mean and variance of each channel.
fn moments(values: &[f32], channels: usize) -> [Vec<f64>; 2] {
    let pixels = (values.len() / channels).max(1) as f64;
    let over_pixels = |sums: Vec<f64>| -> Vec<f64> { sums.iter().map(|sum| sum / pixels).collect() };
    let mean = over_pixels(sums(values, channels, |_, value| value));
    let centre: Vec<f32> = mean.iter().map(|&mean| mean as f32).collect();
    let variance = over_pixels(sums(values, channels, |channel, value| (value - centre[channel]).powi(2)));
    [mean, variance]
}

/// For each channel the sum of a function of its number and each value: short sums in `f32`, long ones in `f64`.
fn sums(values: &[f32], channels: usize, of: impl Fn(usize, f32) -> f32) -> Vec<f64> {
    let (mut total, mut part) = (vec![0.0; channels], vec![0.0f32; channels]);
    for chunk in values.chunks(channels * 64) {
        part.fill(0.0);
        for pixel in chunk.chunks_exact(channels) {
            for (channel, (sum, &value)) in part.iter_mut().zip(pixel).enumerate() {
                *sum += of(channel, value);
            }
        }
        total.iter_mut().zip(&part).for_each(|(total, &part)| *total += f64::from(part));
    }
    total
}

/// Calls `f` with each chunk of so many values and its number; natively on all cores.
pub(crate) fn for_each_chunk<T: Send>(values: &mut [T], size: usize, f: impl Fn(usize, &mut [T]) + Send + Sync) {
    #[cfg(target_family = "wasm")]
    values.chunks_mut(size).enumerate().for_each(|(i, chunk)| f(i, chunk));
    #[cfg(not(target_family = "wasm"))]
    {
        use rayon::prelude::*;
        values.par_chunks_mut(size).enumerate().for_each(|(i, chunk)| f(i, chunk));
    }
}

#[cfg(test)]
mod tests {
    use super::mirrored;

    #[test]
    fn mirrors_meet_at_the_border_pixels() {
        let row = |extent| (-5..7).map(|i| mirrored(i, extent)).collect::<Vec<_>>();
        assert_eq!(row(4), [1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0]);
        assert_eq!(row(2), [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
        assert_eq!(row(1), [0; 12]);
    }
}
