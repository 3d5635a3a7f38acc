//! Images brought to another size on their device.

use burn::tensor::Tensor;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};

/// `image` (`[N, C, H, W]`) interpolated at `[height, width]` with half-pixel centres, edges repeated; bicubic means
/// a = −0.75. The same tensor when the size is the same.
pub fn resize(image: Tensor<4>, size: [usize; 2], mode: InterpolateMode) -> Tensor<4> {
    let [_, _, h, w] = image.dims();
    if [h, w] == size {
        return image;
    }
    let options = InterpolateOptions::new(mode).with_align_corners(false);
    interpolate(image, options.with_output_size(size))
}
