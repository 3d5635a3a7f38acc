//! Images brought to another size on their device.

use burn::tensor::Tensor;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};

use super::numbers::Wrap;
use super::wrap::padded;

/// `image` (`[N, C, H, W]`) interpolated at `[height, width]`, with half-pixel centres; edges that do not meet are repeated. What
/// becomes smaller is not filtered: half the size is well, less leaves pixels out. Bicubic means a = −0.75. The same tensor when the
/// size is the same.
pub fn resize(image: Tensor<4>, wrap: Wrap, size: [usize; 2], mode: InterpolateMode) -> Tensor<4> {
    let [_, _, h, w] = image.dims();
    if [h, w] == size {
        return image;
    }
    let margins = [(wrap.rows(), h, size[0]), (wrap.columns(), w, size[1])].map(|(meet, from, to)| match meet {
        true => margin(from, to),
        false => [0, 0],
    });
    let [[above, rows], [before, columns]] = margins;
    let options = InterpolateOptions::new(mode).with_align_corners(false);
    let wider = [size[0] + 2 * rows, size[1] + 2 * columns];
    let resized = interpolate(padded(image, wrap, [above, before]), options.with_output_size(wider));
    resized.narrow(2, rows, size[0]).narrow(3, columns, size[1])
}

/// How many pixels a side is continued by on either end, and how many these become: interpolation looks no further than two
/// pixels, and the margins are to be enlarged as the side is, to a whole number.
fn margin(from: usize, to: usize) -> [usize; 2] {
    let parts = greatest_common_divisor(from, to);
    let [from, to] = [from, to].map(|side| side / parts);
    let times = SEEN.div_ceil(from);
    [times * from, times * to]
}

/// Pixels that bicubic interpolation looks at on either side.
const SEEN: usize = 2;

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
