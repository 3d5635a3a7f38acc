//! What in a painting is nearest to each place of the photo (see `neighbours`).

use burn::tensor::Tensor;
use burn::tensor::ops::InterpolateMode;

use crate::compute::{self, Hypercolumns, Maps, Wrap, nearest};
use crate::network::{Layer, Vgg};

/// How much of the picture so far is mixed into what goals are looked up for, at all scales but the first.
const OWN_SHARE: f64 = 0.25;

/// Height and width of the grid for an image of `width × height` pixels.
pub fn grid(width: u32, height: u32) -> [usize; 2] {
    [height, width].map(|side| (side as usize / 4).max(1))
}

/// The photo's hypercolumns, in a painting's colours, for which the nearest are looked up.
#[derive(Debug)]
pub struct Query {
    hypercolumns: Hypercolumns,
    /// Height and width of the grid.
    size: [usize; 2],
}

/// One painting's hypercolumns that are nearest to the photo's.
#[derive(Debug)]
pub struct Matched {
    /// By style layer: maps of the photo's grid.
    pub layers: Vec<(Layer, Maps)>,
    /// How near each is: the cosine, `[1, 1, 1, H · W]`.
    pub similarity: Tensor<4>,
}

impl Query {
    /// Of a photo as tensor (`[1, 3, height, width]`), a share of the picture so far mixed in: the coarser scale's, enlarged to that
    /// size, with the photo's detail that it cannot have.
    pub fn new(network: &Vgg, photo: Tensor<4>, so_far: Option<&Tensor<4>>, layers: &[(Layer, f64)]) -> Self {
        let [_, _, height, width] = photo.dims();
        let size = grid(width as u32, height as u32);
        let image = match so_far {
            Some(so_far) => {
                let small = [height.div_ceil(2), width.div_ceil(2)];
                let coarse = compute::resize(photo.clone(), Wrap::None, small, InterpolateMode::Bilinear);
                let detail =
                    photo.clone() - compute::resize(coarse, Wrap::None, [height, width], InterpolateMode::Bilinear);
                photo * (1.0 - OWN_SHARE) + (so_far.clone() + detail) * OWN_SHARE
            }
            None => photo,
        };
        Self { hypercolumns: of_rows(&hypercolumns(network, image, layers, size), layers), size }
    }

    /// A painting's nearest, it being turned by up to so many quarter turns as well. It must be large enough for every layer.
    pub fn find_turned(&self, network: &Vgg, painting: Tensor<4>, turns: u32, layers: &[(Layer, f64)]) -> Matched {
        let mut best = self.find(network, painting.clone(), layers);
        let mut turned = painting;
        for _ in 0..turns {
            turned = turned.swap_dims(2, 3).flip([2]);
            best = best.or(self.find(network, turned.clone(), layers));
        }
        best
    }

    /// A painting's nearest.
    fn find(&self, network: &Vgg, painting: Tensor<4>, layers: &[(Layer, f64)]) -> Matched {
        let [_, _, height, width] = painting.dims();
        let maps = hypercolumns(network, painting, layers, grid(width as u32, height as u32));
        let found = nearest(&self.hypercolumns, &of_rows(&maps, layers));
        let goals = maps.iter().map(|(layer, maps)| (*layer, compute::gather(maps, &found.places, self.size)));
        Matched { layers: goals.collect(), similarity: found.similarity }
    }
}

impl Matched {
    /// Of two, the nearer at each pixel; of those as near, this one's.
    fn or(self, other: Self) -> Self {
        let is_nearer = other.similarity.clone().greater(self.similarity.clone());
        let similarity = self.similarity.mask_where(is_nearer.clone(), other.similarity);
        let layers = self.layers.into_iter().zip(other.layers).map(|((layer, maps), (_, others))| {
            let is_nearer = is_nearer.clone().float().reshape([1, 1, maps.height, maps.width]);
            let share = Maps::from_plain(is_nearer, maps.layout).data;
            // All of one or of the other: nothing is rounded.
            let data = maps.data.clone() * (-share.clone() + 1.0) + others.data * share;
            (layer, Maps { data, ..maps })
        });
        Self { layers: layers.collect(), similarity }
    }
}

/// The activations at some layers, brought to one size.
fn hypercolumns(network: &Vgg, image: Tensor<4>, layers: &[(Layer, f64)], size: [usize; 2]) -> Vec<(Layer, Maps)> {
    let mut all = Vec::new();
    if let Some(last) = layers.iter().map(|(layer, _)| *layer).max() {
        network.visit(image, Wrap::None, last, |layer, maps| {
            if layers.iter().any(|(at, _)| *at == layer) {
                // A copy of its own size: what it is in may be a larger buffer lent.
                let maps = compute::resample(maps, size);
                all.push((layer, Maps { data: maps.data.clone() * 1.0, ..maps }));
            }
        });
    }
    all
}

fn of_rows(maps: &[(Layer, Maps)], layers: &[(Layer, f64)]) -> Hypercolumns {
    let weighted = maps.iter().map(|(layer, maps)| {
        let weight = layers.iter().find(|(at, _)| at == layer).map_or(0.0, |(_, weight)| *weight);
        (maps, share(weight, maps.channels))
    });
    Hypercolumns::new(&weighted.collect::<Vec<_>>())
}

/// What a layer of this weight and so many channels counts in products.
pub fn share(weight: f64, channels: usize) -> f64 {
    weight / channels as f64
}
