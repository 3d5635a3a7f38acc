//! Photorealism: a penalty on colours that are no affine function of the photo's within small windows,
//! by which straight edges stay straight (Luan et al. 2017, with the matting Laplacian of Levin, Lischinski
//! & Weiss 2006).
//!
//! The Laplacian is never written down. In each 3×3 window the image is fitted by an affine function of
//! the photo's colours, as guided filtering does (He, Sun & Tang 2010); the product with the Laplacian is
//! what the fits leave over, summed over the windows a pixel is in.
//!
//! A fit divides by the colours' covariance Σ + ε/9 · I, which is all but singular wherever colours lie on a
//! line, as two flat ones do: its inverse has entries of 1/ε, beside which single precision knows nothing of
//! those of 1/Σ. With the Cholesky factor L it is RᵀR for R = L⁻¹, whose entries are no larger than 3/√ε, and
//! R is what is kept and multiplied by, twice.

use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;
use burn::tensor::{Device, Tensor, TensorData};
use glam::{DMat3, DVec3};

use crate::compute::{Sums, Wrap, padded};
use crate::picture::Picture;

/// How much a window's colours must vary to count (Luan et al.: 1e-7).
const EPSILON: f64 = 1e-7;
/// What is taken off colours first: covariances are small differences of means of products, which lose the less
/// the smaller those are.
const MID_GREY: f64 = 0.5;

/// The matting Laplacian of a photo at one size.
#[derive(Debug)]
pub struct Laplacian {
    /// The photo less mid-grey, `[3, 1, H, W]`.
    photo: Tensor<4>,
    /// Mean of that in each window, `[3, 1, H − 2, W − 2]`; where edges meet as many as there are rows or columns.
    mean: Tensor<4>,
    /// The lower triangular R of each window, row by row: `[6, 1, …]`, else as the mean.
    root: Tensor<4>,
    /// In how many windows a pixel is, `[1, 1, H, W]`.
    windows: Tensor<4>,
    /// Which edges meet.
    wrap: Wrap,
}

impl Laplacian {
    /// Values kept for each pixel: photo, means, roots, windows.
    pub const KEPT: u64 = 3 + 3 + 6 + 1;
    /// Values alive at once for each pixel in [`Laplacian::loss`]: four tensors of a value for each colour of the photo
    /// and channel of the image, and the image, the same less mid-grey, its means and the offsets.
    pub const WORKING: u64 = 4 * 9 + 4 * 3;

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
        let mut root = vec![0f32; 6 * count];
        for y in 0..rows {
            for x in 0..columns {
                let window = || (0..9).map(move |i| colour(x + i % 3, y + i / 3));
                let mean = window().sum::<DVec3>() / 9.0;
                let covariance = window().fold(DMat3::ZERO, |sum, c| {
                    let d = c - mean;
                    sum + DMat3::from_cols(d * d.x, d * d.y, d * d.z)
                }) * (1.0 / 9.0);
                let values = inverse_root(covariance + DMat3::IDENTITY * (EPSILON / 9.0));
                for (i, value) in values.into_iter().enumerate() {
                    root[i * count + y * columns + x] = value as f32;
                }
            }
        }
        let root = Tensor::from_data(TensorData::new(root, [6, 1, rows, columns]), device);
        let photo = photo.to_tensor(device).reshape([3, 1, h, w]) - MID_GREY;
        let windows = spread(Tensor::ones([1, 1, rows, columns], device), wrap);
        Some(Self { mean: gather(photo.clone(), wrap), photo, root, windows, wrap })
    }

    /// `weight` times the mean over the image's values of p·(L p), its value among the sums; the gradient.
    ///
    /// `image` is `[1, 3, H, W]` in \[0, 1\], of the photo's size.
    pub fn loss(&self, image: Tensor<4>, weight: f64, sums: &mut Sums) -> Tensor<4> {
        let image = image - MID_GREY;
        let product = self.product(image.clone());
        let scale = weight / image.shape().num_elements() as f64;
        sums.dot(image, product.clone(), scale);
        product * (2.0 * scale)
    }

    /// L times each of the image's channels, in which a constant makes no difference but to rounding.
    fn product(&self, image: Tensor<4>) -> Tensor<4> {
        let (gather, spread) = (|x| gather(x, self.wrap), |x| spread(x, self.wrap));
        let level = gather(image.clone());
        // Covariance of each colour of the photo (first index) with each channel of the image.
        let covariance = gather(self.photo.clone() * image.clone()) - self.mean.clone() * level.clone();
        let slope = self.slope(covariance);
        let offset = level - (slope.clone() * self.mean.clone()).sum_dim(0);
        let fitted = (self.photo.clone() * spread(slope)).sum_dim(0) + spread(offset);
        image * self.windows.clone() - fitted
    }

    /// RᵀR times the covariances.
    fn slope(&self, covariance: Tensor<4>) -> Tensor<4> {
        let root = |row: usize, column: usize| self.root.clone().narrow(0, row * (row + 1) / 2 + column, 1);
        let entry = |i: usize| covariance.clone().narrow(0, i, 1);
        let whitened: [Tensor<4>; 3] = std::array::from_fn(|row| {
            (0..row).fold(root(row, row) * entry(row), |sum, column| sum + root(row, column) * entry(column))
        });
        let slopes = (0..3).map(|column| {
            let first = root(column, column) * whitened[column].clone();
            (column + 1..3).fold(first, |sum, row| sum + root(row, column) * whitened[row].clone())
        });
        Tensor::cat(slopes.collect(), 0)
    }
}

/// The inverse of the Cholesky factor of a symmetric positive definite matrix: its lower triangle, row by row.
fn inverse_root(matrix: DMat3) -> [f64; 6] {
    let [a, b, c] = [matrix.x_axis, matrix.y_axis, matrix.z_axis];
    let first = a.x.sqrt().recip();
    let (l10, l20) = (a.y * first, a.z * first);
    let second = (b.y - l10 * l10).sqrt().recip();
    let l21 = (b.z - l20 * l10) * second;
    let third = (c.z - l20 * l20 - l21 * l21).sqrt().recip();
    let r10 = -l10 * first * second;
    [first, r10, second, -(l20 * first + l21 * r10) * third, -l21 * second * third, third]
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

    /// A picture of 14 × 12 pixels whose colours are these, red, green and blue in 0 to 255, by column and row.
    fn drawn(colour: impl Fn(u32, u32) -> [u32; 3]) -> Picture {
        let pixel = |i: u32| colour(i % 14, i / 14).map(|v| v.min(255) as u8);
        let rgba: Vec<u8> = (0..14 * 12).flat_map(|i| [pixel(i)[0], pixel(i)[1], pixel(i)[2], 255]).collect();
        Picture::from_rgba("x", 14, 12, &rgba).expect("valid")
    }

    /// Photos with windows whose colours lie on a line, nearly on one, or in a point.
    fn flat_photos() -> Vec<(&'static str, Picture)> {
        let noise = |x: u32, y: u32| (x + 14 * y + 1).wrapping_mul(2_654_435_761) >> 29;
        let [red, blue] = [[200, 30, 60], [20, 90, 230]];
        vec![
            ("one colour", drawn(|_, _| [97, 130, 11])),
            ("black beside white", drawn(|x, _| [if x < 7 { 0 } else { 255 }; 3])),
            ("black beside red", drawn(|x, _| [if x < 7 { 0 } else { 255 }, 0, 0])),
            ("two greys, aslant", drawn(|x, y| [if (x + 2 * y) % 10 < 5 { 25 } else { 230 }; 3])),
            ("a checkerboard", drawn(|x, y| [255 * ((x / 3 + y / 3) % 2); 3])),
            ("a ramp of grey", drawn(|x, y| [(5 * x + y) % 256; 3])),
            ("a steep ramp of grey", drawn(|x, y| [(16 * x + 3 * y) % 256; 3])),
            ("sepia", drawn(|x, y| [250, 220, 180].map(|k| (20 + (4 * x + 3 * y) % 215) * k / 255))),
            ("two colours", drawn(|x, y| if x + y / 3 < 8 { red } else { blue })),
            (
                "nearly two colours",
                drawn(|x, y| {
                    let colour = if x + y / 3 < 8 { red } else { blue };
                    [0, 1, 2].map(|c| colour[c] + noise(x, 3 * y + c as u32) / 3)
                }),
            ),
            ("nearly grey", drawn(|x, y| [0, 1, 2].map(|c| 20 + 7 * x + 5 * y + noise(3 * x + c, y) / 4))),
        ]
    }

    #[test]
    fn a_photo_is_as_photoreal_as_itself() {
        let device = Device::flex();
        for (name, photo) in flat_photos() {
            let laplacian = Laplacian::new(&photo, Wrap::None, &device).expect("windows");
            let image = photo.to_tensor(&device);
            let mut sums = Sums::new(Layout::Plain);
            laplacian.loss(image.clone(), 1e4, &mut sums);
            let value = pollster::block_on(sums.read()).expect("read")[0];
            let most = values(laplacian.product(image)).iter().fold(0f32, |most, v| most.max(v.abs()));
            assert!(value.abs() < 0.02 && most < 1e-3, "{name}: {value}, the product up to {most}");
        }
    }

    #[test]
    fn the_product_is_that_of_the_written_out_matrix() {
        [Wrap::None, Wrap::X, Wrap::Y, Wrap::Both].into_iter().for_each(|wrap| check_product("noise", &photo(), wrap));
        for (name, photo) in flat_photos() {
            check_product(name, &photo, Wrap::None);
            check_product(name, &photo, Wrap::Both);
        }
    }

    /// The matrix times x, and x times that, in double precision: in each window what is left of x by linear
    /// regression on the colours, both less their means, with ε as ridge. That is the distance from a space which
    /// Gram's and Schmidt's process spans.
    fn written_out(photo: &Picture, wrap: Wrap, x: &[f64]) -> (Vec<f64>, f64) {
        let (w, h) = (photo.width() as usize, photo.height() as usize);
        let colour = |i: usize, c: usize| f64::from(photo.rgb()[3 * i + c]) / 255.0;
        let windows = |side: usize, meet: bool| if meet { side } else { side - 2 };
        let mut product = vec![0.0; w * h];
        for (y, left) in (0..windows(h, wrap.rows())).flat_map(|y| (0..windows(w, wrap.columns())).map(move |x| (y, x)))
        {
            let window: Vec<usize> = (0..9).map(|i| (y + i / 3) % h * w + (left + i % 3) % w).collect();
            let centred = |value: &dyn Fn(usize) -> f64, ridge: usize| {
                let mean = window.iter().map(|&i| value(i)).sum::<f64>() / 9.0;
                let mut row: Vec<f64> = window.iter().map(|&i| value(i) - mean).collect();
                row.extend((0..3).map(|c| if c == ridge { EPSILON.sqrt() } else { 0.0 }));
                row
            };
            let less = |row: &mut Vec<f64>, basis: &[Vec<f64>]| {
                for other in basis {
                    let share: f64 = row.iter().zip(other).map(|(a, b)| a * b).sum();
                    row.iter_mut().zip(other).for_each(|(a, b)| *a -= share * b);
                }
            };
            let mut basis: Vec<Vec<f64>> = Vec::new();
            for c in 0..3 {
                let mut row = centred(&|i| colour(i, c), c);
                (0..2).for_each(|_| less(&mut row, &basis));
                let length = row.iter().map(|v| v * v).sum::<f64>().sqrt();
                basis.push(row.iter().map(|v| v / length).collect());
            }
            let mut left_over = centred(&|i| x[i], 3);
            less(&mut left_over, &basis);
            window.iter().zip(&left_over).for_each(|(&i, v)| product[i] += v);
        }
        let form = product.iter().zip(x).map(|(a, b)| a * b).sum();
        (product, form)
    }

    fn check_product(name: &str, photo: &Picture, wrap: Wrap) {
        let (w, h) = (photo.width() as usize, photo.height() as usize);
        let x: Vec<f64> = (0..w * h).map(|i| f64::from((i * 29 % 53) as u32) / 53.0).collect();
        let (expected, form) = written_out(photo, wrap, &x);
        let device = Device::flex();
        let planes: Vec<f32> = x.iter().map(|&v| v as f32).cycle().take(3 * w * h).collect();
        let image = Tensor::from_data(TensorData::new(planes, [1, 3, h, w]), &device);
        let laplacian = Laplacian::new(photo, wrap, &device).expect("windows");
        let mut sums = Sums::new(Layout::Plain);
        laplacian.loss(image.clone(), (w * h) as f64, &mut sums);
        let value = pollster::block_on(sums.read()).expect("read")[0];
        assert!((value - form).abs() < 1e-4 * form, "{name}, {wrap:?}: {value} instead of {form}");
        for (a, b) in values(laplacian.product(image)).iter().zip(expected.iter().cycle()) {
            assert!((f64::from(*a) - b).abs() < 1e-3, "{name}, {wrap:?}: {a} instead of {b}");
        }
    }
}
