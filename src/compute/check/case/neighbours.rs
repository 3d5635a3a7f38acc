//! What pixels are compared with each other by.

use burn::tensor::{Tensor, TensorData};

use super::Case;
use crate::compute::maps::Maps;
use crate::compute::sums::Sums;
use crate::compute::{Spread, cosine, nearest, resample, similarity, statistics};

impl Case<'_> {
    /// What matching hypercolumns is made of, and the loss that looks at them.
    pub fn hypercolumns(&mut self, below: &Maps, other: &Maps, sums: &mut Sums) {
        let (height, width) = (below.height, below.width);
        for (name, size) in
            [("smaller", [height.div_ceil(4), width.div_ceil(3)]), ("larger", [2 * height + 1, width + 2])]
        {
            let made = resample::resample(below, size);
            self.add(&format!("resampled {name}"), made.to_plain());
            let gradient = self.maps(below.channels, size[0], size[1], false).data;
            let back = resample::resample_gradient(gradient, size, below);
            self.add_like(below, &format!("gradient of what was resampled {name}"), back);
        }
        let centres = [below, other].map(statistics::mean);
        let products = cosine::add_products(below, &centres[1], other, 0.3, None);
        let products = cosine::add_products(other, &centres[0], below, 0.5, Some(products));
        self.add("products of pixels", products.clone());
        let reach = self.numbers(height * width);
        let reach = self.tensor(reach, [1, 1, height, width]);
        sums.begin();
        let mixture = cosine::cosines(products, &reach, 0.7, sums);
        self.add_like(below, "gradient of cosines", cosine::cosine_gradient(below, &centres[1], other, 0.9, &mixture));

        // More than a tile of them; noise, so that no two are about as near.
        let (asked, among) = (self.maps(8, height, width, false), self.maps(8, 33, 37, false));
        let [asked, among] = [asked, among].map(|maps| nearest::Hypercolumns::new(&[(&maps, 0.4), (&maps, 1.1)]));
        let found = nearest::nearest(&asked, &among);
        self.add("similarity to the nearest", found.similarity);
        // Alone a pixel is its mean, and as near to all.
        let is_one = height * width == 1;
        self.add("places of the nearest", if is_one { found.places * 0.0 } else { found.places });
    }

    /// What tells how alike pixels are.
    pub fn similarity(&mut self, below: &Maps, other: &Maps, sums: &mut Sums) {
        let lifted = |maps: &Maps| Maps { data: maps.data.clone() + 1.5, ..maps.clone() };
        let ([below, other], count) = ([below, other].map(lifted), below.pixels());
        // Alone a pixel is at no distance but for rounding.
        let weight = if count == 1 { 0.0 } else { 0.7 };
        self.add("shares of distances", Spread::of(&other).shares(count) * weight);
        // All shares are well between these, for where two meet the gradient jumps.
        let target = (0..count * count).map(|at| ((at / count + at % count) % 2) as f32).collect();
        let target = Tensor::from_data(TensorData::new::<f32, _>(target, [count, count]), self.device);
        sums.begin();
        let gradient = similarity::spread_difference(&below, &Spread::given(target, self.layout), weight, sums);
        self.add_like(&below, "gradient of self-similarity", gradient);
    }
}
