//! A flow made smooth where the frames do not say better.

use super::flow::Flow;
use super::plane::Plane;
use crate::compute::for_each_chunk;

/// How much neighbours hold together, against the squared slopes of luma around a pixel.
const HOLD: f32 = 4e-3;
/// Neighbours that differ by this much, in pixels, hold together half as much: they may belong to different things.
const APART: f32 = 0.5;
/// Each of the pixels around counts this far.
const AROUND: isize = 2;
const ROUNDS: usize = 40;

/// The squared slopes around a pixel: what it says of movements across (xx), down (yy) and of both (xy).
type Slopes = [f32; 3];

/// The flow f nearest to a given one f₀, in `to`, that is smooth: it minimises `Σ (f − f₀)ᵀ S (f − f₀) + HOLD · Σ g |f − f′|²`, S being the
/// squared slopes summed around each pixel, which say in what direction blocks could be told apart, f′ the neighbours' and g smaller
/// where f₀ has an edge. By Jacobi's iteration.
pub fn smoothed(flow: Flow, from: &Plane, to: &Plane) -> Flow {
    let (width, height) = (from.width as isize, from.height as isize);
    let place = |at: usize| (at as isize % width, at as isize / width);
    let mut slopes: Vec<Slopes> = vec![[0.0; 3]; from.values.len()];
    for_each_chunk(&mut slopes, from.width, |y, row| {
        for (x, slopes) in row.iter_mut().enumerate() {
            let [right, down] = flow.at(x as isize, y as isize);
            // Nothing is said of what has left the frame.
            if to.holds(x as f32 + right, y as f32 + down) {
                let [across, along] = from.slopes(x as isize, y as isize);
                *slopes = [across * across, across * along, along * along];
            }
        }
    });
    let slopes = summed(&summed(&slopes, from.width, 1), from.width, from.width);
    let holds = |at: usize| {
        let (x, y) = place(at);
        let own = flow.at(x, y);
        [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)].map(|(x, y)| {
            if x < 0 || y < 0 || x >= width || y >= height {
                return 0.0;
            }
            let other = flow.at(x, y);
            let apart = (own[0] - other[0]).hypot(own[1] - other[1]) / APART;
            HOLD / (1.0 + apart * apart)
        })
    };
    let mut held = vec![[0.0; 4]; from.values.len()];
    for_each_chunk(&mut held, from.width, |y, row| {
        row.iter_mut().enumerate().for_each(|(x, held)| *held = holds(y * from.width + x));
    });
    let mut now = flow.clone();
    for _ in 0..ROUNDS {
        let mut next = vec![[0.0; 2]; from.values.len()];
        for_each_chunk(&mut next, from.width, |y, row| {
            for (x, next) in row.iter_mut().enumerate() {
                let at = y * from.width + x;
                let (x, y) = (x as isize, y as isize);
                let ([xx, xy, yy], [right, down]) = (slopes[at], flow.at(x, y));
                let around = [now.at(x - 1, y), now.at(x + 1, y), now.at(x, y - 1), now.at(x, y + 1)];
                let hold: f32 = held[at].iter().sum();
                let mut wanted = [xx * right + xy * down, xy * right + yy * down];
                for (hold, other) in held[at].iter().zip(around) {
                    wanted = [wanted[0] + hold * other[0], wanted[1] + hold * other[1]];
                }
                let (a, d) = (xx + hold + 1e-9, yy + hold + 1e-9);
                let determinant = a * d - xy * xy;
                *next =
                    [(d * wanted[0] - xy * wanted[1]) / determinant, (a * wanted[1] - xy * wanted[0]) / determinant];
            }
        });
        now = now.with(next);
    }
    now
}

/// Sums over neighbours `step` values apart, of five at a time, as many as there are within the rows.
fn summed(values: &[Slopes], width: usize, step: usize) -> Vec<Slopes> {
    let mut sums = vec![[0.0; 3]; values.len()];
    for_each_chunk(&mut sums, width, |y, row| {
        for (x, sum) in row.iter_mut().enumerate() {
            for offset in -AROUND..=AROUND {
                let at = (y * width + x) as isize + offset * step as isize;
                let is_inside = step > 1 || (0..width as isize).contains(&(x as isize + offset));
                if let Some(value) = usize::try_from(at).ok().and_then(|at| values.get(at)).filter(|_| is_inside) {
                    *sum = [0, 1, 2].map(|which| sum[which] + value[which]);
                }
            }
        }
    });
    sums
}
