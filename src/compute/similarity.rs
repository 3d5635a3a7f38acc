//! How alike the pixels of maps are to each other: the angles between all of them.
//!
//! The cosine distances of n pixels are a symmetric matrix `D` with zeros on its diagonal. What is compared of it is each column by its
//! sum, `D_ij / Σ_k D_kj`: how a pixel's distance is spread over all the others. Sums have a little added, for where all pixels are
//! alike their distances are nothing but rounding.

use burn::tensor::Tensor;

use super::batch::{Batch, Pick, Recipe, products, products_transposed};
use super::cosine::{add_products, cosine_gradient, cosines};
use super::maps::{Layout, Maps};
use super::matrix::Matrix;
use super::sums::Sums;
use super::{plain, wgsl};

/// How each pixel's distance is spread over the others, a row for each: flat, its sides filled up to a multiple of 8 in packed layouts.
#[derive(Debug, Clone)]
pub struct Spread(Tensor<4>);

impl Spread {
    /// Of maps.
    pub fn of(maps: &Maps) -> Self {
        let count = maps.pixels();
        let cosines = Angles::of(maps).cosines();
        Self(match maps.layout {
            Layout::Plain => plain::spread(cosines.get(0)).reshape([1, 1, 1, count * count]),
            Layout::Packed { .. } => wgsl::spread(cosines.place(0).0, count),
        })
    }

    /// These shares of n pixels, `[n, n]`, in the layout of maps.
    pub(super) fn given(shares: Tensor<2>, layout: Layout) -> Self {
        let [count, _] = shares.dims();
        let pitch = if layout.is_packed() { count.next_multiple_of(8) } else { count };
        Self(shares.pad([(0, pitch - count), (0, pitch - count)], 0.0).reshape([1, 1, 1, pitch * pitch]))
    }

    /// The shares of so many pixels, `[n, n]`.
    pub(super) fn shares(&self, count: usize) -> Tensor<2> {
        let pitch = self.0.dims()[3].isqrt();
        self.0.clone().reshape([pitch, pitch]).narrow(0, 0, count).narrow(1, 0, count)
    }
}

/// Leaves `weight` times the mean over all pixels of `Σ_i |D_ij / Σ_k D_kj − target_ij|` among the sums: its gradient at the maps.
pub fn spread_difference(maps: &Maps, target: &Spread, weight: f64, sums: &mut Sums) -> Tensor<4> {
    let (count, factor) = (maps.pixels(), weight / maps.pixels() as f64);
    let angles = Angles::of(maps);
    let cosines = angles.cosines();
    // How the value changes with each distance.
    let slopes = match maps.layout {
        Layout::Plain => {
            let target = target.0.clone().reshape([count, count]);
            let (value, slopes) = plain::spread_difference(cosines.get(0), target);
            sums.value(value, factor);
            slopes
        }
        Layout::Packed { .. } => {
            let (cosines, total) = (cosines.place(0).0, sums.present());
            let room = sums.rooms(&cosines, &[(total, factor)], count);
            let pitch = count.next_multiple_of(8);
            wgsl::spread_difference(cosines, &target.0, count, room).reshape([pitch, pitch])
        }
    };
    angles.gradient(maps, slopes, factor)
}

/// The directions of the vectors at each pixel.
struct Angles {
    /// Of length 1, one a row; zeros fill the rows up to a multiple of 8 in packed layouts.
    directions: Batch,
    /// From where they are seen: zero.
    centre: Matrix,
}

impl Angles {
    fn of(maps: &Maps) -> Self {
        let (count, layout) = (maps.pixels(), maps.layout);
        let centre = Matrix { data: Tensor::zeros([1, maps.channels], &maps.data.device()), layout };
        let squares = add_products(maps, &centre, maps, 1.0, None).narrow(1, 1, 1);
        let rows = maps.to_plain() * squares.clamp_min(1e-12).sqrt().recip();
        let data: Tensor<2> = rows.reshape([maps.channels, count]).transpose();
        let data = match layout {
            Layout::Plain => data,
            Layout::Packed { .. } => data.pad([(0, count.next_multiple_of(8) - count), (0, 0)], 0.0),
        };
        Self { directions: Batch::one(&Matrix { data, layout }), centre }
    }

    /// The cosines between all of them.
    fn cosines(&self) -> Batch {
        let one = Pick::First(0);
        products_transposed([&self.directions; 2], &[Recipe::product(one, one, 1.0).symmetric()])
    }

    /// The gradient at the maps, given `factor` by how the value changes with each distance.
    fn gradient(&self, maps: &Maps, slopes: Tensor<2>, factor: f64) -> Tensor<4> {
        let layout = maps.layout;
        // Each distance is that of two pixels, and falls as their product grows.
        let slopes = Batch::one(&Matrix { data: slopes.clone().transpose() + slopes, layout });
        let pulls =
            products([&slopes, &self.directions], &[Recipe::product(Pick::First(0), Pick::Second(0), 1.0)], None);
        let pulls = pulls.get(0).narrow(0, 0, maps.pixels()).transpose();
        let pulls = Maps::from_plain(pulls.reshape([1, maps.channels, maps.height, maps.width]), layout);
        // What changes a length only changes no angle.
        let products = add_products(maps, &self.centre, &pulls, 1.0, None);
        let reach = Tensor::ones([1, 1, maps.height, maps.width], &maps.data.device());
        let mixture = cosines(products, &reach, factor, &mut Sums::new(layout));
        cosine_gradient(maps, &self.centre, &pulls, 1.0, &mixture)
    }
}
