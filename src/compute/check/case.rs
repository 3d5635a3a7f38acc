//! What is computed at one shape, the same in every layout.

mod neighbours;

use burn::tensor::{Device, Tensor, TensorData};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::compute::batch::{Batch, Norms, Pick, Recipe, products, products_transposed};
use crate::compute::convolution::{self, Filter};
use crate::compute::field::Field;
use crate::compute::maps::{Layout, Maps};
use crate::compute::matrix::Matrix;
use crate::compute::numbers::{AdamStep, Kernel, Pooling, Wrap};
use crate::compute::place::Place;
use crate::compute::pooling::{self, Pooled};
use crate::compute::read::read;
use crate::compute::rows::{Rising, Sheet};
use crate::compute::styling::{Activation, Shares, Styling};
use crate::compute::sums::Sums;
use crate::compute::window::Window;
use crate::compute::{image, pointwise, region, statistics};
use crate::error::Result;

/// A shape to compare at. Both channel counts are multiples of 8, and no side is 0.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Input channels of the convolution, and the channels of everything else.
    pub inputs: usize,
    /// The convolution's output channels.
    pub outputs: usize,
    /// The maps' height in pixels.
    pub height: usize,
    /// The maps' width in pixels.
    pub width: usize,
}

/// What was computed, flat, by name.
pub(super) type Results = Vec<(String, Vec<f32>)>;

/// One shape in one layout: where its numbers come from, and what was computed with them.
pub(super) struct Case<'a> {
    shape: Shape,
    layout: Layout,
    device: &'a Device,
    random: ChaCha8Rng,
    results: Vec<(String, Tensor<1>)>,
}

impl<'a> Case<'a> {
    /// Nothing computed yet; and a rectified map and another one.
    pub fn begin(shape: Shape, layout: Layout, device: &'a Device) -> (Self, Maps, Maps) {
        let mut case = Self { shape, layout, device, random: ChaCha8Rng::seed_from_u64(1), results: Vec::new() };
        let [below, tap] = [true, false].map(|rectified| case.maps(shape.inputs, shape.height, shape.width, rectified));
        (case, below, tap)
    }

    /// What was computed so far.
    pub async fn read(self) -> Result<Results> {
        let mut read_back = Vec::new();
        for (name, tensor) in self.results {
            read_back.push((name, read(tensor).await?));
        }
        Ok(read_back)
    }

    /// So many numbers in [−1, 1).
    fn numbers(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| (self.random.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0).collect()
    }

    fn tensor(&self, values: Vec<f32>, shape: [usize; 4]) -> Tensor<4> {
        Tensor::from_data(TensorData::new(values, shape), self.device)
    }

    fn maps(&mut self, channels: usize, height: usize, width: usize, rectified: bool) -> Maps {
        // A third of a rectified map is zero, as after a ReLU.
        let cut = |v: f32| if rectified { (v + 0.3).max(0.0) } else { v };
        let values = self.numbers(channels * height * width).into_iter().map(cut).collect();
        Maps::from_plain(self.tensor(values, [1, channels, height, width]), self.layout)
    }

    fn image(&mut self) -> Tensor<4> {
        let Shape { height, width, .. } = self.shape;
        let values = self.numbers(3 * height * width);
        self.tensor(values, [1, 3, height, width])
    }

    fn filter(&mut self, inputs: usize, outputs: usize) -> Filter {
        let (weight, bias) = (self.numbers(outputs * inputs * 9), self.numbers(outputs));
        Filter::new(Kernel { shape: [outputs, inputs, 3, 3], weight, bias }, self.layout, self.device)
    }

    /// Two matrices of as many rows and columns as there are inputs: any, and a symmetric one.
    fn matrices(&mut self) -> [Matrix; 2] {
        let side = self.shape.inputs;
        let any = self.numbers(side * side);
        let symmetric = (0..any.len()).map(|i| any[i] + any[i % side * side + i / side]).collect();
        [any, symmetric].map(|values| {
            let data = Tensor::from_data(TensorData::new(values, [side, side]), self.device);
            Matrix { data, layout: self.layout }
        })
    }

    fn add<const D: usize>(&mut self, name: &str, values: Tensor<D>) {
        self.results.push((name.into(), values.flatten(0, D - 1)));
    }

    /// Adds values that lie as those of these maps do.
    fn add_like(&mut self, like: &Maps, name: &str, data: Tensor<4>) {
        self.add(name, Maps { data, ..like.clone() }.to_plain());
    }

    pub fn convolutions(&mut self, below: &Maps, tap: &Maps) {
        let Shape { inputs, outputs, height, width } = self.shape;
        let size = [height, width];
        let above = self.maps(outputs, height, width, false).data;
        let filter = self.filter(inputs, outputs);
        self.add("forward", convolution::conv3x3_relu(below, &filter).to_plain());
        // A copy nobody else holds, which may be written over.
        let alone = || Maps { data: below.data.clone() * 1.0, ..below.clone() };
        let gradient = |below, tap| convolution::conv3x3_gradient(above.clone(), &filter, below, tap);
        self.add_like(below, "gradient", gradient(alone(), None));
        self.add_like(below, "gradient where the map is still needed", gradient(below.clone(), None));
        self.add_like(below, "gradient and tap", gradient(alone(), Some(tap.data.clone())));
        let unmasked = convolution::conv3x3_gradient_unmasked(above.clone(), &filter, size, Wrap::None);
        self.add_like(below, "gradient unmasked", unmasked);
        self.add_like(below, "mask", pointwise::mask(below, tap.data.clone()));

        let (image, filter) = (self.image(), self.filter(3, 64));
        let input = image::input(image, Wrap::None, [0.4, 0.5, 0.6], self.layout);
        self.add("forward of an image", convolution::conv3x3_relu(&input, &filter).to_plain());
        let first = self.maps(64, height, width, false);
        self.add("gradient of an image", convolution::image_gradient(first.data, &filter, size, Wrap::None));
    }

    pub fn products(&mut self, below: &Maps) {
        let [any, symmetric] = self.matrices();
        self.add("gram", statistics::gram(below).data);
        self.add_like(below, "gram gradient", statistics::gram_gradient(below, &symmetric, 0.5));

        // Two batches of matrices of two sizes, and more products at once than a table has rows.
        let Shape { inputs, outputs, .. } = self.shape;
        let mut matrix = |rows: usize, columns: usize| {
            let values = self.numbers(rows * columns);
            let data = Tensor::from_data(TensorData::new(values, [rows, columns]), self.device);
            Matrix { data, layout: self.layout }
        };
        let [wide, tall] = [matrix(inputs, outputs), matrix(outputs, inputs)];
        let (Some(a), Some(b)) = (Batch::of(&[&any, &symmetric, &wide]), Batch::of(&[&tall, &symmetric])) else {
            return;
        };
        use Pick::{First, Second};
        let from = [&a, &b];
        let norms = Norms::of(from, &[First(1), Second(0), First(2)]);
        let recipes = [
            Recipe::product(First(0), First(1), 0.7).shifted(-0.3),
            Recipe::product(First(2), Second(0), 0.5).plus(Second(1), -2.0).normed(0, -0.25).shifted(0.5),
            Recipe::product(Second(0), First(2), 1.0).shifted(0.1),
            Recipe::copy(Second(0), 0.3).normed(1, 0.5),
            Recipe::copy(First(1), -1.0).shifted(2.0),
            Recipe::product(Second(0), First(0), 1.0).normed(2, -0.5),
        ];
        let made = products(from, &recipes, Some(&norms));
        let many: Vec<_> = (0..70).map(|i| Recipe::copy(First(1), f64::from(i) / 70.0)).collect();
        let many = products([&made, &b], &many, None);
        let recipes = [
            Recipe::product(First(0), First(1), 0.3).shifted(-0.2),
            Recipe::product(Second(0), Second(0), 0.3).shifted(0.4).symmetric(),
            Recipe::product(First(2), First(2), 1.0).symmetric(),
            Recipe::product(First(1), Second(1), 0.6).symmetric(),
        ];
        let across = products_transposed(from, &recipes);
        let all =
            |batch: &Batch, count: usize| (0..count).map(|i| batch.get(i).flatten(0, 1)).collect::<Vec<Tensor<1>>>();
        self.add("products", Tensor::cat(all(&made, 6), 0));
        self.add("many products", Tensor::cat(all(&many, 70), 0));
        self.add("products of rows", Tensor::cat(all(&across, 4), 0));
    }

    pub fn moments(&mut self, below: &Maps, other: &Maps, sums: &mut Sums) {
        let [_, symmetric] = self.matrices();
        let (mean, goal) = (statistics::mean(below), statistics::mean(other));
        let means = [&mean, &goal];
        self.add("covariance", statistics::covariance(below, &mean, 0.1).data);
        let (batch, layout) = (Batch::of(&[&symmetric]), self.layout);
        if let Some(batch) = &batch {
            let gradient = statistics::moments_gradient(below, (batch, 0), means, 0.5);
            self.add_like(below, "moments gradient", pointwise::mask(below, gradient));
        }

        let room = (below.pixels() + 8) * below.channels + 2 * below.channels * below.channels;
        let mut seen = Batch::with_room(room, layout, &below.data);
        sums.begin();
        statistics::push_covariance(&mut seen, below, means, 0.1, 0.3, sums);
        sums.begin();
        statistics::push_centred(&mut seen, below, means, 0.7, sums);
        self.add("covariance among others", seen.get(0));
        let half = products([&seen; 2], &[Recipe::copy(Pick::First(1), 0.5)], None);
        self.add_like(below, "from rows", statistics::from_rows(below, [(&seen, 1), (&half, 0)], means, 2.0));
        // As polar factors are found: sums over the rows, however many zeros fill them up, and neither factor is square.
        if let Some(batch) = &batch {
            let rows = Pick::First(1);
            let step = products_transposed([&seen; 2], &[Recipe::product(rows, rows, 0.2).shifted(0.5).symmetric()]);
            let across = products([&step, &seen], &[Recipe::product(Pick::First(0), Pick::Second(1), 0.7)], None);
            let along = products([&seen, batch], &[Recipe::product(rows, Pick::Second(0), 0.3)], None);
            let few = statistics::from_rows(below, [(&across, 0), (&along, 0)], means, 1.0);
            self.add_like(below, "products of few rows", few);
        }
        self.add("mean", mean.data);
    }

    pub fn regions(&mut self, below: &Maps, tap: &Maps) {
        // Every pixel but each third.
        let inside: Vec<f32> = (0..below.pixels()).filter(|at| at % 3 != 1).map(|at| at as f32).collect();
        let columns = inside.len().isqrt();
        let size = [inside.len() / columns, columns];
        let count = size[0] * size[1];
        let places = self.tensor(inside[..count].to_vec(), [1, 1, 1, count]);
        self.add("gather", region::gather(below, &places, size).to_plain());
        let gathered = region::gather(tap, &places, size).data;
        self.add_like(below, "scatter", region::scatter(gathered, &places, size, below));
    }

    /// What bands are made of.
    pub fn rows(&mut self, below: &Maps, other: &Maps, sums: &mut Sums) {
        let (height, width, sheet) = (below.height, below.width, Sheet::Maps(self.layout));
        let (from, to) = (height / 3, height - height / 4);
        let band = below.rows(from..to);
        self.add("rows", band.to_plain());
        let moved = sheet.moved(&other.data, from..to, to - from, 2 * height);
        self.add("rows among zeros", Maps { data: moved, height: 2 * height, ..below.clone() }.to_plain());
        sums.begin();
        let gradient = pointwise::difference_of_rows(below, from..to, &other.rows(from..to), 0, 0.5, sums);
        self.add_like(below, "difference of rows", gradient);
        pointwise::difference_of_rows(&band, 0..to - from, other, from, 0.5, sums);
        // What is added to is written over.
        let own = below.data.clone() * 1.0;
        self.add_like(below, "rows added", sheet.added(&other.data, from, own, 0));
        let mut rising = Rising::maps([below.channels, height, width], self.layout, &below.data);
        rising.put(&below.data, 0..from);
        rising.put(&band.data, 0..to - from);
        rising.put(&other.data, to..height);
        let whole = Maps { data: rising.finish(), ..below.clone() };
        // Its border is taken for zeros.
        self.add("rows put together", statistics::gram(&whole).data);
        self.add_like(below, "rows in their place", whole.data);

        let (image, sheet) = (self.image(), Sheet::Image(self.layout));
        let cut = sheet.cut(&image, from..to);
        let mut rising = Rising::image([height, width], self.layout, &image);
        rising.put(&cut, 0..to - from);
        rising.put(&image, 0..height + from - to);
        self.add("rows of an image", sheet.added(&cut, 0, rising.finish(), 0));
    }

    /// What the one-pass networks are made of. These run on the host where the layout is plain.
    pub fn fields(&mut self) {
        let Shape { inputs, outputs, height, width } = self.shape;
        let place = if self.layout.is_packed() { Place::Device(self.device.clone()) } else { Place::Host };
        let picture = Field::from_planes(&self.numbers(3 * height * width), [height, width], &place);
        let mut filter = |inputs: usize, outputs: usize, side: usize, stride, enlarge| {
            let shape = [outputs, inputs, side, side];
            let kernel = Kernel { shape, weight: self.numbers(shape.iter().product()), bias: self.numbers(outputs) };
            Window::new(&kernel, stride, enlarge, &place)
        };
        let wide = picture.convolved(&filter(3, inputs, 9, 1, 1));
        let thinned = wide.convolved(&filter(inputs, outputs, 3, 2, 1));
        let enlarged = wide.clone().rectified().convolved(&filter(inputs, 3, 3, 1, 2));
        let (numbers, shares) = (self.numbers(4 * inputs), self.numbers(height * width));
        let numbers: Vec<Vec<f32>> = numbers.chunks_exact(inputs).map(<[f32]>::to_vec).collect();
        let shares = shares.iter().flat_map(|share| [share.abs(), 1.0 - share.abs()]).collect();
        let shares = Shares::new(shares, [height, width], 2, &place);
        let mut styled = |name: &str, styles, shares, activation, below| {
            let styling =
                Styling { gamma: &numbers[..styles], beta: &numbers[2..2 + styles], epsilon: 1e-3, shares, activation };
            self.add(name, wide.clone().restyled(&styling, below).into_tensor());
        };
        styled("field restyled", 1, None, Activation::Relu, None);
        styled("field restyled and added", 1, None, Activation::Identity, Some(&wide));
        styled("field of two styles", 2, Some(&shares), Activation::Sigmoid, None);
        styled("field of two styles and added", 2, Some(&shares), Activation::Relu, Some(&wide));
        self.add("field mirrored", wide.into_tensor());
        self.add("field thinned", thinned.into_tensor());
        self.add("field enlarged", enlarged.into_tensor());
    }

    pub fn poolings(&mut self, below: &Maps, tap: &Maps) {
        let Shape { inputs, height, width, .. } = self.shape;
        let above = self.maps(inputs, height / 2, width / 2, false).data;
        for pooling in [Pooling::Max, Pooling::Average] {
            self.add(&format!("pool {pooling:?}"), pooling::pool(below, pooling).to_plain());
            let (pooled, places) = Pooled::pool(below.clone(), pooling);
            self.add(&format!("pool {pooling:?} and note"), pooled.to_plain());
            let gradient = places.gradient(above.clone(), pooling);
            self.add_like(below, &format!("pool gradient {pooling:?} by places"), gradient);
            let gradient = |tap| pooling::pool_gradient(above.clone(), below, tap, pooling);
            self.add_like(below, &format!("pool gradient {pooling:?}"), gradient(None));
            self.add_like(below, &format!("pool gradient {pooling:?} and tap"), gradient(Some(tap.data.clone())));
        }
    }

    /// What knows of edges that meet, all three ways one after the other.
    pub fn around(&mut self, below: &Maps, tap: &Maps, sums: &mut Sums) {
        let Shape { inputs, outputs, height, width } = self.shape;
        let size = [height, width];
        let above = self.maps(outputs, height, width, false).data;
        let first = self.maps(64, height, width, false).data;
        let (filter, first_filter, image) = (self.filter(inputs, outputs), self.filter(3, 64), self.image());
        let plain =
            |like: &Maps, data: Tensor<4>| -> Tensor<1> { Maps { data, ..like.clone() }.to_plain().flatten(0, 3) };
        let mut all: [Vec<Tensor<1>>; 6] = Default::default();
        sums.begin();
        for wrap in [Wrap::X, Wrap::Y, Wrap::Both] {
            // Gradients' borders are used up.
            let [above, first] = [&above, &first].map(|gradient| gradient.clone() * 1.0);
            let alone = Maps { data: below.data.clone() * 1.0, wrap, ..below.clone() };
            let input = image::input(image.clone(), wrap, [0.4, 0.5, 0.6], self.layout);
            let unmasked = convolution::conv3x3_gradient_unmasked(above.clone() * 1.0, &filter, size, wrap);
            let made = [
                convolution::conv3x3_relu(&alone, &filter).to_plain().flatten(0, 3),
                convolution::conv3x3_relu(&input, &first_filter).to_plain().flatten(0, 3),
                // Its border is zeros again.
                statistics::gram(&alone).data.flatten(0, 1),
                plain(below, unmasked),
                convolution::image_gradient(first, &first_filter, size, wrap).flatten(0, 3),
                image::variation(image.clone(), wrap, 3.0, None, sums).flatten(0, 3),
            ];
            made.into_iter().zip(&mut all).for_each(|(made, all)| all.push(made));
            let gradient = convolution::conv3x3_gradient(above, &filter, alone, Some(tap.data.clone()));
            all[3].push(plain(below, gradient));
        }
        let names = ["forward", "forward of an image", "border", "gradient", "gradient of an image", "variation"];
        for (name, all) in names.into_iter().zip(all) {
            self.add(&format!("{name} around"), Tensor::cat(all, 0));
        }
    }

    /// What the losses are made of, and their sums, which one read brings; two steps of Adam and an average of both.
    pub fn sums(&mut self, below: &Maps, other: &Maps, sums: &mut Sums) {
        let image = self.image();
        let step = |image: Tensor<4>, moments: Tensor<4>, gradient: Tensor<4>, correction: [f64; 2]| {
            let step = AdamStep { learning_rate: 0.02, decay: [0.9, 0.99], correction, epsilon: 1e-8 };
            image::adam(image, Some(moments), gradient, step, self.layout)
        };
        let still = image.zeros_like().repeat_dim(0, 2);
        let [moments, stepped] = step(image.clone(), still, image.clone() + 0.1, [0.1, 0.01]);
        let average = image::average(None, stepped.clone(), 0.7, self.layout);
        let [_, stepped] = step(stepped, moments, image.clone() - 0.3, [0.19, 0.0199]);
        self.add("average", image::average(Some(average), stepped.clone(), 0.7, self.layout));
        self.add("adam", stepped);

        sums.begin();
        let gradient = image::variation(image.clone(), Wrap::None, 3.0, None, sums);
        self.add("variation gradient", gradient.clone());
        let both = image::variation(image.clone(), Wrap::None, 0.5, Some(gradient), sums);
        self.add("variation gradient and another", both);
        sums.begin();
        self.add_like(below, "difference", pointwise::difference(below, other, 0.5, sums));
        sums.begin();
        let apart = statistics::gram_difference(below, &statistics::gram(other), 5.0, sums);
        self.add_like(below, "gram of a difference", statistics::gram_gradient(below, &apart, 5.0));
        sums.begin();
        sums.dot(image.clone(), image.clone(), 2.0);
        sums.begin();
        sums.squared_difference(below.data.clone(), other.data.clone(), 0.5);
    }
}
