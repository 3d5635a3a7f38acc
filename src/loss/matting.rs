//! Photorealism: a penalty on colours that are no affine function of the photo's within small windows,
//! by which straight edges stay straight (Luan et al. 2017, with the matting Laplacian of Levin, Lischinski
//! & Weiss 2006).
//!
//! The Laplacian is never written down. In each 3×3 window the image is fitted by an affine function of
//! the photo's colours, as guided filtering does (He, Sun & Tang 2010); the product with the Laplacian is
//! what the fits leave over, summed over the windows a pixel is in.

use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;
use burn::tensor::{Device, Tensor, TensorData};
use glam::{DMat3, DVec3};

use crate::compute::{Sums, Wrap, padded};
use crate::picture::Picture;

/// How much a window's colours must vary to count (Luan et al.: 1e-7).
const EPSILON: f64 = 1e-7;

/// The matting Laplacian of a photo at one size.
#[derive(Debug)]
pub struct Laplacian {
    /// The photo, `[3, 1, H, W]`.
    photo: Tensor<4>,
    /// Mean colour of each window, `[3, 1, H − 2, W − 2]`; where edges meet as many as there are rows or columns.
    mean: Tensor<4>,
    /// Inverse colour covariance of each window: three columns, each as the mean.
    inverse: [Tensor<4>; 3],
    /// In how many windows a pixel is, `[1, 1, H, W]`.
    windows: Tensor<4>,
    /// Which edges meet.
    wrap: Wrap,
}

impl Laplacian {
    /// Values kept for each pixel: photo, means, inverses, windows.
    pub const KEPT: u64 = 3 + 3 + 9 + 1;
    /// Values alive at once for each pixel in [`Laplacian::loss`]: four tensors of a value for each colour of the photo
    /// and channel of the image, and the image, its means and the offsets.
    pub const WORKING: u64 = 4 * 9 + 3 * 3;

    /// Of this photo, whose edges meet so; nothing when it holds no window.
    pub fn new(photo: &Picture, wrap: Wrap, device: &Device) -> Option<Self> {
        let (w, h) = (photo.width() as usize, photo.height() as usize);
        if w < 3 || h < 3 {
            return None;
        }
        let rgb = photo.rgb();
        // Where a side's ends meet, the first window begins a pixel before it.
        let place = |at: usize, side: usize, meet: bool| if meet { (at + side - 1) % side } else { at };
        let colour = |x: usize, y: usize| {
            let at = 3 * (place(y, h, wrap.rows()) * w + place(x, w, wrap.columns()));
            DVec3::new(rgb[at].into(), rgb[at + 1].into(), rgb[at + 2].into()) / 255.0
        };
        let windows = |side: usize, meet: bool| if meet { side } else { side - 2 };
        let (rows, columns) = (windows(h, wrap.rows()), windows(w, wrap.columns()));
        let count = rows * columns;
        let mut inverse = vec![vec![0f32; 3 * count]; 3];
        for y in 0..rows {
            for x in 0..columns {
                let window = || (0..9).map(move |i| colour(x + i % 3, y + i / 3));
                let mean = window().sum::<DVec3>() / 9.0;
                let covariance = window().fold(DMat3::ZERO, |sum, c| {
                    let d = c - mean;
                    sum + DMat3::from_cols(d * d.x, d * d.y, d * d.z)
                }) * (1.0 / 9.0);
                let inverted = (covariance + DMat3::IDENTITY * (EPSILON / 9.0)).inverse();
                for (column, values) in inverse.iter_mut().enumerate() {
                    for row in 0..3 {
                        values[row * count + y * columns + x] = inverted.col(column)[row] as f32;
                    }
                }
            }
        }
        let column = |values: Vec<f32>| Tensor::<4>::from_data(TensorData::new(values, [3, 1, rows, columns]), device);
        let [a, b, c] = [0, 1, 2].map(|i| column(std::mem::take(&mut inverse[i])));
        let photo = photo.to_tensor(device).reshape([3, 1, h, w]);
        let windows = spread(Tensor::ones([1, 1, rows, columns], device), wrap);
        Some(Self { mean: gather(photo.clone(), wrap), photo, inverse: [a, b, c], windows, wrap })
    }

    /// `weight` times the mean over the image's values of p·(L p), its value among the sums; the gradient.
    ///
    /// `image` is `[1, 3, H, W]` in \[0, 1\], of the photo's size.
    pub fn loss(&self, image: Tensor<4>, weight: f64, sums: &mut Sums) -> Tensor<4> {
        let product = self.product(image.clone());
        let scale = weight / image.shape().num_elements() as f64;
        sums.dot(image, product.clone(), scale);
        product * (2.0 * scale)
    }

    /// L times each of the image's channels.
    fn product(&self, image: Tensor<4>) -> Tensor<4> {
        let (gather, spread) = (|x| gather(x, self.wrap), |x| spread(x, self.wrap));
        let level = gather(image.clone());
        // Covariance of each colour of the photo (first index) with each channel of the image.
        let covariance = gather(self.photo.clone() * image.clone()) - self.mean.clone() * level.clone();
        let [a, b, c] = &self.inverse;
        let row = |i: usize| covariance.clone().narrow(0, i, 1);
        let slope = a.clone() * row(0) + b.clone() * row(1) + c.clone() * row(2);
        let offset = level - (slope.clone() * self.mean.clone()).sum_dim(0);
        let fitted = (self.photo.clone() * spread(slope)).sum_dim(0) + spread(offset);
        image * self.windows.clone() - fitted
    }
}

/// The mean over each 3×3 window inside, across edges that meet.
fn gather(x: Tensor<4>, wrap: Wrap) -> Tensor<4> {
    avg_pool2d(padded(x, wrap, [1, 1]), AvgPoolOptions::new([3, 3]).with_stride([1, 1]))
}

/// To each pixel the sum over the windows it is in.
fn spread(x: Tensor<4>, wrap: Wrap) -> Tensor<4> {
    let [rows, columns] = [wrap.rows(), wrap.columns()].map(|meet| if meet { 0 } else { 2 });
    gather(x.pad((columns, columns, rows, rows), 0.0), wrap) * 9.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::Layout;
    use crate::compute::read;

    fn values(tensor: Tensor<4>) -> Vec<f32> {
        pollster::block_on(read(tensor)).expect("read")
    }

    fn photo() -> Picture {
        let rgba: Vec<u8> = (0u32..7 * 6)
            .flat_map(|i| [(i * 37 % 251) as u8, (i * i % 241) as u8, (i * 91 % 239) as u8, 255])
            .collect();
        Picture::from_rgba("x", 7, 6, &rgba).expect("valid")
    }

    #[test]
    fn affine_changes_of_colour_cost_nothing() {
        let device = Device::flex();
        let laplacian = Laplacian::new(&photo(), Wrap::None, &device).expect("windows");
        let image = photo().to_tensor(&device);
        let changed = image.clone().flip([1]) * 0.5 + image.clone() * 0.3 + 0.1;
        assert!(values(laplacian.product(changed)).iter().all(|v| v.abs() < 1e-3));
        // Noise is no function of the photo's colours.
        let noise: Vec<f32> = (0u32..126).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as f32 / 255.0).collect();
        let noise = Tensor::from_data(TensorData::new(noise, [1, 3, 6, 7]), &device);
        let mut sums = Sums::new(Layout::Plain);
        laplacian.loss(noise, 1.0, &mut sums);
        assert!(pollster::block_on(sums.read()).expect("read")[0] > 0.01);
    }

    #[test]
    fn the_product_is_that_of_the_written_out_matrix() {
        [Wrap::None, Wrap::X, Wrap::Y, Wrap::Both].into_iter().for_each(check_product);
    }

    fn check_product(wrap: Wrap) {
        let (w, h) = (7usize, 6usize);
        let photo = photo();
        let colour = |i: usize| DVec3::from_array([0, 1, 2].map(|c| f64::from(photo.rgb()[3 * i + c]) / 255.0));
        let x: Vec<f64> = (0..w * h).map(|i| f64::from((i * 29 % 53) as u32) / 53.0).collect();
        let mut expected = vec![0.0; w * h];
        let windows = |side: usize, meet: bool| if meet { side } else { side - 2 };
        for y in 0..windows(h, wrap.rows()) {
            for left in 0..windows(w, wrap.columns()) {
                let window: Vec<usize> = (0..9).map(|i| (y + i / 3) % h * w + (left + i % 3) % w).collect();
                let mean = window.iter().map(|&i| colour(i)).sum::<DVec3>() / 9.0;
                let covariance = window.iter().fold(DMat3::ZERO, |sum, &i| {
                    let d = colour(i) - mean;
                    sum + DMat3::from_cols(d * d.x, d * d.y, d * d.z)
                }) * (1.0 / 9.0);
                let inverse = (covariance + DMat3::IDENTITY * (EPSILON / 9.0)).inverse();
                for &i in &window {
                    for &j in &window {
                        let affinity = (1.0 + (colour(i) - mean).dot(inverse * (colour(j) - mean))) / 9.0;
                        expected[i] += (f64::from(u8::from(i == j)) - affinity) * x[j];
                    }
                }
            }
        }
        let device = Device::flex();
        let planes: Vec<f32> = x.iter().map(|&v| v as f32).cycle().take(3 * w * h).collect();
        let image = Tensor::from_data(TensorData::new(planes, [1, 3, h, w]), &device);
        let found = values(Laplacian::new(&photo, wrap, &device).expect("windows").product(image));
        for (a, b) in found.iter().zip(expected.iter().cycle()) {
            assert!((f64::from(*a) - b).abs() < 1e-3, "{wrap:?}: {a} instead of {b}");
        }
    }
}
