//! Loops over fields in the program's memory.
//!
//! A tile of outputs stays in registers while a window passes over it: each value read is multiplied by a block's weights,
//! four at a time by the processor's vectors. Borders and enlargements are made row by row in a ring of as many rows as
//! the window has. Natively bands of rows are shared among the cores.

use std::array::from_fn;

use wide::f32x4;

use super::place::{Data, LANES};
use super::styling::{Activation, Shares, Styling};
use super::window::{Window, block};

/// Rows of outputs made in one go; a band makes its window's first rows for itself.
const BAND: usize = 32;

/// The convolution of a field of this `[height, width]`.
pub fn convolve(values: &[f32], size: [usize; 2], filter: &Window) -> Vec<f32> {
    let [height, width] = filter.output_size(size);
    let mut result = vec![0.0; height * width * filter.outputs];
    for_each_chunk(&mut result, BAND * width * filter.outputs, |band, rows| {
        let pass = Pass { values, size, filter };
        match block(filter.outputs) / LANES {
            2 => pass.rows::<4, 2>(band * BAND, width, rows),
            _ => pass.rows::<8, 1>(band * BAND, width, rows),
        }
    });
    result
}

/// A filter over a field.
#[derive(Clone, Copy)]
struct Pass<'a> {
    values: &'a [f32],
    size: [usize; 2],
    filter: &'a Window,
}

impl Pass<'_> {
    /// Computes rows of `width` outputs from the row `first` on, in tiles of `P` pixels by `V` vectors.
    fn rows<const P: usize, const V: usize>(self, first: usize, width: usize, result: &mut [f32]) {
        let &Window { inputs, outputs, side, stride, .. } = self.filter;
        let run = (self.size[1] * self.filter.enlarge + side - 1) * inputs;
        let mut ring = vec![0.0; side * run];
        let mut filled = first * stride;
        for (y, line) in result.chunks_exact_mut(width * outputs).enumerate() {
            let top = (first + y) * stride;
            for row in filled.max(top)..top + side {
                self.fill(row, &mut ring[row % side * run..][..run]);
            }
            filled = top + side;
            let rows: Vec<&[f32]> = (top..top + side).map(|row| &ring[row % side * run..][..run]).collect();
            let mut column = 0;
            while column < width {
                if column + P <= width {
                    self.tile::<P, V>(&rows, column, line);
                    column += P;
                } else if width >= P {
                    // Some are computed twice, which costs less than going one by one.
                    self.tile::<P, V>(&rows, width - P, line);
                    column = width;
                } else {
                    self.tile::<1, V>(&rows, column, line);
                    column += 1;
                }
            }
        }
    }

    /// A row of the field as the window sees it, counted from the first one outside: enlarged, mirrored at the borders.
    fn fill(self, row: usize, line: &mut [f32]) {
        let Window { inputs, side, enlarge, .. } = *self.filter;
        let [height, width] = self.size;
        let reach = side / 2;
        let y = mirrored(row as isize - reach as isize, height * enlarge) / enlarge;
        let source = &self.values[y * width * inputs..][..width * inputs];
        for (column, pixel) in line.chunks_exact_mut(inputs).enumerate() {
            let x = mirrored(column as isize - reach as isize, width * enlarge) / enlarge;
            pixel.copy_from_slice(&source[x * inputs..][..inputs]);
        }
    }

    /// `P` pixels of a line of outputs.
    fn tile<const P: usize, const V: usize>(self, rows: &[&[f32]], column: usize, line: &mut [f32]) {
        let &Window { inputs, outputs, side, stride, ref weights, ref bias, .. } = self.filter;
        let Data::Host(weights) = weights else { unreachable!("a filter for the host") };
        let taps = side * side * inputs;
        for (block, weights) in weights.chunks_exact(taps * V * LANES).enumerate() {
            let bias: [f32x4; V] = from_fn(|v| vector(&bias[(block * V + v) * LANES..]));
            let mut sums = [bias; P];
            let (weights, _) = weights.as_chunks::<LANES>();
            let (weights, _) = weights.as_chunks::<V>();
            let (weights, _) = weights.as_chunks::<LANES>();
            for (row, weights) in rows.iter().zip(weights.chunks_exact(side * inputs / LANES)) {
                // In a row the window's values are one run.
                let runs: [&[[f32; LANES]]; P] =
                    from_fn(|p| row[(column + p) * stride * inputs..][..side * inputs].as_chunks().0);
                for (at, weights) in weights.iter().enumerate() {
                    let weights = weights.map(|vectors| vectors.map(f32x4::from));
                    for (sums, run) in sums.iter_mut().zip(&runs) {
                        let values = run[at].map(f32x4::splat);
                        for (value, weights) in values.into_iter().zip(weights) {
                            for (sum, weight) in sums.iter_mut().zip(weights) {
                                *sum = value.mul_add(weight, *sum);
                            }
                        }
                    }
                }
            }
            for (p, sums) in sums.into_iter().enumerate() {
                let place = (column + p) * outputs + block * V * LANES;
                for (v, sum) in sums.into_iter().enumerate() {
                    line[place + v * LANES..][..LANES].copy_from_slice(&sum.to_array());
                }
            }
        }
    }
}

fn vector(values: &[f32]) -> f32x4 {
    f32x4::from(from_fn(|lane| values[lane]))
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
fn for_each_chunk(values: &mut [f32], size: usize, f: impl Fn(usize, &mut [f32]) + Sync) {
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
