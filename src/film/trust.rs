//! Where a flow can be trusted: what one frame shows and the other hides has no place there.

use super::flow::Flow;
use super::plane::between;
use crate::picture::Picture;

/// How much colours may differ, as the mean over channels and 3 × 3 pixels, for a place to be the same thing.
const ALIKE: f32 = 20.0;

/// How much each pixel's movement from a frame to the last one is to be trusted, 0 to 1, row by row; `back` is the flow from the last
/// frame to this one.
///
/// Nothing is trusted (Ruder et al. 2016, eq. 5 and 6, from Sundaram et al. 2010)
/// - where the movement there and the one back do not cancel: `|w̃ + ŵ|² > 0.01 (|w̃|² + |ŵ|²) + 0.5`, the pixel is hidden in the
///   last frame, or beyond its border;
/// - at the edges of what moves: `|∇û|² + |∇v̂|² > 0.01 |ŵ|² + 0.01`, where the paper has 0.002: our flow is a little rougher;
/// - where the colours there are others after all, as where the light changes or nothing tells places apart: ours.
///
/// What is next to such a pixel is trusted by the share of its 3 × 3 neighbours that are, so that no seam shows.
pub fn trust(flow: &Flow, back: &Flow, photo: &Picture, last: &Picture) -> Vec<f32> {
    let (width, height) = flow.size();
    let (width, height) = (width as isize, height as isize);
    let places = || (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)));
    let difference = |(x, y): (isize, isize)| {
        let [right, down] = flow.at(x, y);
        let there = colour_between(last, x as f32 + right, y as f32 + down);
        let here = &photo.rgb()[3 * (y * width + x) as usize..][..3];
        here.iter().zip(there).map(|(&here, there)| (f32::from(here) - there).abs()).sum::<f32>() / 3.0
    };
    let differences: Vec<f32> = places().map(difference).collect();
    let around = |values: &[f32], (x, y): (isize, isize)| {
        let (mut sum, mut count) = (0.0, 0.0);
        for row in (y - 1).max(0)..(y + 2).min(height) {
            for column in (x - 1).max(0)..(x + 2).min(width) {
                (sum, count) = (sum + values[(row * width + column) as usize], count + 1.0);
            }
        }
        sum / count
    };
    let is_same = |(x, y): (isize, isize)| {
        let forth = flow.at(x, y);
        let there = [x as f32 + forth[0], y as f32 + forth[1]];
        if there[0] < 0.0 || there[1] < 0.0 || there[0] > (width - 1) as f32 || there[1] > (height - 1) as f32 {
            return false;
        }
        let returned = back.between_pixels(there[0], there[1]);
        let square = |[right, down]: [f32; 2]| right * right + down * down;
        let missed = square([forth[0] + returned[0], forth[1] + returned[1]]);
        let [right, below] = [flow.at(x + 1, y), flow.at(x, y + 1)];
        let slope =
            square([right[0] - forth[0], right[1] - forth[1]]) + square([below[0] - forth[0], below[1] - forth[1]]);
        missed <= 0.01 * (square(forth) + square(returned)) + 0.5
            && slope <= 0.01 * square(forth) + 0.01
            && around(&differences, (x, y)) <= ALIKE
    };
    let same: Vec<f32> = places().map(|place| f32::from(u8::from(is_same(place)))).collect();
    places().map(|place| same[(place.1 * width + place.0) as usize] * around(&same, place)).collect()
}

/// A picture's colour at a place between pixels, linear both ways, 0 to 255.
fn colour_between(picture: &Picture, x: f32, y: f32) -> [f32; 3] {
    let (width, height) = (picture.width() as isize, picture.height() as isize);
    between(x, y, |x, y| {
        let at = 3 * (y.clamp(0, height - 1) * width + x.clamp(0, width - 1)) as usize;
        [0, 1, 2].map(|channel| f32::from(picture.rgb()[at + channel]))
    })
}
